"""Losses: how wrong predictions are, as one number, and where to go from there.

y: predictions (N, C) or (N, D)    t: labels (N,) or distributions (N, C); values (N, D)

    L = Σₙ wₙ lossₙ / N    dL/dyₙ = (wₙ / N) · dlossₙ/dyₙ

with sample weights wₙ, 1 unless given. N counts the samples, as Keras's sum_over_batch_size: the
sum is not divided by Σ w. A loss says `each` lossₙ and its `slope`; weights, mean and checks are
the same for all. The backward pass holds the 1/N already, so nothing is multiplied from outside.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from groundup import ops
from groundup.checks import POSITIVE, SHARE, as_floats, as_weights, check_flag, check_number
from groundup.errors import InputError, ShapeError
from groundup.nn.targets import as_distribution, as_values
from groundup.registry import Registry
from groundup.typing import Array


class Cache(NamedTuple):
    """What the backward pass needs: y and t as compared, and wₙ/N, a number or (N,)."""

    y: Array
    t: Array
    scale: Any


@dataclass(frozen=True)
class Loss(ABC):
    """The base of every loss; subclasses are final.

    >>> mse = MeanSquaredError()
    >>> value, cache = mse.forward(np.array([[3.0], [0.0]]), np.array([1.0, 0.0]))
    >>> value, mse.backward(cache)
    (2.0, array([[2.],
           [0.]]))
    """

    @abstractmethod
    def prepare(self, y: Array, t: Any) -> Array:
        """`t` as `each` and `slope` want it: of y's shape and dtype, checked."""

    @abstractmethod
    def each(self, y: Array, t: Array) -> Array:
        """lossₙ, (N,), of prepared targets."""

    @abstractmethod
    def slope(self, y: Array, t: Array) -> Array:
        """dlossₙ/dyₙ, of y's shape, of prepared targets."""

    def forward(self, y: Array, t: Any, weight: Any = None) -> tuple[float, Cache]:
        """The value L, summed in float64, and what `backward` needs.

        Args:
            y: predictions (N, …), float32 or float64.
            t: targets, see the loss.
            weight: wₙ of each sample, (N,), at least 0.
        """
        if y.ndim == 0 or y.shape[0] == 0:
            raise ShapeError(
                f"{self.who}: expected at least one sample, got predictions {y.shape}."
            )
        t = self.prepare(y, t)
        each = np.asarray(self.each(y, t), np.float64)
        N = each.size
        if weight is None:
            return float(np.sum(each) / N), Cache(y, t, 1 / N)
        weight = self._check_weight(weight, N)
        return float(np.sum(weight * each) / N), Cache(y, t, weight / N)

    def backward(self, cache: Cache) -> Array:
        """dL/dy, of y's shape and dtype, 1/N and weights included."""
        y, t, scale = cache
        if isinstance(scale, np.ndarray):
            scale = scale.astype(y.dtype).reshape((-1,) + (1,) * (y.ndim - 1))
        return self.slope(y, t) * scale

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        """The value alone, in Keras's order of arguments; lists are welcome."""
        y = as_floats(y_pred, f"{self.who}: y_pred")
        return self.forward(y, y_true, sample_weight)[0]

    @property
    def who(self) -> str:
        """How error messages call this loss."""
        return type(self).__name__

    def _check_weight(self, weight: Any, N: int) -> Array:
        return as_weights(weight, N, self.who).astype(np.float64, copy=False)


losses: Registry[Loss] = Registry("loss", Loss)


@dataclass(frozen=True)
class Difference(Loss):
    """The base of losses of y - t, with the outputs of a sample in any shape."""

    def prepare(self, y: Array, t: Any) -> Array:
        return as_values(t, y, self.who)


def _outputs(difference: Array) -> Array:
    """(N, D): all outputs of a sample in one row."""
    return difference.reshape((difference.shape[0], -1))


def _count(y: Array) -> int:
    """D, the number of outputs of a sample."""
    return y.size // int(y.shape[0])


@losses.register("mse")
@dataclass(frozen=True)
class MeanSquaredError(Difference):
    """The squared error, its mean over the outputs as in Keras; y, t: (N, …)

    lossₙ = Σₖ (yₙₖ - tₙₖ)² / D    slope = 2 (y - t) / D

    >>> MeanSquaredError()([[1.0, 2.0]], [[1.0, 4.0]])
    2.0
    """

    def each(self, y: Array, t: Array) -> Array:
        xp = y.__array_namespace__()
        difference = _outputs(y - t)
        return xp.mean(difference * difference, axis=1)

    def slope(self, y: Array, t: Array) -> Array:
        return (2 / _count(y)) * (y - t)


@losses.register("sse")
@dataclass(frozen=True)
class SumSquaredError(Difference):
    """The squared error as in the book, half its sum over the outputs; y, t: (N, …)

    lossₙ = ½ Σₖ (yₙₖ - tₙₖ)²    slope = y - t                               [Saito 2016, 4.2.1]

    The book's function sums over samples, too; here, as in every loss, they are averaged. For one
    sample both agree.

    >>> y = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]
    >>> round(SumSquaredError()([np.eye(10)[2]], [y]), 4)
    0.0975
    """

    def each(self, y: Array, t: Array) -> Array:
        xp = y.__array_namespace__()
        difference = _outputs(y - t)
        return xp.sum(difference * difference, axis=1) / 2

    def slope(self, y: Array, t: Array) -> Array:
        return y - t


@losses.register("mae")
@dataclass(frozen=True)
class MeanAbsoluteError(Difference):
    """The absolute error, its mean over the outputs; y, t: (N, …)

    lossₙ = Σₖ |yₙₖ - tₙₖ| / D    slope = sign(y - t) / D, 0 where y = t

    >>> MeanAbsoluteError()([1.0, 2.0], [1.0, 5.0])
    1.5
    """

    def each(self, y: Array, t: Array) -> Array:
        xp = y.__array_namespace__()
        return xp.mean(xp.abs(_outputs(y - t)), axis=1)

    def slope(self, y: Array, t: Array) -> Array:
        return y.__array_namespace__().sign(y - t) / _count(y)


@losses.register()
@dataclass(frozen=True)
class Huber(Difference):
    """A squared error near 0 that outliers cannot rule; y, t: (N, …)

    With e = y - t:  lossₙ = mean over outputs of  e²/2 where |e| <= δ, else δ (|e| - δ/2)
    slope = min(max(e, -δ), δ) / D
    [Huber 1964, "Robust estimation of a location parameter"]

    >>> Huber(delta=1.0)([[0.0, 0.0]], [[0.5, 3.0]])
    1.3125
    """

    delta: float = 1.0

    def __post_init__(self) -> None:
        check_number(self, "delta", POSITIVE)

    def each(self, y: Array, t: Array) -> Array:
        xp = y.__array_namespace__()
        size = xp.abs(_outputs(y - t))
        near = xp.minimum(size, y.dtype.type(self.delta))
        return xp.mean(near * (size - near / 2), axis=1)

    def slope(self, y: Array, t: Array) -> Array:
        return y.__array_namespace__().clip(y - t, -self.delta, self.delta) / _count(y)


@losses.register("sparse_categorical_crossentropy")
@dataclass(frozen=True)
class CategoricalCrossentropy(Loss):
    """The surprise at the right class, for classification.

    lossₙ = -Σₖ tₙₖ log yₙₖ    y: (N, C)  t: labels (N,) or rows (N, C)    [Saito 2016, 4.2.2]

    Args:
        from_logits: y are logits z and softmax is part of the loss, exact for any z; its slope is
            softmax(z) - t. False expects probabilities, rows with sum 1.
        label_smoothing: s moves that share of every target to all classes alike,
            t (1 - s) + s/C, as Keras and PyTorch.   [Szegedy et al. 2016]
        epsilon: probabilities below it count as it, as in Keras; the book adds it instead. Neither
            happens to logits.

    >>> y = [[0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]]
    >>> loss = CategoricalCrossentropy()
    >>> round(loss([2], y), 4), round(loss([np.eye(10)[0]], y), 4)
    (0.5108, 2.3026)
    """

    from_logits: bool = False
    label_smoothing: float = 0.0
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        check_flag(self, "from_logits")
        check_number(self, "label_smoothing", SHARE)
        check_number(self, "epsilon", POSITIVE)

    def prepare(self, y: Array, t: Any) -> Array:
        t = as_distribution(t, y, self.who)
        if not self.from_logits:
            self._expect_probabilities(y)
        if self.label_smoothing:
            return t * (1 - self.label_smoothing) + self.label_smoothing / y.shape[1]
        return t

    def each(self, y: Array, t: Array) -> Array:
        if self.from_logits:
            return ops.softmax_cross_entropy(y, t)
        return ops.cross_entropy(y, t, self.epsilon)

    def slope(self, y: Array, t: Array) -> Array:
        if self.from_logits:
            return ops.softmax_cross_entropy_backward(y, t)
        return ops.cross_entropy_backward(y, t, self.epsilon)

    def _expect_probabilities(self, y: Array) -> None:
        # Comparisons with NaN are false: a network that diverged is not called one without softmax.
        if (y < 0).any() or (abs(y.sum(axis=1) - 1) > 0.01).any():
            raise InputError(
                f"{self.who}: expected probabilities, rows of numbers of at least 0 with sum 1. "
                'End the network with activation="softmax", or give logits and say '
                "from_logits=True."
            )
