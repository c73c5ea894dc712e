"""How much of the code the tests look at, and whether they would notice."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
