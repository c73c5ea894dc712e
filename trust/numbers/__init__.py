"""The mathematics beside judges that nobody here wrote."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
