"""6-augmentation: new variants of 300 images in every epoch."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from groundup.data.augment import (
    Augment,
    RandomBlur,
    RandomHorizontalFlip,
    RandomNoise,
    RandomRotation,
    RandomShift,
)
from groundup.data.dataset import Dataset
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import (
    Claim,
    Experiment,
    Figure,
    Result,
    Say,
    Setting,
    long_table,
)
from groundup.lab.reproduce.overfitting import (
    FEW,
    SEVEN_LAYERS,
    accuracy_charts,
    accuracy_table,
    follow,
    last_values,
)
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import Adam
from groundup.report import gallery
from groundup.report.bars import bars
from groundup.report.numbers import percent
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.typing import Array

EPOCHS: Final = 120
VARIANTS: Final = 6


def operations(data: Dataset) -> Mapping[str, Sequence[Any]]:
    """What is done to the images, by name; measures in pixels follow their size."""
    pixels = data.in_shape[-1] / 14
    notes = [RandomRotation(15), RandomBlur(pixels / 2), RandomShift(pixels), RandomNoise(0.1)]
    single = {name: [one] for name, one in zip(NAMES[1:], notes, strict=False)}
    return {"none": []} | single | {"mirroring": [RandomHorizontalFlip()], "the four": notes}


NAMES: Final = ("none", "rotation", "blur", "shift", "noise", "mirroring", "the four")


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=FEW, test=setting.pick(10_000, 1_000))
    seen, pictures = {}, []
    for name, chosen in operations(data).items():
        model = network(SEVEN_LAYERS.layers(data.in_shape, 10), Adam(), setting.seed)
        seen[name] = follow(model, data, EPOCHS, every=20, augment=chosen or None)
        pictures.append(_variants(data, chosen, setting.seed))
    values = last_values(seen)
    ends = {part: [values[f"{part}, {name}"] for name in NAMES] for part in ("training", "test")}
    shown = {name: seen[name] for name in ("none", "the four")}
    tables = {
        "accuracies": accuracy_table(shown),
        "by operation": {"operation": list(NAMES)} | ends,
        "pictures": long_table(np.stack(pictures), *_AXES),
    }
    return Result(tables, values)


def _variants(data: Dataset, chosen: Sequence[Any], seed: int) -> Array:
    """What the first epochs show of one image, from 0 to 1, (VARIANTS, H, W)."""
    augment = Augment(chosen).fit(data.x_train)
    epochs = [Stream(seed).at(epoch=epoch) for epoch in range(VARIANTS)]
    shown = np.stack([augment(data.x_train[:1], [0], stream)[0, 0] for stream in epochs])
    return np.round(shown / data.x_train.max(), 3)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    shape = [int(results[0].column("pictures", axis).max()) + 1 for axis in _AXES]
    pictures = results[0].column("pictures", "value").reshape(shape)
    rows = [(say(name), list(row)) for name, row in zip(NAMES, pictures, strict=True)]
    columns = [f"{say('epoch')} {epoch + 1}" for epoch in range(VARIANTS)]
    title = say("What the epochs show of one image")
    shown = gallery.draw(gallery.Gallery(title, "", columns, rows))
    tests = np.stack([result.column("by operation", "test") for result in results])
    effect = bars(
        list(map(say, NAMES)), tests.mean(axis=0).tolist(), words=percent, width=720,
        intervals=list(zip(tests.min(axis=0), tests.max(axis=0), strict=True)),
        title=say("Accuracy on test images, by what is done to the training images"),
    )  # fmt: skip
    curves = panels(accuracy_charts(results, ["none", "the four"], say), 2)
    note = say("Mean of all seeds, ranges and bands from the least to the most.")
    return [
        Figure("gallery", shown, say("The four: rotation, blur, shift and noise together.")),
        Figure("effect", effect, note),
        Figure("accuracies", curves, note),
    ]


_AXES: Final = ("operation", "epoch", "row", "column")


def _better(name: str) -> Claim:
    return Claim(
        f"With {name} alone more test images are told right.",
        lambda r: r.values[f"test, {name}"] > r.values["test, none"],
        "New training images are made by rotation, blur, shift, noise and the like.",
    )


EXPERIMENT: Final = Experiment(
    key="6-augmentation",
    title="Augmentation",
    source="the Keras notes; Saito 2016, 8.1.2",
    text="Seven layers learn 300 images, each of them in a new variant in every epoch: turned up "
    "to 15 degrees, blurred, shifted, noisy; or all four; or mirrored, which makes no digits.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "With the four together more test images are told right.",
            lambda r: r.values["test, the four"] > r.values["test, none"],
            "The more training data there are, the better a network generalizes.",
        ),
        Claim(
            "The gap between training and test accuracy is smaller with them.",
            lambda r: r.values["gap, the four"] < r.values["gap, none"],
            "It is a remedy for overfitting.",
        ),
        _better("rotation"),
        _better("shift"),
        Claim(
            "Mirroring does harm: fewer test images are told right.",
            lambda r: r.values["test, mirroring"] < r.values["test, none"],
            "Not said; a mirrored digit is mostly none, so that the label is wrong.",
        ),
    ),
    deviations=("The notes have the list of operations; the experiment is ours, with Adam.",),
)
