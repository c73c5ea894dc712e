"""What one look at a network under training sees, layer by layer, as plain values.

An exam is taken on a slice of the training samples. It goes into the log as a record of kind
"probe" and comes back from there equal; rules, reports and event files read nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class LayerExam:
    """One layer in one exam. Means are over samples and units unless said otherwise.

    What a layer has no say in is None: a pooling has no weights, a ReLU does not saturate.

    Args:
        layer: its name, such as "dense_2".
        kind: its kind, such as "dense".
        activation: what its output went through, such as "relu"; "" for none.
        units: how many units (channels, of images) it has.
        mean, std: of its output y.
        low, high, counts: the histogram of y: its range, and how many values lie in each of its
            equal parts.
        dead: the share of units whose y was not above 0 for 300 samples in a row, over exams (or
            for all samples looked at so far); of ReLU, leaky ReLU and their like.
        saturated: the share of values of y within 0.05 of an end of the range of a sigmoid or tanh.
        spread: how unlike its units are, ‖W - W̄‖ / ‖W‖ with W̄ the mean over units; 0 where all
            units have the same weights, and where all weights are 0.
        weight: the root mean square of its weights (parameters that decay), before the update.
        gradient: the root mean square of dL/dW; NaN or infinite where backward went wrong.
        signal: the root mean square of dL/dy, what reaches this layer from above; of a softmax
            that stands before its cross-entropy, of dL/dx, as the two are taken together.
        update: ‖ΔW‖ / ‖W‖ of the latest update; None before the first one.
        shift_mean, shift_variance: how far that update moved the layer's input, as
            `InternalShift` measures; None before the first one.
    """

    layer: str
    kind: str
    activation: str
    units: int
    mean: float
    std: float
    low: float
    high: float
    counts: tuple[int, ...]
    dead: float | None = None
    saturated: float | None = None
    spread: float | None = None
    weight: float | None = None
    gradient: float | None = None
    signal: float | None = None
    update: float | None = None
    shift_mean: float | None = None
    shift_variance: float | None = None


@dataclass(frozen=True)
class Exam:
    """One look at all layers.

    Args:
        updates: how many updates came before; 0 is the untrained network.
        epoch: the epoch under way, from 0.
        samples: how many training samples were looked at.
        loss: the data loss on them, as in training.
        gradient: the norm of the whole gradient.
        layers: in their order.
    """

    updates: int
    epoch: int
    samples: int
    loss: float
    gradient: float
    layers: tuple[LayerExam, ...]

    def plain(self) -> dict[str, Any]:
        """Plain data for the log; the inverse of `exam_of`."""
        return vars(self) | {"layers": [dict(vars(one)) for one in self.layers]}


def exam_of(record: Mapping[str, Any]) -> Exam:
    """The exam in a record of kind "probe"."""
    layers = tuple(LayerExam(**{**one, "counts": tuple(one["counts"])}) for one in record["layers"])
    names = {field.name for field in fields(Exam)}
    return Exam(**{k: v for k, v in record.items() if k in names} | {"layers": layers})
