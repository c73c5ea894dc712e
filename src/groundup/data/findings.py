"""What of an inspection is worth a word, and what to do about it."""

from collections.abc import Iterator, Sequence

from groundup.data.inspection import Inspection, Part

_FEW = 4  # that are named where there may be many
_UNEVEN = 10  # times as many samples in the largest class as in the smallest
_SCALES = 100  # times the spread of another feature


def findings(found: Inspection) -> list[str]:
    """Sentences, the gravest first.

    >>> import numpy as np
    >>> from groundup.data.dataset import Dataset
    >>> from groundup.data.inspection import inspect_data
    >>> x, y = np.array([[0.0, 7.0], [2.0, 7.0]]), np.array([0, 1])
    >>> for words in findings(inspect_data(Dataset("small", x, y, x[1:], y[1:], ("no", "yes")))):
    ...     print(words)
    1 of 1 test samples (100.0 %) is in the training data, too (no. 0 is no. 1 there): a score on \
such samples is flattering.
    feature 2 never varies: it tells nothing.
    Class "no" has no test sample.
    """
    return [*_leaks(found), *_repeated(found), *_columns(found), *_balance(found), *found.notes]


def _leaks(found: Inspection) -> Iterator[str]:
    count = len(found.leaks)
    if not count:
        return
    pairs = [f"no. {leak.test} is no. {leak.train} there" for leak in found.leaks]
    others = sum(not leak.same_target for leak in found.leaks)
    with_other = f", {others} of them with another target" if others else ""
    yield (
        f"{count:,} of {found.test.samples:,} test samples "
        f"({100 * count / found.test.samples:.1f} %) {_are(count)} in the training data, too"
        f"{with_other} ({_listed(pairs)}): a score on such samples is flattering."
    )


def _repeated(found: Inspection) -> Iterator[str]:
    for name, part in _parts(found):
        if part.repeated:
            what = f"{part.contradicting:,} with another target" if part.contradicting else ""
            yield (
                f"{part.repeated:,} of {part.samples:,} {name} samples {_are(part.repeated)} there "
                f"already before{what and ', ' + what}."
            )


def _columns(found: Inspection) -> Iterator[str]:
    constant, kind = found.constant, "pixels" if found.pictures else "features"
    if constant and found.pictures:
        yield f"{len(constant):,} of {len(found.features):,} pixels never vary."
    elif constant:
        plural = len(constant) > 1
        yield (
            f"{_listed(constant)} never {'vary: they tell' if plural else 'varies: it tells'} "
            "nothing."
        )
    for group in found.duplicates:
        yield f"{_listed(group)} are the same column: one of them is enough."
    if found.outside:
        listed = "" if found.pictures else f": {_listed(found.outside)}"
        count = len(found.outside)
        yield (
            f"{count:,} of {len(found.features):,} {kind} {_have(count > 1)} values in the test "
            f"data beyond the range of the training data{listed}."
        )
    spread = [feature.std for feature in found.features if not feature.constant]
    if not found.pictures and spread and max(spread) > _SCALES * min(spread):
        yield (
            f"Features vary on different scales, by {min(spread):.3g} to {max(spread):.3g} "
            '(standard deviation): preprocess = ["standardize"] makes them alike.'
        )


def _balance(found: Inspection) -> Iterator[str]:
    for name, part in _parts(found):
        missing = [f'"{found.classes[i]}"' for i, count in enumerate(part.counts) if not count]
        if missing:
            plural = len(missing) > 1
            yield f"Class{'es' * plural} {_listed(missing)} {_have(plural)} no {name} sample."
    counts = [count for count in found.training.counts if count]
    if counts and max(counts) >= _UNEVEN * min(counts):
        yield (
            f"The largest class has {max(counts) / min(counts):.0f} times as many training samples "
            'as the smallest: class_weight = "balanced" makes up for it.'
        )


def _parts(found: Inspection) -> tuple[tuple[str, Part], ...]:
    return (("training", found.training), ("test", found.test))


def _listed(names: Sequence[str]) -> str:
    """A few of them, and how many there are besides."""
    if len(names) <= _FEW:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[:_FEW])} and {len(names) - _FEW:,} more"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _have(plural: bool) -> str:
    return "have" if plural else "has"
