"""What is known: losses, the best trial, and the way through a log."""

import json
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from groundup.tune.history import History, Trial
from groundup.tune.space import make_space

NAN, INF = float("nan"), float("inf")


def trials(*values: float | None, state: str = "finished") -> tuple[Trial, ...]:
    return tuple(
        Trial(number, {"x": number}, state, value)  # type: ignore[arg-type]
        for number, value in enumerate(values)
    )


def test_losses_are_made_small() -> None:
    known = (*trials(0.9, 0.8, NAN, INF), Trial(4, {}, "stopped", 0.5), Trial(5, {}, "failed"))
    known = (*known, Trial(6, {}))
    np.testing.assert_array_equal(
        History(known, "high").losses(), [-0.9, -0.8, INF, INF, -0.5, INF, NAN]
    )
    np.testing.assert_array_equal(
        History(known, "low").losses(), [0.9, 0.8, INF, INF, 0.5, INF, NAN]
    )
    assert History().losses().shape == (0,)


def test_the_best_trial_is_finished_and_has_a_number() -> None:
    stopped = Trial(5, {}, "stopped", 9.0)
    known = (*trials(NAN, 0.7, 0.9, 0.9, INF), stopped, Trial(6, {}))
    for best, number in (("high", 2), ("low", 1)):
        found = History(known, best).best_trial  # type: ignore[arg-type]
        assert found is not None and found.number == number
    assert History(trials(NAN)).best_trial is None
    assert History((stopped,)).best_trial is None and History().best_trial is None


def test_asked_told_and_before_leave_what_was_known_as_it_is() -> None:
    nothing = History()
    one = nothing.asked({"x": 1})
    two = one.asked({"x": 2})
    told = two.told(Trial(0, {"x": 1}, "finished", 0.5))
    assert [len(h) for h in (nothing, one, two, told)] == [0, 1, 2, 2]
    assert [trial.state for trial in two.trials] == ["running", "running"]
    assert [trial.state for trial in told.trials] == ["finished", "running"]
    assert told.before(1).trials == told.trials[:1]


@given(st.lists(st.floats(0, 1), max_size=5), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_trials_survive_a_log(curve: list[float], unit: list[float]) -> None:
    space = make_space({"rate": "log:1e-6..1", "units": [[50, 50], [100]], "flag": [True, 1]})
    trial = Trial(3, space.settings(unit), "stopped", 0.1, tuple(curve), tuple(curve), 2.5, "why")
    again = Trial.from_record(json.loads(json.dumps(trial.record())))
    assert again == trial and type(again.settings["flag"]) is type(trial.settings["flag"])


def test_times_do_not_make_trials_different() -> None:
    trial = trials(0.5)[0]
    assert replace(trial, seconds=9.0) == trial != replace(trial, epochs=9.0)
