"""What a trained classifier says: a probability for each class, and how often it is right."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from groundup import ops
from groundup.errors import InputError
from groundup.nn.losses import CategoricalCrossentropy
from groundup.nn.metrics import confusion_matrix
from groundup.nn.scores import ClassScores, classification_scores
from groundup.train.inputs import examples_for, raw_inputs
from groundup.train.learner import EVALUATION_BATCH, Learner
from groundup.typing import Array


@dataclass(frozen=True)
class Judgment:
    """A classifier's answers beside the truth.

    Args:
        loss: the mean over the samples.
        labels: the right classes, (N,).
        probabilities: what the classifier said, (N, C).
    """

    loss: float
    labels: Array
    probabilities: Array

    @cached_property
    def predicted(self) -> Array:
        """The most probable classes, (N,)."""
        return np.argmax(self.probabilities, axis=1)

    @cached_property
    def accuracy(self) -> float:
        """The share of samples that were classified rightly."""
        return float((self.predicted == self.labels).mean())

    @cached_property
    def confusion(self) -> Array:
        """How often each class was taken for which, (C, C), row true, column said."""
        return confusion_matrix(self.labels, self.predicted, self.probabilities.shape[1])

    @cached_property
    def scores(self) -> ClassScores:
        """Precision, recall, F1 and AUC of each class."""
        return classification_scores(self.labels, self.probabilities)

    def mistakes(self) -> Array:
        """The samples that were classified wrongly, the most confident first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        sure = self.probabilities[wrong, self.predicted[wrong]]
        return wrong[np.argsort(-sure, kind="stable")]


def judge(learner: Learner, x: Any, y: Any) -> Judgment:
    """Ask about samples whose classes are known.

    Args:
        learner: a compiled classifier.
        x: raw inputs (N, …).
        y: their labels (N,).

    Raises:
        InputError: the model is no classifier, or has no loss.
        ShapeError, DataError: x and y do not fit it or one another.
    """
    if learner.loss is None:
        raise InputError("the model was saved without a loss: compile it before it is saved.")
    examples = examples_for(learner, x, y)
    scores = learner.evaluate(examples, EVALUATION_BATCH)
    return Judgment(scores["loss"], examples.y, probabilities(learner, examples.x))


def probabilities(learner: Learner, x: Any) -> Array:
    """The probability of each class, (N, C), for raw inputs x (N, …).

    Raises:
        InputError: the model gives values, not classes.
    """
    y = learner.predict(raw_inputs(learner, x), EVALUATION_BATCH)
    if not np.isfinite(y).all():
        raise InputError("the model answers NaN or infinity: it has diverged. Train it again.")
    if isinstance(learner.loss, CategoricalCrossentropy) and learner.loss.from_logits:
        return np.asarray(ops.softmax(y))
    if y.ndim != 2 or y.shape[1] < 2 or (y < 0).any() or (np.abs(y.sum(axis=1) - 1) > 1e-3).any():
        raise InputError(
            "the model gives values, not the probabilities of classes. Use it from Python: "
            "groundup.load_model(file).predict(x)."
        )
    return y


def class_names(learner: Learner) -> tuple[str, ...]:
    """What the classes are called; their numbers, if the model does not say."""
    return learner.labels or tuple(str(i) for i in range(learner.network.out_shape[-1]))
