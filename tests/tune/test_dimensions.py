"""Every dimension is a fair map from [0, 1], and its values survive a log."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.errors import InputError
from groundup.registry import describe
from groundup.tune.dimensions import (
    Categorical,
    Dimension,
    Integer,
    LogUniform,
    Uniform,
    dimensions,
    same,
)

LAYERS = [[{"kind": "Dense", "units": 50}], [{"kind": "Dense", "units": 50}, {"kind": "ReLU"}]]
EXAMPLES: dict[str, Dimension] = {
    "uniform": Uniform(-0.3, 0.7),
    "log": LogUniform(1e-6, 1e-2),
    "int": Integer(-3, 8),
    "int-log": Integer(1, 300, log=True),
    "words": Categorical(("sgd", "adam", "None")),
    "mixed": Categorical((True, 1, False, 0, None, "1", 0.5)),
    "lists": Categorical(([50, 50], [100], [])),
    "layers": Categorical(LAYERS),
}
UNIT = st.floats(0.0, 1.0)


def logged(value: Any) -> Any:
    return json.loads(json.dumps(value))


@st.composite
def numeric(draw: st.DrawFn) -> Uniform | LogUniform | Integer:
    kind = draw(st.sampled_from(["uniform", "log", "int", "int-log"]))
    if kind in ("uniform", "log"):
        least = -1e6 if kind == "uniform" else 1e-12
        low = draw(st.floats(least, 1e6))
        high = low + draw(st.floats(1e-3, 1e3)) * max(abs(low), 1e-6)
        return Uniform(low, high) if kind == "uniform" else LogUniform(low, high)
    low = draw(st.integers(1 if kind == "int-log" else -(10**6), 10**6))
    return Integer(low, low + draw(st.integers(1, 10**6)), log=kind == "int-log")


# --- the map from the unit interval


@given(numeric(), UNIT)
def test_values_lie_within_and_come_back_from_their_place(one: Dimension, u: float) -> None:
    value = one.at(u)
    assert one.holds(value)
    assert 0.0 <= one.place(value) <= 1.0
    again = one.at(one.place(value))
    if isinstance(one, Integer):
        assert again == value and type(value) is int
    else:
        assert again == pytest.approx(value, rel=1e-9, abs=1e-9)
        assert one.place(value) == pytest.approx(u, abs=1e-6)


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_ends_of_the_interval_are_values(name: str) -> None:
    one = EXAMPLES[name]
    assert one.holds(one.at(0.0)) and one.holds(one.at(1.0))
    if isinstance(one, Uniform | LogUniform | Integer):
        assert (one.at(0.0), one.at(1.0)) == (one.low, one.high)


@pytest.mark.parametrize(
    ("one", "shares"),
    [
        (Integer(1, 4), [0.25, 0.25, 0.25, 0.25]),
        (Integer(1, 3, log=True), np.diff(np.log([0.5, 1.5, 2.5, 3.5])) / np.log(7)),
        (Categorical(("a", "b", "c")), [1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_each_value_has_its_fair_share_and_its_place_in_the_middle(
    one: Dimension, shares: Any
) -> None:
    values = one.grid(9)
    drawn = [one.at(u) for u in (np.arange(4000) + 0.5) / 4000]
    np.testing.assert_allclose([drawn.count(v) / 4000 for v in values], shares, atol=1e-3)
    ends = np.cumsum([0, *shares])
    middles = (ends[1:] + ends[:-1]) / 2
    np.testing.assert_allclose([one.place(value) for value in values], middles)


def test_equal_steps_are_equal_differences_or_equal_factors() -> None:
    assert [Uniform(0, 10).at(u) for u in (0.1, 0.2, 0.3)] == pytest.approx([1, 2, 3])
    assert [LogUniform(1e-4, 1).at(u) for u in (0.25, 0.5)] == pytest.approx([1e-3, 1e-2])
    assert LogUniform(1e-4, 1).place(1e-3) == pytest.approx(0.25)


def test_two_neighbors_among_the_floats_have_a_place_each() -> None:
    for kind in (Uniform, LogUniform):
        one = kind(0.3, math.nextafter(0.3, 1.0))
        assert all(0.0 <= one.place(one.at(u)) <= 1.0 for u in (0.0, 0.5, 1.0))


# --- grids


@given(numeric(), st.integers(2, 7))
def test_a_grid_goes_from_end_to_end_without_a_value_twice(one: Any, points: int) -> None:
    grid = one.grid(points)
    assert (grid[0], grid[-1]) == (one.low, one.high)
    assert all(one.holds(value) for value in grid)
    assert list(grid) == sorted(set(grid)) and len(grid) <= points


def test_grids_are_in_round_numbers() -> None:
    assert Uniform(0, 1).grid(11)[3] == 0.3
    assert LogUniform(1e-5, 1e-1).grid(5) == (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    assert Uniform(0.12345678, 1).grid(2) == (0.12345678, 1.0)  # but the ends are as they were
    assert (Integer(1, 9).grid(1), Integer(1, 3).grid(10)) == ((5,), (1, 2, 3))
    assert Categorical(("a", "b")).grid(1) == ("a", "b")


# --- plain data


@pytest.mark.parametrize("name", EXAMPLES)
def test_values_and_dimensions_survive_a_log(name: str) -> None:
    one = EXAMPLES[name]
    for u in np.linspace(0, 1, 23):
        value = one.at(u)
        assert logged(value) == value
        assert one.holds(logged(value)) and one.place(logged(value)) == one.place(value)
    assert dimensions.resolve(logged(describe(one))) == one


@given(numeric())
def test_words_say_all_of_it(one: Dimension) -> None:
    assert dimensions.resolve(one.words) == one


def test_words_of_choices() -> None:
    assert Categorical(("sgd", True, 0.5, None)).words == "sgd,true,0.5,null"
    assert EXAMPLES["lists"].words == "[50, 50],[100],[]"


def test_lists_and_tuples_are_one_but_true_is_not_one() -> None:
    lists = EXAMPLES["lists"]
    assert lists.holds((50, 50)) and lists.place((100,)) == lists.place([100]) == 0.5
    assert not lists.holds([50]) and not lists.holds("[50, 50]")
    mixed = EXAMPLES["mixed"]
    assert [mixed.at(mixed.place(one)) for one in (True, 1, False, 0)] == [True, 1, False, 0]
    assert mixed.place(True) != mixed.place(1)
    assert not Categorical((True, False)).holds(1) and not Integer(0, 1).holds(True)
    assert not Uniform(0, 1).holds(True) and Uniform(0, 1).holds(1)
    assert not same({"a": True}, {"a": 1}) and same({"a": (1,)}, {"a": [1.0]})


def test_layers_and_numpy_numbers_become_plain() -> None:
    from groundup.layers import Dense

    layers = Categorical([[Dense(50)], [Dense(100)]])
    assert layers.at(0.0) == logged(layers.at(0.0)) == [describe(Dense(50))]
    rates = Categorical([0.1, np.float32(0.5)])
    assert type(rates.at(1.0)) is float


def test_a_bare_value_of_a_condition_is_a_list_of_one() -> None:
    assert Uniform(0, 1, when={"a": "x"}) == Uniform(0, 1, when={"a": ["x"]})
    assert Uniform(0, 1, when={"a": (1, 2)}).when == {"a": (1, 2)}


# --- refusals


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Uniform(1, 1), r"Uniform\(high=1.0\): expected a number above low = 1.0"),
        (lambda: Uniform(0, float("inf")), "high=inf"),
        (lambda: Uniform(-1e308, 1e308), r"Uniform\(high=1e\+308\): .* finite difference"),
        (lambda: LogUniform(0, 1), "the scale is logarithmic"),
        (lambda: Integer(0, 8, log=True), "the scale is logarithmic"),
        (lambda: Integer(0, 2.5), "high=2.5"),
        (lambda: Integer(0, 10**15), "up to 10¹²"),
        (lambda: Categorical(()), "a list of different values"),
        (lambda: Categorical(("a", "b", "a")), "a list of different values"),
        (lambda: Categorical(([1, 2], (1, 2))), "a list of different values"),
        (lambda: Categorical((0.5, float("nan"))), "a list of different values"),
        (lambda: Categorical("ab"), "a list of different values"),
        (lambda: Categorical(("a", object())), "cannot be written"),
        (lambda: Categorical(("a", "b")).place("c"), "expected one of a,b"),
        (lambda: dimensions.resolve("log:1e-3"), "expected NAME:LOW..HIGH"),
        (lambda: dimensions.resolve("log:a..b"), "expected NAME:LOW..HIGH"),
        (lambda: dimensions.resolve("int:1..2.5"), "expected NAME:LOW..HIGH"),
        (lambda: dimensions.resolve("int:1..inf"), "expected NAME:LOW..HIGH"),
        (lambda: dimensions.resolve("uniform:nan..1"), "low=nan"),
        (lambda: dimensions.resolve("lgo:1..2"), "Did you mean 'log'"),
        (
            lambda: dimensions.resolve("foo:1..2"),
            r"unknown dimension 'foo'\. Known: int, int-log, log, uniform\.",
        ),
        (lambda: dimensions.resolve("categorical:1..2"), "Known: int, int-log, log, uniform"),
        (lambda: dimensions.resolve("integer:1..2.5"), "expected NAME:LOW..HIGH"),
        (lambda: dimensions.resolve(0.1), "no dimension"),
    ],
)
def test_refusals_say_what_was_expected(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        make()


def test_spellings() -> None:
    assert dimensions.resolve("uniform:0..0.5") == Uniform(0.0, 0.5)
    assert dimensions.resolve("log:1e-6..1e-2") == LogUniform(1e-6, 1e-2)
    assert dimensions.resolve("int:1..9") == Integer(1, 9)
    assert dimensions.resolve("integer:1..5") == Integer(1, 5)
    assert dimensions.resolve("log_uniform:1e-6..1") == LogUniform(1e-6, 1.0)
    assert dimensions.resolve("int-log:16..256") == Integer(16, 256, log=True)
