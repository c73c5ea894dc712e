"""Settings as points: a Gaussian process knows of them only how far they are from each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup.tune.dimensions import Categorical, Dimension, LogUniform, Uniform
from groundup.tune.space import Space
from groundup.typing import Array

_NOWHERE = 0.5  # where a hyper-parameter that is not there is put


@dataclass(frozen=True, eq=False)
class Encoding:
    """A map from the unit cube (n, D) to points X (n, F), whose columns belong to dimensions.

    A number has one column. A choice among C has C columns, 1/√2 in its own and 0 else, so that any
    two differ by 1. What is not there stands in the middle: two settings that both lack it are not
    apart in it, and to those that have it the distance is much the same. (To leave a dimension out
    between two points, and not between two others, would be no distance: the matrix of a kernel
    must come from points.)

    Args:
        space: where.
        owner: (F,) the dimension of each column.
        free: (D,) whether it is a number, which can be moved a little.

    >>> from groundup.tune.space import make_space
    >>> encoding = Encoding.of(make_space({"x": "uniform:0..2", "y": ["a", "b"]}))
    >>> encoding.points(np.array([[0.25, 0.75]])).round(3), encoding.owner
    (array([[0.25 , 0.   , 0.707]]), array([0, 1, 1]))
    """

    space: Space
    owner: NDArray[np.int64]
    free: NDArray[np.bool_]

    @classmethod
    def of(cls, space: Space) -> "Encoding":
        kinds = list(space.dimensions.values())
        widths = [len(one.choices) if isinstance(one, Categorical) else 1 for one in kinds]
        free = np.array([not isinstance(one, Categorical) for one in kinds])
        return cls(space, np.repeat(np.arange(len(kinds)), widths), free)

    def points(self, units: Array) -> Array:
        """X (n, F) of units (n, D), NaN in these for what is not there."""
        columns = []
        for places, dimension in zip(units.T, self.space.dimensions.values(), strict=True):
            there = np.isfinite(places)
            if isinstance(dimension, Categorical):
                choices = len(dimension.choices)
                chosen = np.where(there, places * choices, 0).astype(int)
                columns.append(np.eye(choices)[chosen] * there[:, None] / np.sqrt(2))
            else:
                columns.append(np.where(there, places, _NOWHERE)[:, None])
        return np.concatenate(columns, axis=1)

    def snapped(self, units: Array) -> Array:
        """The units (n, D) of the settings that some (n, D) on the whole cube mean

        So whole numbers and choices stand at their places, and what is not there is NaN.
        """
        dimensions = self.space.dimensions
        places = dict[str, Array]()
        for (name, dimension), u in zip(dimensions.items(), units.T, strict=True):
            there = np.ones(len(u), bool)
            for key, values in dimension.when.items():
                there &= np.isin(places[key], [dimensions[key].place(value) for value in values])
            places[name] = np.where(there, _snapped(u, dimension), np.nan)
        return np.stack(list(places.values()), axis=1)


def _snapped(u: Array, dimension: Dimension) -> Array:
    """place(at(u)) of each u (n,)."""
    match dimension:
        case Uniform() | LogUniform():
            return u
        case Categorical(choices):
            return (np.minimum(np.floor(u * len(choices)), len(choices) - 1) + 0.5) / len(choices)
        case _:
            return np.array([dimension.place(dimension.at(one)) for one in u])
