import json
import math
from pathlib import Path

import pytest

from groundup.errors import InputError
from groundup.train.callbacks import ModelCheckpoint


def saved(callback, context, script, begin=0, batches=1):
    """File names by epoch, for a list of val_loss."""
    names = []
    for epoch, loss in enumerate(script, start=begin):
        logs = {"loss": loss, "val_loss": loss}
        for step in range(batches):
            now = context(epoch=epoch, step=step, steps=batches, logs=logs)
            callback.on_batch_end(now)
            names += now.saved
        now = context(epoch=epoch, step=batches - 1, steps=batches, logs=logs)
        callback.on_epoch_end(now)
        names += now.saved
    return [path.name for path in names]


def test_every_epoch_with_names_filled_in(context, tmp_path):
    callback = ModelCheckpoint(tmp_path / "{epoch:02d}-{val_loss:.2f}.safetensors")
    assert saved(callback, context, [0.5, 0.25]) == [
        "01-0.50.safetensors",
        "02-0.25.safetensors",
    ]


@pytest.mark.parametrize(
    ("options", "script", "expected"),
    [
        ({}, [0.5, 0.6, 0.4, 0.4, 0.3], [1, 3, 5]),
        ({"mode": "max"}, [0.5, 0.6, 0.4, 0.7], [1, 2, 4]),
        ({"initial_value_threshold": 0.4}, [0.5, 0.4, 0.3], [3]),
        ({}, [math.nan, 0.5, math.nan, -math.inf, 0.4], [2, 5]),
        ({"mode": "max"}, [math.inf, 0.5], [2]),
    ],
)
def test_only_the_best(context, tmp_path, options, script, expected):
    callback = ModelCheckpoint(tmp_path / "{epoch}", save_best_only=True, **options)
    assert saved(callback, context, script) == [str(epoch) for epoch in expected]


def test_by_batches_counted_over_epochs(context, tmp_path):
    callback = ModelCheckpoint(str(tmp_path / "{epoch}-{batch}"), save_freq=3)
    assert saved(callback, context, [0.5] * 3, batches=4) == ["1-3", "2-2", "3-1", "3-4"]


def test_by_batches_there_is_no_validation_value(context, tmp_path):
    callback = ModelCheckpoint(tmp_path / "model", save_best_only=True, save_freq=1)
    with pytest.raises(InputError, match=r"expected one of loss.*at the end of an epoch"):
        callback.on_batch_end(context(logs={"loss": 0.5}))


def test_another_fit_does_not_write_over_a_better_model(context, tmp_path):
    callback = ModelCheckpoint(tmp_path / "{epoch}", save_best_only=True)
    callback.on_train_begin(context())
    assert saved(callback, context, [0.5, 0.3]) == ["1", "2"]
    callback.on_train_begin(context())
    assert saved(callback, context, [0.4, 0.2]) == ["2"]


@pytest.mark.parametrize("cut", [1, 2, 3])
@pytest.mark.parametrize("options", [{"save_best_only": True}, {"save_freq": 5}])
def test_a_resumed_fit_goes_on_the_same(context, tmp_path, cut, options):
    script = [0.5, 0.4, 0.45, 0.3]
    pattern = tmp_path / "{epoch}-{batch}"
    expected = saved(ModelCheckpoint(pattern, **options), context, script, batches=3)
    before, after = ModelCheckpoint(pattern, **options), ModelCheckpoint(pattern, **options)
    first = saved(before, context, script[:cut], batches=3)
    after.restore(json.loads(json.dumps(before.state(), allow_nan=False)))
    assert first + saved(after, context, script[cut:], begin=cut, batches=3) == expected


def test_folders_are_made_when_something_is_saved(context, tmp_path):
    callback = ModelCheckpoint(tmp_path / "a" / "{epoch}" / "model")
    callback.on_train_begin(context())
    assert not (tmp_path / "a").exists()
    now = context(logs={"val_loss": 0.5})
    callback.on_epoch_end(now)
    assert now.saved == [tmp_path / "a" / "1" / "model"]
    assert (tmp_path / "a" / "1").is_dir()


def test_a_model_that_could_not_be_saved_is_not_the_best(context, tmp_path):
    def fail(path: Path) -> None:
        raise OSError("disk full")

    callback = ModelCheckpoint(tmp_path / "model", save_best_only=True)
    now = context(logs={"val_loss": 0.5})
    now.save_model = fail
    with pytest.raises(OSError, match="disk full"):
        callback.on_epoch_end(now)
    assert callback.best is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"save_freq": 0}, 'save_freq=0.*"epoch" or a whole number'),
        ({"save_freq": "batch"}, "save_freq='batch'"),
        ({"save_freq": True}, "save_freq=True"),
        ({"save_weights_only": True}, "always holds the architecture"),
        ({"save_best_only": 1}, "save_best_only=1"),
        ({"initial_value_threshold": math.nan}, "initial_value_threshold=nan"),
        ({"filepath": "{}"}, "name of a value between the braces"),
        ({"filepath": "{epoch.__class__}"}, "name of a value between the braces"),
        ({"filepath": "{epoch"}, "filepath='{epoch'.*expected '}'"),
        ({"filepath": ""}, "it is empty"),
        ({"filepath": 3}, "cannot be a file name"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ModelCheckpoint(**{"filepath": "model", **options})


def test_a_name_in_the_path_that_is_not_logged(context, tmp_path):
    callback = ModelCheckpoint(tmp_path / "{val_los:.2f}")
    with pytest.raises(InputError, match=r"'val_los' is logged here.*Did you mean 'val_loss'"):
        callback.on_epoch_end(context(logs={"loss": 0.5, "val_loss": 0.5}))
    with pytest.raises(InputError, match="Unknown format code"):
        ModelCheckpoint(tmp_path / "{epoch:zz}").on_epoch_end(context())


def test_verbose(context, tmp_path, capsys):
    callback = ModelCheckpoint(tmp_path / "model", save_best_only=True, verbose=1)
    saved(callback, context, [0.5, 0.6, 0.4])
    path = tmp_path / "model"
    assert capsys.readouterr().err.splitlines() == [
        f"epoch 1: val_loss improved to 0.5, saved to {path}",
        "epoch 2: val_loss did not improve from 0.5",
        f"epoch 3: val_loss improved from 0.5 to 0.4, saved to {path}",
    ]
