"""The box shrinks to where the best lie, on the scale of each, and finds more than random draws."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.rng import Stream
from groundup.tune.history import History, Trial
from groundup.tune.method import Method
from groundup.tune.methods import Narrowing, RandomSearch
from groundup.tune.methods.narrowing import boxes
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
STREAM = Stream(3, "search", "test")


def search(
    method: Method, space: Space, loss: Callable[[Settings], float], trials: int, seed: int = 0
) -> History:
    """One after another."""
    found = History()
    for number in range(trials):
        tried = method.suggest(space, found, Stream(seed, "search", "test").at(step=number))
        assert tried is not None
        found = found.asked(tried).told(Trial(number, tried, "finished", loss(tried)))
    return found


def test_a_box_is_the_range_of_the_best_and_a_margin_on_the_scale_of_each() -> None:
    space = make_space(
        {"rate": "log:1e-8..1", "share": "uniform:0..1", "depth": "int:1..9", "kind": [*"abcd"]}
    )
    best = [(1e-4, 0.9, 4, "c"), (1e-3, 0.8, 4, "a"), (1e-2, 0.7, 4, "c")]
    worst = [(1e-8, 0.1, 1, "b"), (1.0, 0.2, 9, "d"), (1e-1, 0.3, 9, "d")]
    tried = [dict(zip(space.dimensions, one, strict=True)) for one in (*worst, *best)]
    past = History(
        tuple(Trial(k, one, "finished", 9.0 - k) for k, one in enumerate(tried))
    )  # of six trials the last is the best
    whole, box = boxes(space, past, Narrowing(samples=6, keep=0.5))
    assert whole == space
    rate, share, depth, kind = (box.dimensions[name] for name in space.dimensions)
    assert (rate.low, rate.high) == pytest.approx((1e-5, 1e-1))  # type: ignore[attr-defined]
    assert (share.low, share.high) == pytest.approx((0.6, 1.0))  # type: ignore[attr-defined]
    assert (depth.low, depth.high) == (3, 5)  # type: ignore[attr-defined]
    assert kind.choices == ("a", "c")  # type: ignore[attr-defined]


def test_boxes_never_grow_nor_become_empty() -> None:
    found = search(Narrowing(), SPACE, lambda one: abs(np.log(one["learning_rate"] / 0.01)), 80)
    rounds = boxes(SPACE, found, Narrowing())
    assert len(rounds) == 9
    for before, after in itertools.pairwise(rounds):
        for name, one in after.dimensions.items():
            former = before.dimensions[name]
            assert all(former.holds(value) for value in (one.at(0.0), one.at(1.0)))
    for number, trial in enumerate(found.trials):
        assert rounds[number // 10].check(trial.settings) == trial.settings
    last = rounds[-1].dimensions["learning_rate"]
    assert 0.0099 < last.low < 0.01 < last.high < 0.0101  # type: ignore[attr-defined]


def test_what_depends_on_a_lost_choice_goes_with_it() -> None:
    loss = lambda one: (one["optimizer"] == "sgd") + one["depth"] / 10  # noqa: E731
    found = search(Narrowing(), SPACE, loss, 60)
    last = boxes(SPACE, found, Narrowing())[-1]
    assert last.dimensions["optimizer"].grid(1) == ("adam",)
    assert "momentum" not in last.dimensions


@pytest.mark.parametrize("valued", [0, 1])
def test_without_two_values_the_box_stays(valued: int) -> None:
    for state in ("failed", "running"):
        past = search(RandomSearch(), SPACE, lambda one: 0.0, 10).trials
        silent = [replace(one, state=state, value=None) for one in past[valued:]]
        first, second = boxes(SPACE, History((*past[:valued], *silent)), Narrowing())
        assert first == second == SPACE


def test_a_box_shrinks_to_the_last_bit_and_no_further() -> None:
    space = make_space({"x": "uniform:0..1", "rate": "log:1e-3..1", "depth": "int:1..9"})
    ever_closer = [0.3 + (-0.5) ** k / 4 for k in range(120)]
    tried = ({"x": at, "rate": at, "depth": 1} for at in ever_closer)
    past = [Trial(k, one, "finished", -float(k)) for k, one in enumerate(tried)]
    last = boxes(space, History(tuple(past)), Narrowing(samples=2, keep=0.9))[-1]
    for name in ("x", "rate"):
        one = last.dimensions[name]
        assert one.low < one.high < one.low + 1e-15  # type: ignore[attr-defined]
    assert last.check(last.sample(STREAM))["depth"] in (1, 2)


def test_a_round_is_a_latin_hypercube() -> None:
    space = make_space({"x": "uniform:0..1", "y": "uniform:0..1"})
    found = search(Narrowing(), space, lambda one: 0.0, 10)
    for name in ("x", "y"):
        slices = sorted(int(10 * trial.settings[name]) for trial in found.trials)
        assert slices == list(range(10))
    x, y = ([trial.settings[name] for trial in found.trials] for name in ("x", "y"))
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.9


def test_narrowing_waits_for_a_round() -> None:
    narrow = Search(ROW, Narrowing(samples=8), trials=20, batch=4)
    assert [narrow.next_look(number) for number in (0, 7, 8)] == [8, 8, 16]
    past = search(RandomSearch(), ROW, lambda one: one["x"], 11)
    suggest = lambda known: Narrowing(8).suggest(ROW, known, STREAM.at(step=11))  # noqa: E731
    running = [replace(one, state="running", value=None) for one in past.trials[8:]]
    assert suggest(past) == suggest(History((*past.trials[:8], *running)))


def test_narrowing_beats_random_on_smooth_problems() -> None:
    """A rate that diverges above its optimum beside a decay that matters little; then six alike."""
    space = make_space({"rate": "log:1e-6..1", "decay": "log:1e-8..1e-2"})

    def bowl(one: Settings) -> float:
        rate, decay = np.log10(one["rate"]) + 1.5, np.log10(one["decay"]) + 4
        return 3.0 if rate > 0.5 else 0.2 * rate**2 + 0.02 * max(decay, 0.0) ** 2

    six = make_space({f"x{k}": "uniform:0..1" for k in range(6)})
    sphere = lambda one: sum((x - 0.3) ** 2 for x in one.values())  # noqa: E731
    for where, loss, least in ((space, bowl, 0.6), (six, sphere, 0.95)):
        ours, random = (
            np.array([min(search(method, where, loss, 60, seed).losses()) for seed in range(12)])
            for method in (Narrowing(), RandomSearch())
        )
        assert np.mean(ours[:, None] < random) > least


def test_options_of_narrowing() -> None:
    with pytest.raises(InputError, match="at least 2 trials must be kept"):
        Narrowing(samples=5, keep=0.2)
    with pytest.raises(InputError, match="keep=1"):
        Narrowing(keep=1.0)
