"""Arrays and labels of every kind: exact, or refused by name.

- `forms`, `label_forms`, `array_forms`: the ways in which the same numbers may be held, as tables;
- `label_doors`, `array_doors`: every public entry that takes them, found in the registries;
- `verdict`: what a door did with a form; `labels`, `arrays`: every form at every door;
- `scenes`, `untouched`: what was given stays as it was;
- `bad_values`, `owners`, `settings`: options that cannot be right.
"""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "inputs.labels",
        "Class labels in any of over 190 forms give the result of plain whole numbers to the bit, "
        "or are refused with words for the argument, what was found and what was expected, by "
        "every split, data set, loss, metric, score, network and estimator.",
        "inputs.labels:check",
        short=3_000,
        long=20_000,
        unit="meetings of a form with an entry",
    ),
    Claim(
        "inputs.arrays",
        "Samples, predictions, targets, weights and parameters in any of over 100 forms give the "
        "result of a plain array to the bit, or are refused likewise, at every layer, loss, "
        "metric, optimizer, preprocessor, augmentation and estimator.",
        "inputs.arrays:check",
        short=12_000,
        long=40_000,
        unit="meetings of a form with an entry",
    ),
    Claim(
        "inputs.untouched",
        "Nothing that is given is written to, also where the call fails midway, and nothing that "
        "comes back changes when what was given is written over.",
        "inputs.untouched:check",
        short=250,
        long=3_000,
    ),
    Claim(
        "inputs.settings",
        "Every option of every registered class and public call refuses what it cannot be at once, "
        "by its name; unknown keywords are told the nearest word; numbers of other types are "
        "taken exactly.",
        "inputs.settings:check",
        short=8_000,
        long=8_000,
        unit="values",
    ),
)
