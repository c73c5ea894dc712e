"""What classifier and regressor share: parameters, data, and one way to train.

scikit-learn's `fit` changes its object, and what is learned has a name with `_` at its end. Here
that is little: `model_`, an ordinary `Sequential`, and how its training went.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from groundup.checks import (
    NOT_NEGATIVE,
    SHARE,
    as_array,
    as_number,
    as_table,
    as_whole,
    refusal,
)
from groundup.data.split import train_validation_split
from groundup.errors import DataError, InputError
from groundup.layers import Layer, layers
from groundup.nn.losses import Loss
from groundup.nn.optimizers import Optimizer, optimizers
from groundup.nn.zoo import MultiLayer, zoo
from groundup.rng import Stream
from groundup.train.callbacks import EarlyStopping
from groundup.train.inputs import check_weights
from groundup.train.learner import Examples
from groundup.train.sequential import Sequential
from groundup.typing import Array, Shape, is_whole

LARGEST_BATCH = 200  # of batch_size="auto", as scikit-learn's
_OF_DENSE = ("hidden_layer_sizes", "activation", "alpha", "dropout", "batch_normalization")
_INPUTS: dict[str, Any] = {"dtype": (np.float64, np.float32), "allow_nd": True}


@dataclass(eq=False, repr=False, kw_only=True)
class Estimator(BaseEstimator, ABC):  # type: ignore[misc]
    """The base of both; their docstrings tell what the parameters mean."""

    hidden_layer_sizes: Any = field(default=(100,), kw_only=False)
    activation: Any = field(default="relu", kw_only=False)
    optimizer: Any = "adam"
    learning_rate: Any = None
    alpha: float = 0.0
    dropout: float = 0.0
    batch_normalization: bool = False
    model: Any = None
    batch_size: Any = "auto"
    max_iter: int = 200
    shuffle: bool = True
    random_state: Any = None
    tol: float = 1e-4
    n_iter_no_change: int = 10
    early_stopping: bool = False
    validation_fraction: float = 0.1
    warm_start: bool = False
    dtype: Any = "auto"
    verbose: int = 0

    _targets: ClassVar[dict[str, Any]] = {}  # what scikit-learn is told of y
    _loss: ClassVar[Loss]
    _metrics: ClassVar[tuple[str, ...]]  # that early stopping takes besides the loss
    _judged_by: ClassVar[str]  # what early stopping watches

    @abstractmethod
    def _layers(self, in_shape: Shape) -> list[Layer]:
        """From inputs of this shape to what the loss wants."""

    @abstractmethod
    def _score_of(self, judged: float) -> float:
        """What `validation_scores_` says for a value of `_judged_by`; more is better."""

    def _read(self, X: Any, y: Any, *, first: bool) -> tuple[Array, Array]:
        """X (N, …) and y as scikit-learn checks them; the first time it remembers the features."""
        X = as_table(X, "X")
        y = y if y is None else as_array(y, "y")
        if y is not None and y.dtype.kind in "V":
            raise DataError(f"y has dtype {y.dtype}: expected one label or number a sample.")
        self._expect_settings()
        x, y = validate_data(self, X, y, reset=first, **_INPUTS, **self._targets)
        return x, y

    def _answer(self, X: Any) -> Array:
        """What the network gives for X, (N, K), in its own dtype."""
        check_is_fitted(self)
        x = validate_data(self, as_table(X, "X"), reset=False, **_INPUTS)
        with _granted_threads():
            y = self.model_.predict(x)
        if not np.isfinite(y).all():
            raise InputError("the network answers NaN or infinity: it has diverged. Fit it again.")
        return y

    def _expect_settings(self) -> None:
        """Refuse settings by the names that they have here, not by those of what they go to."""
        who = type(self).__name__
        sizes = self.hidden_layer_sizes
        for size in sizes if isinstance(sizes, Sequence | np.ndarray) else (sizes,):
            as_whole(size, "hidden_layer_sizes", 1, who)
        for name, limits in (("alpha", NOT_NEGATIVE), ("dropout", SHARE), ("tol", NOT_NEGATIVE)):
            as_number(getattr(self, name), name, limits, who)
        as_whole(self.max_iter, "max_iter", 1, who)
        as_whole(self.n_iter_no_change, "n_iter_no_change", 0, who)
        for name in ("batch_normalization", "shuffle", "early_stopping", "warm_start"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise refusal(name, getattr(self, name), "True or False", who)

    def _fit(self, given: Examples, *, first: bool) -> None:
        """Train until `max_iter`, or until it no longer helps."""
        if first:
            self._build(given)
        self.model_.compile(*self._compiled())
        held = None
        if self.early_stopping:
            stream = Stream(self.model_.learner.seed)
            kept, rest = train_validation_split(given.y, self.validation_fraction, stream)
            given, held = given.take(kept), given.take(rest)
        stopping = EarlyStopping(
            self._judged_by if self.early_stopping else "loss",
            min_delta=self.tol,
            patience=self.n_iter_no_change,
            restore_best_weights=self.early_stopping,
        )
        self._train(given, as_whole(self.max_iter, "max_iter"), held, [stopping])

    def _partial_fit(self, given: Examples, *, first: bool) -> None:
        """Train for one epoch; the optimizer goes on where it was."""
        if self.early_stopping:
            raise InputError(
                "partial_fit: early_stopping=True takes many epochs over the same samples. Use "
                "fit, or early_stopping=False."
            )
        if first:
            self._build(given)
            self.model_.compile(*self._compiled())
        self._train(given, 1)

    def _build(self, given: Examples) -> None:
        """A network with its first weights, and no history."""
        in_shape, dtype = given.x.shape[1:], self.dtype
        if dtype == "auto":
            dtype = "float32" if self._batch_of(given) < len(given) else "float64"
        self.model_ = Sequential(self._layers(in_shape), seed=self._seed(), dtype=dtype)
        self.model_.build(in_shape)
        learner = self.model_.learner  # its file shall know what these are called
        learner.features = tuple(map(str, getattr(self, "feature_names_in_", ())))
        learner.labels = tuple(map(str, getattr(self, "classes_", ())))
        self.loss_curve_: list[float] = []
        self.validation_scores_: list[float] = []

    def _train(
        self,
        given: Examples,
        epochs: int,
        held: Examples | None = None,
        callbacks: Sequence[EarlyStopping] = (),
    ) -> None:
        batch_size, dtype = self._batch_of(given), self.model_.learner.vector.dtype
        with _granted_threads():
            history = self.model_.fit(
                given.x.astype(dtype, copy=False),
                given.y,
                batch_size,
                epochs,
                verbose=2 if self.verbose > 1 else 1 if self.verbose else 0,
                callbacks=callbacks,
                validation_data=None if held is None else (held.x, held.y),
                shuffle=self.shuffle and batch_size < len(given),  # one sum has no order
                sample_weight=_of_mean_one(given.weight),
            )
        self.n_iter_ = len(history.epoch)
        self.loss_curve_ += history.history["loss"]
        self.loss_ = self.loss_curve_[-1]
        judged = history.history.get(self._judged_by, [])
        self.validation_scores_ += [self._score_of(value) for value in judged]
        self.best_validation_score_ = max(self.validation_scores_, default=None)

    def _compiled(self) -> tuple[Optimizer, Loss, tuple[str, ...]]:
        """What `Sequential.compile` is told."""
        optimizer = optimizers.resolve(self.optimizer)
        if self.learning_rate is not None:
            optimizer = replace(optimizer, learning_rate=self.learning_rate)
        return optimizer, self._loss, self._metrics if self.early_stopping else ()

    def _layers_to(self, in_shape: Shape, classes: int, values: int = 1) -> list[Layer]:
        """From the inputs to probabilities of classes or, with classes=0, to values."""
        if self.model is None:
            return self._dense().layers(in_shape, classes, values)
        usual = {option.name: option.default for option in fields(self)}
        changed = [name for name in _OF_DENSE if getattr(self, name) != usual[name]]
        if changed:
            raise InputError(
                f"model={self.model!r} is the whole network: {', '.join(changed)} would not be "
                "heeded. Leave one or the other out."
            )
        if isinstance(self.model, list | tuple):
            below = [layers.resolve(layer) for layer in self.model]
            return [*below, self._dense().outputs(classes, values)]
        return zoo.resolve(self.model).layers(in_shape, classes, values)

    def _dense(self) -> MultiLayer:
        sizes = self.hidden_layer_sizes
        return MultiLayer(
            tuple(sizes) if np.ndim(sizes) else (sizes,),
            activation=self.activation,
            init="he" if "lu" in str(self.activation).lower() else "glorot_uniform",
            batch_norm=self.batch_normalization,
            dropout=self.dropout,
            l2=self.alpha,
        )

    def _batch_of(self, given: Examples) -> int:
        """How many samples an update takes."""
        asked = LARGEST_BATCH if self.batch_size == "auto" else self.batch_size
        return min(as_whole(asked, "batch_size"), len(given))

    def _seed(self) -> int:
        """A whole number is the seed itself; anything else is drawn from, as scikit-learn does."""
        if is_whole(self.random_state):
            return as_whole(self.random_state, "random_state", 0, type(self).__name__)
        try:
            drawn = check_random_state(self.random_state)
        except ValueError:
            expected = "None, a whole number of at least 0 or a RandomState"
            raise refusal("random_state", self.random_state, expected) from None
        return int(drawn.randint(2**31 - 1))


def weighted(x: Array, y: Array, weight: Any) -> Examples:
    """Samples with their weights (N,); those that weigh nothing are left out, as if never seen."""
    if weight is None:
        return Examples(x, y, np.ones(len(x)))
    weight = check_weights(weight, len(x))
    given = Examples(x, y, weight)
    return given if weight.all() else given.take(np.flatnonzero(weight))


def _of_mean_one(weight: Array | None) -> Array | None:
    """Weights with which a loss over N is one over their sum; None where all are alike."""
    if weight is None or (weight == weight[0]).all():
        return None
    return weight / weight.mean()


def _granted_threads() -> AbstractContextManager[None]:
    """No more threads than joblib grants each of its processes; BLAS reads that by itself."""
    from groundup.ops.cpu.crew import limited

    granted = os.environ.get("OMP_NUM_THREADS", "")
    return limited(int(granted)) if granted.isdecimal() and int(granted) else nullcontext()
