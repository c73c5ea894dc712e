"""Damaged and hostile files: exact, or refused."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
