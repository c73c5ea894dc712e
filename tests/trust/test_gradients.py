"""The trials of derivatives and of extreme numbers: they hold, and a planted fault is told."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from groundup import ops
from groundup.errors import InputError
from groundup.layers import Conv2D, Dense, ReLU
from groundup.nn.losses import MeanSquaredError
from groundup.train.programs import CompiledStep

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def silent(words):
    """Nobody waits."""


def problem(kind, case=0):
    from trust.numbers.luck import Luck
    from trust.numbers.problems import makers

    return makers()[kind](Luck(7, "test", case))


def compared(given):
    from trust.numbers.differences import compared

    return compared(given)


def rounding_error(given):
    from trust.numbers.single import rounding_error

    return rounding_error(given)


# --- derivatives


def test_every_kind_once_holds():
    from trust.numbers.gradients import numerical

    outcome = numerical(1, silent)
    assert outcome.faults == []
    assert outcome.tried == outcome.facts["kinds of layers, losses, penalties, graphs and networks"]
    assert outcome.tried > 30
    assert 0 < outcome.facts["largest relative error"] <= 1e-8
    assert outcome.facts["derivatives"] > 1000


def scaled(method, name, factor):
    """A backward whose gradient of this name is a little wrong."""

    def backward(self, params, cache, dy, mode):
        dx, grads = method(self, params, cache, dy, mode)
        return (dx * factor, grads) if name == "x" else (dx, {**grads, name: grads[name] * factor})

    return backward


@pytest.mark.parametrize("name", ["x", "W"])
@pytest.mark.parametrize("cls", [Dense, Conv2D])
def test_a_derivative_that_is_wrong_in_the_seventh_digit_is_told(monkeypatch, cls, name):
    monkeypatch.setattr(cls, "backward", scaled(cls.backward, name, 1 + 1e-6))
    (fault,) = compared(problem(cls.__name__)).wrong
    assert fault.startswith(f"d{name}: ")


@pytest.mark.parametrize("kind", ["network of rows", "network of wide", "network of residual"])
def test_a_wrong_layer_within_a_network_is_told(monkeypatch, kind):
    monkeypatch.setattr(Dense, "backward", scaled(Dense.backward, "W", 1 + 1e-5))
    assert any("dθ" in fault for fault in compared(problem(kind)).wrong)


def test_a_single_wrong_element_is_told():
    given = problem("Dense")

    def gradients(arrays):
        right = given.gradients(arrays)
        wrong = right["x"].copy()
        wrong[0, -1] += 1e-6 * np.abs(wrong).max()
        return {**right, "x": wrong}

    (fault,) = compared(replace(given, gradients=gradients)).wrong
    assert fault.startswith("dx: 1 of ")


def test_a_missing_gradient_and_one_of_another_shape_are_told():
    given = problem("Dense")
    (fault,) = compared(replace(given, gradients=lambda a: {})).wrong
    assert fault.startswith("gradients of []")
    wrong = compared(
        replace(given, gradients=lambda a: {**given.gradients(a), "x": np.zeros(1)})
    ).wrong
    assert wrong[0].startswith("dx of shape (1,)")


def test_a_step_over_a_kink_is_looked_at_again_and_a_kink_is_counted():
    given = problem("ReLU")
    for x, finer, kinks in ((3e-6, 1, 0), (3e-8, 0, 1)):
        at = {"x": np.array([[x, 1.0]])}
        here = replace(
            given,
            arrays=at,
            dy=np.ones((1, 2)),
            outputs=lambda a: ReLU().forward({}, {}, a["x"], None)[0],
            gradients=lambda a: {"x": np.where(a["x"] > 0, 1.0, 0.0)},
        )
        found = compared(here)
        assert (found.finer, found.kinks, found.wrong) == (finer, kinks, [])


def test_leaving_much_out_is_a_fault():
    from trust.claim import Outcome
    from trust.numbers.differences import Compared
    from trust.numbers.gradients import sum_up
    from trust.numbers.single import Rounding

    for left_out, fault in (
        ((Compared(100, kinks=1), Rounding(0.5)), "1 of 100 derivatives are at a kink"),
        ((Compared(100), Rounding(0.5, again=True)), "1 of 1 configurations hold in float32 only"),
    ):
        outcome = Outcome()
        sum_up(outcome, [left_out], 1)
        (told,) = outcome.faults
        assert told.startswith(fault)


def test_a_kind_that_nobody_has_a_recipe_for_is_told(monkeypatch):
    import trust.numbers.gradients as gradients
    from trust.numbers.problems import layer_problem

    monkeypatch.setattr(
        gradients, "makers", lambda: {"New": lambda luck: layer_problem("New", luck)}
    )
    (fault, *_) = gradients.numerical(1, silent).faults
    assert fault == "case 0, New: KeyError: 'New'"


# --- in float32


def test_rounding_is_within_what_it_may_be_and_a_kernel_that_is_not_is_told(monkeypatch):
    given = problem("Conv2D", 3)
    assert rounding_error(given).share < 1
    right = ops.conv2d_backward

    def rough(dy, x, *others):
        dx, dW, db = right(dy, x, *others)
        wrong = x.dtype == np.float32
        return dx, dW * dW.dtype.type(1 + 1e-4) if wrong else dW, db

    monkeypatch.setattr(ops, "conv2d_backward", rough)
    found = rounding_error(given)
    assert found.share > 1
    assert found.where == "dW"


def test_a_program_whose_gradient_is_wrong_is_told(monkeypatch):
    drawn = (problem("network of wide", case) for case in range(9))
    given = next(one for one in drawn if one.task.train)
    assert rounding_error(given).share < 1
    assert rounding_error(given).compiled
    right = CompiledStep.run

    def wrong(self, batch, raw, mode):
        sums = right(self, batch, raw, mode)
        self._learner.gradient *= np.float32(1.01)
        return sums

    monkeypatch.setattr(CompiledStep, "run", wrong)
    found = rounding_error(given)
    assert found.share > 1
    assert found.where == "dθ by a program"


# --- extremes


def test_every_extreme_case_holds_and_has_a_name_of_its_own():
    from trust.claims import CLAIMS
    from trust.numbers.extremes import TABLES, named

    names = [case.name for table in TABLES for case in table.cases()]
    assert len(set(names)) == len(names)
    (claim,) = (claim for claim in CLAIMS if claim.name == "numbers.extremes")
    outcome = named(claim.short, silent)
    assert outcome.faults == []
    assert outcome.tried == len(names) >= claim.short == claim.long


def warn():
    warnings.warn("overflow encountered", RuntimeWarning, stacklevel=1)
    return 1.0


def fail():
    raise InputError("the remedy is missing")


@pytest.mark.parametrize(
    ("found", "expected", "fault"),
    [
        (lambda: np.nan, 1.0, "expected 1.0, found nan"),
        (lambda: np.inf, 1.0, "expected 1.0, found inf"),
        (lambda: -np.inf, np.inf, "expected inf, found -inf"),
        (lambda: 1.0, np.nan, "expected nan, found 1.0"),
        (lambda: -1.0, 1.0, "expected 1.0, found -1.0"),
        (lambda: 1 + 1e-14, 1.0, "expected 1.0, found 1.00000000000001"),
        (lambda: np.float32(1 + 1e-5), 1.0, "(float32)"),
        (lambda: 1e-9, 0.0, "expected 0.0, found 1e-09"),
        (lambda: [1.0], 1.0, "expected shape ()"),
        (warn, 1.0, "RuntimeWarning: overflow encountered"),
        (fail, 1.0, "InputError: the remedy is missing"),
    ],
)
def test_a_wrong_answer_is_told(found, expected, fault):
    from trust.numbers.extreme.case import Case
    from trust.numbers.extremes import judged

    outcome = judged([Case("here", found, expected), Case("there", lambda: 1.0, 1.0)])
    assert outcome.tried == 2
    (told,) = outcome.faults
    assert told.startswith("here: ")
    assert fault in told


def test_what_should_have_been_refused_is_told():
    from trust.numbers.extreme.case import Case, Refused

    wanted = Refused(InputError, "Use batches")
    assert "expected InputError" in Case("a", lambda: 1.0, wanted).fault()
    assert "expected InputError with 'Use batches'" in Case("a", fail, wanted).fault()
    assert Case("a", fail, Refused(InputError, "remedy")).fault() == ""


def test_a_softmax_that_overflows_is_told(monkeypatch):
    from trust.numbers.extreme import activations
    from trust.numbers.extremes import judged

    def naive(z):
        e = np.exp(z)
        return e / e.sum(axis=-1, keepdims=True)

    monkeypatch.setattr(ops, "softmax", naive)
    faults = judged(activations.cases()).faults
    assert any(fault.startswith("softmax of logits of ±1e4, float64: ") for fault in faults)
    assert not any("kernel" in fault for fault in faults)


def test_a_loss_that_forgets_the_odd_last_batch_is_told(monkeypatch):
    from trust.numbers.extreme import training
    from trust.numbers.extremes import judged

    monkeypatch.setattr(MeanSquaredError, "each", lambda self, y, t: (y - t)[:, 0] ** 2 * len(y))
    faults = judged(training._batches()).faults
    assert any("loss of 5 samples in batches of 2" in fault for fault in faults)
