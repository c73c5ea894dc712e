"""The trials beside PyTorch and Keras: small ones hold, and a planted fault is told."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from groundup import ops
from groundup.errors import InputError
from groundup.nn.losses import Huber
from groundup.nn.optimizers import SGD, Adam

ROOT = Path(__file__).parent.parent.parent
FEW = ("nn.functional.conv2d", "nn.functional.prelu", "nn.functional.mse_loss", "softmax")

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("expecttest") is None,
    reason="PyTorch, and expecttest for its test tools, are installed by groundup[oracles]",
)
needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None or importlib.util.find_spec("jax") is None,
    reason="Keras and JAX are installed by groundup[oracles]",
)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def silent(words):
    """Nobody waits."""


@pytest.fixture
def few(monkeypatch):
    """The check over a few operators: drawing all samples takes its seconds."""
    from trust.numbers.torch_ops import agreement as module

    some = {name: module.QUESTIONS[name] for name in FEW}
    monkeypatch.setattr(module, "QUESTIONS", some)
    return module


def test_without_the_judges_the_reason_is_told(monkeypatch):
    from trust.numbers import keras_trajectories, torch_optimizers
    from trust.numbers.keras_tests import judging
    from trust.numbers.torch_ops import agreement, refusals

    for name in ("torch", "jax", "keras"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for check in (
        agreement.agreement,
        refusals.refusals,
        torch_optimizers.optimizers,
        judging.golden,
        keras_trajectories.live,
    ):
        outcome = check(7, silent)
        assert (outcome.tried, outcome.faults) == (0, [])
        assert list(outcome.skipped.values()) == [7]


@needs_torch
def test_operators_agree_on_the_samples_of_the_database(few):
    outcome = few.agreement(60, silent)
    assert (outcome.tried, outcome.faults, outcome.skipped) == (60, [], {})
    assert outcome.facts["largest relative error"] < 1e-13
    assert "conv2d 8/30" in outcome.facts["answered of all, by operator"]
    assert "16 groups" in outcome.facts["left out"]


@needs_torch
def test_a_gradient_that_is_off_by_a_hair_is_a_fault(few, monkeypatch):
    right = ops.softmax_backward
    monkeypatch.setattr(ops, "softmax_backward", lambda dy, y: right(dy, y) * (1 + 1e-11))
    faults = few.agreement(60, silent).faults
    assert faults
    assert all("softmax" in f and "the gradient of input differs by" in f for f in faults)


@needs_torch
def test_a_gradient_that_is_left_out_is_a_fault(few, monkeypatch):
    whole = few.QUESTIONS["softmax"]
    half = replace(whole, answer=lambda s: replace(whole.answer(s), backward=None))
    monkeypatch.setitem(few.QUESTIONS, "softmax", half)
    faults = few.agreement(20, silent).faults
    assert faults
    assert all("softmax" in f and "the gradient, which is missing" in f for f in faults)


@needs_torch
def test_a_filter_that_admits_nothing_is_a_fault(few, monkeypatch):
    closed = replace(few.QUESTIONS["softmax"], left_out={"no reason": lambda s: True})
    monkeypatch.setitem(few.QUESTIONS, "softmax", closed)
    assert few.agreement(20, silent).faults == ["softmax: the filter admits no sample."]


@needs_torch
def test_error_inputs_are_refused_and_a_layer_that_takes_one_is_a_fault(monkeypatch):
    from trust.numbers.torch_ops import refusals as module

    asked = {name: module.ASKED[name] for name in ("nn.functional.huber_loss", FEW[1])}
    monkeypatch.setattr(module, "ASKED", asked)
    outcome = module.refusals(5, silent)
    assert (outcome.tried, outcome.faults) == (5, [])
    monkeypatch.setattr(Huber, "__post_init__", lambda self: None)
    faults = module.refusals(5, silent).faults
    assert len(faults) == 2
    assert 'non-positive values for delta.", ours took it.' in faults[0]


def never(sample):
    raise InputError("no")


@needs_torch
def test_a_door_that_is_always_closed_proves_nothing(monkeypatch):
    from trust.numbers.torch_ops import refusals as module

    shut = replace(module.ASKED[FEW[1]], ask=never)
    monkeypatch.setattr(module, "ASKED", {FEW[1]: shut})
    (fault,) = module.refusals(3, silent).faults
    assert "no good sample is taken either" in fault


@needs_torch
def test_optimizers_agree_and_a_misplaced_epsilon_is_a_fault(monkeypatch):
    from trust.numbers import torch_optimizers as module

    outcome = module.optimizers(45, silent)
    assert (outcome.tried, outcome.faults) == (45, [])
    assert outcome.facts["refusals of the database"] == 17
    monkeypatch.setitem(module.CONVENTIONS, "Adam", {"epsilon": 1e-8})
    faults = module.optimizers(45, silent).faults
    assert faults
    assert all(fault.startswith("Adam(") and "apart after step" in fault for fault in faults)


@needs_torch
def test_an_optimizer_that_takes_what_pytorch_refuses_is_a_fault(monkeypatch):
    from trust.numbers import torch_optimizers as module

    class Lax(SGD):
        def __post_init__(self):
            """Anything goes."""

    monkeypatch.setitem(module.CLASSES, "SGD", Lax)
    faults = module.optimizers(17, silent).faults
    assert any("momentum should be between 0 and 1 in PyTorch: taken." in f for f in faults)


def test_the_gradient_of_rosenbrocks_function():
    from trust.numbers.descents import rosenbrock

    def value(theta):
        x, y = theta[::2], theta[1::2]
        return ((1 - x) ** 2 + 100 * (y - x**2) ** 2).sum()

    theta, h = np.array([1.5, 1.5, -0.3, 0.7]), 1e-6
    slopes = [(value(theta + h * e) - value(theta - h * e)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(rosenbrock(theta), slopes, rtol=1e-7)


@needs_keras
def test_tests_of_keras_hold_and_a_changed_optimizer_breaks_them(monkeypatch):
    from trust.numbers.keras_tests import descending, judging

    outcome = judging.golden(165, silent)
    assert (outcome.faults, outcome.skipped) == ([], {})
    assert outcome.tried >= 165
    assert "adam 5" in outcome.facts["of them run on groundup"]
    monkeypatch.setitem(
        descending.CONVENTIONS, "Adam", (Adam, {"learning_rate": 0.0012, "epsilon": 1e-7})
    )
    one = "optimizers/adam_test.py"
    monkeypatch.setattr(judging, "FILES", {one: judging.FILES[one]})
    (fault,) = judging.golden(5, silent).faults
    assert "AdamTest.test_correctness_with_golden: AssertionError" in fault


LIVE = """
import json
from trust.numbers import keras_trajectories as module
from trust.numbers.keras_tests.descending import CONVENTIONS
right = module.live(6, print)
CONVENTIONS["SGD"][1]["velocity"] = "gradient"
CONVENTIONS["SGD"][1]["clipvalue"] = 0.001
print(json.dumps([right.tried, right.faults, right.facts, module.live(2, print).faults]))
"""


@needs_keras
def test_live_paths_agree_and_a_changed_optimizer_leaves_them():
    """In a process of its own: Keras chooses its backend once, and JAX its precision."""
    done = subprocess.run(
        [sys.executable, "-c", LIVE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tried, faults, facts, planted = json.loads(done.stdout.splitlines()[-1])
    assert (tried, faults) == (6, [])
    assert facts["largest relative distance from Keras in float64"] < 1e-13
    (fault,) = planted  # in float32 each is compared with its own path in float64
    assert "in float64" in fault
    assert "apart after step" in fault
