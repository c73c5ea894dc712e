"""The regressor."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin

from groundup.layers import Layer
from groundup.nn.losses import Loss, MeanSquaredError
from groundup.sklearn.estimator import Estimator, weighted
from groundup.train.learner import Examples
from groundup.typing import Array, Shape


@dataclass(eq=False, repr=False, kw_only=True)
class GroundupRegressor(RegressorMixin, Estimator):  # type: ignore[misc]
    """A network that tells values, as an estimator of scikit-learn

    ŷ = μ + σ f(x)    X: (N, D) or images (N, C, H, W)  y: (N,) or (N, K)

    with μ and σ the (weighted) mean and standard deviation of the targets, (K,), so that targets of
    any unit are learned alike. f, the network, is trained to lessen

        Σₙ wₙ |(yₙ - ŷₙ) / σ|² / (K Σₙ wₙ) + ½ α Σ W²

    by mini-batches; the first term is the share of the variance that it leaves unexplained.

    Args:
        hidden_layer_sizes, activation, optimizer, learning_rate, alpha, dropout,
            batch_normalization, model, batch_size, max_iter, shuffle, random_state, warm_start,
            dtype, verbose: as for `GroundupClassifier`.
        tol, n_iter_no_change: training ends after so many epochs in a row that did not better the
            loss by more than tol, in units of the targets' variance.
        early_stopping, validation_fraction: hold out a part, judge by its loss, and keep the
            weights of the best epoch.

    After `fit`: as `GroundupClassifier`, but no classes; `target_mean_` μ and `target_scale_` σ;
    `model_`, which gives f; `validation_scores_`, 1 - loss of what was held out: R², with the
    variance of the training targets.

    Raises:
        InputError, a ValueError: parameters or data that cannot be right.
        Diverged: the loss turned NaN or infinite.

    >>> from sklearn.datasets import load_diabetes
    >>> x, y = load_diabetes(return_X_y=True)
    >>> network = GroundupRegressor(learning_rate=0.01, max_iter=50, random_state=0)
    >>> network.fit(20 * x[:400], y[:400]).score(20 * x[400:], y[400:]) > 0.4
    True
    """

    _targets: ClassVar[dict[str, Any]] = {"multi_output": True, "y_numeric": True}
    _loss: ClassVar[Loss] = MeanSquaredError()
    _metrics: ClassVar[tuple[str, ...]] = ()
    _judged_by: ClassVar[str] = "val_loss"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "GroundupRegressor":
        """Train on X (N, D) or (N, C, H, W) and targets y (N,) or (N, K), with weights (N,)."""
        first = not (self.warm_start and hasattr(self, "model_"))
        self._fit(self._examples(X, y, sample_weight, first), first=first)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "GroundupRegressor":
        """Train for one epoch; μ and σ are those of the first call."""
        first = not hasattr(self, "model_")
        self._partial_fit(self._examples(X, y, sample_weight, first), first=first)
        return self

    def predict(self, X: Any) -> Array:
        """ŷ, float64, (N,) or (N, K) as the targets were."""
        y = self._answer(X) * self.target_scale_ + self.target_mean_
        return y[:, 0] if self._flat else y

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _examples(self, X: Any, y: Any, sample_weight: Any, first: bool) -> Examples:
        """Standardized targets, (N, K)."""
        x, y = self._read(X, y, first=first)
        t = np.asarray(y, np.float64).reshape(len(x), -1)
        given = weighted(x, t, sample_weight)
        if first:
            self._flat = y.ndim == 1
            self.target_mean_ = np.average(given.y, axis=0, weights=given.weight)
            self.target_scale_ = _spread(given.y, self.target_mean_, given.weight)
        return replace(given, y=(given.y - self.target_mean_) / self.target_scale_)

    def _layers(self, in_shape: Shape) -> list[Layer]:
        return self._layers_to(in_shape, classes=0, values=len(self.target_mean_))

    def _score_of(self, judged: float) -> float:
        return 1 - judged


def _spread(t: Array, mean: Array, weight: Array | None) -> Array:
    """The standard deviation of targets (N, K) of any size, (K,); 1 where nothing varies

    A power of 2 is taken out first, which changes no digit: squares leave float64 early.
    """
    away = t - mean
    power = np.frexp(np.abs(away).max(axis=0))[1]
    squares = np.square(np.ldexp(away, -power))
    std = np.ldexp(np.sqrt(np.average(squares, axis=0, weights=weight)), power)
    return np.where((np.ptp(t, axis=0) > 0) & (std > 0), std, 1.0)
