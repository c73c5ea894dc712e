"""The same bits again."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
