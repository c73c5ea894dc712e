"""Samples to validate with that somebody brings along, and the data that are left without them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from groundup.data.dataset import Dataset
from groundup.rng import Stream
from groundup.typing import Array

Samples: TypeAlias = tuple[Array, Array]


def the_test_part(data: Dataset, stream: Stream, share: float = 1.0) -> tuple[Dataset, Samples]:
    """Test samples stand in for this share of them, training samples that are taken away for
    the rest.
    """
    count = len(data.x_test)
    test = stream.permutation(count)[: round(share * count)]
    order = stream.named("others").permutation(len(data.x_train))
    others, left = order[: count - len(test)], np.sort(order[count - len(test) :])
    samples = (
        np.concatenate([data.x_test[test], data.x_train[others]]),
        np.concatenate([data.y_test[test], data.y_train[others]]),
    )
    return replace(data, x_train=data.x_train[left], y_train=data.y_train[left]), samples


def half_of_the_test_part(
    data: Dataset, stream: Stream, change: str = "none", by: float = 0.0
) -> tuple[Dataset, Samples]:
    """Every second test sample, no test sample any more, changed as by another camera or meter."""
    x = data.x_test[::2].astype(np.float64)
    samples = CHANGES[change](x, by, stream), data.y_test[::2]
    return replace(data, x_test=data.x_test[1::2], y_test=data.y_test[1::2]), samples


CHANGES: Mapping[str, Callable[[Array, float, Stream], Array]] = {
    "none": lambda x, by, stream: x,
    "inverted": lambda x, by, stream: x.max() - x,
    "dimmed": lambda x, by, stream: x * by,
    "brighter": lambda x, by, stream: np.minimum(x + by * x.max(), x.max()),
    "noisy": lambda x, by, stream: x + stream.normal(x.shape, 0.0, by * x.max()),
    "moved": lambda x, by, stream: np.roll(x, round(by), axis=-1),
    "turned": lambda x, by, stream: np.rot90(x, round(by), axes=(-2, -1)).copy(),
    "offset": lambda x, by, stream: x + by * x.std(axis=0),
}
