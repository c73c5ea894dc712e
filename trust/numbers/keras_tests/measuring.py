"""Our losses, metrics, regularizers, activations and initializers in the clothes of Keras's."""

from collections.abc import Callable
from typing import Any

import numpy as np

from groundup import ops
from groundup.layers import ELU, Identity, Layer, LeakyReLU, Mode, ReLU, Sigmoid, Softmax, Tanh
from groundup.layers.initializers import Constant, Initializer, Ones, Zeros
from groundup.layers.regularizers import L1, L1L2, L2, Regularizer
from groundup.nn import losses, metrics
from groundup.nn.scores import r2_score
from groundup.rng import Stream
from trust.numbers.keras_tests.foreign import Foreign, Namespace, taken

FULL = {"dtype": (None, "float32")}


def floats(y: Any) -> np.ndarray:
    y = np.asarray(y)
    return y if y.dtype in (np.float32, np.float64) else y.astype(np.float64)


def weights(given: Any, N: int) -> np.ndarray | None:
    """One weight a sample, of Keras's (), (N,) and (N, 1)."""
    if given is None:
        return None
    given = np.asarray(given, np.float64)
    if given.shape not in ((), (N,), (N, 1)):
        raise Foreign("no weights of parts of a sample")
    return np.broadcast_to(given.reshape(-1), (N,)).copy()


class KerasLoss:
    """A loss with Keras's ways to reduce it; ours is the mean alone, and one value a sample."""

    def __init__(self, loss: losses.Loss, reduction: str | None) -> None:
        self.loss, self.reduction = loss, reduction

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        y, t = floats(y_pred), np.asarray(y_true)
        if y.ndim > 2 and isinstance(self.loss, losses.CategoricalCrossentropy):
            raise Foreign("no classes of parts of a sample")
        weight = weights(sample_weight, len(y))
        if self.reduction == "sum_over_batch_size":
            return self.loss(t, y, weight)
        each = self.loss.each(y, self.loss.prepare(y, t))
        weighed = each if weight is None else weight * each
        if self.reduction == "sum":
            return weighed.sum()
        if self.reduction == "mean_with_sample_weight" and weight is not None:
            return weighed.sum() / weight.sum()
        if self.reduction is None:
            return weighed
        raise Foreign(f"no reduction {self.reduction!r}")

    def __getattr__(self, name: str) -> Any:
        raise Foreign(f"no loss.{name}")


def _loss(cls: type[losses.Loss], *names: str) -> Callable[..., KerasLoss]:
    def make(reduction: str | None = "sum_over_batch_size", **given: Any) -> KerasLoss:
        same = {name: name for name in names}
        return KerasLoss(cls(**taken(given, same, FULL | {"axis": (-1,)})), reduction)

    return make


class KerasMetric:
    """A metric that gathers batches; ours gives one value a sample."""

    def __init__(self, metric: metrics.Metric) -> None:
        self.metric = metric
        self.total = self.count = 0.0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if np.ndim(y_pred) > 2:
            raise Foreign("no classes of parts of a sample")
        each = self.metric(np.asarray(y_true), floats(y_pred))
        weight = weights(sample_weight, len(each))
        weight = np.ones(len(each)) if weight is None else weight
        self.total, self.count = self.total + weight @ each, self.count + weight.sum()

    def result(self) -> float:
        return self.total / self.count

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()

    def __getattr__(self, name: str) -> Any:
        raise Foreign(f"no metric.{name}")


def _metric(cls: type[metrics.Metric], *names: str, **neutral: Any) -> Callable[..., KerasMetric]:
    def make(*args: Any, **given: Any) -> KerasMetric:
        given = dict(zip(names, args, strict=False)) | given
        return KerasMetric(cls(**taken(given, {n: n for n in names}, FULL | neutral)))

    return make


class KerasR2:
    """The share of explained variance, as the mean over the outputs."""

    def __init__(
        self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0, **_: Any
    ) -> None:
        if class_aggregation != "uniform_average" or num_regressors:
            raise Foreign("no R² but the mean over the outputs")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None:
            raise Foreign("no weights of R²")
        self.score = r2_score(y_true, y_pred)

    def result(self) -> float:
        return self.score


class KerasRegularizer:
    """A penalty as a function of w."""

    def __init__(self, regularizer: Regularizer) -> None:
        self.regularizer = regularizer

    def __call__(self, w: Any) -> float:
        return self.regularizer.penalty(np.asarray(w))

    def __getattr__(self, name: str) -> Any:
        raise Foreign(f"no regularizer.{name}")


def _regularizer(cls: type[Regularizer], **scales: float) -> Callable[..., KerasRegularizer]:
    """Keras's L2 has no factor ½, so it is ours of twice the strength."""

    def make(*args: float, **given: float) -> KerasRegularizer:
        given = dict(zip(scales, args, strict=False)) | given
        strengths = {name: scales[name] * value for name, value in given.items()}
        return KerasRegularizer(cls(**strengths))

    return make


def _activation(cls: Callable[..., Layer], **neutral: Any) -> Callable[..., np.ndarray]:
    """A function of x; `neutral` are Keras's defaults, at which an option changes nothing."""

    def function(x: Any, **given: Any) -> np.ndarray:
        ours = {"negative_slope": "negative_slope", "alpha": "alpha"} if cls in _SLOPED else {}
        layer = cls(**_DEFAULTS.get(cls, {}) | taken(given, ours, neutral))
        return layer.forward({}, {}, floats(x), Mode())[0]

    return function


_SLOPED = (LeakyReLU, ELU)
_DEFAULTS: dict[Any, Any] = {LeakyReLU: {"negative_slope": 0.2}}


def _log_softmax(x: Any, axis: Any = -1) -> np.ndarray:
    if axis not in (-1, np.ndim(x) - 1):
        raise Foreign("no axis but the last")
    return ops.log_softmax(floats(x))


def _initializer(cls: type[Initializer]) -> Callable[..., Any]:
    def make(**given: Any) -> Any:
        if np.ndim(given.get("value", 0)):
            raise Foreign("no arrays as constants")
        initializer = cls(**given)
        return lambda shape: initializer(Stream(0), shape)

    return make


CROSSENTROPY = _loss(losses.CategoricalCrossentropy, "from_logits", "label_smoothing")
LOSSES = Namespace(
    "losses",
    MeanSquaredError=_loss(losses.MeanSquaredError),
    MeanAbsoluteError=_loss(losses.MeanAbsoluteError),
    Huber=_loss(losses.Huber, "delta"),
    CategoricalCrossentropy=CROSSENTROPY,
    SparseCategoricalCrossentropy=CROSSENTROPY,
)
ACCURACIES = Namespace(
    "accuracy_metrics",
    BinaryAccuracy=_metric(metrics.Accuracy, threshold=(0.5,)),
    CategoricalAccuracy=_metric(metrics.Accuracy),
    SparseCategoricalAccuracy=_metric(metrics.Accuracy),
    TopKCategoricalAccuracy=_metric(metrics.TopKAccuracy, "k"),
    SparseTopKCategoricalAccuracy=_metric(metrics.TopKAccuracy, "k", from_sorted_ids=(False,)),
)
REGRESSION = Namespace(
    "metrics",
    MeanSquaredError=_metric(metrics.SquaredError),
    MeanAbsoluteError=_metric(metrics.AbsoluteError),
    R2Score=KerasR2,
)
REGULARIZERS = Namespace(
    "regularizers",
    L1=_regularizer(L1, l1=1.0),
    L2=_regularizer(L2, l2=2.0),
    L1L2=_regularizer(L1L2, l1=1.0, l2=2.0),
)
ACTIVATIONS = Namespace(
    "activations",
    linear=_activation(Identity),
    sigmoid=_activation(Sigmoid),
    tanh=_activation(Tanh),
    relu=_activation(ReLU, negative_slope=(0.0,), max_value=(None,), threshold=(0.0,)),
    leaky_relu=_activation(LeakyReLU),
    elu=_activation(ELU),
    softmax=_activation(Softmax, axis=(-1,)),
    log_softmax=_log_softmax,
)
INITIALIZERS = Namespace(
    "initializers",
    Zeros=_initializer(Zeros),
    Ones=_initializer(Ones),
    Constant=_initializer(Constant),
)
FILES = {
    "losses/losses_test.py": {"losses": LOSSES},
    "metrics/accuracy_metrics_test.py": {"accuracy_metrics": ACCURACIES},
    "metrics/regression_metrics_test.py": {"metrics": REGRESSION},
    "regularizers/regularizers_test.py": {"regularizers": REGULARIZERS},
    "activations/activations_test.py": {"activations": ACTIVATIONS},
    "initializers/constant_initializers_test.py": {"initializers": INITIALIZERS},
}
