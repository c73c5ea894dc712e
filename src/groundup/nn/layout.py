"""One vector for many arrays.

A built network holds all parameters in one contiguous vector, all gradients in a second, all
running state in a third. So an optimizer is vector mathematics in one pass, a checkpoint is one
write, and averaging networks is a sum. What layers see are views into the vector.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from groundup.typing import Array, Shape, Tree


def leaves(tree: Tree, path: str = "") -> Iterator[tuple[str, Array]]:
    """Every array of a nested mapping with its path.

    >>> [path for path, _ in leaves({"dense_1": {"W": np.ones(2), "b": np.ones(1)}})]
    ['dense_1/W', 'dense_1/b']
    """
    for name, value in tree.items():
        where = f"{path}/{name}" if path else name
        if isinstance(value, dict):
            yield from leaves(value, where)
        else:
            yield where, value


@dataclass(frozen=True)
class Layout:
    """Where each array of a tree lies in the vector.

    Args:
        places: (path, shape, start) for each array, in the tree's order.
        size: the length of the vector.
        decayed: how many leading elements weight decay applies to.

    >>> tree = {"dense_1": {"b": np.zeros(3), "W": np.ones((2, 3))}}
    >>> layout = Layout.of(tree, first=("dense_1/W",))
    >>> layout.flatten(tree)
    array([1., 1., 1., 1., 1., 1., 0., 0., 0.])
    """

    places: tuple[tuple[str, Shape, int], ...]
    size: int
    decayed: int = 0

    @classmethod
    def of(cls, tree: Tree, first: tuple[str, ...] = ()) -> "Layout":
        """In the vector: the arrays named in `first` (an `Init.decay`), then the rest."""
        arrays = dict(leaves(tree))
        rest = [path for path in arrays if path not in first]
        starts, size = {}, 0
        for path in (*first, *rest):
            starts[path] = size
            size += arrays[path].size
        places = ((path, tuple(array.shape), starts[path]) for path, array in arrays.items())
        return cls(tuple(places), size, decayed=sum(arrays[path].size for path in first))

    def slice(self, path: str) -> slice:
        """The range of the vector that holds the array at `path`."""
        shape, start = next((shape, start) for where, shape, start in self.places if where == path)
        return slice(start, start + prod(shape))

    def views(self, vector: Array) -> dict[str, Any]:
        """The tree, its arrays being views into `vector`."""
        tree: dict[str, Any] = {}
        for path, shape, start in self.places:
            *parents, last = path.split("/")
            node = tree
            for parent in parents:
                node = node.setdefault(parent, {})
            node[last] = vector[start : start + prod(shape)].reshape(shape)
        return tree

    def flatten(self, tree: Tree, dtype: DTypeLike | None = None) -> Array:
        """A new vector with the arrays of `tree`; by default of the first array's dtype."""
        arrays = dict(leaves(tree))
        first = next(iter(arrays.values()), np.zeros(0))
        vector = np.empty(self.size, dtype or first.dtype)
        self.fill(vector, tree)
        return vector

    def fill(self, vector: Array, tree: Tree) -> None:
        """Copy the arrays of `tree` into `vector`."""
        arrays = dict(leaves(tree))
        for path, shape, start in self.places:
            vector[start : start + prod(shape)].reshape(shape)[...] = arrays[path]
