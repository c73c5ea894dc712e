"""The laws of every registered method.

A new method is tested by being registered; if it needs arguments, `EXAMPLES` names some.

1 What it suggests lies in the space, whatever has happened before.
2 The same history and stream, the same settings; neither is changed.
3 It survives a log.
4 It has as many settings as its size says, and then none.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundup.registry import describe
from groundup.rng import Stream
from groundup.tune.history import History, State, Trial
from groundup.tune.method import Method, methods
from groundup.tune.methods import Grid, Manual, RandomSearch
from groundup.tune.space import Space, make_space

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
STREAM = Stream(3, "search", "test")
BY_HAND = [SPACE.sample(Stream(k, "search")) for k in range(5)]
EXAMPLES: dict[str, Callable[[], Method]] = {
    "manual": lambda: Manual(BY_HAND),
    "grid": lambda: Grid(2),
}
NAMES = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            name == "tpe" and find_spec("optuna") is None, reason="needs optuna"
        ),
    )
    for name in methods.names()
]
STATES: dict[str, State] = {
    "r": "running", "f": "finished", "s": "stopped", "x": "failed", "n": "finished",
}  # fmt: skip


def example(name: str) -> Method:
    return EXAMPLES.get(name, methods[name])()


def history(space: Space, states: str, seed: int = 0) -> History:
    """One trial for each letter: running, finished, stopped, failed, or a finished NaN."""
    trials = []
    for k, letter in enumerate(states):
        stream = Stream(seed, "search", "past").at(step=k)
        drawn = float(stream.of("init").normal(1)[0])
        value = {"r": None, "x": None, "n": float("nan")}.get(letter, drawn)
        trials.append(Trial(k, space.sample(stream), STATES[letter], value))
    return History(tuple(trials))


# --- the laws


@pytest.mark.parametrize("name", NAMES)
@given(st.text("rfsxn", max_size=24), st.integers(0, 99))
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_suggestions_lie_in_the_space_and_are_pure(name: str, states: str, seed: int) -> None:
    method, past = example(name), history(SPACE, states, seed)
    before, stream = copy.deepcopy(past), STREAM.at(step=len(past))
    found = method.suggest(SPACE, past, stream)
    assert repr(past) == repr(before)
    assert found == example(name).suggest(SPACE, before, stream)
    if found is None:
        size = method.size(SPACE)
        assert size is not None and size <= len(past)
    else:
        assert SPACE.check(found) == found == json.loads(json.dumps(found))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("states", ["", "r" * 12, "x" * 12, "rx" * 15, "n" * 12, "f" + "x" * 20])
def test_a_history_that_says_little_is_no_obstacle(name: str, states: str) -> None:
    method, past = example(name), history(SPACE, states)
    found = method.suggest(SPACE, past, STREAM.at(step=len(past)))
    assert SPACE.check(found) == found if found is not None else method.size(SPACE) is not None


@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_searches_of_their_own(name: str) -> None:
    method = example(name)
    first, again, other = (
        [method.suggest(SPACE, History(), Stream(seed, "search", "m").at(step=k)) for k in range(3)]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert (first == other) == (method.size(SPACE) is not None)


@pytest.mark.parametrize("name", NAMES)
def test_methods_survive_a_log(name: str) -> None:
    method = example(name)
    assert methods.resolve(json.loads(json.dumps(describe(method)))) == method
    assert methods.name_of(type(method)) == name


@pytest.mark.parametrize("name", NAMES)
def test_a_method_ends_where_its_size_says(name: str) -> None:
    method = example(name)
    size = method.size(SPACE)
    if size is not None:
        past = history(SPACE, "f" * size)
        assert method.suggest(SPACE, past.before(size - 1), STREAM) is not None
        assert method.suggest(SPACE, past, STREAM) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_barrier_lies_ahead_and_moves_on(name: str) -> None:
    method = example(name)
    ends = [method.barrier(number) for number in range(50)]
    assert all(end is None or end > number for number, end in enumerate(ends))
    method.check(SPACE)


@pytest.mark.parametrize("name", NAMES)
def test_what_runs_behind_the_barrier_does_not_matter(name: str) -> None:
    """So that those between two barriers can run side by side, unless the method looks at all."""
    method, past = example(name), history(SPACE, "f" * 17)
    if method.looks:
        return
    start = max((end for k in range(17) if (end := method.barrier(k)) and end <= 17), default=0)
    running = [replace(one, state="running", value=None) for one in past.trials[start:]]
    beside = History((*past.trials[:start], *running))
    stream = STREAM.at(step=17)
    assert method.suggest(SPACE, beside, stream) == method.suggest(SPACE, past, stream)


def test_random_trials_do_not_know_each_other() -> None:
    method, stream = RandomSearch(), STREAM.at(step=20)
    a = method.suggest(SPACE, history(SPACE, "f" * 20, seed=1), stream)
    assert a == method.suggest(SPACE, history(SPACE, "x" * 20, seed=2), stream)
