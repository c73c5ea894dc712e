"""The laws of every registered stopping rule, and which trials each of ours gives up."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.errors import ConfigError, InputError
from groundup.registry import describe
from groundup.tune.history import History, Trial
from groundup.tune.search import Search
from groundup.tune.space import make_space
from groundup.tune.stopping import Stopping, stopped_at, stoppings
from groundup.tune.stoppings import Hyperband, Median, NoStopping, SuccessiveHalving
from groundup.typing import Array

EPOCHS = 27
RULES = [rule() for rule in stoppings]
names = [stoppings.name_of(type(rule)) for rule in RULES]
every_rule = pytest.mark.parametrize("rule", RULES, ids=names)
STOPPING = [rule for rule in RULES if not isinstance(rule, NoStopping)]
every_real_rule = pytest.mark.parametrize("rule", STOPPING, ids=lambda one: type(one).__name__)


def finished(curves: Sequence[Sequence[float]]) -> History:
    return History(
        tuple(Trial(k, {}, "finished", curve[-1], tuple(curve)) for k, curve in enumerate(curves))
    )


def parallel(count: int, epochs: int = EPOCHS, seed: int = 0) -> Array:
    """(count, epochs) losses in a random order that fall without ever crossing."""
    levels = np.random.default_rng(seed).permutation(count) / count
    return levels[:, None] + 2.0 * 0.8 ** np.arange(epochs)


def searched(rule: Stopping, curves: Array, batch: int = 1) -> History:
    """What comes out if trial k has curve k; `batch` trials are judged by one history."""
    history = History()
    for first in range(0, len(curves), batch):
        ended = []
        for curve in curves[first : first + batch]:
            number = len(history)
            at = stopped_at(curve.tolist(), rule.bars(history, len(curve)))
            state, epochs = ("stopped", at) if at else ("finished", len(curve))
            done = tuple(curve[:epochs].tolist())
            ended.append(Trial(number, {}, state, done[-1], done, epochs=epochs))  # type: ignore[arg-type]
            history = history.asked({})
        for trial in ended:
            history = history.told(trial)
    return history


def spared(history: History, epochs: int = EPOCHS) -> float:
    return 1 - sum(trial.epochs for trial in history.trials) / (epochs * len(history))


# --- the laws


@every_rule
def test_rules_survive_a_log(rule: Stopping) -> None:
    assert stoppings.resolve(json.loads(json.dumps(describe(rule)))) == rule
    assert stoppings.resolve(stoppings.name_of(type(rule))) == rule


@every_rule
@given(st.lists(st.sampled_from(["running", "failed", "finished", "stopped"]), max_size=20))
def test_bars_are_before_the_end_and_finite_and_know_only_what_has_ended(
    rule: Stopping, states: list[str]
) -> None:
    curves = parallel(20)
    trials = tuple(
        Trial(k, {}, state, None, tuple(curves[k][: (k % 5) * 5]))  # type: ignore[arg-type]
        for k, state in enumerate(states)
    )
    bars = rule.bars(History(trials), EPOCHS)
    assert all(1 <= epoch < EPOCHS and np.isfinite(bar) for epoch, bar in bars.items())
    unheard = tuple(
        replace(one, curve=()) if one.state in ("running", "failed") else one for one in trials
    )
    assert rule.bars(History(unheard), EPOCHS) == bars


@every_rule
def test_without_a_past_every_trial_goes_on(rule: Stopping) -> None:
    assert rule.bars(History(), EPOCHS) == {}
    assert rule.bars(History(tuple(Trial(k, {}) for k in range(9))), EPOCHS) == {}


@every_rule
def test_high_values_are_the_negative_of_low_ones(rule: Stopping) -> None:
    low = finished(parallel(30).tolist())
    negative = [replace(one, curve=tuple(-x for x in one.curve)) for one in low.trials]
    assert rule.bars(History(tuple(negative), "high"), EPOCHS) == rule.bars(low, EPOCHS)


@every_rule
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("seed", range(5))
def test_where_curves_never_cross_the_best_trial_is_finished(
    rule: Stopping, batch: int, seed: int
) -> None:
    curves = parallel(60, seed=seed)
    found = searched(rule, curves, batch)
    assert found.best_trial is not None
    assert found.best_trial.number == int(np.argmin(curves[:, -1]))


@every_real_rule
def test_whoever_is_worse_than_all_others_is_stopped_at_the_first_chance(rule: Stopping) -> None:
    history = searched(rule, parallel(60))
    bars = rule.bars(history, EPOCHS)
    worst = [9.0] * EPOCHS
    assert stopped_at(worst, bars) == min(bars)
    assert stopped_at([0.0] * EPOCHS, bars) is None


@every_real_rule
def test_rules_refuse_trials_so_short_that_none_could_be_stopped(rule: Stopping) -> None:
    with pytest.raises(ConfigError, match="no trial would ever be stopped, as a whole one has 1 "):
        Search(make_space({"x": "uniform:0..1"}), trials=3, stopping=rule, epochs=1)


# --- when a trial is over


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.floats(0, 1))
def test_a_trial_ends_where_its_best_so_far_misses_a_bar(losses: list[float], bar: float) -> None:
    at = stopped_at(losses, {3: bar, 6: bar / 2})
    misses = [e for e, b in ((3, bar), (6, bar / 2)) if len(losses) >= e and min(losses[:e]) > b]
    assert at == (misses[0] if misses else None)


def test_without_a_number_a_bar_is_missed() -> None:
    nan = float("nan")
    assert stopped_at([nan, nan], {2: 9.0}) == 2
    assert stopped_at([nan, 1.0, nan], {3: 1.0}) is None
    assert stopped_at([nan], {}) is None


# --- the median


def test_half_of_all_trials_go_on_under_the_median() -> None:
    history = searched(Median(warmup_epochs=5, least_trials=5), parallel(200))
    stopped = [trial for trial in history.trials if trial.state == "stopped"]
    assert 0.4 < len(stopped) / 200 < 0.55
    assert {trial.epochs for trial in stopped} == {5}  # the same half at every epoch
    assert spared(history) == pytest.approx(len(stopped) / 200 * (1 - 5 / EPOCHS))
    assert all(trial.state == "finished" for trial in history.trials[:5])


def test_who_was_stopped_counts_with_the_best_it_had_and_who_failed_not_at_all() -> None:
    whole = finished([(0.9, 0.5, 0.3, 0.3), (0.8, 0.2, 0.4, 0.1)])
    stopped = Trial(2, {}, "stopped", 0.7, (0.6, 0.7))
    failed = Trial(3, {}, "failed", None, (0.1, 0.1))
    running = Trial(4, {}, "running", None, (0.1, 0.1))
    history = replace(whole, trials=(*whole.trials, stopped, failed, running))
    assert Median(1, least_trials=3).bars(history, 4) == {1: 0.8, 2: 0.5, 3: 0.3}
    assert Median(1, least_trials=4).bars(history, 4) == {}
    assert Median(3, least_trials=3).bars(history, 4) == {3: 0.3}


def test_who_was_stopped_with_a_low_loss_lowers_the_median_to_the_end() -> None:
    whole = finished([(0.9, 0.5, 0.5, 0.4), (0.8, 0.7, 0.6, 0.6)])
    stopped = Trial(2, {}, "stopped", 0.2, (0.2,))
    history = replace(whole, trials=(*whole.trials, stopped))
    assert Median(1, least_trials=3).bars(history, 4) == {1: 0.8, 2: 0.5, 3: 0.5}


# --- successive halving


def test_rungs_grow_by_a_factor_and_end_before_the_last_epoch() -> None:
    history = finished(parallel(30, 50).tolist())
    rungs = lambda rule, epochs: list(rule.bars(history, epochs))  # noqa: E731
    assert rungs(SuccessiveHalving(3, 1), 50) == [1, 3, 9, 27]
    assert rungs(SuccessiveHalving(3, 1), 27) == [1, 3, 9]
    assert rungs(SuccessiveHalving(4, 2), 33) == [2, 8, 32]


@pytest.mark.parametrize("reduction", [2, 3, 4])
@pytest.mark.parametrize("others", [1, 2, 3, 7, 12])
def test_the_best_part_goes_on_at_a_rung(reduction: int, others: int) -> None:
    losses = np.arange(1.0, others + 1)
    history = finished([[loss] * 3 for loss in losses])
    (bar,) = SuccessiveHalving(reduction, 2).bars(history, 3).values()
    for loss in [*(losses - 0.5), others + 0.5]:
        rank = 1 + int((losses < loss).sum())  # of others + 1
        assert (loss <= bar) == (rank <= np.ceil((others + 1) / reduction))


def test_each_rung_keeps_a_third_of_those_that_reach_it() -> None:
    history = searched(SuccessiveHalving(3, least_epochs=1), parallel(400))
    reached = [sum(trial.epochs >= rung for trial in history.trials) for rung in (1, 2, 4, 10)]
    for before, after in itertools.pairwise(reached):
        assert 0.3 < after / before < 0.5  # the first ones have few to be held against
    assert 0.75 < spared(history) < 0.9


def test_who_was_stopped_counts_at_the_rungs_that_it_reached() -> None:
    curves = finished([[0.5] * 9, [0.4] * 9]).trials
    stopped = Trial(2, {}, "stopped", 0.1, (0.1,) * 3)
    bars = SuccessiveHalving(3, 1).bars(History((*curves, stopped)), 9)
    assert bars == {1: 0.4, 3: 0.4}
    assert SuccessiveHalving(3, 1).bars(History(curves), 9) == {1: 0.4, 3: 0.4}
    worse = replace(stopped, curve=(0.45,) * 3)
    assert SuccessiveHalving(2, 1).bars(History((*curves, worse)), 28) == {
        1: 0.45, 2: 0.45, 4: 0.5, 8: 0.5,
    }  # fmt: skip


# --- Hyperband


def test_brackets_have_their_share_of_trials_and_are_mixed() -> None:
    brackets = [Hyperband().bracket(number, 27) for number in range(98)]
    counts = np.bincount(brackets)
    np.testing.assert_array_equal(counts, [54, 24, 12, 8])  # twice ⌈4/(4-b) · 3^(3-b)⌉
    assert brackets[:49] == brackets[49:]
    assert set(brackets[:12]) == {0, 1, 2, 3}


def test_a_bracket_begins_at_its_own_rung_and_hears_only_its_own_trials() -> None:
    rule, curves = Hyperband(), parallel(98)
    history = searched(rule, curves)
    first = {0: 1, 1: 3, 2: 9, 3: EPOCHS}
    for trial in history.trials:
        assert trial.epochs >= first[rule.bracket(trial.number, EPOCHS)]
    number = len(history)
    bracket = rule.bracket(number, EPOCHS)
    others = tuple(
        one if rule.bracket(one.number, EPOCHS) == bracket else replace(one, curve=(-9.0,) * EPOCHS)
        for one in history.trials
    )
    assert rule.bars(History(others), EPOCHS) == rule.bars(history, EPOCHS) != {}
    assert 0.45 < spared(history) < spared(searched(SuccessiveHalving(3, 1), curves))


# --- options


def test_options() -> None:
    for rule in (SuccessiveHalving, Hyperband):
        with pytest.raises(InputError, match="reduction=1"):
            rule(reduction=1)
        with pytest.raises(ConfigError, match=r"least_epochs=9 no .*least_epochs < 9, as in h"):
            rule(least_epochs=9).bars(History(), 9)
    with pytest.raises(InputError, match="warmup_epochs=0"):
        Median(warmup_epochs=0)
    assert {"none", "median", "halving", "hyperband"} <= set(stoppings.names())
