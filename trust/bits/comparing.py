"""Cells made, and each one's ladder laid beside that of the first of its kind."""

import tempfile
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from trust.bits.cells import Part, Setting, carry_out, grouped
from trust.bits.ladder import Ladder, first_difference, read
from trust.claim import Outcome, Tell


@dataclass(frozen=True)
class Cell:
    """A run to its end.

    Args:
        network: which of `networks.NETWORKS`.
        setting: of the process in which it ends.
        begun: of the process that is interrupted, after update `stop_at`; None: it is not.
        each: after how many updates it is interrupted, again and again, in its one process.
        alike: besides the network, what must be the same for the bits to be.
    """

    network: str
    setting: Setting
    begun: Setting | None = None
    stop_at: int | None = None
    each: int | None = None
    alike: Hashable = None

    def __str__(self) -> str:
        how = f"{self.network} with {self.setting}"
        if self.begun is not None:
            how += f", resumed at update {self.stop_at} of a run with {self.begun}"
        return how + (f", interrupted every {self.each} updates" if self.each else "")

    @property
    def kind(self) -> Hashable:
        """Cells of one kind have one hash."""
        return (self.network, self.alike)


Beside = Callable[[], AbstractContextManager[None]]


def made(cells: Sequence[Cell], tell: Tell, beside: Beside = nullcontext) -> list[Ladder | str]:
    """The ladder of each cell, or why there is none; `beside` goes on meanwhile."""
    with tempfile.TemporaryDirectory(prefix="groundup-bits-") as scratch, beside():
        folder = Path(scratch)
        paths = [str(folder / f"{number:04}-{one.network}") for number, one in enumerate(cells)]
        both = list(zip(cells, paths, strict=True))
        first = [
            (one.begun, Part(one.network, path, one.stop_at)) for one, path in both if one.begun
        ]
        then = [
            (one.setting, Part(one.network, path, None, one.begun is not None, one.each))
            for one, path in both
        ]
        wrong = dict[str, str]()
        for stage, parts in (("begun", first), ("brought to an end", then)):
            tell(f"{len(parts)} runs are {stage}")
            for setting, its in grouped(parts):
                said = carry_out(setting, its, folder)
                wrong |= {part.path: f"the process with {setting}: {said}" for part in its if said}
        return [wrong.get(path) or read(Path(f"{path}.ladder")) for path in paths]


def compared(cells: Sequence[Cell], ladders: Sequence[Ladder | str], outcome: Outcome) -> None:
    """Counts the cells, and notes each that differs from the first of its kind."""
    first = dict[Hashable, Ladder]()
    for cell, ladder in zip(cells, ladders, strict=True):
        outcome.tried += 1
        if isinstance(ladder, str):
            outcome.faults.append(f"{cell}: {ladder}")
            continue
        broken = next((bits for what, bits in ladder if what == "an error"), None)
        if broken or not ladder:
            outcome.faults.append(f"{cell}: {broken or 'nothing was trained'}")
            continue
        expected = first.setdefault(cell.kind, ladder)
        where = first_difference(expected, ladder)
        outcome.expect(where is None, f"{cell}: {where}")
    outcome.facts["runs of one hash each"] = len(first)
    outcome.facts["rungs compared"] = sum(len(one) for one in ladders if not isinstance(one, str))
