"""In which order an epoch shows its samples: as they come, shuffled, or every class in proportion.

A pure function of the stream, so of (seed, epoch): an interrupted epoch goes on in the same order.
"""

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from groundup.checks import refusal
from groundup.errors import InputError
from groundup.rng import Stream
from groundup.typing import Array

Shuffle: TypeAlias = bool | Literal["stratified"]
Index = NDArray[np.int64]


def as_shuffle(given: Any) -> Shuffle:
    """True, False or "stratified"; anything else, such as 1 or "no", is refused

    >>> as_shuffle("stratify")
    Traceback (most recent call last):
    groundup.errors.InputError: shuffle='stratify': expected True, False or "stratified".
    """
    if isinstance(given, bool | np.bool_):
        return bool(given)
    if isinstance(given, str) and given == "stratified":
        return "stratified"
    raise refusal("shuffle", given, 'True, False or "stratified"')


def check_order(y: Array, shuffle: Shuffle) -> None:
    """Refuse a stratified order of samples that are of no class."""
    if shuffle == "stratified" and (y.ndim != 1 or y.dtype.kind not in "biu"):
        raise InputError(
            f'shuffle="stratified": y of type {y.dtype} and shape {y.shape} holds no class labels. '
            "Use shuffle=True."
        )


def epoch_order(y: Array, stream: Stream, shuffle: Shuffle = True) -> Index:
    """The samples 0 … N-1 in the order in which an epoch shows them, every one once

    Args:
        y: labels (N,); only "stratified" looks at them.
        stream: narrowed to the epoch, `stream.at(epoch=e)`; the draws are those of "shuffle".
        shuffle: True draws any order; False keeps it; "stratified" draws one in which every run of
            samples, so every batch of any size, has each class in proportion, to about one sample.

    Of class c, the jth sample (j = 0, 1, …, in random order) stands at the share (j + ½) / n_c of
    the epoch, classes that meet there in random order. So every beginning of the epoch shares
    its places among the classes by the method of Webster and Sainte-Laguë.
    [Balinski & Young 1982, "Fair representation"]

    Raises:
        InputError: stratified, and y holds values or distributions in place of labels.

    >>> y = np.array([0] * 6 + [1] * 3)
    >>> order = epoch_order(y, Stream(seed=0).at(epoch=1), "stratified")
    >>> y[order].reshape(3, 3).sum(axis=1)
    array([1, 1, 1])
    """
    check_order(y, shuffle)
    if not shuffle:
        return np.arange(len(y))
    drawn = stream.of("shuffle").at(step=0, sample=0).permutation(len(y))
    if shuffle is True:
        return drawn
    _, kinds, counts = np.unique(y[drawn], return_inverse=True, return_counts=True)
    by_class = np.argsort(kinds, kind="stable")
    ordinal = np.empty(len(y), np.int64)
    ordinal[by_class] = np.arange(len(y)) - np.repeat(np.cumsum(counts) - counts, counts)
    return drawn[np.argsort((ordinal + 0.5) / counts[kinds], kind="stable")]
