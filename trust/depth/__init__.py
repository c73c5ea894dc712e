"""How much of the code the tests look at, and whether they would notice."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "depth.branches",
        "The tests run 95 % of all branches, and all of the code that reads or writes files.",
        "depth.branches:covered",
        10_000,
        10_000,
        "lines and branches",
        wide=True,
        long_only=True,
    ),
    Claim(
        "depth.mutants",
        "Of small faults planted in layers, losses, optimizers and storage, tests notice 85 %.",
        "depth.mutants:noticed",
        20,
        300,
        "mutants",
        wide=True,
        long_only=True,
    ),
)
