"""keras-mnist-dnn: the classifier of the Keras notes, and its curves read back by TensorBoard."""

import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import Adam
from groundup.nn.zoo import KerasDNN
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.train.callback import Callback
from groundup.train.callbacks import TensorBoard

EPOCHS: Final = 20
BATCH: Final = 128
PARTS: Final = {"training": "", "validation": "val_"}
MEASURES: Final = ("loss", "accuracy")
INSTALLED: Final = all(find_spec(name) is not None for name in ("tensorboard", "tensorboardX"))


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(60_000, 4_000), test=setting.pick(10_000, 1_000))
    model = network(KerasDNN().layers(data.in_shape, 10), Adam(), setting.seed)
    with tempfile.TemporaryDirectory() as folder:
        callbacks: list[Callback] = [TensorBoard(folder)] if INSTALLED else []
        history = model.fit(
            data.x_train,
            data.y_train,
            batch_size=BATCH,
            epochs=EPOCHS,
            verbose=0,
            validation_data=(data.x_test, data.y_test),
            callbacks=callbacks,
        ).history
        read = _read_back(Path(folder)) if INSTALLED else {}
    curves = {
        f"{measure}, {part}": np.array(history[prefix + measure])
        for measure in MEASURES
        for part, prefix in PARTS.items()
    }
    away = [np.abs(np.array(values) - curves[name]).max() for name, values in read.items()]
    values = {
        "TensorBoard installed": float(INSTALLED),
        "curves read back": float(len(read)),
        "farthest from the history": float(max(away, default=0.0)),
        "epochs": float(len(history["loss"])),
        "validation accuracy": history["val_accuracy"][-1],
        "training loss, first epoch": history["loss"][0],
        "training loss, last epoch": history["loss"][-1],
        "validation loss, last epoch": history["val_loss"][-1],
        "enough": setting.pick(0.97, 0.88),
    }
    epochs = np.arange(1, EPOCHS + 1)
    tables = {
        measure: curve_table(
            {part: curves[f"{measure}, {part}"] for part in PARTS},
            epochs,
            ("part", "epoch", measure),
        )
        for measure in MEASURES
    }
    return Result(tables, values)


def _read_back(folder: Path) -> Mapping[str, list[float]]:
    """The curves as TensorBoard finds them in the folder."""
    reader = import_module("tensorboard.backend.event_processing.event_accumulator")
    read = {}
    for part, name in (("training", "train"), ("validation", "validation")):
        events = reader.EventAccumulator(str(folder / name)).Reload()
        for measure in MEASURES:
            read[f"{measure}, {part}"] = [one.value for one in events.Scalars(f"epoch_{measure}")]
    return read


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    loss = line_chart(
        mean_curves(results, "loss", say), title=say("Loss"), x_label=say("epoch"), whole_x=True,
        y_limits=(0.0, None),
    )  # fmt: skip
    accuracy = line_chart(
        mean_curves(results, "accuracy", say), title=say("Accuracy"), x_label=say("epoch"),
        whole_x=True, unit="%",
    )  # fmt: skip
    note = say("Training values are means over the epoch, with dropout. Mean of all seeds.")
    return [Figure("curves", panels([loss, accuracy], 2), note)]


EXPERIMENT: Final = Experiment(
    key="keras-mnist-dnn",
    title="The classifier of the Keras notes",
    source="the Keras notes, MNIST classifier",
    text="Three dense layers of 64 ReLU units, each followed by batch normalization, dropout "
    "of 0.2, softmax; 20 epochs with batches of 128, validated after each, logged for TensorBoard.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "20 epochs are made, and the training loss falls to less than a third.",
            lambda r: (
                r.values["epochs"] == EPOCHS
                and r.values["training loss, last epoch"]
                < r.values["training loss, first epoch"] / 3
            ),
            "epochs=20, batch_size=128",
        ),
        Claim(
            "At least 97 % of the validation images are told right; 88 % in the quick form.",
            lambda r: r.values["validation accuracy"] >= r.values["enough"],
        ),
        Claim(
            "TensorBoard, where it is installed, finds four curves, equal to the history.",
            lambda r: (
                r.values["farthest from the history"] < 1e-6
                and r.values["curves read back"] == 4 * r.values["TensorBoard installed"]
            ),
            "%tensorboard --logdir logs/deep-net",
        ),
    ),
    deviations=(
        "The notes do not show the optimizer; here it is Adam.",
        "As in the notes the validation images are those of the test set.",
    ),
)
