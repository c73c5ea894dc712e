import math

import pytest

from groundup.errors import InputError
from groundup.train.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau


@pytest.mark.parametrize(
    ("name", "larger"),
    [
        ("loss", False),
        ("val_loss", False),
        ("val_mse", False),
        ("penalty", False),
        ("accuracy", True),
        ("val_accuracy", True),
        ("acc", True),
        ("binary_accuracy", True),
        ("val_top_k_accuracy", True),
        ("val_auc", True),
        ("accumulated_error", False),  # "acc" is only a part of a word
    ],
)
def test_auto_goes_by_the_words_of_the_name(name, larger):
    assert EarlyStopping(monitor=name).larger_is_better is larger
    assert EarlyStopping(monitor=name, mode="max").larger_is_better
    assert not EarlyStopping(monitor=name, mode="min").larger_is_better


@pytest.mark.parametrize(
    ("mode", "value", "reference", "by", "expected"),
    [
        ("min", 0.5, None, 0.1, True),
        ("min", 0.4, 0.5, 0.0, True),
        ("min", 0.5, 0.5, 0.0, False),
        ("min", 0.25, 0.5, 0.25, False),  # by more than, not by
        ("min", 0.125, 0.5, 0.25, True),
        ("max", 0.75, 0.5, 0.25, False),
        ("max", 0.875, 0.5, 0.25, True),
        ("min", math.nan, None, 0.0, False),
        ("min", -math.inf, 0.5, 0.0, False),
        ("max", math.inf, None, 0.0, False),
    ],
)
def test_better(mode, value, reference, by, expected):
    assert EarlyStopping(mode=mode).better(value, reference, by) is expected


@pytest.mark.parametrize(
    "callback",
    [
        EarlyStopping("val_acuracy", start_from_epoch=5),
        ReduceLROnPlateau("val_acuracy"),
        ModelCheckpoint("model.safetensors", "val_acuracy", save_best_only=True),
    ],
    ids=lambda callback: type(callback).__name__,
)
def test_a_value_that_is_not_logged_stops_at_once(callback, context):
    logs = {"loss": 0.5, "val_loss": 0.5, "val_accuracy": 0.9}
    with pytest.raises(
        InputError, match=r"expected one of loss, val_loss, val_accuracy\. Did you "
    ):
        callback.on_epoch_end(context(logs=logs))


@pytest.mark.parametrize(
    "callback",
    [
        EarlyStopping("val_acuracy"),
        ReduceLROnPlateau("val_acuracy"),
        ModelCheckpoint("model.safetensors", "val_acuracy", save_best_only=True),
    ],
    ids=lambda callback: type(callback).__name__,
)
def test_a_misspelt_value_is_found_before_the_first_epoch(callback, context):
    with pytest.raises(InputError, match=r"expected one of loss, .* Did you mean 'val_accuracy'"):
        callback.on_train_begin(context())


def test_a_checkpoint_that_saves_everything_needs_no_value(context):
    assert ModelCheckpoint("model", "val_acuracy").on_train_begin(context()) is None


def test_without_validation_data_it_says_so(context):
    with pytest.raises(InputError, match=r"expected one of loss.*come from validation data"):
        EarlyStopping().on_epoch_end(context(logs={"loss": 0.5}))
