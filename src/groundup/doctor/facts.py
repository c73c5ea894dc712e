"""What the data say without any network: scale, balance, shift, and whether labels can be told."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.data.dataset import Task
from groundup.data.rows import select
from groundup.doctor.data_facts import (
    chance_of,
    drawn,
    neighbors_tell,
    scale_of,
    shared,
    some,
    told_apart,
)
from groundup.rng import Stream
from groundup.train.run import Assembly


@dataclass(frozen=True)
class DataFacts:
    """About the prepared inputs and the targets of a run.

    Args:
        task: classification or regression.
        samples: how many train, validate and test.
        in_shape: of a prepared sample.
        counts: training samples of each class; none for regression.
        mean, std: of all prepared training inputs together.
        scales: the 10th, 50th and 90th percentile of the inputs' standard deviations, of those that
            vary at all.
        offset: the median of |mean| / std over inputs, of those that vary.
        constant: the share of inputs that never vary.
        target_std: of regression targets, the mean over targets; else 0.
        chance: the loss of the best constant answer: the entropy of the classes in nats, or of a
            regression its loss in the loss's own units.
        neighbors: how often the 5 nearest of up to 1,000 training samples tell another one's class
            (of a regression R²); NaN where there are too few.
        neighbors_p: how likely that or better is where labels have nothing to do with inputs.
        shift_auc, shift_p: a classifier that tells validation from training samples
            (`data.shift`); NaN without validation.
        leaks: the share of validation samples that are training samples, too.
        validation_is_test: the share of validation samples that are test samples, too.
        test_looks: how often the log shows test metrics.
    """

    task: Task
    samples: tuple[int, int, int]
    in_shape: tuple[int, ...]
    counts: tuple[int, ...]
    mean: float
    std: float
    scales: tuple[float, float, float]
    offset: float
    constant: float
    target_std: float
    chance: float
    neighbors: float
    neighbors_p: float
    shift_auc: float
    shift_p: float
    leaks: float
    validation_is_test: float
    test_looks: int

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "DataFacts":
        """The facts that `dataclasses.asdict` made plain, also after a way through JSON."""
        lists = {key: tuple(value) for key, value in plain.items() if isinstance(value, list)}
        return cls(**{**plain, **lists})


_MOST = 2_000  # training samples whose scale is measured
_MOST_NEIGHBORS = 1_000


def facts_of(assembly: Assembly, test_looks: int = 0) -> DataFacts:
    """Look at the data of a run that is about to begin, or has ended.

    Args:
        assembly: its data and preparation; the network is not asked.
        test_looks: how often the run's log shows test metrics.

    >>> from groundup.config import from_mapping
    >>> from groundup.train.run import assemble
    >>> facts = facts_of(assemble(from_mapping({"data": {"name": "digits"}})))
    >>> facts.samples, facts.in_shape, round(facts.chance, 2), facts.neighbors > 0.9
    ((1294, 144, 359), (1, 8, 8), 2.3, True)
    """
    learner, train, held = assembly.learner, assembly.train, assembly.validation
    stream = Stream(0, "split", "facts")
    rows = some(len(train), _MOST, stream)
    x, y = learner.prepare(np.asarray(select(train.x, rows))), train.y[rows]
    few = some(len(x), _MOST_NEIGHBORS, stream.named("few"))
    classes = len(assembly.dataset.classes)
    neighbors, neighbors_p = neighbors_tell(x[few], y[few], classes, stream)
    shift_auc = shift_p = math.nan
    leaks = validation_is_test = 0.0
    if held is not None:
        seen = learner.prepare(drawn(held.x, _MOST, stream))
        shift_auc, shift_p = told_apart(x, seen, stream)
        leaks, validation_is_test = shared(held.x, train.x), shared(held.x, assembly.test.x)
    assert learner.loss is not None
    return DataFacts(
        task=assembly.dataset.task,
        samples=(len(train), 0 if held is None else len(held), len(assembly.test)),
        in_shape=tuple(x.shape[1:]),
        counts=tuple(np.bincount(train.y, minlength=classes).tolist()) if classes else (),
        **scale_of(x)._asdict(),
        target_std=0.0 if classes else float(train.y.std(axis=0).mean()),
        chance=chance_of(train.y, classes, learner.loss),
        neighbors=neighbors,
        neighbors_p=neighbors_p,
        shift_auc=shift_auc,
        shift_p=shift_p,
        leaks=leaks,
        validation_is_test=validation_is_test,
        test_looks=test_looks,
    )
