"""What rules ask of a case, in the words that they speak: blocks, updates, what is left to learn.

A block is a layer with weights and what stands above it up to the next one: its activation, batch
normalization, pooling. Losses are told as shares of the loss by chance, so that one threshold
serves two classes, ten classes and values.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from groundup.doctor.case import Case
from groundup.layers.layer import Layer
from groundup.nn.optimizers import Optimizer, optimizers
from groundup.train.probes.exam import Exam, LayerExam
from groundup.train.probes.examine import named_layers

SQUASHING = ("sigmoid", "tanh")
RECTIFYING = ("relu", "leaky_relu", "prelu", "elu")
T = TypeVar("T")
_FLAT = 0.01  # of the loss by chance: a loss that falls by less stands still


@dataclass(frozen=True)
class Block:
    """One layer with weights in one exam.

    Args:
        weights: the layer.
        output: the layer whose y went through the activation; the last of the block if none does.
        normalized: whether batch normalization stands in it.
    """

    weights: LayerExam
    output: LayerExam
    normalized: bool


def blocks(exam: Exam) -> tuple[Block, ...]:
    """The layers with weights, in their order; the last one gives the network's answer."""
    begins = [i for i, layer in enumerate(exam.layers) if layer.weight is not None]
    return tuple(
        _block(exam.layers[begin:end])
        for begin, end in zip(begins, [*begins[1:], len(exam.layers)], strict=True)
    )


def _block(layers: Sequence[LayerExam]) -> Block:
    active = next((one for one in layers if one.activation), layers[-1])
    return Block(layers[0], active, any(one.kind == "batch_normalization" for one in layers))


def hidden(exam: Exam) -> tuple[Block, ...]:
    """The blocks below the last one."""
    return blocks(exam)[:-1]


def first(case: Case) -> tuple[Block, ...]:
    """The hidden blocks of the untrained network; none if nobody looked at it."""
    seen = case.exams and case.exams[0].updates == 0
    return hidden(case.exams[0]) if seen else ()


def optimizer_of(case: Case) -> type[Optimizer]:
    """What kind of optimizer trains the network, however the configuration spells it."""
    return optimizers[case.config.optimizer.name]


def layers_of(case: Case) -> Iterator[Layer]:
    """Every layer of the network that holds no others."""
    return (layer for _, layer in named_layers(case.chain))


def has(case: Case, kind: str) -> bool:
    """Whether the network has a layer of this kind."""
    return any(layer.kind == kind for layer in layers_of(case))


def size(layer: LayerExam) -> float:
    """The root mean square of a layer's output."""
    return math.hypot(layer.mean, layer.std)


def median(values: Iterable[float | None]) -> float:
    """The median of those that are there and finite; NaN if none is."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    return float(np.median(known)) if known else math.nan


def moves(case: Case) -> tuple[float, ...]:
    """Of each exam the median over layers of the latest update relative to the weights."""
    found = (median(layer.update for layer in exam.layers) for exam in case.exams)
    return tuple(move for move in found if math.isfinite(move))


def late(values: Sequence[T], share: float = 0.5) -> Sequence[T]:
    """The last part of them, at least one."""
    return values[-max(1, round(len(values) * share)) :]


def chance(case: Case) -> float:
    """The loss by chance; NaN where one answer is always right."""
    return case.facts.chance or math.nan


def losses(case: Case) -> tuple[float, ...]:
    """The training loss of every epoch, as shares of the loss by chance."""
    return tuple(loss / chance(case) for loss in case.curve("loss"))


def left(case: Case) -> float:
    """What is left of the loss by chance in the end; NaN where the training did not end well."""
    return losses(case)[-1] if losses(case) and not case.diverged else math.nan


def delay(case: Case) -> float:
    """Which share of the training passed before the loss fell below 0.9 of chance."""
    if not case.exams:
        return 0.0
    learned = (exam.updates for exam in case.exams if exam.loss < 0.9 * chance(case))
    return next(learned, math.inf) / max(1, case.exams[-1].updates)


def unit(case: Case) -> float:
    """The scale of the targets that the loss sees: 1 of classes, and of standardized values

    A squared error's gradient is as many times larger as the targets are.
    """
    return 1.0 if case.facts.task == "classification" else max(1.0, math.sqrt(chance(case)))


def hindered(case: Case) -> bool:
    """Whether the network learned late, or much is left to be learned."""
    return left(case) >= 0.3 or delay(case) >= 0.2


def still(case: Case) -> float:
    """During which last share of the training its loss did not fall any more."""
    curve = losses(case)
    if not curve:
        return 0.0
    lowest = min(curve)
    reached = next(n for n, loss in enumerate(curve) if loss <= lowest + _FLAT)
    return 1 - (reached + 1) / len(curve)


def behind(case: Case) -> float:
    """By how much the network tells its own training samples worse than their neighbors would

    In shares of right answers, of a regression in R².
    """
    accuracy = case.curve("accuracy")
    own = accuracy[-1] if accuracy else 1 - left(case)
    return case.facts.neighbors - own


def narrow(case: Case) -> float:
    """How many times fewer units the narrowest hidden dense layer has than the network answers."""
    widths = [one.weights.units for one in first(case) if one.weights.kind == "dense"]
    answers = max(2, len(case.facts.counts))
    return answers / min(widths) if widths and min(widths) < answers else 0.0
