"""From a case to a changed configuration, and the lines in which the two differ.

A prescription is words and edits. An edit changes a private copy of the configuration in plain
values; `doctor.edits` has those of optimizer, data and training, `doctor.model_edits` those of the
network.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, TypeAlias

from groundup import config as configuration
from groundup.doctor.case import Case
from groundup.doctor.finding import Change, Prescription

Plain: TypeAlias = dict[str, Any]
Edit: TypeAlias = Callable[[Case, Plain], None]


def prescription(case: Case, words: str, *edits: Edit) -> Prescription:
    """What these edits make of a case's configuration; words alone where they change nothing.

    Args:
        case: with the configuration as it is.
        words: what to do, in a sentence.
        edits: each changes the plain configuration in place.
    """
    before = configuration.to_mapping(case.config)
    after = deepcopy(before)
    for edit in edits:
        edit(case, after)
    changes = tuple(differences(before, after))
    if not changes:
        return Prescription(words)
    return Prescription(words, changes, configuration.from_mapping(after, "prescription"))


def differences(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Where two configurations in plain values differ, the innermost places

    >>> old = {"model": {"layers": [{"units": 2}, {"units": 3}]}, "seed": 0}
    >>> new = {"model": {"layers": [{"units": 2}, {"units": 64}]}, "seed": 0}
    >>> [str(change) for change in differences(old, new)]
    ['model.layers[1].units: 3 -> 64']
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(before.get(key), after.get(key), inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{path}[{place}]")
    elif before != after:
        yield Change(path, before, after)
