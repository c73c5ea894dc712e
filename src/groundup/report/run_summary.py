"""What the report of a training run is made from: plain data, with nothing to compute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groundup.train.probes.exam import Exam
from groundup.typing import Array


@dataclass(frozen=True)
class LayerRow:
    """One layer: its output's shape without the batch, and what it costs.

    memory: bytes of parameters, state and output for one sample; multiply_adds: for one sample.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    memory: int
    multiply_adds: int


@dataclass(frozen=True)
class Mistake:
    """A test sample that was taken for another class, with the probability given to that class.

    image: (H, W), (1, H, W), (3, H, W), or None where a sample is no picture.
    """

    true: str
    predicted: str
    probability: float
    image: Array | None = None
    index: int | None = None


@dataclass(frozen=True)
class ClassRow:
    """One class on the test data; NaN for what would divide by nothing."""

    name: str
    samples: int
    recall: float
    precision: float
    f1: float
    auc: float


@dataclass(frozen=True, eq=False)
class TargetRow:
    """One target of a regression on the test data: (N,) values in its units, and how they fit."""

    name: str
    true: Array
    predicted: Array
    r2: float
    mae: float
    rmse: float


@dataclass(frozen=True)
class MemberRow:
    """One network of an ensemble: its loss and metrics on the test data."""

    name: str
    seed: int
    scores: Mapping[str, float]


@dataclass(frozen=True)
class RunSummary:
    """Everything that the page shows. What is None or empty is left out.

    epochs: one mapping an epoch with "epoch" (from 0) and any of loss, accuracy, val_loss,
    val_accuracy, learning_rate, penalty, seconds; another metric gets its own chart.
    confusion: (C, C) counts on the test data, rows the truth, columns the prediction.
    macro: means over the classes by the names of `ClassRow`.
    members: of an ensemble, whose `epochs` are then means over them.
    exams, batch_losses: looks at the layers, and the loss of single batches, over the training.
    warning: why the run ended early, if it did.
    """

    name: str
    data: str
    model: str
    seed: int
    parameters: int
    seconds: float
    samples_per_second: float | None = None
    test_accuracy: float | None = None
    test_loss: float | None = None
    test_r2: float | None = None
    test_samples: int | None = None
    val_accuracy: float | None = None
    val_loss: float | None = None
    samples_are: str = "samples"
    config: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    epochs: Sequence[Mapping[str, float | None]] = ()
    layers: Sequence[LayerRow] = ()
    labels: Sequence[str] = ()
    confusion: Array | None = None
    mistakes: Sequence[Mistake] = ()
    classes: Sequence[ClassRow] = ()
    macro: Mapping[str, float] = field(default_factory=dict)
    targets: Sequence[TargetRow] = ()
    members: Sequence[MemberRow] = ()
    exams: Sequence[Exam] = ()
    batch_losses: Sequence[float] = ()
    command: str = "groundup train config.toml"
    warning: str = ""
    footer: str = ""
