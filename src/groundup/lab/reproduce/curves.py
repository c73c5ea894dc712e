"""Tables of curves, and their mean over the seeds with a band from the least to the most."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from groundup.lab.reproduce.experiment import Result, Say, Table
from groundup.report.series import Series
from groundup.typing import Array

_MOST = 250  # points of a line; more would not be seen


def curve_table(curves: Mapping[str, Array], x: Array, names: tuple[str, str, str]) -> Table:
    """Curves over a common x as a table with the columns `names`: which curve, x and y

    >>> table = curve_table({"sgd": np.array([2.0, 1.0])}, np.array([1, 2]), ("by", "x", "y"))
    >>> table["by"], table["y"].tolist()
    (['sgd', 'sgd'], [2.0, 1.0])
    """
    by = [name for name in curves for _ in x]
    columns = (by, np.tile(x, len(curves)), np.concatenate(list(curves.values())))
    return dict(zip(names, columns, strict=True))


def mean_curves(
    results: Sequence[Result],
    table: str,
    say: Say,
    colors: Mapping[str, str | None] | Sequence[str] = (),
    smoothed: Callable[[Array], Array] = lambda y: y,
) -> list[Series]:
    """A line for each curve of a table: the mean over the results, a band around it

    Args:
        results: of each seed, with tables of the same curves and x.
        table: made by `curve_table`.
        say: the names in words.
        colors: which curves, with their colors or without; by default all.
        smoothed: what is done to each curve before.
    """
    by, x, y = list(results[0].tables[table])
    which = results[0].column(table, by)
    chosen = colors if len(colors) else dict.fromkeys(which.tolist())
    lines = []
    for name in chosen:
        here = which == name
        at = results[0].column(table, x)[here]
        ys = np.stack([smoothed(result.column(table, y)[here]) for result in results])
        thin = slice(None, None, -(-len(at) // _MOST))
        mean, low, high = (part[thin] for part in (ys.mean(axis=0), ys.min(axis=0), ys.max(axis=0)))
        band = {"lower": low, "upper": high} if len(results) > 1 else {}
        color = chosen[name] if isinstance(chosen, Mapping) else None
        lines.append(Series(say(name), at[thin], mean, color, **band))
    return lines
