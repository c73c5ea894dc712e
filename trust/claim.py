"""A claim, and what came of trying it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Tell = Callable[[str], None]  # words for who waits: one short line at a time
SHOWN = 20  # faults that are kept in full


@dataclass(frozen=True)
class Claim:
    """One promise, and how it is tried.

    Args:
        name: "group.what"; a part of the command line.
        promise: what holds, one sentence for a reader who knows nothing of the code.
        check: "module:function" below `trust`; it takes (size, tell) and gives an Outcome.
        short, long: how many cases are tried at least in the two forms; fewer is a fault.
        unit: what a case is, in the plural: "files", "kills".
        wide: it fills the whole machine by itself, so nothing is tried beside it.
        long_only: the short form leaves it out.
    """

    name: str
    promise: str
    check: str
    short: int
    long: int
    unit: str = "cases"
    wide: bool = False
    long_only: bool = False


@dataclass
class Outcome:
    """What was found.

    Args:
        tried: cases that ran to their end, good or bad. One that was skipped does not count.
        faults: a line for each case in which the promise did not hold: which case (enough to make
            it again), what was expected, what was found. None: it held.
        facts: figures worth reading: {"largest relative error": 3.1e-11}.
        skipped: why some cases, or all, could not be tried here: {"strace is missing": 40}.
    """

    tried: int = 0
    faults: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)

    def expect(self, held: bool, fault: str) -> None:
        """Note a fault where something did not hold."""
        if not held:
            self.faults.append(fault)

    def skip(self, reason: str, cases: int = 1) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + cases


def chosen(claims: Sequence[Claim], names: Sequence[str]) -> list[Claim]:
    """Those whose names begin with one of these, or all; LookupError says which there are."""
    for name in names:
        if not any(claim.name.startswith(name) for claim in claims):
            known = ", ".join(claim.name for claim in claims)
            raise LookupError(f"no claim begins with {name!r}: there are {known}.")
    return [one for one in claims if not names or one.name.startswith(tuple(names))]
