"""Damaged and hostile files: exact, or refused."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "files.mutations",
        "A damaged file of any kind, ours or foreign, is refused or read as what is really there, "
        "with a clear error, within a second and 64 MiB, and runs nothing.",
        "files.mutations:check",
        2_000,
        20_000,
        "files",
    ),
    Claim(
        "files.hand-made",
        "A file made by hand to mislead, such as a bomb, a lying header or a pickle that is a "
        "program, is refused or read exactly as what it says; nothing of it runs.",
        "files.handmade:check",
        250,
        250,
        "files",
    ),
)
