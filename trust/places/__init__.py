"""A user's first minutes, in surroundings that nobody thinks of.

- `table`: the places, as lines of shell; `smoke`: the commands, run there.
- `surroundings`: what came of them, beside what comes of them elsewhere.
- `endings`: exit codes, of the program and of the module; `pythons`: the newest other Python.
"""

from trust.claim import Claim
from trust.places.endings import ENDINGS
from trust.places.table import PLACES, QUICK

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "places.surroundings",
        "Training, going on, answers, export and search are the same to the bit, readable and"
        " quiet in strange surroundings: locales, folders, caches, limits, terminals, flags.",
        "places.surroundings:check",
        short=len(QUICK),
        long=len(PLACES),
        unit="places",
    ),
    Claim(
        "places.endings",
        "`groundup` and `python -m groundup` say the same, and end with the documented exit codes:"
        " 0, 1, 2, 129, 130, 141 and 143.",
        "places.endings:check",
        short=len(ENDINGS) - 3,  # without the signals, which surroundings sends too
        long=len(ENDINGS),
        unit="endings",
    ),
    Claim(
        "places.pythons",
        "Installed by pip for the newest other Python, it trains, goes on, answers and searches.",
        "places.pythons:check",
        short=1,
        long=1,
        unit="other Python",
        long_only=True,
    ),
)
