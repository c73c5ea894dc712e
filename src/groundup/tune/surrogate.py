"""The map that a Gaussian process draws of a search: what to expect of settings nobody tried."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from groundup.errors import InputError
from groundup.tune.bayesian.encoding import Encoding
from groundup.tune.bayesian.gaussian_process import GaussianProcess, fitted
from groundup.tune.bayesian.threads import one_thread
from groundup.tune.bayesian.warping import Warping
from groundup.tune.history import History
from groundup.tune.space import Settings, Space
from groundup.typing import Array


@dataclass(frozen=True, eq=False)
class Surrogate:
    """What stands in for the search's metric, from the trials that have a value.

    Args:
        encoding: of settings as points.
        process: of these points and the warped losses.
        warping: of losses.
        sign: what turns a loss into a value.
        losses: the least and the highest that was seen.

    >>> from groundup.tune.history import Trial
    >>> from groundup.tune.space import make_space
    >>> space = make_space({"x": "uniform:0..1"})
    >>> tried = [Trial(k, {"x": k / 8}, "finished", 0.9 - (k / 8 - 0.5) ** 2) for k in range(9)]
    >>> mean, std = Surrogate.of(space, History(tuple(tried), "high")).predict([{"x": 0.45}])
    >>> mean.round(2), bool(std[0] < 0.01)
    (array([0.9]), True)
    """

    encoding: Encoding
    process: GaussianProcess
    warping: Warping
    sign: int
    losses: tuple[float, float]

    @classmethod
    def of(cls, space: Space, history: History) -> "Surrogate":
        """InputError where fewer than two trials have a value."""
        losses = history.losses()
        known = np.isfinite(losses)
        if known.sum() < 2:
            raise InputError(
                f"Surrogate: {known.sum()} of {len(history)} trials have a value: expected two or "
                "more. Let the search go on."
            )
        encoding, warping = Encoding.of(space), Warping.of(losses[known])
        trials = [trial for trial, there in zip(history.trials, known, strict=True) if there]
        points = encoding.points(np.array([space.unit(trial.settings) for trial in trials]))
        with one_thread():
            process = fitted(points, warping(losses[known]), encoding.owner)
        ends = (float(losses[known].min()), float(losses[known].max()))
        return cls(encoding, process, warping, history.sign, ends)

    def predict(self, settings: Sequence[Settings]) -> tuple[Array, Array]:
        """The value to expect, and its standard deviation, (m,) each, in the metric's own unit

        Where losses were warped, the value is the median and the deviation half of the interval
        that holds 68 %; neither leaves the range that was seen by more than its width.
        """
        points = self.encoding.points(np.array([self.encoding.space.unit(one) for one in settings]))
        with one_thread():
            mean, std = self.process.predict(points)
        low, middle, high = (self._loss(mean + k * std) for k in (-1, 0, 1))
        return self.sign * middle, (high - low) / 2

    def _loss(self, z: Array) -> Array:
        low, high = self.losses
        width = high - low
        return np.clip(self.warping.inverse(z), low - width, high + width)
