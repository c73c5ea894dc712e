"""What the data say without any network: scale, balance, shift, and whether labels can be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from groundup.data.dataset import Task


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
        offset: the root mean square over inputs of (mean / std), of those that vary.
        constant: the share of inputs that never vary.
        target_std: of regression targets, the mean over targets; else 0.
        chance: the loss of the best constant answer: the entropy of the classes in nats, or of a
            regression its loss in the loss's own units.
        neighbors: cross-validated accuracy of the 5 nearest neighbors on up to 1,000 training
            samples (R² for regression); NaN where there are too few.
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
