"""What methods are compared by, and what chance would get."""

from collections.abc import Mapping

import numpy as np

from groundup.data.dataset import Task
from groundup.report.measure import Measure
from groundup.train.learner import EVALUATION_BATCH, Examples, Learner
from groundup.train.run import Assembly
from groundup.typing import Array


def measure_of(assembly: Assembly) -> Measure:
    """What runs such as this one are compared by."""
    samples = len(assembly.test)
    if "accuracy" in assembly.learner.metrics:
        return Measure("accuracy", "high", samples)
    return Measure("loss", "low", samples)


def chance_of(assembly: Assembly) -> Mapping[str, float]:
    """The scores of whoever gives one answer to all: the shares of the classes, or the mean value

    This is what a run that diverged counts as: its network is worth as much.
    """
    task: Task = assembly.dataset.task
    answer = _shares(assembly) if task == "classification" else assembly.train.y.mean(axis=0)
    parts = {"val": assembly.validation, "test": assembly.test}
    return {
        f"{part}_{name}": value
        for part, examples in parts.items()
        if examples is not None
        for name, value in _scores(assembly.learner, answer, examples).items()
    }


def _shares(assembly: Assembly) -> Array:
    """The shares of the classes, as the network would have to answer them."""
    learner, y = assembly.learner, assembly.train.y
    shares = np.bincount(y, minlength=learner.network.out_shape[-1]) / len(y)
    logits = getattr(learner.loss, "from_logits", False)
    return np.log(np.maximum(shares, 1e-7)) if logits else shares


def _scores(learner: Learner, answer: Array, examples: Examples) -> Mapping[str, float]:
    assert learner.loss is not None
    sums: dict[str, float] = {}
    for start in range(0, len(examples), EVALUATION_BATCH):
        t = examples.y[start : start + EVALUATION_BATCH]
        y = np.broadcast_to(answer, (len(t), *np.shape(answer))).astype(learner.vector.dtype)
        y = y.reshape(len(t), *learner.network.out_shape)
        scores = {"loss": learner.loss.forward(y, t)[0]} | {
            name: float(np.mean(metric(t, y))) for name, metric in learner.metrics.items()
        }
        for name, value in scores.items():
            sums[name] = sums.get(name, 0.0) + value * len(t)
    return {name: value / len(examples) for name, value in sums.items()}
