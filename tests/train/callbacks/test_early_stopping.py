import json
import math

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.train.callbacks import EarlyStopping

FALLING = [0.5, 0.4, 0.3, 0.35, 0.34, 0.33, 0.32, 0.31, 0.3, 0.29]

# The epochs are those at which Keras 3.15 stops, and whose weights it restores.
TABLE = [
    ("patience 0 stops at the first worse epoch", {}, FALLING, 3, 2),
    ("patience 1 is the same", {"patience": 1}, FALLING, 3, 2),
    ("patience 2", {"patience": 2}, FALLING, 4, 2),
    ("patience 6: equal is not better", {"patience": 6}, FALLING, 8, 2),
    ("patience 7 is rewarded", {"patience": 7}, FALLING, None, 9),
    ("min_delta: 0.1 better is not better", {"patience": 2, "min_delta": 0.15}, FALLING, 4, 2),
    ("min_delta counts from the best", {"patience": 3, "min_delta": 0.05}, FALLING, 5, 2),
    ("baseline never reached", {"patience": 3, "baseline": 0.2}, FALLING, 3, 2),
    ("no better epoch before patience ends", {"patience": 5, "baseline": 0.2}, FALLING, 4, 2),
    ("baseline reached in time", {"patience": 3, "baseline": 0.45}, FALLING, 5, 2),
    ("warm-up not looked at", {"patience": 2, "start_from_epoch": 4}, FALLING, None, 9),
    ("warm-up, then worse", {"start_from_epoch": 1}, [0.1, 0.5, 0.6], 2, 1),
    ("larger is better", {"mode": "max", "patience": 2}, FALLING, 2, 0),
    ("NaN is never better", {"patience": 2}, [0.5, math.nan, math.nan, 0.1], 2, 0),
    ("one epoch is never stopped", {}, [0.5], None, 0),
]


@pytest.mark.parametrize(("options", "script", "stopped", "restored"), [row[1:] for row in TABLE])
def test_stops_where_keras_does(play, options, script, stopped, restored):
    callback = EarlyStopping(restore_best_weights=True, **options)
    played = play(callback, script)
    assert (played.stopped, played.restored) == (stopped, restored)
    assert callback.stopped_epoch == (stopped or 0)
    assert callback.best_epoch == restored
    silent = play(EarlyStopping(**options), script)
    assert (silent.stopped, silent.restored) == (stopped, None)


def test_restores_running_state_too(context):
    callback = EarlyStopping(restore_best_weights=True)
    for epoch, loss in enumerate([0.5, 0.4, 0.6]):
        callback.on_epoch_end(context(epoch=epoch, logs={"val_loss": loss}))
    answer = callback.on_train_end(context(epoch=2))
    assert answer.which.params.tolist() == [1, 1, 1]
    assert answer.which.state.tolist() == [1, 1]


def test_a_first_value_that_is_nan_keeps_weights_and_can_end_the_training(play):
    callback = EarlyStopping(restore_best_weights=True)
    played = play(callback, [math.nan, math.nan])
    assert (played.stopped, played.restored, callback.best) == (1, 0, None)
    assert callback._reason() == "val_loss was never a finite number"


def test_infinity_is_never_the_best_where_keras_would_take_it(play):
    played = play(EarlyStopping(mode="max", patience=2, restore_best_weights=True), [0.5, math.inf])
    assert played.restored == 0


def test_a_second_fit_begins_anew(play):
    callback = EarlyStopping(patience=2, restore_best_weights=True)
    first = play(callback, [0.1, 0.2, 0.3])
    second = play(callback, [0.9, 0.8, 0.7, 0.75, 0.76])
    assert (first.stopped, first.restored) == (2, 0)
    assert (second.stopped, second.restored, callback.best) == (4, 2, 0.7)


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_resumed_fit_goes_on_the_same(play, cut):
    options = {"patience": 5, "restore_best_weights": True}
    whole = EarlyStopping(**options)
    expected = play(whole, FALLING)
    before, after = EarlyStopping(**options), EarlyStopping(**options)
    play(before, FALLING[:cut])
    state = before.state()
    numbers = {k: v for k, v in state.items() if not isinstance(v, np.ndarray)}
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    after.restore(state)
    resumed = play(after, FALLING[cut:], begin=cut, fresh=False)
    assert (resumed.stopped, resumed.restored) == (expected.stopped, expected.restored)
    assert (after.wait, after.best, after.best_epoch) == (whole.wait, whole.best, whole.best_epoch)


def test_a_new_fit_has_a_state_that_json_can_hold():
    assert json.dumps(EarlyStopping().state(), allow_nan=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patience": -1}, "patience=-1.*whole number of at least 0"),
        ({"patience": True}, "patience=True"),
        ({"patience": 1.5}, "patience=1.5"),
        ({"min_delta": -0.1}, "min_delta=-0.1"),
        ({"min_delta": math.nan}, "min_delta=nan"),
        ({"mode": "larger"}, 'mode=\'larger\'.*"auto" or "min" or "max"'),
        ({"baseline": math.inf}, "baseline=inf.*finite"),
        ({"restore_best_weights": "yes"}, "restore_best_weights='yes'.*True or False"),
        ({"start_from_epoch": -1}, "start_from_epoch=-1"),
        ({"monitor": 3}, "monitor=3"),
        ({"verbose": -1}, "verbose=-1"),
        ({"pacience": 3}, "Did you mean 'patience'"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        EarlyStopping(**options)


def test_verbose_tells_on_stderr(play, capsys):
    play(EarlyStopping(patience=1, verbose=1, restore_best_weights=True), [0.5, 0.4, 0.6])
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "epoch 3: val_loss has not improved for an epoch: its best is 0.4, in epoch 2",
        "epoch 3: going back to the weights of epoch 2",
    ]
