"""Categories as columns of zeros and ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from groundup.checks import as_whole, check_choice, refusal
from groundup.data.preprocess.base import (
    Parameters,
    Preprocessor,
    chunks,
    floats,
    preprocessors,
)
from groundup.errors import DataError, InputError, ShapeError
from groundup.typing import Array, Shape

_MOST_CATEGORIES = 1000


@preprocessors.register()
@dataclass(frozen=True)
class OneHot(Preprocessor):
    """Replaces a column of categories by one column a category, 1 where the sample has it, else 0.

    x: (N, D) numbers  y: (N, D + Σ (Kᵢ - 1)), Kᵢ the different values of column i in the training
    data, in ascending order; the other columns stay between them as they are. For labels alone
    there is `one_hot`.

    Args:
        columns: which columns hold categories, from 0; None for all.
        unknown: a value that training has not seen is an "error", or a row of "zeros".

    >>> encode, x = OneHot(columns=(0,)), np.array([[3.0, 0.5], [7.0, 0.1], [3.0, 0.2]])
    >>> encode.transform(encode.fit(x), x)
    array([[1. , 0. , 0.5],
           [0. , 1. , 0.1],
           [1. , 0. , 0.2]], dtype=float32)
    """

    columns: tuple[int, ...] | None = None
    unknown: Literal["error", "zeros"] = "error"

    def __post_init__(self) -> None:
        check_choice(self, "unknown", ("error", "zeros"))
        if self.columns is None:
            return
        if not isinstance(self.columns, tuple | list) or not self.columns:
            raise refusal("columns", self.columns, "positions of columns, as (0, 3)", "OneHot")
        columns = tuple(as_whole(column, "columns", 0, "OneHot") for column in self.columns)
        object.__setattr__(self, "columns", tuple(sorted(set(columns))))

    def fit(self, x: Array) -> Parameters:
        _expect_table(x)
        D = x.shape[1]
        chosen = tuple(range(D)) if self.columns is None else self.columns
        if chosen[-1] >= D:
            raise InputError(f"OneHot(columns={chosen}): x has only the columns 0 to {D - 1}.")
        found = {column: np.empty(0) for column in chosen}
        for chunk in chunks(x):
            for column in chosen:
                found[column] = np.union1d(found[column], chunk[:, column])
                if len(found[column]) > _MOST_CATEGORIES:
                    raise DataError(
                        f"column {column} has more than {_MOST_CATEGORIES:,} different values: "
                        "expected categories. Name the columns that hold them."
                    )
        # counts: 0 for a column that stays.
        counts = np.array([len(found.get(column, ())) for column in range(D)], np.float64)
        return {"categories": np.concatenate(list(found.values())), "counts": counts}

    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        _expect_table(x)
        counts = parameters["counts"]
        if x.shape[1] != len(counts):
            raise ShapeError(
                f"x of shape {x.shape}: the training data had {len(counts)} features: expected "
                "as many."
            )
        blocks = []
        for column, known in enumerate(_groups(parameters)):
            values = x[:, column]
            if known is None:
                blocks.append(floats(values)[:, None])
                continue
            hit = values[:, None] == known
            if self.unknown == "error" and not hit.any(axis=1).all():
                sample = int((~hit.any(axis=1)).argmax())
                raise DataError(
                    f"x is {values[sample]} in sample {sample}, column {column}: expected what "
                    "the training data had there, only "
                    f"{', '.join(f'{value:g}' for value in known[:10])}"
                    f"{' …' if len(known) > 10 else ''}. Remove the sample, or use "
                    'OneHot(unknown="zeros").'
                )
            blocks.append(hit)
        return np.concatenate(blocks, axis=1, dtype=np.float32, casting="unsafe")

    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        _expect_table(x)
        widths = np.maximum(parameters["counts"], 1).astype(np.int64)
        if x.shape[1] != widths.sum():
            raise ShapeError(
                f"x of shape {x.shape}: expected columns as transform gives, and transform gives "
                f"{widths.sum()} columns."
            )
        blocks = np.split(floats(x), np.cumsum(widths)[:-1], axis=1)
        columns = []
        for block, known in zip(blocks, _groups(parameters), strict=True):
            if known is None:
                columns.append(block[:, 0])
            else:
                seen = block.max(axis=1) > 0
                columns.append(np.where(seen, known[block.argmax(axis=1)], np.nan))
        return np.stack(columns, axis=1)

    def out_shape(self, in_shape: Shape) -> Shape | None:
        return None

    def raw_shape(self, parameters: Mapping[str, Array], out_shape: Shape) -> Shape:
        return parameters["counts"].shape


def _groups(parameters: Mapping[str, Array]) -> list[Array | None]:
    """The categories of each column, None for one that stays as it is."""
    counts = parameters["counts"].astype(np.int64)
    groups = np.split(parameters["categories"], np.cumsum(counts)[:-1])
    return [group if count else None for group, count in zip(groups, counts, strict=True)]


def _expect_table(x: Array) -> None:
    if x.ndim != 2 or not x.shape[1]:
        raise ShapeError(f"x of shape {x.shape}: OneHot expects (N, D), one column a feature.")
