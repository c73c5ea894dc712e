"""Bayesian optimization: a Gaussian process of what was tried says where to try next."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from groundup.checks import check_whole
from groundup.rng import Stream
from groundup.tune.bayesian.encoding import Encoding
from groundup.tune.bayesian.gaussian_process import fitted
from groundup.tune.bayesian.maximizing import most_promising
from groundup.tune.bayesian.threads import one_thread
from groundup.tune.bayesian.warping import targets
from groundup.tune.history import History
from groundup.tune.method import Method, methods
from groundup.tune.space import Settings, Space
from groundup.typing import Array

_NEAR = 4  # of the best, around which there are more candidates


@methods.register(name="bayesian")
@dataclass(frozen=True)
class Bayesian(Method):
    """The settings of which a Gaussian process expects the most improvement.   [Jones et al. 1998]

    The first trials are spread over the space. Those that still run are taken to have ended as the
    model expects, so that the next ones are not sent to the same place: a constant liar that lies
    as little as it can ("kriging believer").   [Ginsbourger et al. 2010]

    Args:
        initial: trials before the first model.

    >>> from groundup.tune.history import Trial
    >>> from groundup.tune.space import make_space
    >>> space, method, history = make_space({"x": "uniform:0..1"}), Bayesian(initial=4), History()
    >>> for number in range(10):
    ...     x = method.suggest(space, history, Stream(0, "search").at(step=number))
    ...     trial = Trial(number, x, "finished", (x["x"] - 0.3) ** 2)
    ...     history = history.asked(x).told(trial)
    >>> round(history.best_trial.settings["x"], 2)
    0.3
    """

    looks: ClassVar[bool] = True
    initial: int = 10

    def __post_init__(self) -> None:
        check_whole(self, "initial")

    def suggest(self, space: Space, history: History, stream: Stream) -> Settings:
        losses = history.losses()
        if len(history) < self.initial or not np.isfinite(losses).any():
            return space.settings(design(len(space.dimensions), len(history), stream))
        with one_thread():
            return space.settings(_promising(space, history, losses, stream))


def _promising(space: Space, history: History, losses: Array, stream: Stream) -> Array:
    encoding = Encoding.of(space)
    units = np.array([space.unit(trial.settings) for trial in history.trials])
    runs = np.isnan(losses)
    units, losses = np.concatenate([units[~runs], units[runs]]), losses[~runs]
    points, known = encoding.points(units), len(losses)
    process = fitted(points[:known], targets(losses), encoding.owner).with_beliefs(points[known:])
    means, _ = process.predict(points)
    near = units[np.argsort(means, kind="stable")[:_NEAR]]
    return most_promising(process, encoding, near, means.min(), stream)


def design(dimensions: int, number: int, stream: Stream) -> Array:
    """The point (D,) of a number, from 0, in Sobol's sequence, shifted around by the seed's draw

    Any number of its first points lie more evenly than fair draws do.   [Sobol 1967; Cranley &
    Patterson 1976]
    """
    from scipy.stats.qmc import Sobol

    shift = Stream(stream.seed, "search", "design").uniform(dimensions)
    points = Sobol(dimensions, scramble=False).random_base2(number.bit_length())
    return (points[number] + shift) % 1.0
