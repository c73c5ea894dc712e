"""What can be done to data: functions of a data set and a stream; neither is changed."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from groundup.data.dataset import Dataset
from groundup.data.split import train_validation_split
from groundup.rng import Stream
from groundup.typing import Array


def draw(data: Dataset, stream: Stream, count: int, test: int = 1000) -> Dataset:
    """`count` training samples, stratified, and at most `test` test samples."""
    rows = _some(data.y_train, count, stream)
    held = _some(data.y_test, test, stream.named("test"))
    return replace(
        data,
        x_train=data.x_train[rows], y_train=data.y_train[rows],
        x_test=data.x_test[held], y_test=data.y_test[held],
    )  # fmt: skip


def _some(y: Array, count: int, stream: Stream) -> Array:
    if count >= len(y):
        return np.arange(len(y))
    return train_validation_split(y, count / len(y), stream)[1]


def shuffle_targets(data: Dataset, stream: Stream, share: float = 1.0) -> Dataset:
    """This share of the training targets change places with each other."""
    y = data.y_train.copy()
    rows = stream.permutation(len(y))[: round(share * len(y))]
    y[rows] = y[rows[stream.named("order").permutation(len(rows))]]
    return replace(data, y_train=y)


def shift_targets(data: Dataset, stream: Stream, places: int = 1) -> Dataset:
    """Every training target goes to another sample, some rows on, as a sheet sorted in part."""
    return replace(data, y_train=np.roll(data.y_train, places, axis=0))


def thin_out(data: Dataset, stream: Stream, keep: Mapping[int, float]) -> Dataset:
    """Of these classes only a share of the training samples stays, at least 4 of each."""
    kept = np.ones(len(data.y_train), bool)
    for label, share in keep.items():
        rows = np.flatnonzero(data.y_train == label)
        order = stream.named(str(label)).permutation(len(rows))
        kept[rows[order[max(4, round(share * len(rows))) :]]] = False
    return replace(data, x_train=data.x_train[kept], y_train=data.y_train[kept])


def move_inputs(data: Dataset, stream: Stream, scale: float = 1.0, offset: float = 0.0) -> Dataset:
    """All inputs in other units: scale · x + offset, as float64."""
    return replace(
        data,
        x_train=scale * data.x_train.astype(np.float64) + offset,
        x_test=scale * data.x_test.astype(np.float64) + offset,
    )


def move_targets(data: Dataset, stream: Stream, scale: float) -> Dataset:
    """Values to be told in other units."""
    return replace(data, y_train=scale * data.y_train, y_test=scale * data.y_test)


def mix_test_in(data: Dataset, stream: Stream, times: int = 1) -> Dataset:
    """The test samples lie among the training samples, too."""
    return replace(
        data,
        x_train=np.concatenate([data.x_train, *[data.x_test] * times]),
        y_train=np.concatenate([data.y_train, *[data.y_test] * times]),
    )
