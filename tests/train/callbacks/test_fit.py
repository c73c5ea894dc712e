"""All callbacks in real trainings: with fit, from descriptions, and across a checkpoint."""

import csv
import json
import math

import numpy as np
import pytest

import groundup as gu
from groundup.errors import Diverged, InputError
from groundup.registry import build, describe
from groundup.train import model_file
from groundup.train.callback import Callback, callbacks
from groundup.train.callbacks import (
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ProgressBar,
    ReduceLROnPlateau,
    TensorBoard,
    TerminateOnNaN,
)
from groundup.train.inputs import check_examples
from groundup.train.loop import Plan, Training


@pytest.fixture
def data():
    """Three classes, half of them labelled at random, so that a network soon overfits."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 120)
    x = rng.normal(size=(120, 4)) + np.eye(3, 4)[y] * 2
    y[::2] = rng.integers(0, 3, 60)
    return x, y


def network(rate=0.1, optimizer="SGD"):
    model = gu.Sequential(
        [gu.Dense(16, "relu", input_shape=(4,)), gu.BatchNormalization(), gu.Dense(3, "softmax")]
    )
    model.compile(
        build({"kind": optimizer, "learning_rate": rate}), "categorical_crossentropy", ["accuracy"]
    )
    return model


def fit(model, data, callbacks, epochs=12):
    x, y = data
    return model.fit(
        x[:80],
        y[:80],
        batch_size=16,
        epochs=epochs,
        verbose=0,
        callbacks=callbacks,
        validation_data=(x[80:], y[80:]),
    )


def test_early_stopping_ends_with_the_best_weights(data):
    model, stopper = network(), EarlyStopping(patience=3, restore_best_weights=True)
    losses = fit(model, data, [stopper], epochs=200).history["val_loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 4 < 200
    assert (stopper.best_epoch, stopper.stopped_epoch) == (best, best + 3)
    assert model.evaluate(data[0][80:], data[1][80:])["loss"] == pytest.approx(losses[best])
    assert losses[best] < losses[-1]


def test_best_weights_come_back_at_an_ordinary_end_too(data):
    model = network()
    losses = fit(model, data, [EarlyStopping(patience=100, restore_best_weights=True)]).history
    best = min(losses["val_loss"])
    assert best < losses["val_loss"][-1]
    assert model.evaluate(data[0][80:], data[1][80:])["loss"] == pytest.approx(best)


def test_the_checkpoint_holds_the_best_model(data, tmp_path):
    path = tmp_path / "models" / "best.safetensors"
    history = fit(network(), data, [ModelCheckpoint(path, save_best_only=True)]).history
    loaded = gu.load_model(path)
    loss = loaded.evaluate(data[0][80:], data[1][80:])["loss"]
    assert loss == pytest.approx(min(history["val_loss"]))


def test_the_rate_follows_the_scheduler(data):
    history = fit(network(), data, [LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))], 4)
    assert history.history["learning_rate"] == [0.1, 0.1 / 2, 0.1 / 3, 0.1 / 4]


def test_the_rate_falls_on_a_plateau(data):
    callback = ReduceLROnPlateau(patience=1, factor=0.5, min_delta=10)
    history = fit(network(), data, [callback], 4)
    assert history.history["learning_rate"] == [0.1, 0.1, 0.05, 0.025]


def test_a_rate_that_follows_a_schedule_cannot_be_set(data):
    model = network({"kind": "StepDecay", "initial_learning_rate": 0.1, "drop": 0.5, "every": 9})
    with pytest.raises(InputError, match="follows"):
        fit(model, data, [LearningRateScheduler(lambda epoch: 0.1)])


def test_the_log_is_the_history(data, tmp_path):
    history = fit(network(), data, [CSVLogger(tmp_path / "log.csv")], 3)
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row.pop("epoch")) for row in rows] == history.epoch
    assert [{k: float(v) for k, v in row.items()} for row in rows] == [
        {k: v[i] for k, v in history.history.items()} for i in range(3)
    ]


def test_tensorboard_sees_the_history_and_the_weights(data, tmp_path):
    from tensorboard.backend.event_processing import event_accumulator as accumulator

    board = TensorBoard(tmp_path, histogram_freq=1, update_freq="batch")
    history = fit(network(), data, [board], 2).history
    for run, prefix in (("train", ""), ("validation", "val_")):
        events = accumulator.EventAccumulator(str(tmp_path / run))
        events.Reload()
        for name in ("loss", "accuracy"):
            values = [event.value for event in events.Scalars(f"epoch_{name}")]
            assert values == pytest.approx(history[prefix + name])
    events = accumulator.EventAccumulator(str(tmp_path / "train"))
    events.Reload()
    assert [event.step for event in events.Scalars("batch_loss")] == list(range(1, 11))
    assert "dense_1/W/histogram" in events.Tags()["histograms"]
    assert len(events.Tags()["histograms"]) == 2 * 6


def test_a_misspelt_monitor_costs_no_training(data):
    model = network()
    before = model.learner.vector.tobytes()
    with pytest.raises(InputError, match="Did you mean 'val_accuracy'"):
        fit(model, data, [EarlyStopping("val_acuracy")])
    assert model.learner.vector.tobytes() == before


@pytest.mark.parametrize("bar", [True, False])
def test_a_line_an_epoch(data, capsys, bar):
    fit(network(), data, [ProgressBar(bar)], 3)
    lines = capsys.readouterr().err.splitlines()
    assert [line[:3] for line in lines] == ["1/3", "2/3", "3/3"]
    assert all("  val_accuracy 0." in line for line in lines)


def test_a_lost_loss_ends_well_or_with_an_error(data, capsys):
    def training(*chosen):
        fit(network(1e30), data, chosen)

    with pytest.raises(Diverged):
        training()
    with pytest.raises(Diverged):
        training(TerminateOnNaN(raise_error=True))
    training(TerminateOnNaN())
    assert "the loss is not finite" in capsys.readouterr().err


class Saver(Callback):
    """Writes a checkpoint after some update and stops."""

    def __init__(self, path, update):
        self.path, self.update = path, update

    def on_batch_end(self, context):
        if context.updates == self.update:
            context.save_checkpoint(self.path)

    def on_epoch_end(self, context):
        if context.updates == -self.update:
            context.save_checkpoint(self.path)


@pytest.mark.parametrize("update", [3, -5, -25, 26, -45])
def test_a_resumed_training_is_the_same(data, tmp_path, update):
    x, y = data

    def training(model, folder, resume=None, save=0):
        learner = model.learner
        shapes = (learner.network.in_shape, learner.network.out_shape, learner.loss)
        folder.mkdir(exist_ok=True)
        chosen = [
            EarlyStopping(patience=6, restore_best_weights=True),
            ReduceLROnPlateau(patience=2, factor=0.5),
            ModelCheckpoint(folder / "{epoch}", save_best_only=True),
            CSVLogger(folder / "log.csv"),
            Saver(tmp_path / "checkpoint", save),
        ]
        made = Training(
            learner,
            check_examples(x[:80], y[:80], None, *shapes),
            check_examples(x[80:], y[80:], None, *shapes),
            Plan(40, 16),
            chosen,
            resume=resume,
        )
        made.run()
        return made, chosen

    whole, first = training(network(optimizer="Adam", rate=0.005), tmp_path / "whole", save=update)
    assert whole.stopped, "the script is long enough"
    assert whole.updates > abs(update)
    log = (tmp_path / "whole" / "log.csv").read_text()
    found = model_file.load(tmp_path / "checkpoint")
    resumed = gu.Sequential.of(found.learner)
    again, second = training(resumed, tmp_path / "whole", found.resume)
    assert again.learner.vector.tobytes() == whole.learner.vector.tobytes()
    assert again.learner.running.tobytes() == whole.learner.running.tobytes()
    assert (again.stopped, again.learning_rate) == (whole.stopped, whole.learning_rate)
    assert (tmp_path / "whole" / "log.csv").read_text() == log
    for one, other in zip(first[:3], second[:3], strict=True):
        np.testing.assert_equal(one.state(), other.state())


DESCRIPTIONS = [
    {"kind": "CSVLogger", "filename": "log.csv", "append": True},
    {"kind": "EarlyStopping", "patience": 5},
    {
        "kind": "LearningRateScheduler",
        "schedule": {"kind": "StepDecay", "initial_learning_rate": 0.1, "drop": 0.5, "every": 9},
    },
    {"kind": "ModelCheckpoint", "filepath": "{epoch}.safetensors", "save_freq": 7},
    {"kind": "ProgressBar", "bar": False},
    {"kind": "ReduceLROnPlateau", "factor": 0.5},
    {"kind": "TensorBoard", "histogram_freq": 1},
    {"kind": "TerminateOnNaN"},
]


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=lambda each: each["kind"])
def test_described_and_made_again(description):
    made = callbacks.resolve(description)
    assert type(made).__name__ == description["kind"]
    assert describe(made) == description
    assert build(describe(made)) == made
    state = made.state()
    assert not any(isinstance(v, float) and not math.isfinite(v) for v in state.values())
    assert json.loads(json.dumps(state, allow_nan=False)) == state
    made.restore(state)
    assert made.state() == state


def test_every_registered_callback_is_described_above():
    ours = [cls.__name__ for cls in callbacks if cls.__module__.startswith("groundup.")]
    assert sorted(ours) == [each["kind"] for each in DESCRIPTIONS]


def test_names_in_a_configuration():
    assert callbacks.resolve("early_stopping") == EarlyStopping()
    assert callbacks.resolve("reduce_lr_on_plateau") == ReduceLROnPlateau()
    assert callbacks.resolve("terminate_on_nan") == TerminateOnNaN()
    assert callbacks.resolve("tensorboard") == TensorBoard()
    made = callbacks.resolve({"name": "csv_logger", "filename": "log.csv"})
    assert made == CSVLogger("log.csv")
