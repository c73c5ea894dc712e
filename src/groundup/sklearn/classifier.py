"""The classifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.multiclass import check_classification_targets

from groundup.errors import InputError
from groundup.layers import Layer
from groundup.nn.losses import CategoricalCrossentropy, Loss
from groundup.sklearn.estimator import Estimator, weighted
from groundup.train.learner import Examples
from groundup.typing import Array, Shape


@dataclass(eq=False, repr=False, kw_only=True)
class GroundupClassifier(ClassifierMixin, Estimator):  # type: ignore[misc]
    """A network that tells classes, as an estimator of scikit-learn

    P(class k | x) = softmax(f(x))ₖ    X: (N, D) or images (N, C, H, W)  y: (N,) of any labels

    It is trained to lessen    Σₙ wₙ (-log P(yₙ | xₙ)) / Σₙ wₙ + ½ α Σ W²    by mini-batches, of
    which each sample counts wₙ / w̄. So a weight of 2 is as good as a sample that stands there
    twice, and one of 0 as one that is not there.

    Args:
        hidden_layer_sizes: the widths of the hidden layers.
        activation: of the hidden layers: "relu", "tanh", "sigmoid", …
        optimizer: a name, such as "adam", "sgd" or "momentum", or an object, such as
            Adam(beta_1=0.8).
        learning_rate: η; None is the optimizer's own, of Adam 0.001.
        alpha: α of the L2 penalty. As for SGDClassifier: MLPClassifier divides its own by the
            batch's size, so its 1e-4 in batches of 200 is 5e-7 here.
        dropout: the share that is dropped after each hidden layer.
        batch_normalization: normalize before each activation.
        model: another network in place of those above: one of the zoo, by name ("simple-convnet"),
            mapping or object; or a list of layers, to which the output is added.
        batch_size: samples in an update; "auto" is 200, or all if there are fewer.
        max_iter: epochs at most.
        shuffle: whether every epoch has another order.
        random_state: a whole number is the seed of all that is drawn: the same seed, the same bits.
        tol, n_iter_no_change: training ends after so many epochs in a row that did not better the
            loss (or, with early stopping, the accuracy) by more than tol.
        early_stopping: hold out a part, stratified and seeded, judge by its accuracy, and keep the
            weights of the best epoch.
        validation_fraction: how much is held out.
        warm_start: whether another `fit` goes on training the same network.
        dtype: "float32", for which there are kernels; "float64"; or "auto", float64 where all
            samples fit into one batch, since there it costs little.
        verbose: 1 a bar, 2 a line an epoch, on stderr.
        class_weight: {class: weight}, or "balanced": wₙ times Σw / (K Σw of the class), so that all
            K classes weigh the same.

    After `fit`: `classes_`; `model_`, the Sequential that was trained, for summary, files and
    diagnosis; `loss_curve_`, the data loss of each epoch, `loss_` the last; `n_iter_`, the epochs
    of the latest fit; `validation_scores_` and `best_validation_score_`, accuracies on what early
    stopping held out; `n_features_in_`, `feature_names_in_`.

    Raises:
        InputError, a ValueError: parameters or data that cannot be right.
        Diverged: the loss turned NaN or infinite.

    >>> from sklearn.datasets import load_digits
    >>> x, y = load_digits(return_X_y=True)
    >>> x, x_test, y, y_test = x[::2] / 16, x[1::2] / 16, y[::2], y[1::2]
    >>> network = GroundupClassifier(learning_rate=0.01, max_iter=20, random_state=0).fit(x, y)
    >>> network.score(x_test, y_test) > 0.94
    True
    >>> network.predict_proba(x_test).shape
    (898, 10)
    """

    class_weight: Any = None

    _loss: ClassVar[Loss] = CategoricalCrossentropy()
    _metrics: ClassVar[tuple[str, ...]] = ("accuracy",)
    _judged_by: ClassVar[str] = "val_accuracy"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "GroundupClassifier":
        """Train on X (N, D) or (N, C, H, W) and labels y (N,), with weights (N,)."""
        first = not (self.warm_start and hasattr(self, "model_"))
        x, y = self._read(X, y, first=first)
        check_classification_targets(y)
        if first:
            self._know(y)
        self._fit(self._examples(x, y, sample_weight), first=first)
        return self

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> "GroundupClassifier":
        """Train for one epoch on X (N, …) and y (N,): k calls with the same are a fit of k epochs

        Args:
            X, y, sample_weight: as for `fit`; weights compare samples of one call.
            classes: all that there will be; needed at the first call.
        """
        first = not hasattr(self, "model_")
        x, y = self._read(X, y, first=first)
        check_classification_targets(y)
        if self.class_weight == "balanced":
            raise InputError(
                'class_weight="balanced": partial_fit does not see all samples. Give {class: '
                "weight}, as sklearn.utils.class_weight.compute_class_weight finds them."
            )
        if first:
            if classes is None:
                raise InputError("partial_fit: the first call needs classes=, all there will be.")
            self._know(classes)
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise InputError(
                f"partial_fit: classes={classes!r} are not those of the first call, "
                f"{self.classes_.tolist()}."
            )
        self._partial_fit(self._examples(x, y, sample_weight), first=first)
        return self

    def predict(self, X: Any) -> Array:
        """The most probable class of each sample, (N,)."""
        chosen = self.predict_proba(X).argmax(axis=1)
        return self.classes_[chosen]

    def predict_proba(self, X: Any) -> Array:
        """P(class | x), (N, K), in the order of `classes_`."""
        return self._answer(X)

    def predict_log_proba(self, X: Any) -> Array:
        """log P(class | x), (N, K); -inf where a probability is rounded to 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _know(self, y: Any) -> None:
        """Learn which classes there are."""
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise InputError(
                f"y has one class, {self.classes_.tolist()}: expected at least 2 classes."
            )

    def _examples(self, x: Array, y: Array, sample_weight: Any) -> Examples:
        """Labels as numbers, weighted by class besides."""
        encoder = LabelEncoder().fit(self.classes_)
        given = weighted(x, encoder.transform(y), sample_weight)
        if self.class_weight is None:
            return given
        return Examples(given.x, given.y, given.weight * self._class_weights(given)[given.y])

    def _class_weights(self, given: Examples) -> Array:
        """The weight of each class, (K,)."""
        K = len(self.classes_)
        if self.class_weight == "balanced":
            held = np.bincount(given.y, given.weight, minlength=K)
            return np.divide(held.sum(), K * held, out=np.ones(K), where=held > 0)
        if not isinstance(self.class_weight, Mapping):
            raise InputError(
                f'class_weight={self.class_weight!r}: expected "balanced" or {{class: weight}}.'
            )
        classes = self.classes_.tolist()
        unknown = [kind for kind in self.class_weight if kind not in classes]
        if unknown:
            raise InputError(f"class_weight: {unknown} are no classes of y, {classes}.")
        return np.array([self.class_weight.get(kind, 1.0) for kind in classes])

    def _layers(self, in_shape: Shape) -> list[Layer]:
        return self._layers_to(in_shape, classes=len(self.classes_))

    def _score_of(self, judged: float) -> float:
        return judged
