"""The check: every test of the listed files that means something here holds."""

from collections import Counter
from collections.abc import Iterator

from trust.claim import Outcome, Tell
from trust.numbers.keras_tests import descending, layering, measuring
from trust.numbers.keras_tests.foreign import Foreign
from trust.numbers.keras_tests.reading import Case, cases
from trust.numbers.keras_tests.testing import namespace

FILES = descending.FILES | measuring.FILES | layering.FILES

# Whole subjects that do not exist here: a part of the test's name or of its parameters -> why.
SUBJECTS = {
    "quantize": "no quantization",
    "lora": "no low-rank updates",
    "'sparse': True": "no sparse arrays",
}

# Where ours is stricter than Keras on purpose: words of the refusal -> why.
STRICTER = {
    "expected probabilities, rows": "outputs that are no probabilities are refused here",
    "are no distribution": "targets that are no distribution are refused here",
}


def golden(size: int, tell: Tell) -> Outcome:
    """All of the tests; fewer than `size` that mean something here is a fault of the claim."""
    outcome, left, seen = Outcome(), Counter[str](), Counter[str]()
    try:
        for case in _cases():
            why, fault = tried(case)
            if why:
                left[why] += 1
                continue
            outcome.tried += 1
            seen[case.file.rpartition("/")[2].removesuffix("_test.py")] += 1
            outcome.expect(fault is None, f"{case}: {fault}")
    except ModuleNotFoundError as error:
        outcome.skip(f"{error}", size)
        return outcome
    outcome.facts = {
        "tests of the files": outcome.tried + sum(left.values()),
        "of them run on groundup": ", ".join(f"{name} {n}" for name, n in seen.items()),
        "most of the others need": ", ".join(f"{n} {why}" for why, n in left.most_common(12)),
    }
    return outcome


def tried(case: Case) -> tuple[str | None, str | None]:
    """(why it is left out or None, what did not hold or None)."""
    subject = next((why for part, why in SUBJECTS.items() if part in str(case)), None)
    if subject:
        return subject, None
    judge = case.suite(case.test)
    row = (case.row, ()) if isinstance(case.row, dict) else ({}, case.row)
    try:
        judge.setUp()
        getattr(judge, case.test)(*row[1], **row[0])
    except Foreign as why:
        return str(why), None
    except ModuleNotFoundError as error:
        return f"no {error.name} installed", None
    except Exception as error:
        words = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        return next((why for part, why in STRICTER.items() if part in words), None), words
    return (None, None) if judge.asserted else ("nothing that is asserted here", None)


def _cases() -> Iterator[Case]:
    for file, names in FILES.items():
        yield from cases(file, {**namespace(), **names})
