"""A grid is nested loops, and where there are conditions no cell exists twice."""

from typing import Any

import numpy as np
import pytest

from groundup.errors import ConfigError, InputError
from groundup.tune.methods import Grid
from groundup.tune.search import Search
from groundup.tune.space import Settings, Space, make_space

SPACE = make_space(
    {
        "optimizer": ["sgd", "adam"],
        "learning_rate": "log:1e-4..1e-1",
        "momentum": {"kind": "uniform", "low": 0.5, "high": 0.99, "when": {"optimizer": "sgd"}},
        "depth": "int:1..5",
        "units": [[50, 50], [100], True],
        "width": {"kind": "int", "low": 4, "high": 64, "log": True, "when": {"depth": [3, 4, 5]}},
    }
)
ROW = make_space({"x": "uniform:0..1"})


def cells(grid: Grid, space: Space) -> list[Settings]:
    size = grid.size(space)
    return [one for k in range(size) if (one := grid.cell(space, k)) is not None]


def test_a_grid_is_nested_loops() -> None:
    space = make_space({"rate": "log:1e-3..1e-1", "depth": "int:1..2"})
    assert [tuple(cell.values()) for cell in cells(Grid(3), space)] == [
        (0.001, 1), (0.001, 2), (0.01, 1), (0.01, 2), (0.1, 1), (0.1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "points", [1, 2, 3, {"learning_rate": 4, "momentum": 2, "depth": 5, "width": 3}]
)
def test_every_cell_of_a_conditional_grid_exists_once(points: Any) -> None:
    grid = Grid(points)
    found = cells(grid, SPACE)
    assert len(found) == grid.size(SPACE) == len({repr(cell) for cell in found})
    assert grid.cell(SPACE, len(found)) is None
    # The same by brute force: the full product, where what is absent makes no difference.
    count = points if isinstance(points, dict) else dict.fromkeys(SPACE.dimensions, points)
    grids = [one.grid(count.get(name, 1)) for name, one in SPACE.dimensions.items()]
    places = [
        [one.place(value) for value in values]
        for one, values in zip(SPACE.dimensions.values(), grids, strict=True)
    ]
    product = np.stack(np.meshgrid(*places, indexing="ij"), -1).reshape(-1, len(places))
    distinct = {
        tuple(round(u, 9) for u in np.nan_to_num(SPACE.unit(SPACE.settings(p)), nan=-1))
        for p in product
    }
    ours = {tuple(round(u, 9) for u in np.nan_to_num(SPACE.unit(cell), nan=-1)) for cell in found}
    assert ours == distinct


def test_a_huge_grid_is_counted_without_being_built() -> None:
    space = make_space({f"x{k}": "uniform:0..1" for k in range(30)})
    assert Grid(10).size(space) == 10**30
    assert Grid(10).cell(space, 10**30 - 1) == dict.fromkeys(space.dimensions, 1.0)


def test_a_grid_is_whole_or_refused() -> None:
    assert Search(ROW, Grid(5)).trials is None
    with pytest.raises(ConfigError, match=r"trials = 4: the method has 5 in all.*Leave trials out"):
        Search(ROW, Grid(5), trials=4)
    assert Search(ROW, Grid(5), trials=9).next_look(0) is None


def test_points_by_name() -> None:
    space = make_space({"optimizer.learning_rate": "log:1e-3..1", "depth": "int:1..9", "a": [1, 2]})
    assert Grid({"learning_rate": 4, "depth": 3}).size(space) == 24
    with pytest.raises(ConfigError, match="points: depth is missing"):
        Search(space, Grid({"learning_rate": 4}))
    short = make_space({"learning_rate": "log:1e-3..1", "depth": "int:1..2"})
    with pytest.raises(ConfigError, match="points: depth is missing"):
        Grid({"learning_rate": 3}).size(short)
    assert Grid({"learning_rate": 3, "depth": 2}).size(short) == 6
    with pytest.raises(ConfigError, match=r"grid: points: .*Did you mean 'depth'"):
        Search(space, Grid({"learning_rate": 4, "dept": 3}))
    for wrong in (0, 2.5, {"depth": 0}, "5"):
        with pytest.raises(InputError, match="expected a"):
            Grid(wrong)  # type: ignore[arg-type]
