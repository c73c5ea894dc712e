"""The range test: what it suggests trains well, what it calls too high fails."""

import math
from dataclasses import replace

import numpy as np
import pytest

import groundup as gu
from groundup.config import from_mapping
from groundup.data.dataset import Dataset
from groundup.doctor.preflight import RateRange, preflight, rate_range
from groundup.doctor.preflight import rates as ramps
from groundup.doctor.preflight.rate_check import learning_rate
from groundup.doctor.preflight.rates import configured_rate, losses_along
from groundup.errors import Diverged
from groundup.train.learner import EVALUATION_BATCH
from groundup.train.loop import Training
from groundup.train.run import Assembly, assemble

GRID = 10.0 ** np.arange(-4, 1.5, 0.5)


def digits(optimizer="sgd", rate=0.01, **train) -> Assembly:
    return assemble(
        from_mapping(
            {
                "data": {"validation": 0.2},
                "model": {"name": "multi-layer", "depth": 2, "units": 50},
                "optimizer": {"name": optimizer, "learning_rate": rate},
                "train": {"epochs": 3, **train},
            }
        )
    )


def trained(given: Assembly, rate: float) -> float:
    """The validation loss after the run's epochs at this rate."""
    learner = ramps.copy_of(
        given.learner, replace(given.learner.optimizer, learning_rate=float(rate))
    )
    try:
        Training(learner, given.train, given.validation, given.plan).run()
    except Diverged:
        return math.inf
    return learner.evaluate(given.validation, EVALUATION_BATCH)["loss"]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_suggested_rate_trains_nearly_as_well_as_the_best_of_a_grid(optimizer) -> None:
    given = digits(optimizer)
    found = rate_range(given)
    best = min(trained(given, rate) for rate in GRID)
    assert trained(given, found.suggested) < 1.5 * best
    assert trained(given, found.suggested / 30) > 1.5 * best  # it could have been wrong
    assert trained(given, 10 * found.diverges_at) > 3 * best
    assert found.low < found.suggested < found.high < found.diverges_at


def test_the_rate_is_in_units_of_the_network() -> None:
    """Inputs ten times as large make a linear network's best rate a hundred times smaller."""
    x = gu.Stream(3, "search").normal((300, 5))
    y = x @ np.array([1.0, -2.0, 0.5, 0.0, 3.0])

    def suggested(factor: float) -> float:
        data = Dataset("line", factor * x, y, x[:9], y[:9], ())
        tables = {
            "data": {"preprocess": []},
            "model": {"layers": [{"kind": "dense", "units": 1, "kernel_initializer": "zeros"}]},
            "optimizer": {"name": "sgd"},
        }
        return rate_range(assemble(from_mapping(tables), data)).suggested

    assert suggested(1.0) / suggested(10.0) == pytest.approx(100, rel=0.3)


def test_the_curve_is_the_loss_along_the_ramp() -> None:
    found = rate_range(digits())
    first, last = found.curve[0], found.curve[-1]
    assert first.rate == ramps.LOWEST
    assert first.loss == pytest.approx(found.start, rel=1e-3)
    assert all(point.low <= point.loss <= point.high for point in found.curve)
    assert min(point.loss for point in found.curve) < 0.7 * found.start < last.loss
    steps = np.diff(np.log([point.rate for point in found.curve]))
    assert np.allclose(steps, steps[0])


def test_draws_differ_and_repeat() -> None:
    given = digits()
    rates = [0.05] * 10
    assert losses_along(given, rates, 0) == losses_along(given, rates, 0)
    assert losses_along(given, rates, 0) != losses_along(given, rates, 1)
    assert losses_along(given, rates, 0)[0] == losses_along(given, rates, 1)[0]


def test_a_rate_of_a_hundred_is_told() -> None:
    found = preflight(digits(rate=100.0))
    assert [check.name for check in found.failed] == ["learning-rate"]
    words = found.failed[0].words
    assert "3 of 3 trainings were worse" in words
    assert f"Try learning_rate = {found.learning_rate.suggested:.1g}." in words


def test_a_tiny_rate_is_doubtful_not_wrong() -> None:
    answer = learning_rate(digits(), replace(rate_range(digits()), configured=1e-6))
    assert answer.passed is None
    assert "times smaller" in answer.words


def test_beyond_the_edge_but_learning_is_no_fault() -> None:
    """The ramp's edge is a guess; what counts is what the rate itself does."""
    given = digits(rate=0.05)
    found = replace(rate_range(given), diverges_at=0.01)
    answer = learning_rate(given, found)
    assert answer.passed
    assert "0 of 3 trainings were worse" in answer.words


def test_of_a_schedule_the_highest_rate_counts() -> None:
    falls = {"kind": "step", "initial_learning_rate": 0.3, "drop": 0.5, "every": 9}
    given = digits(rate=falls)
    assert configured_rate(given) == pytest.approx(0.3)
    assert rate_range(digits(rate=0.01)).suggested == rate_range(given).suggested


def test_where_nothing_falls_nothing_is_suggested() -> None:
    given = digits()
    given.learner.vector[...] = 0  # dead from the first layer on
    labels = np.arange(len(given.train.y)) % 10
    found = rate_range(replace(given, train=replace(given.train, y=labels)))
    assert not found.found
    answer = learning_rate(given, found)
    assert answer.passed is None
    assert "no rate to suggest" in answer.words


def test_large_networks_get_shorter_ramps() -> None:
    given = digits()
    assert ramps.steps_of(given) == 200
    wide = {"model": {"name": "multi-layer", "units": 700}, "train": {"batch_size": 10**6}}
    assert ramps.steps_of(assemble(from_mapping(wide))) == 80


def test_a_range_knows_whether_it_found_anything() -> None:
    nothing = ramps.nothing_found(digits(rate=0.02))
    assert nothing == RateRange(
        nothing.suggested, nothing.low, nothing.high, None, 0.02, nothing.start, ()
    )
    assert not nothing.found
