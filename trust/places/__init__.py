"""The same run in unusual surroundings."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
