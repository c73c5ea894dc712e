import json
import math

import pytest

from groundup.errors import InputError
from groundup.train.callbacks import ReduceLROnPlateau

FLAT = [0.5] * 8
DIPS = [0.5, 0.5, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4]

# The rates after each epoch, beginning with 1.0, are Keras's 3.15.
TABLE = [
    ("patience 1", {"patience": 1}, FLAT[:4], [1, 0.5, 0.25, 0.125]),
    ("patience 0 is the same", {"patience": 0}, FLAT[:4], [1, 0.5, 0.25, 0.125]),
    ("patience 2", {"patience": 2}, FLAT, [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]),
    ("better begins anew", {"patience": 3}, DIPS, [1, 1, 1, 1, 1, 1, 0.5, 0.5]),
    (
        "min_delta: not much better",
        {"patience": 3, "min_delta": 0.2},
        DIPS,
        [1] * 3 + [0.5] * 3 + [0.25] * 2,
    ),
    (
        "cooldown",
        {"patience": 1, "cooldown": 2},
        FLAT,
        [1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625],
    ),
    ("min_lr", {"patience": 1, "min_lr": 0.3}, FLAT[:5], [1, 0.5, 0.3, 0.3, 0.3]),
    ("larger is better", {"patience": 1, "mode": "max"}, [0.1, 0.2, 0.2, 0.3], [1, 1, 0.5, 0.5]),
    ("NaN is no better", {"patience": 2}, [0.5, math.nan, math.nan, 0.1], [1, 1, 0.5, 0.5]),
]


@pytest.mark.parametrize(("options", "script", "rates"), [row[1:] for row in TABLE])
def test_lowers_where_keras_does(play, options, script, rates):
    callback = ReduceLROnPlateau(factor=0.5, **options)
    assert play(callback, script, rate=1.0).rates == rates


def test_lowering_to_the_smallest_rate_ends_there(play, capsys):
    callback = ReduceLROnPlateau(patience=1, factor=0.1, min_lr=0.01, verbose=1)
    assert play(callback, FLAT, rate=0.1).rates == [0.1] + [0.1 * 0.1] * 7
    told = capsys.readouterr().err
    assert told == "epoch 2: learning rate lowered to 0.01, val_loss is on a plateau\n"


def test_a_second_fit_begins_anew(play):
    callback = ReduceLROnPlateau(patience=2, factor=0.5, cooldown=5)
    assert play(callback, FLAT[:3], rate=1.0).rates == [1, 1, 0.5]
    assert play(callback, [0.9, 0.9, 0.9], rate=1.0).rates == [1, 1, 0.5]


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_resumed_fit_goes_on_the_same(play, cut):
    options = {"patience": 2, "factor": 0.5, "cooldown": 1}
    expected = play(ReduceLROnPlateau(**options), DIPS, rate=1.0).rates
    before, after = ReduceLROnPlateau(**options), ReduceLROnPlateau(**options)
    first = play(before, DIPS[:cut], rate=1.0).rates
    after.restore(json.loads(json.dumps(before.state(), allow_nan=False)))
    second = play(after, DIPS[cut:], rate=first[-1], begin=cut, fresh=False).rates
    assert first + second == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": 1.0}, "factor=1.0.*between 0 and 1"),
        ({"factor": 0.0}, "factor=0.0"),
        ({"factor": math.nan}, "factor=nan"),
        ({"patience": -1}, "patience=-1"),
        ({"cooldown": 0.5}, "cooldown=0.5"),
        ({"min_lr": -1e-3}, "min_lr=-0.001"),
        ({"min_delta": math.inf}, "min_delta=inf"),
        ({"mode": "up"}, "mode='up'"),
        ({"min_learning_rate": 0.1}, "takes no option 'min_learning_rate'"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ReduceLROnPlateau(**options)
