"""Schedules: values at and around their corners, and what is refused."""

import math

import pytest

from groundup.errors import InputError
from groundup.nn.schedules import (
    ConstantRate,
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    StepDecay,
    schedules,
)
from groundup.registry import build, describe

ALL = [
    ConstantRate(0.1),
    StepDecay(0.1, drop=0.5, every=10),
    ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5),
    ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True),
    InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5),
    InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True),
    CosineDecay(0.1, decay_steps=100),
    CosineDecay(0.0, decay_steps=100, alpha=0.1, warmup_target=0.2, warmup_steps=4),
]


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (ConstantRate(0.1), {0: 0.1, 10**9: 0.1}),
        (StepDecay(0.8, 0.5, 10), {0: 0.8, 9: 0.8, 10: 0.4, 19: 0.4, 20: 0.2, 100: 0.8 * 2**-10}),
        (ExponentialDecay(1.0, 10, 0.5), {0: 1.0, 5: math.sqrt(0.5), 10: 0.5, 25: 2**-2.5}),
        (ExponentialDecay(1.0, 10, 0.5, True), {0: 1.0, 9: 1.0, 10: 0.5, 25: 0.25}),
        (InverseTimeDecay(1.0, 10, 0.5), {0: 1.0, 5: 0.8, 10: 2 / 3, 40: 1 / 3}),
        (InverseTimeDecay(1.0, 10, 0.5, True), {0: 1.0, 5: 1.0, 10: 2 / 3, 19: 2 / 3}),
        (CosineDecay(1.0, 100), {0: 1.0, 25: 0.5 + math.sqrt(0.125), 50: 0.5, 100: 0.0, 999: 0.0}),
        (CosineDecay(1.0, 100, alpha=0.2), {0: 1.0, 50: 0.6, 100: 0.2, 999: 0.2}),
        (
            CosineDecay(0.0, 100, 0.1, warmup_target=0.2, warmup_steps=4),
            {0: 0.0, 1: 0.05, 3: 0.15, 4: 0.2, 54: 0.11, 104: 0.02, 999: 0.02},
        ),
    ],
    ids=str,
)
def test_values(schedule, values):
    for step, value in values.items():
        assert schedule(step) == pytest.approx(value, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("schedule", ALL, ids=str)
def test_they_are_values_and_never_negative(schedule):
    assert all(type(schedule(step)) is float and schedule(step) >= 0 for step in range(300))
    assert build(describe(schedule)) == schedule


@pytest.mark.parametrize(
    ("make", "option"),
    [
        (lambda: ConstantRate(0), "initial_learning_rate=0"),
        (lambda: ConstantRate(math.nan), "initial_learning_rate=nan"),
        (lambda: CosineDecay(0.0, 10), "initial_learning_rate=0.0"),
        (lambda: StepDecay(0.1, 0.0, 10), "drop=0.0"),
        (lambda: StepDecay(0.1, 0.5, 0), "every=0"),
        (lambda: StepDecay(0.1, 0.5, 2.5), "every=2.5"),
        (lambda: ExponentialDecay(0.1, -1, 0.5), "decay_steps=-1"),
        (lambda: ExponentialDecay(0.1, 10, -0.5), "decay_rate=-0.5"),
        (lambda: InverseTimeDecay(0.1, 10, -0.5), "decay_rate=-0.5"),
        (lambda: CosineDecay(0.1, 0), "decay_steps=0"),
        (lambda: CosineDecay(0.1, 10, alpha=1.5), "alpha=1.5"),
        (lambda: CosineDecay(0.1, 10, warmup_steps=5), "expected both or neither"),
        (lambda: CosineDecay(0.1, 10, warmup_target=0.5), "expected both or neither"),
        (lambda: CosineDecay(0.1, 10, warmup_target=-1.0, warmup_steps=5), "warmup_target=-1.0"),
        (lambda: CosineDecay(0.1, 10, warmup_steps=-5), "warmup_steps=-5"),
    ],
)
def test_refusals(make, option):
    with pytest.raises(InputError) as caught:
        make()
    assert option in str(caught.value)


def test_names():
    for name in ("exponential", "exponential_decay", "ExponentialDecay"):
        made = schedules.resolve(
            {
                "kind": name,
                "initial_learning_rate": 0.1,
                "decay_steps": 10,
                "decay_rate": 0.5,
            }
        )
        assert made == ExponentialDecay(0.1, 10, 0.5)
    assert {"constant_rate", "step_decay", "cosine_decay"} <= set(schedules.names())
