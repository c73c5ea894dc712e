"""LearningRateScheduler and TerminateOnNaN."""

import numpy as np
import pytest

from groundup.errors import Diverged, InputError
from groundup.nn.schedules import StepDecay
from groundup.train.callback import SetLearningRate, Stop
from groundup.train.callbacks import LearningRateScheduler, TerminateOnNaN


def rates(callback, context, epochs=4, rate=0.8):
    found = []
    for epoch in range(epochs):
        answer = callback.on_epoch_begin(context(epoch=epoch, learning_rate=rate))
        assert isinstance(answer, SetLearningRate)
        assert type(answer.value) is float
        rate = answer.value
        found.append(rate)
    return found


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (lambda epoch, rate: rate if epoch < 2 else rate / 2, [0.8, 0.8, 0.4, 0.2]),
        (lambda epoch: 1 / (1 + epoch), [1, 1 / 2, 1 / 3, 1 / 4]),
        (lambda epoch, rate=0.1: np.float64(rate), [0.8] * 4),
        (StepDecay(0.4, drop=0.5, every=2), [0.4, 0.4, 0.2, 0.2]),
        (
            {"kind": "StepDecay", "initial_learning_rate": 0.4, "drop": 0.5, "every": 2},
            [0.4, 0.4, 0.2, 0.2],
        ),
    ],
)
def test_schedules(context, schedule, expected):
    assert rates(LearningRateScheduler(schedule), context) == expected


def test_an_error_within_the_schedule_is_not_hidden(context):
    def schedule(epoch, rate):
        return rate + "1"

    with pytest.raises(TypeError, match="unsupported operand"):
        LearningRateScheduler(schedule).on_epoch_begin(context())


@pytest.mark.parametrize("schedule", [0.1, None, lambda: 0.1, lambda a, b, c: 0.1])
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(InputError, match="expected a function of"):
        LearningRateScheduler(schedule)


@pytest.mark.parametrize("rate", [0.0, -0.1, float("nan"), "0.1", None])
def test_what_is_no_rate_is_refused(context, rate):
    callback = LearningRateScheduler(lambda epoch: rate)
    with pytest.raises(InputError, match=r"schedule in epoch 0=.*expected a finite number above 0"):
        callback.on_epoch_begin(context())


def test_scheduler_verbose(context, capsys):
    LearningRateScheduler(lambda epoch: 0.25, verbose=1).on_epoch_begin(context(epoch=4))
    assert capsys.readouterr().err == "epoch 5: learning rate 0.25\n"


def test_terminate_on_nan_stops_with_the_reason(context, capsys):
    error = Diverged(2, 4, "NaN first in the output of layer 'dense_1'")
    assert TerminateOnNaN().on_diverged(context(), error) == Stop(str(error))
    assert capsys.readouterr().err == f"training ended: {error}\n"
    assert TerminateOnNaN(raise_error=True).on_diverged(context(), error) is None
    with pytest.raises(InputError, match="raise_error=1"):
        TerminateOnNaN(raise_error=1)
