"""The same bits again."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "bits.strict",
        "Strictly, a run ends with the same bytes whatever PYTHONHASHSEED, the number of threads, "
        "the BLAS core, the hour and the place, and wherever it was interrupted.",
        "bits.strict:strict",
        short=77,
        long=500,
        unit="runs",
    ),
    Claim(
        "bits.default",
        "By default a run ends with the same bytes for the same number of threads, also when it "
        "was interrupted and when others use the machine.",
        "bits.strict:default",
        short=18,
        long=150,
        unit="runs",
    ),
    Claim(
        "bits.workers",
        "Searches, comparisons and ensembles leave the same tables and networks to the byte with "
        "1, 2 and 4 workers.",
        "bits.workers:workers",
        short=6,
        long=42,
        unit="tasks",
    ),
    Claim(
        "bits.elsewhere",
        "A run that `--resume` takes on with another CPU, BLAS, version, number of threads or kind "
        "of kernels says which; where, when and under what name it runs changes no byte.",
        "bits.elsewhere:elsewhere",
        short=31,
        long=60,
        unit="runs",
    ),
)
