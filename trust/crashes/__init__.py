"""Whatever dies, and whenever: nothing acknowledged is lost."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
