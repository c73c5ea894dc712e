"""Spaces with conditions: points to settings and back, checks, and the way through a log."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup import config as configuration
from groundup.errors import ConfigError
from groundup.rng import Stream
from groundup.tune.dimensions import Categorical, Integer, LogUniform
from groundup.tune.methods import Grid, Manual, Narrowing
from groundup.tune.plan import Plan
from groundup.tune.search import Search
from groundup.tune.space import Space, make_space
from groundup.tune.stoppings import Hyperband

PLAIN = {
    "momentum": {"kind": "uniform", "low": 0.5, "high": 0.99, "when": {"optimizer": "sgd"}},
    "nesterov": {"kind": "choice", "choices": [True, False], "when": {"optimizer": ["sgd"]}},
    "warm": {"kind": "int", "low": 1, "high": 4, "when": {"nesterov": True}},
    "optimizer": ["sgd", "adam"],
    "learning_rate": "log:1e-4..1e-1",
    "units": [[50, 50], [100]],
    "layers": [[{"kind": "Dense", "units": 50}], [{"kind": "Dense", "units": 100}]],
    "last": {"kind": "int", "low": 1, "high": 9, "when": {"units": [[50, 50]]}},
}
SPACE = make_space(PLAIN)
UNIT = st.lists(st.floats(0, 1), min_size=len(PLAIN), max_size=len(PLAIN))


def logged(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_what_others_depend_on_comes_first() -> None:
    names = list(SPACE.dimensions)
    assert names.index("optimizer") < names.index("nesterov") < names.index("warm")
    assert names.index("units") < names.index("last")
    assert set(names) == set(PLAIN)


@given(UNIT)
def test_settings_come_back_from_a_log_and_from_their_point(unit: list[float]) -> None:
    settings = SPACE.settings(unit)
    again = logged(settings)
    assert again == settings == SPACE.check(again)
    assert list(SPACE.check(dict(reversed(again.items())))) == list(settings)
    point = SPACE.unit(again)
    there = ~np.isnan(point)
    assert [name for name, yes in zip(SPACE.dimensions, there, strict=True) if yes] == [*settings]
    back = SPACE.settings(np.where(there, point, 0.5))
    assert back.keys() == settings.keys()
    for name, value in settings.items():
        assert back[name] == (pytest.approx(value) if isinstance(value, float) else value)


def test_conditions_on_conditions() -> None:
    unit = dict.fromkeys(SPACE.dimensions, 0.0)
    point = lambda **places: SPACE.settings([*{**unit, **places}.values()])  # noqa: E731
    assert {"momentum", "nesterov", "warm", "last"} <= point().keys()
    assert "warm" not in point(nesterov=0.9)
    assert point(optimizer=0.9).keys() & {"momentum", "nesterov", "warm"} == set()
    assert "last" not in point(units=0.9)


def test_a_condition_on_true_is_not_met_by_one() -> None:
    space = make_space(
        {"a": [True, 1], "b": {"kind": "int", "low": 1, "high": 2, "when": {"a": 1}}}
    )
    assert list(space.settings([0.0, 0.0])) == ["a"]
    assert list(space.settings([0.9, 0.0])) == ["a", "b"]


def test_a_draw_is_fair_and_can_be_repeated() -> None:
    draws = [SPACE.sample(Stream(0, "search").at(step=k)) for k in range(400)]
    assert draws[7] == SPACE.sample(Stream(0, "search").at(step=7)) != draws[8]
    sgd = [one for one in draws if one["optimizer"] == "sgd"]
    assert 150 < len(sgd) < 250
    assert all(("momentum" in one) == (one["optimizer"] == "sgd") for one in draws)
    assert 80 < sum(one["learning_rate"] < 10**-3.25 for one in draws) < 120  # a quarter


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learning_rate": 1.0}, r"learning_rate = 1.0 is outside of log:0.0001..0.1"),
        ({"learning_rate": None}, "learning_rate = None is outside"),
        ({"units": [50]}, r"units = \[50\] is outside of \[50, 50\],\[100\]"),
        ({"nesterov": 1}, "nesterov = 1 is outside of true,false"),
        ({"warm": 2.5}, "warm = 2.5 is outside of int:1..4"),
        ({"learning_rat": 0.1}, "unknown key 'learning_rat'. Did you mean 'learning_rate'"),
        ({"optimizer": "adam"}, "momentum is searched only where optimizer = sgd: omit it"),
    ],
)
def test_what_is_no_point_is_refused(change: dict[str, Any], said: str) -> None:
    settings = SPACE.settings([0.0] * len(PLAIN))
    with pytest.raises(ConfigError, match=f"trial 3: {said}"):
        SPACE.check({**settings, **change}, "trial 3")


def test_a_missing_value_is_named_with_its_range() -> None:
    with pytest.raises(ConfigError, match=r"settings: warm is missing; expected int:1\.\.4"):
        settings = SPACE.settings([0.0] * len(PLAIN))
        SPACE.check({name: value for name, value in settings.items() if name != "warm"})


def test_tuples_and_short_names_are_taken() -> None:
    space = make_space({"model.units": [[50, 50], [100]], "lr": "log:1e-3..1", "a.b": [1, 2]})
    assert space.check({"units": (50, 50), "lr": np.float64(0.5), "b": 2}) == {
        "model.units": [50, 50], "lr": 0.5, "a.b": 2,
    }  # fmt: skip
    twice = make_space({"model.name": ["a", "b"], "optimizer.name": ["c", "d"]})
    with pytest.raises(ConfigError, match=r"settings: .*model.name or optimizer.name"):
        twice.check({"name": "a"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "the space is empty"),
        ({"a": "log:0..1"}, "space: a: LogUniform"),
        ({"a": "lgo:1..2"}, "space: a: unknown dimension 'lgo'"),
        ({"a": 0.5}, "space: a: 0.5 is no dimension"),
        ({"a": [1, 1]}, "space: a: Categorical"),
        ({"a": {"kind": "int", "low": 1, "high": 2, "when": {"b": 1}}}, "depends on b"),
        (
            {"a": [1, 2], "b": {"kind": "int", "low": 1, "high": 2, "when": {"a": 3}}},
            "b depends on a = 3, which is outside of 1,2",
        ),
        (
            {
                "a": {"kind": "int", "low": 1, "high": 2, "when": {"b": 1}},
                "b": {"kind": "int", "low": 1, "high": 2, "when": {"a": 1}},
            },
            "in a circle",
        ),
    ],
)
def test_spaces_that_cannot_be(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make_space(given)


def test_other_names_in_conditions_as_well() -> None:
    renamed = SPACE.renamed({name: f"x.{name}" for name in SPACE.dimensions})
    assert renamed.dimensions["x.warm"].when == {"x.nesterov": (True,)}


def test_a_space_survives_a_log_and_choices_stay_plain() -> None:
    again = make_space(logged(SPACE.record()))
    assert again == SPACE and list(again.dimensions) == list(SPACE.dimensions)
    assert again.dimensions["layers"].at(0.0) == [{"kind": "Dense", "units": 50}]


def test_a_plan_survives_a_log() -> None:
    layers = {"model.layers": [[{"kind": "Dense", "units": units}] for units in (50, 100)]}
    rate = {"optimizer.learning_rate": "log:1e-4..1e-1"}
    space = make_space(layers | rate)
    first = {"model.layers": layers["model.layers"][1], "learning_rate": 0.01}
    for method in (Manual([first]), Grid({"learning_rate": 3}), Narrowing(8, keep=0.5)):
        search = Search(
            space, method, 20, "high", Hyperband(reduction=2), epochs=5, batch=3, seed=4
        )
        plan = Plan(configuration.from_mapping({}), search, "accuracy")
        again = Plan.from_record(logged(plan.record()), "log")
        assert again == plan
        assert again.search.space.dimensions["model.layers"].at(0.0) == layers["model.layers"][0]


def test_python_objects_make_the_same_space() -> None:
    space = Space(
        {"rate": LogUniform(1e-3, 1), "depth": Integer(1, 3), "name": Categorical(("ab",))}
    )
    assert space == make_space({"rate": "log:1e-3..1", "depth": "int:1..3", "name": ["ab"]})
