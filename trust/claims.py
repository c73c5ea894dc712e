"""Every claim, in the order of the page."""

from trust import bits, crashes, depth, files, inputs, numbers, places
from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = tuple(
    claim
    for group in (files, crashes, bits, numbers, inputs, places, depth)
    for claim in group.CLAIMS
)
