"""Arrays and labels of every kind: exact, or refused by name."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
