"""Narrowing search: draw, keep the best, shrink the ranges to where they lie, and draw again.

The book's way by hand (6.5.2): 0. ranges, wide and on a log scale; 1. random values in them; 2. a
training of a few epochs, judged on the validation data; 3. the ranges of the best, and again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from groundup.checks import BETWEEN, check_number, check_whole
from groundup.errors import InputError
from groundup.rng import Stream
from groundup.tune.dimensions import Categorical, Dimension, Integer, LogUniform, Uniform, same
from groundup.tune.history import History
from groundup.tune.method import Method, methods
from groundup.tune.space import Settings, Space

_LEAST = 2  # trials that span a box


@methods.register(name="narrowing")
@dataclass(frozen=True)
class Narrowing(Method):
    """Rounds of random trials, each in a smaller box around the best so far   [Saito 2016, 6.5.2]

    The best are round(keep · samples) of all trials that have ended. On a number's own scale the
    box is their range and on either side a margin as wide as they lie apart on average,

        margin = (max - min) / (n - 1),

    so that a hyper-parameter without influence keeps its whole range; and it never grows. Of
    choices those of the best remain. Each trial of a round draws from a slice of its own in every
    dimension: a Latin hypercube [McKay, Beckman & Conover 1979].

    Args:
        samples: trials in a round.
        keep: the share of a round that spans the next box.

    >>> from groundup.tune.history import Trial
    >>> from groundup.tune.space import make_space
    >>> space, rates = make_space({"rate": "log:1e-6..1e-1"}), (1e-5, 1e-4, 1e-3, 1e-2)
    >>> losses = (2.0, 0.1, 0.2, 3.0)                       # the best are 1e-4 and 1e-3
    >>> tried = [Trial(k, {"rate": rates[k]}, "finished", losses[k]) for k in range(4)]
    >>> second = boxes(space, History(tuple(tried)), Narrowing(samples=4, keep=0.5))[1]
    >>> f"{second.dimensions['rate'].low:g} … {second.dimensions['rate'].high:g}"
    '1e-05 … 0.01'
    """

    samples: int = 10
    keep: float = 0.4

    def __post_init__(self) -> None:
        check_whole(self, "samples", _LEAST)
        check_number(self, "keep", BETWEEN)
        if self.kept < _LEAST:
            raise InputError(
                f"Narrowing(samples={self.samples}, keep={self.keep}): expected a larger share, as "
                f"at least {_LEAST} trials must be kept to span a box."
            )

    @property
    def kept(self) -> int:
        """How many trials span a box."""
        return round(self.keep * self.samples)

    def suggest(self, space: Space, history: History, stream: Stream) -> Settings:
        number, first = len(history), len(history) // self.samples * self.samples
        box = boxes(space, history, self)[-1]
        of_round = stream.at(step=first)
        slices = np.array(
            [
                of_round.named(name).permutation(self.samples)[number - first]
                for name in box.dimensions
            ]
        )
        return box.settings((slices + stream.uniform(len(slices))) / self.samples)

    def barrier(self, number: int) -> int:
        return (number // self.samples + 1) * self.samples


def boxes(space: Space, history: History, narrowing: Narrowing) -> list[Space]:
    """The space of each round so far and of the next trial; the first is the whole space."""
    found, losses = [space], history.losses()
    losses[np.isnan(losses)] = np.inf  # who still runs
    for end in range(narrowing.samples, len(history) + 1, narrowing.samples):
        order = np.argsort(losses[:end], kind="stable")[: narrowing.kept]
        best = [history.trials[k].settings for k in order if losses[k] < np.inf]
        found.append(_shrunk(found[-1], best) if len(best) >= _LEAST else found[-1])
    return found


def _shrunk(space: Space, best: Sequence[Settings]) -> Space:
    """The space where these lie."""
    found: dict[str, Dimension] = {}
    for name, dimension in space.dimensions.items():
        when = {
            key: [value for value in values if found[key].holds(value)]
            for key, values in dimension.when.items()
            if key in found
        }
        if len(when) == len(dimension.when) and all(when.values()):  # else it is there no more
            values = [one[name] for one in best if name in one and dimension.holds(one[name])]
            around = _around(dimension, values)
            found[name] = replace(around, when=when) if when else around
    return Space(found)


def _around(dimension: Dimension, values: Sequence[Any]) -> Dimension:
    """The part in which the values lie, never a single one."""
    if isinstance(dimension, Categorical):
        kept = [one for one in dimension.choices if any(same(one, value) for value in values)]
        return replace(dimension, choices=tuple(kept) or dimension.choices)
    if len(values) < _LEAST or not isinstance(dimension, Uniform | LogUniform | Integer):
        return dimension
    places = [dimension.place(value) for value in values]
    margin = (max(places) - min(places)) / (len(places) - 1)
    low: Any = dimension.at(max(0.0, min(places) - margin))
    high: Any = dimension.at(min(1.0, max(places) + margin))
    if isinstance(dimension, Integer):  # a step at least, and so never a single number
        low = max(dimension.low, min(low, min(values) - 1))
        high = min(dimension.high, max(high, max(values) + 1))
    return replace(dimension, low=low, high=high) if low < high else dimension
