"""What a training step costs, layer by layer, measured on real batches."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from groundup.checks import as_whole
from groundup.data.batches import Batch
from groundup.errors import InputError
from groundup.layers.layer import Mode
from groundup.ops.dispatch import kernels, kernels_enabled
from groundup.ops.tape import Row, Value
from groundup.rng import Stream
from groundup.train.learner import Examples, Learner
from groundup.train.programs import CompiledStep
from groundup.train.raw import Raw, raw_of

WARMING = 3  # steps before the clock starts
OTHERS = {"": "batch", "loss": "loss", "gradient": "gradient check"}  # rows of no layer


@dataclass(frozen=True)
class Part:
    """A part of a step.

    Args:
        name: a layer, or what else is done.
        direction: "forward", "backward", or "".
        microseconds: of a step, the median.
        multiply_adds: of a step; 0 where the work is of another kind.
        read, written: bytes, from the shapes of arrays; what stays in a cache counts, too.
    """

    name: str
    direction: str
    microseconds: float
    multiply_adds: int = 0
    read: int = 0
    written: int = 0

    @property
    def gflops(self) -> float | None:
        """Billions of operations a second, a multiplication and an addition being two."""
        if not self.multiply_adds or not self.microseconds:
            return None
        return 2e-3 * self.multiply_adds / self.microseconds


@dataclass(frozen=True)
class Profile:
    """All parts of a step in their order; its text is the table, under the model's name."""

    parts: tuple[Part, ...]
    batch_size: int
    threads: int
    steps: int
    name: str = "sequential"

    @property
    def microseconds(self) -> float:
        """Of a whole step."""
        return sum(part.microseconds for part in self.parts)

    def share(self, part: Part) -> float:
        """How much of a step's time is that part's, of 1."""
        return part.microseconds / max(self.microseconds, 1e-9)

    def describe(self) -> dict[str, Any]:
        """Plain data."""
        parts = [
            vars(part) | {"share": self.share(part), "gflops": part.gflops} for part in self.parts
        ]
        facts = {name: value for name, value in vars(self).items() if name != "parts"}
        return facts | {"microseconds": self.microseconds, "parts": parts}

    def __str__(self) -> str:
        head = ("", "", "µs", "share", "GFLOP/s", "MB read", "MB written")
        total = Part(
            "total",
            "",
            self.microseconds,
            sum(part.multiply_adds for part in self.parts),
            sum(part.read for part in self.parts),
            sum(part.written for part in self.parts),
        )
        *body, foot = [self._cells(part) for part in (*self.parts, total)]
        widths = [max(len(line[i]) for line in (head, *body, foot)) for i in range(len(head))]
        rule = "─" * (sum(widths) + 2 * len(widths) - 2)
        threads = f"{self.threads} thread" + "s" * (self.threads > 1)
        title = (
            f"{self.name}, a training step of {self.batch_size} samples on {threads}, "
            f"median of {self.steps}"
        )
        lines = [_line(head, widths), rule, *(_line(line, widths) for line in body)]
        return "\n".join([title, *lines, rule, _line(foot, widths)])

    __repr__ = __str__

    def _cells(self, part: Part) -> tuple[str, ...]:
        gflops = "" if part.gflops is None else f"{part.gflops:,.1f}"
        moved = (f"{size / 1e6:,.3f}" if size else "" for size in (part.read, part.written))
        share = f"{100 * self.share(part):.1f} %"
        return part.name, part.direction, f"{part.microseconds:,.1f}", share, gflops, *moved


def profile(learner: Learner, examples: Examples, batch_size: int, steps: int = 30) -> Profile:
    """Measure some steps of training on a copy of the learner, which itself stays as it is

    Args:
        learner: compiled, and with what its preprocessing learned.
        examples: checked; the batches are drawn from them as in training.
        batch_size: samples in a step.
        steps: how many, besides some to warm up.

    Raises:
        InputError: the network is trained layer by layer, so there is no program to measure.
    """
    batch_size, steps = as_whole(batch_size, "batch_size"), as_whole(steps, "steps")
    learner = deepcopy(learner)
    count = min(batch_size, len(examples))
    batches = _endless(learner, examples, count)
    batch, mode = next(batches)
    raw = raw_of(learner, batch)
    step = _compiled(learner, batch, raw)
    times = _times(learner, step, batches, steps)
    labels = step.tell(batch, raw, mode)  # named, so that it lives until the program has run
    rows = kernels("stopwatch").row_seconds(step.program, steps)
    del labels
    scale = times["program"] / sum(seconds for _, seconds in rows)
    costs = {row: scale * seconds for row, seconds in rows}
    parts = [*_by_layer([(row, costs[row]) for row in step.program.tape.rows if row in costs])]
    if step.pause:
        at = next((i for i, part in enumerate(parts) if part.direction == "backward"), len(parts))
        parts.insert(at, Part("loss", "", 1e6 * times["loss"]))
    parts.append(_update(learner, times["update"]))
    between = times["step"] - times["program"] - times["loss"] - times["update"]
    parts.append(Part("Python between", "", 1e6 * max(between, 0.0)))
    return Profile(tuple(parts), count, kernels("crew").count(), steps, learner.name)


def _endless(learner: Learner, examples: Examples, count: int) -> Iterator[tuple[Batch, Mode]]:
    """Batches of `count` samples with the mode of their step, epoch after epoch."""
    for epoch in itertools.count():
        stream = Stream(learner.seed, "dropout").at(epoch=epoch)
        for i, batch in enumerate(learner.batches(examples, count, stream)):
            if len(batch) == count:
                yield batch, Mode(train=True, rng=stream.at(step=i), need_dx=False)


def _compiled(learner: Learner, batch: Batch, raw: Raw) -> CompiledStep:
    """The step that training runs; InputError says why there is none."""
    why = "GROUNDUP_KERNELS=reference says so"
    if learner.vector.dtype != np.float32:
        why = f"kernels compute in float32, and it has {learner.vector.dtype}"
    elif kernels_enabled():
        step = learner.programs.compiled(learner, batch, raw)
        if step is not None:
            return step
        try:
            CompiledStep(learner, batch, raw)
        except (TypeError, AttributeError) as error:
            why = f"one of its layers does more than call groundup.ops ({error})"
    raise InputError(
        f"profile: this network is trained layer by layer in NumPy, as {why}. Only a step that is "
        "carried out by kernels can be measured so; for others take Python's cProfile."
    )


def _times(
    learner: Learner, step: CompiledStep, batches: Iterator[tuple[Batch, Mode]], steps: int
) -> dict[str, float]:
    """Medians in seconds of whole steps and of what they consist of, taken in turn."""
    seconds = kernels("stopwatch").seconds
    times: defaultdict[str, list[float]] = defaultdict(list)
    optimizer, run = learner.optimizer, step.program.run
    assert optimizer is not None
    for _ in range(WARMING + steps):
        times["step"].append(seconds(lambda: learner.step(*next(batches))))
        batch, mode = next(batches)
        raw = raw_of(learner, batch)
        labels = step.tell(batch, raw, mode)
        before = seconds(run, 0, step.pause or None)
        times["loss"].append(seconds(step.judge, batch) if step.pause else 0.0)
        times["program"].append(before + (seconds(run, step.pause) if step.pause else 0.0))
        del labels
        update = optimizer.update, learner.vector, learner.gradient, learner.slots
        times["update"].append(seconds(*update))
    return {name: median(each[WARMING:]) for name, each in times.items()}


def _by_layer(rows: Iterable[tuple[Row, float]]) -> Iterator[Part]:
    """Rows with their seconds, those of one layer and direction together."""
    groups: dict[str, list[tuple[Row, float]]] = {}
    for row, seconds in rows:
        groups.setdefault(row.layer, []).append((row, seconds))
    for label, group in groups.items():
        name, _, direction = (
            label.rpartition(" ") if label not in OTHERS else (OTHERS[label], "", "")
        )
        yield Part(
            name,
            direction,
            1e6 * sum(seconds for _, seconds in group),
            sum(row.multiply_adds for row, _ in group),
            sum(_bytes(row.reads) for row, _ in group),
            sum(_bytes(row.writes) for row, _ in group),
        )


def _bytes(values: Iterable[Value]) -> int:
    """Of arrays; what a thread has for itself while a row takes is none."""
    return sum(value.size * value.item for value in values if not value.scratch)


def _update(learner: Learner, seconds: float) -> Part:
    """The optimizer: it reads the gradient, and reads and writes the weights and its own arrays."""
    arrays = [array for array in learner.slots.values() if isinstance(array, np.ndarray)]
    held = learner.vector.nbytes + sum(array.nbytes for array in arrays)
    return Part("optimizer", "", 1e6 * seconds, 0, held + learner.gradient.nbytes, held)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.ljust(width) if i < 2 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
