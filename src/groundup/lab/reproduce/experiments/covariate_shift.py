"""6-covariate-shift: a network that meets other inputs than those it has learned from."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.data.shift import measure_shift
from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network, train
from groundup.nn.optimizers import Adam
from groundup.nn.zoo import MultiLayer
from groundup.report.lines import line_chart
from groundup.report.panels import panels

PIXELS: Final = (0, 1, 2, 3, 4)
"""How far test images are moved to the right: what is written on them stays the same."""
COMPARED: Final = 300  # images of each set that are tested for a shift


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(20_000, 4_000), test=setting.pick(5_000, 1_000))
    model = network(MultiLayer(depth=2).layers(data.in_shape, 10), Adam(0.001), setting.seed)
    train(model, data, setting.pick(1_000, 200), 100)
    accuracy, told_apart, features, seen = [], [], [], []
    for pixels in PIXELS:
        moved = np.roll(data.x_test, pixels, axis=3)
        accuracy.append(model.evaluate(moved, data.y_test)["accuracy"])
        shift = measure_shift(data.x_train[:COMPARED], moved[:COMPARED], seed=setting.seed)
        assert shift.classifier is not None
        told_apart.append(shift.classifier.auc)
        features.append(len(shift.shifted) / len(shift.features))
        seen.append(shift.seen)
    shares = {"pixels that differ": np.array(features), "told apart (AUC)": np.array(told_apart)}
    tables = {
        "accuracy": curve_table(
            {"accuracy": np.array(accuracy)}, np.array(PIXELS), ("what", "pixels", "accuracy")
        ),
        "shift": curve_table(shares, np.array(PIXELS), ("what", "pixels", "share")),
    }
    values = {f"accuracy, {n} pixels": a for n, a in zip(PIXELS, accuracy, strict=True)}
    values |= {f"shift is seen, {n} pixels": float(s) for n, s in zip(PIXELS, seen, strict=True)}
    return Result(tables, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    accuracy, shift = (
        line_chart(
            mean_curves(results, table, say),
            title=say(title),
            unit="%",
            whole_x=True,
            x_label=say("pixels to the right"),
            y_limits=(0.0, 1.0),
        )
        for table, title in (
            ("accuracy", "Accuracy on images that are moved"),
            ("shift", "What a test for a shift of the data says"),
        )
    )
    note = say("AUC 50 %: new images cannot be told from those of the training; 100 %: always.")
    return [Figure("shift", panels([accuracy, shift], 2), note)]


EXPERIMENT: Final = Experiment(
    key="6-covariate-shift",
    title="Covariate shift",
    source="the notes on batch normalization; Shimodaira 2000",
    text="A network learns handwriting; the test images are the same kind of digits, only moved to "
    "the right. Another distribution of inputs, the same meaning.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Images that are not moved differ from the training's in no way that is seen.",
            lambda r: not r.values["shift is seen, 0 pixels"],
        ),
        Claim(
            "Moved by one pixel or more the shift is seen from 300 images, without any label.",
            lambda r: all(r.values[f"shift is seen, {n} pixels"] for n in PIXELS[1:]),
            "The distribution of inputs differs between training and test.",
        ),
        Claim(
            "Accuracy falls by 10 points or more with two pixels.",
            lambda r: r.values["accuracy, 2 pixels"] < r.values["accuracy, 0 pixels"] - 0.1,
            "Where the distributions differ, classification gets worse.",
        ),
    ),
    deviations=("The notes have a sketch; the experiment is ours.",),
)
