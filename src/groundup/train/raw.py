"""Where the samples of a batch lie, for programs that gather and scale them by themselves."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from groundup.data.batches import Batch
from groundup.data.preprocess import Rescale
from groundup.typing import Array

Learner: TypeAlias = Any  # of `learner`, which imports `programs`, which imports this module


class Raw(NamedTuple):
    """Where a batch comes from: source[indices] / scale is x."""

    source: Array
    indices: NDArray[np.int64]
    scale: float

    @property
    def kind(self) -> tuple[int, float]:
        """What a program is made for."""
        return self.source.itemsize, self.scale


def raw_of(learner: Learner, batch: Batch) -> Raw:
    """The samples as they lie in memory where the kernel can prepare them, else prepared."""
    preparation, source = learner.preparation, batch.source
    plain = batch.plain and type(source) is np.ndarray and source.flags.c_contiguous
    if plain and source.dtype.isnative and source.dtype.char in "Bf":
        if not preparation.preprocessors and source.dtype.char == "f":
            return Raw(source, batch.indices, 1.0)
        if [type(p) for p in preparation.preprocessors] == [Rescale] and preparation.parameters:
            return Raw(source, batch.indices, float(preparation.parameters[0]["scale"][0]))
    return Raw(np.ascontiguousarray(batch.x), np.arange(len(batch)), 1.0)
