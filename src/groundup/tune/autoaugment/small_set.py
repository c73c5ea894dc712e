"""The few samples that networks learn from in a search, and the others that judge them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from groundup.data.dataset import Dataset
from groundup.data.rows import select
from groundup.data.split import stratified_split
from groundup.errors import DataError
from groundup.rng import Stream
from groundup.train.learner import Examples

MOST = 2_000  # samples that judge: more would make a reward surer, but dearer


@dataclass(frozen=True, eq=False)
class SmallSet:
    """A data set with few training samples.

    Args:
        dataset: whose training part is small, and whose test part is whole.
        validation: samples of the former training part, others than those.
    """

    dataset: Dataset
    validation: Examples

    @cached_property
    def without_test(self) -> Dataset:
        """The data set as the search may see it: its test part is one training sample."""
        data = self.dataset
        return replace(data, x_test=select(data.x_train, np.array([0])), y_test=data.y_train[:1])


def small_set(dataset: Dataset, images: int, share: float, seed: int) -> SmallSet:
    """A part of the training samples of a data set, classes in proportion

    At most `images` to learn from, where they leave the share to validate with; of the others up to
    2,000 validate.

    Args:
        dataset: all there is.
        images: to learn from.
        share: of the training samples, the least to validate with.
        seed: of the draw.

    Raises:
        DataError: too few samples.

    >>> from groundup import datasets
    >>> few = small_set(datasets.digits.load(), 1000, 0.1, seed=0)
    >>> len(few.dataset.y_train), len(few.validation), len(few.without_test.y_test)
    (1000, 438, 1)
    """
    N = len(dataset.y_train)
    kept = min(images, N - max(1, round(share * N)))
    if kept < len(dataset.classes) or N - kept < len(dataset.classes):
        raise DataError(
            f"autoaugment: {dataset.name} has {N} training samples of {len(dataset.classes)} "
            "classes: expected more, to learn from and to validate with."
        )
    held = min(MOST, N - kept)
    parts = [part / N for part in (kept, held, N - kept - held) if part]
    learned, judging, *_ = stratified_split(
        dataset.y_train, parts, Stream(seed, "split", "autoaugment")
    )
    few = replace(
        dataset, x_train=select(dataset.x_train, learned), y_train=dataset.y_train[learned]
    )
    validation = Examples(select(dataset.x_train, judging), dataset.y_train[judging])
    return SmallSet(few, validation)
