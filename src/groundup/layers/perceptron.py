"""Perceptrons: gates that decide by a weighted sum, alone, in two layers, and learning.

[Saito 2016, chapter 2; Rosenblatt 1958; Minsky & Papert 1969]
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.checks import POSITIVE, as_floats, as_numbers, check_number, check_whole
from groundup.errors import DataError, ShapeError
from groundup.layers.separation import Contradiction, contradiction
from groundup.typing import Array

INPUTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
"""All inputs of a gate, in the order of the truth tables."""


@dataclass(frozen=True)
class Gate:
    """A perceptron: 1 where the weighted inputs exceed a threshold, else 0

    y = 1 where w₁x₁ + w₂x₂ > θ         the threshold form                 [Saito 2016, 2.1]
    y = 1 where b + w₁x₁ + w₂x₂ > 0     the same with the bias b = -θ      [Saito 2016, 2.3]

    Args:
        w: one weight for each input.
        theta: θ.

    >>> AND = Gate((0.5, 0.5), 0.7)
    >>> AND(1, 1), AND(1, 0), AND.bias, AND.table()
    (1, 0, -0.7, (0, 0, 0, 1))
    """

    w: tuple[float, ...]
    theta: float

    @property
    def bias(self) -> float:
        """b = -θ: how easily the gate fires."""
        return -self.theta

    def __call__(self, *x: float) -> int:
        """The gate's answer to its inputs; ShapeError unless there is one for each weight."""
        if len(x) != len(self.w):
            raise ShapeError(f"{self}: expected {len(self.w)} inputs, got {len(x)}.")
        return int(self.by_threshold(np.array(x, np.float64)))

    def by_threshold(self, x: Array) -> Array:
        """w·x > θ, for x of shape (…, D)."""
        return np.sum(np.array(self.w) * x, axis=-1) > self.theta

    def by_bias(self, x: Array) -> Array:
        """b + w·x > 0, for x of shape (…, D)."""
        return self.bias + np.sum(np.array(self.w) * x, axis=-1) > 0

    def table(self) -> tuple[int, ...]:
        """The answers to `INPUTS`: (0, 0), (1, 0), (0, 1) and (1, 1)."""
        return tuple(self(*x) for x in INPUTS)


AND = Gate((0.5, 0.5), 0.7)
NAND = Gate((-0.5, -0.5), -0.7)
OR = Gate((0.5, 0.5), 0.2)


def two_layers(x: Array) -> Array:
    """AND(NAND(x), OR(x)), the gates of XOR, for x of shape (…, 2)."""
    hidden = np.stack([NAND.by_bias(x), OR.by_bias(x)], axis=-1)
    return AND.by_bias(hidden.astype(np.float64))


def xor(x1: float, x2: float) -> int:
    """XOR by two layers, which no gate can do alone                       [Saito 2016, 2.5]

    >>> [xor(x1, x2) for x1, x2 in INPUTS]
    [0, 1, 1, 0]
    """
    return int(two_layers(np.array([x1, x2], np.float64)))


@dataclass(frozen=True)
class Epoch:
    """One pass over the samples: how many were wrong when their turn came, and what was learned."""

    errors: int
    gate: Gate


@dataclass(frozen=True)
class Learned:
    """What a perceptron learned.

    Args:
        history: epoch by epoch.
        reason: why it can never succeed; None where it did, or needs more epochs.
    """

    history: tuple[Epoch, ...]
    reason: Contradiction | None

    @property
    def gate(self) -> Gate:
        """The last weights."""
        return self.history[-1].gate

    @property
    def converged(self) -> bool:
        """Whether the last epoch had no errors, so that nothing changes any more."""
        return self.history[-1].errors == 0

    def predict(self, x: Any) -> Array:
        """0 or 1 for each row of x, (N, D)."""
        x = as_floats(x, "predict: x").astype(np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.gate.w):
            raise ShapeError(f"predict: x has shape {x.shape}: expected (N, {len(self.gate.w)}).")
        return self.gate.by_bias(x).astype(np.int64)


@dataclass(frozen=True)
class Perceptron:
    """A perceptron that learns from its mistakes, beginning with weights of 0

    For one sample after the other, with its answer y and the right one t:

        w ← w + η (t - y) x    b ← b + η (t - y)                             [Rosenblatt 1958]

    If a line separates the classes, this ends after finitely many mistakes [Novikoff 1962]. If not,
    it never does, and `fit` gives the reason.

    Args:
        learning_rate: η; from weights of 0 it only scales them.
        epochs: the most passes over the samples.

    >>> from groundup import Perceptron
    >>> learned = Perceptron().fit([[0, 0], [1, 0], [0, 1], [1, 1]], [0, 0, 0, 1])
    >>> learned.converged, learned.gate, [epoch.errors for epoch in learned.history]
    (True, Gate(w=(1.0, 2.0), theta=2.0), [1, 3, 3, 2, 1, 0])
    >>> failed = Perceptron().fit([[0, 0], [1, 0], [0, 1], [1, 1]], [0, 1, 1, 0])
    >>> print(failed.reason)
    No weights can be right for all samples, since they would have to satisfy
      (1, 0) is 1:  b + w₁ > 0
      (0, 1) is 1:  b + w₂ > 0
      (0, 0) is 0:  b ≤ 0
      (1, 1) is 0:  b + w₁ + w₂ ≤ 0
    but ½ of the first + ½ of the second says b + 0.5 w₁ + 0.5 w₂ > 0,
    and ½ of the third + ½ of the fourth says b + 0.5 w₁ + 0.5 w₂ ≤ 0:
    the point (0.5, 0.5) lies between the samples of either class, so no line separates them.
    """

    learning_rate: float = 1.0
    epochs: int = 100

    def __post_init__(self) -> None:
        check_number(self, "learning_rate", POSITIVE)
        check_whole(self, "epochs")

    def fit(self, x: Any, t: Any) -> Learned:
        """Learn until no sample is wrong, or for as many epochs as allowed

        Args:
            x: inputs, (N, D).
            t: the right answers, 0 or 1, (N,).

        Raises:
            ShapeError, DataError: for other shapes, or other answers.
        """
        x, t = _samples(x, t)
        w, b = np.zeros(x.shape[1]), 0.0
        history = []
        for _ in range(self.epochs):
            errors = 0
            for one, right in zip(x, t, strict=True):
                error = right - (w @ one + b > 0)
                w, b = w + self.learning_rate * error * one, b + self.learning_rate * error
                errors += error != 0
            history.append(Epoch(int(errors), Gate(tuple(w.tolist()), 0.0 - float(b))))
            if not errors:
                break
        return Learned(tuple(history), contradiction(x, t) if errors else None)


def _samples(x: Any, t: Any) -> tuple[Array, Array]:
    x, t = as_numbers(x, "Perceptron.fit: x"), as_numbers(t, "Perceptron.fit: t")
    if x.ndim != 2 or t.shape != x.shape[:1] or not x.size:
        raise ShapeError(
            f"Perceptron.fit: expected x of shape (N, D) and N answers t of 0 or 1, got {x.shape} "
            f"and {t.shape}."
        )
    strange = t[~np.isin(t, (0, 1))]
    if strange.size:
        raise ShapeError(f"Perceptron.fit: t holds {strange[0]!r}: expected answers of 0 or 1.")
    x, t = x.astype(np.float64), t.astype(np.float64)
    if not np.isfinite(x).all():
        raise DataError("Perceptron.fit: x holds NaN or infinity: expected finite numbers.")
    return x, t
