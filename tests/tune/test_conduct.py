"""The coordinator: the same trials for any number of workers, any order of ends, and any death."""

import importlib
import json
import math
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.rng import Stream
from groundup.train.executor import TaskTimeout, WorkerLost, inline, local_pool
from groundup.tune import minimize
from groundup.tune.conduct import conduct
from groundup.tune.history import History, Trial
from groundup.tune.method import Method
from groundup.tune.records import Begun, Terms, replay
from groundup.tune.search import Search
from groundup.tune.space import make_space
from groundup.tune.stopping import Stopping

ENDLESS = Terms()
SPACE = make_space({"x": "uniform:-5..5"})


@dataclass(frozen=True)
class Follower(Method):
    """Looks at everything: its suggestion tells exactly what it was shown."""

    looks: ClassVar[bool] = True

    def suggest(self, space, history, stream):
        losses = history.losses()
        known = float(losses[np.isfinite(losses)].sum())
        return {"x": math.sin(known + np.isnan(losses).sum() + stream.uniform(1)[0])}


@dataclass(frozen=True)
class Rounds(Method):
    """In rounds of five, each around the best of the one before."""

    def suggest(self, space, history, stream):
        before = history.before(len(history) // 5 * 5).best_trial
        return {"x": (before.settings["x"] / 2 if before else 4.0) + stream.uniform(1)[0]}

    def barrier(self, number):
        return (number // 5 + 1) * 5


@dataclass(frozen=True)
class Three(Method):
    """All that it has are three."""

    def suggest(self, space, history, stream):
        return {"x": float(len(history))} if len(history) < 3 else None

    def size(self, space):
        return 3


@dataclass(frozen=True)
class Best(Stopping):
    """No trial may be worse than the best so far."""

    def bars(self, history, epochs):
        best = history.best_trial
        return {} if best is None else {1: best.value}


def square(order):
    """Stopped where it is behind its bar; the later it was asked for, the sooner it ends."""
    time.sleep(0.002 * (3 - order.number % 4))
    value = order.settings["x"] ** 2
    state = "stopped" if value > order.bars.get(1, math.inf) else "finished"
    return Trial(order.number, order.settings, state, value)


def search(method, trials=23, **options):
    return Search(SPACE, method, trials, seed=3, **options)


def conducted(search, begun=None, workers=0, work=square, terms=ENDLESS, **listeners):
    pool = ThreadPoolExecutor(workers) if workers else inline()()
    with pool:
        return conduct(search, begun or Begun(search.nothing), terms, pool, work, **listeners)


SEARCHES = {
    "follower": search(Follower()),
    "batches of one": search(Follower(), batch=1),
    "rounds": search(Rounds()),
    "stopping": search(Rounds(), stopping=Best(), epochs=2, batch=3),
    "random": Search(SPACE, trials=150),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_the_same_for_any_number_of_workers(name) -> None:
    here = conducted(SEARCHES[name])
    assert len(here) == SEARCHES[name].trials
    for workers in (2, 5):
        assert conducted(SEARCHES[name], workers=workers) == here


def test_by_hand() -> None:
    """Batches of four, each from all trials before it, with its elder siblings as running."""
    method, values = Follower(), []
    for number in range(10):
        first = number // 4 * 4
        ended = [Trial(k, {"x": x}, "finished", x**2) for k, x in enumerate(values[:first])]
        siblings = [Trial(first + k, {"x": x}) for k, x in enumerate(values[first:])]
        shown = History((*ended, *siblings))
        stream = Stream(3, "search", "follower").at(step=number)
        values.append(method.suggest(SPACE, shown, stream)["x"])
    found = conducted(search(method, 10), workers=3)
    assert [trial.settings["x"] for trial in found.trials] == values


def test_a_rule_that_stops_trials_is_asked_before_they_begin() -> None:
    found = conducted(SEARCHES["stopping"], workers=4)
    states = Counter(trial.state for trial in found.trials)
    assert states["stopped"] > 3 and states["finished"] > 3
    looks = (0, 3, 5, 8, 10, 13, 15, 18, 20)  # batches of three that end with each round
    for trial in found.trials:
        known = found.before(max(look for look in looks if look <= trial.number))
        best = known.best_trial.value if known.best_trial else math.inf
        assert (trial.state == "stopped") == (trial.value > best)


class Death(Exception):
    """Of the coordinator."""


def notes_until(deaths):
    """What is kept, as JSON; the process dies before or after each of these records."""
    kept = []

    def note(record):
        if deaths and deaths[0] == (len(kept), "before"):
            deaths.pop(0)
            raise Death
        kept.append(json.loads(json.dumps(record)))
        if deaths and deaths[0] == (len(kept) - 1, "after"):
            deaths.pop(0)
            raise Death

    return kept, note


@pytest.mark.parametrize("name", ["follower", "rounds", "stopping"])
def test_killed_at_every_record_it_goes_on_to_the_same(name) -> None:
    plan = SEARCHES[name]
    whole = conducted(plan)
    for record in range(0, 30, 3):
        kept, note = notes_until([(record, "before"), (record + 1, "after")])
        done = None
        while done is None:
            try:
                done = conducted(plan, replay(plan.nothing, kept), workers=2, note=note)
            except Death:
                continue
        assert done == whole == replay(plan.nothing, kept).history
        ended = Counter(record["number"] for record in kept if record["kind"] == "trial")
        assert set(ended.values()) == {1} and len(ended) == 23


def test_more_trials_are_those_that_had_been_without_an_end_before() -> None:
    kept = []
    conducted(search(Follower(), 10), note=kept.append)
    more = conducted(search(Follower(), 17), replay(History(), kept))
    assert more == conducted(search(Follower(), 17))


def test_everything_is_kept_before_the_next_step() -> None:
    """A trial never runs that was not asked for, and no look is taken before all is kept."""
    kept, begun = [], []

    def work(order):
        asked = [one["number"] for r in kept if r["kind"] == "asked" for one in r["trials"]]
        assert order.number in asked
        begun.append(order.number)
        return square(order)

    conducted(search(Follower(), 12), workers=4, work=work, note=kept.append)
    assert [record["kind"] for record in kept] == ["asked", *["trial"] * 4] * 3
    assert sorted(begun) == list(range(12))


def test_where_nobody_looks_all_workers_are_always_busy() -> None:
    """One slow trial holds nobody up, though hundreds come after it."""
    all_others = threading.Event()

    def work(order):
        if order.number == 0:
            assert all_others.wait(20)
        elif order.number == 149:
            all_others.set()
        return Trial(order.number, order.settings, "finished", 0.0)

    assert len(conducted(Search(SPACE, trials=150), workers=2, work=work)) == 150


def test_a_method_may_end_by_itself() -> None:
    found = conducted(Search(SPACE, Three(), None), workers=2)
    assert [trial.settings["x"] for trial in found.trials] == [0.0, 1.0, 2.0]
    assert conducted(Search(SPACE, Three(), 5)) == found


@pytest.mark.parametrize("workers", [0, 2])
def test_after_the_budget_no_trial_begins(workers) -> None:
    begun, kept = [], []

    def work(order):
        begun.append(order.number)
        time.sleep(0.05)
        return Trial(order.number, order.settings, "finished", 0.0)

    found = conducted(
        Search(SPACE, trials=200), workers=workers, work=work, terms=Terms(budget=0.3),
        note=kept.append,
    )  # fmt: skip
    assert 2 <= len(found) <= 24
    assert {trial.state for trial in found.trials} == {"finished"}
    assert sorted(begun) == list(range(len(found)))
    assert kept[-1]["kind"] in ("withdrawn", "trial")
    assert replay(History(), kept).history == found
    again = conducted(Search(SPACE, trials=200), replay(History(), kept), terms=Terms(budget=0.3))
    assert again == found  # its seconds count over sessions


def test_what_ended_beyond_a_gap_is_never_withdrawn() -> None:
    """Interrupted with trial 3 missing and 4 to 9 ended; then the budget is spent at once."""
    plan, kept = Search(SPACE, trials=20), []
    conducted(plan, note=kept.append)
    there = {0, 1, 2, *range(4, 10)}
    records = [one for one in kept if one["kind"] == "asked" or one["number"] in there]
    found = conducted(plan, replay(History(), records), terms=Terms(budget=1e-9))
    assert len(found) == 10  # what has begun is ended, as nothing may run for ever
    assert {trial.state for trial in found.trials} == {"finished"}


def test_bars_of_many_epochs_are_kept_in_several_records() -> None:
    @dataclass(frozen=True)
    class Patient(Stopping):
        def bars(self, history, epochs):
            return {} if not len(history) else dict.fromkeys(range(1, epochs), 1e9)

    kept = []
    plan = search(Rounds(), 5, stopping=Patient(), epochs=6_000, batch=5)
    found = conducted(plan, note=kept.append)
    sizes = [len(json.dumps(record)) for record in kept]
    assert max(sizes) < 2**20 and sum(sizes) > 4e5
    assert replay(History(), kept).history == found


def test_where_nobody_looks_nobody_waits_asynchronously_either() -> None:
    together, most = [], []

    def work(order):
        together.append(order.number)
        most.append(len(together))
        time.sleep(0.02)
        together.remove(order.number)
        return square(order)

    plan = Search(SPACE, trials=24, batch=2)
    assert len(conducted(plan, workers=6, work=work, terms=Terms(asynchronous=True))) == 24
    assert max(most) > 2


def test_asynchronous_it_waits_for_nobody() -> None:
    """Trial 0 never ends before the others have; what was known is in the log."""
    all_others, kept = threading.Event(), []

    def work(order):
        if order.number == 0:
            assert all_others.wait(20)
        elif order.number == 11:
            all_others.set()
        return square(order)

    plan = search(Follower(), 12, batch=2)
    found = conducted(plan, workers=2, work=work, terms=Terms(asynchronous=True), note=kept.append)
    asked = [record for record in kept if record["kind"] == "asked"]
    assert [record.get("unknown", []) for record in asked] == [[], *[[0]] * 10]
    assert [len(record["trials"]) for record in asked] == [2, *[1] * 10]
    assert replay(History(), kept).history == found
    stream = Stream(3, "search", "follower").at(step=3)
    shown = found.before(3).told(Trial(0, found.trials[0].settings))
    assert found.trials[3].settings == plan.method.suggest(SPACE, shown, stream)


def test_rounds_are_waited_for_even_asynchronously() -> None:
    assert conducted(search(Rounds(), 12), workers=2, terms=Terms(asynchronous=True)) == conducted(
        search(Rounds(), 12)
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out of memory"),
        (WorkerLost("its process ended by signal 9"), "its process ended by signal 9"),
        (TaskTimeout("it ran too long"), "timed out: it ran too long"),
    ],
)
def test_a_trial_that_fails_is_one_more_trial(error, reason) -> None:
    def work(order):
        if order.number == 2:
            raise error
        return square(order)

    found = conducted(search(Follower(), 6), workers=2, work=work)
    assert [trial.state for trial in found.trials].count("failed") == 1
    assert (found.trials[2].reason, found.trials[2].value) == (reason, None)
    assert found.losses()[2] == np.inf


def test_what_is_no_failure_of_the_trial_is_raised() -> None:
    def work(order):
        raise KeyError("x")

    with pytest.raises(KeyError):
        conducted(search(Follower(), 6), work=work)


def test_progress_is_told() -> None:
    told = []
    conducted(search(Follower(), 6), workers=2, tell=told.append, terms=Terms(budget=100.0))
    assert [told[0].ended, told[-1].ended, told[-1].trials] == [0, 6, 6]
    assert 0 < told[-1].seconds < 20 and told[-1].left == 100 - told[-1].seconds
    assert any(progress.running for progress in told)


# --- minimize


def holes(at):
    if at["x"] < -3:
        raise ZeroDivisionError("a pole")
    return math.nan if at["x"] < 0 else at["x"]


def test_a_function_is_searched_alike_by_processes(tmp_path, monkeypatch) -> None:
    task = "def bowl(at):\n    return (at['x'] - 1) ** 2\n"
    (tmp_path / "bowl_task.py").write_text(task, "utf-8")  # workers import it by name
    monkeypatch.syspath_prepend(tmp_path)
    bowl = importlib.import_module("bowl_task").bowl
    here = minimize(bowl, {"x": "uniform:-5..5"}, trials=30, seed=5)
    assert minimize(bowl, {"x": "uniform:-5..5"}, trials=30, seed=5, executor=local_pool(1)) == here
    values = [trial.value for trial in here.trials]
    assert values == [bowl(trial.settings) for trial in here.trials]
    assert here.best_trial.value == min(values)
    highest = minimize(bowl, SPACE, trials=30, seed=5, best="high").best_trial
    assert highest.value == max(values)


def test_where_a_function_has_no_value() -> None:
    found = minimize(holes, SPACE, trials=60)
    for trial in found.trials:
        x = trial.settings["x"]
        assert (trial.state == "failed") == (x < 0)
        assert x >= 0 or trial.reason == (
            "ZeroDivisionError: a pole" if x < -3 else "the value is nan"
        )
    assert found.best_trial.value > 0


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="gave 'low': expected a number"):
        minimize(lambda at: "low", SPACE, trials=2)


def test_records_bring_everything_back() -> None:
    """Also bars at infinity, curves, and settings of every kind."""
    trial = Trial(
        0, {"a": 1, "b": "sgd", "c": [3, 4], "d": True}, "stopped", 0.1, (0.3, 0.1), (0.2, 0.05),
        2.0, "behind", 1.5, 2.5,
    )  # fmt: skip
    assert Trial.from_record(json.loads(json.dumps(trial.record()))) == trial
    assert replace(trial, seconds=9.0, at=9.0) == trial
