"""Losses: PyTorch reduces over single values or rows, here a loss is one value a sample."""

from collections.abc import Callable
from typing import Any

import numpy as np

from groundup import ops
from groundup.nn.losses import (
    CategoricalCrossentropy,
    Huber,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
)
from trust.numbers.torch_ops.sample import Answer, Gradients, Question, Sample


def difference(make: Callable[[Sample], tuple[Loss, float]]) -> Callable[[Sample], Answer]:
    """A loss of y - t and a factor; for a sum or none, every value is a sample of its own."""

    def answer(s: Sample) -> Answer:
        y, t, (loss, factor) = s.x, s.array("target"), make(s)
        if s.get("reduction", "mean") == "mean":
            rows = np.atleast_1d(y)
            value, cache = loss.forward(rows, np.atleast_1d(t))
            return Answer(
                np.asarray(factor * value),
                lambda dy: ((factor * dy * loss.backward(cache)).reshape(y.shape),),
            )
        rows, t = y.reshape(-1, 1), t.reshape(-1, 1)
        each, slope = factor * loss.each(rows, t), factor * loss.slope(rows, t)
        return reduced(s, each.reshape(y.shape), slope.reshape(y.shape), 1.0)

    return answer


def reduced(s: Sample, each: np.ndarray, slope: np.ndarray, total: float) -> Answer:
    """Of losses and their slopes, shaped alike but for the slopes' last axis of classes, if any."""
    reduction = s.get("reduction", "mean")
    share = 1 / total if reduction == "mean" else 1.0
    y = each if reduction == "none" else share * each.sum()

    def backward(dy: np.ndarray) -> Gradients:
        spread = np.broadcast_to(dy, each.shape)
        spread = spread if slope.ndim == spread.ndim else spread[..., None]
        dx = share * spread * slope
        return (dx if slope.ndim == each.ndim else _classes_back(dx),)

    return Answer(np.asarray(y), backward)


def cross_entropy(s: Sample) -> Answer:
    """Of logits. PyTorch's mean divides by Σ w of labels, by N of distributions; a loss here by N.

    Class weights are factors of the targets. Labels without them go through the loss itself, those
    to be ignored with a sample weight of 0.
    """
    z, t = _classes_last(s.x), s.array("target")
    C = z.shape[-1]
    rows, weight = z.reshape(-1, C), s.array("weight")
    if t.dtype.kind == "f":
        target, total = _classes_last(t).reshape(-1, C), float(len(rows))
        target = target if weight is None else target * weight
    else:
        labels, of_labels = _weighed(s, t, C)
        target, total = np.eye(C)[labels] * of_labels[:, None], of_labels.sum()
    each = ops.softmax_cross_entropy(rows, target)
    slope = ops.softmax_cross_entropy_backward(rows, target)
    if weight is None and t.dtype.kind != "f":
        loss = CategoricalCrossentropy(from_logits=True)
        each = of_labels * loss.each(rows, loss.prepare(rows, labels))
        slope = len(rows) * loss.backward(loss.forward(rows, labels, of_labels)[1])
    return reduced(s, each.reshape(z.shape[:-1]), slope.reshape(z.shape), total)


def nll_loss(s: Sample) -> Answer:
    """Log-probabilities there, probabilities here: dx = dy · y."""
    y, t = np.exp(_classes_last(s.x)), s.array("target")
    C = y.shape[-1]
    labels, weight = _weighed(s, t, C)
    target = np.eye(C)[labels] * weight[:, None]
    rows = y.reshape(-1, C)
    each = ops.cross_entropy(rows, target)
    slope = ops.cross_entropy_backward(rows, target) * rows
    return reduced(s, each.reshape(y.shape[:-1]), slope.reshape(y.shape), weight.sum())


def binary_cross_entropy(s: Sample) -> Answer:
    """Yes and no are two classes with probabilities p and 1 - p."""
    p, t = s.x, s.array("target")
    y = np.stack([1 - p, p], axis=-1)
    target = _weigh(s, np.stack([1 - t, t], axis=-1))
    slope = ops.cross_entropy_backward(y, target)
    return reduced(s, ops.cross_entropy(y, target), slope[..., 1] - slope[..., 0], p.size)


def binary_cross_entropy_with_logits(s: Sample) -> Answer:
    """Yes and no are two classes with logits z and 0."""
    z, t = s.x, s.array("target")
    logits = np.stack([np.zeros_like(z), z], axis=-1)
    positive = s.array("pos_weight")
    yes = t if positive is None else t * positive
    target = _weigh(s, np.stack([1 - t, yes], axis=-1))
    slope = ops.softmax_cross_entropy_backward(logits, target)[..., 1]
    return reduced(s, ops.softmax_cross_entropy(logits, target), slope, z.size)


def _weigh(s: Sample, target: np.ndarray) -> np.ndarray:
    weight = s.array("weight")
    return target if weight is None else target * weight[..., None]


def _weighed(s: Sample, t: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N,) and the weight of each; an ignored one is of class 0 and weighs nothing."""
    labels = t.reshape(-1)
    counted = labels != s.get("ignore_index", -100)
    labels = np.where(counted, labels, 0)
    weight = s.array("weight")
    return labels, counted * (np.ones(classes) if weight is None else weight)[labels]


def _classes_last(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, min(1, x.ndim - 1), -1)


def _classes_back(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, -1, min(1, x.ndim - 1))


def _all_ignored(s: Sample) -> bool:
    ignored = (s.array("target") == s.get("ignore_index", -100)).all()
    return bool(ignored) and s.get("reduction", "mean") == "mean"


NOTHING = {"the mean of no sample": _all_ignored}


def _smooth(s: Sample) -> tuple[Loss, float]:
    """Huber's loss divided by its δ; for δ -> 0 the absolute error."""
    beta = s.get("beta", 1.0)
    return (Huber(beta), 1 / beta) if beta else (MeanAbsoluteError(), 1.0)


def _question(answer: Any, left_out: Any = None) -> Question:
    return Question(answer, ("target",), left_out or {})


QUESTIONS = {
    "nn.functional.mse_loss": _question(difference(lambda s: (MeanSquaredError(), 1.0))),
    "nn.functional.l1_loss": _question(difference(lambda s: (MeanAbsoluteError(), 1.0))),
    "nn.functional.huber_loss": _question(difference(lambda s: (Huber(s.get("delta", 1)), 1.0))),
    "nn.functional.smooth_l1_loss": _question(difference(_smooth)),
    "nn.functional.cross_entropy": _question(cross_entropy, NOTHING),
    "nn.functional.nll_loss": _question(nll_loss, NOTHING),
    "nn.functional.binary_cross_entropy": _question(binary_cross_entropy),
    "nn.functional.binary_cross_entropy_with_logits": _question(binary_cross_entropy_with_logits),
}
