"""What a trained regression says: values beside the true ones, and how far they are apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from groundup.data.dataset import Dataset
from groundup.errors import InputError
from groundup.nn.scores import r2_score
from groundup.train.inputs import examples_for, raw_inputs
from groundup.train.learner import EVALUATION_BATCH, Learner
from groundup.typing import Array


class Fit(NamedTuple):
    """How well one target is met, in its own units: R², mean absolute error, root mean square.

    std: the targets' standard deviation, which is the root mean square of answering their mean.
    """

    r2: float
    mae: float
    rmse: float
    std: float


@dataclass(frozen=True, eq=False)
class Estimates:
    """A regression's answers beside the truth.

    Args:
        loss: the mean over the samples.
        targets, predictions: (N, K) float64.
    """

    loss: float
    targets: Array
    predictions: Array

    @cached_property
    def r2(self) -> float:
        """The share of the targets' variance that is explained, the mean over K targets."""
        return r2_score(self.targets, self.predictions)

    def fits(self) -> Iterator[Fit]:
        """How well each of the K targets is met."""
        for t, y in zip(self.targets.T, self.predictions.T, strict=True):
            error = np.abs(y - t)
            rmse = np.sqrt(np.square(error).mean())
            yield Fit(r2_score(t, y), float(error.mean()), float(rmse), float(t.std()))


def target_names(dataset: Dataset) -> tuple[str, ...]:
    """What the targets are called; their numbers, if the data do not say."""
    if dataset.outputs == 1:
        return dataset.targets or ("value",)
    return dataset.targets or tuple(f"value {k + 1}" for k in range(dataset.outputs))


def r2_of(learner: Learner, dataset: Dataset) -> float | None:
    """R² on the test data; None for classes."""
    if dataset.task == "classification":
        return None
    return estimate(learner, dataset.x_test, dataset.y_test).r2


def estimate(learner: Learner, x: Any, y: Any) -> Estimates:
    """Ask about samples whose values are known.

    Args:
        learner: a compiled regression.
        x: raw inputs (N, …).
        y: their values (N,) or (N, K).

    Raises:
        InputError: the model has no loss, or has diverged.
        ShapeError, DataError: x and y do not fit it or one another.
    """
    if learner.loss is None:
        raise InputError("the model was saved without a loss: compile it before it is saved.")
    examples = examples_for(learner, x, y)
    loss = learner.evaluate(examples, EVALUATION_BATCH)["loss"]
    said = predictions(learner, examples.x)
    return Estimates(loss, examples.y.astype(np.float64).reshape(len(said), -1), said)


def predictions(learner: Learner, x: Any) -> Array:
    """The values (N, K), float64, for raw inputs x (N, …)."""
    said = learner.predict(raw_inputs(learner, x), EVALUATION_BATCH)
    if not np.isfinite(said).all():
        raise InputError("the model answers NaN or infinity: it has diverged. Train it again.")
    return said.astype(np.float64).reshape(len(said), -1)
