"""6-overfit-300: seven layers learn 300 images by heart."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.overfitting import (
    FEW,
    SEVEN_LAYERS,
    accuracy_charts,
    accuracy_table,
    follow,
    last_values,
)
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import SGD
from groundup.report.panels import panels

EPOCHS: Final = 200
MANY: Final = 4 * FEW


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=MANY, test=setting.pick(10_000, 1_000))
    seen = {}
    for count in (FEW, MANY):
        part = replace(data, x_train=data.x_train[:count], y_train=data.y_train[:count])
        model = network(SEVEN_LAYERS.layers(data.in_shape, 10), SGD(0.01), setting.seed)
        seen[f"{count} images"] = follow(model, part, EPOCHS * FEW // count)
    few = seen[f"{FEW} images"]
    late = 100 if data.name == "mnist" else 150
    early = {"training from then on": float(few["training"][few["epoch"] >= late].min())}
    tables = {name: accuracy_table({name: one}) for name, one in seen.items()}
    return Result(tables, last_values(seen) | early)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    tables = results[0].tables
    charts = [accuracy_charts(results, [name], say, name)[0] for name in tables]
    note = say(
        "As many updates on both sides. Mean of all seeds, bands from the least to the most."
    )
    return [Figure("accuracies", panels(charts, 2), note)]


EXPERIMENT: Final = Experiment(
    key="6-overfit-300",
    title="Overfitting on 300 images",
    source="Saito 2016, 6.4.1",
    text="A network of seven layers, 100 units in each hidden one, learns from 300 images only, "
    "and for comparison from 1200. SGD with rate 0.01, batches of 100.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "From epoch 100 on (150 with the digits, smaller images) at least 98 % of the training "
            "images are told right.",
            lambda r: r.values["training from then on"] >= 0.98,
            "From about epoch 100 the accuracy on training data is nearly 100 %.",
        ),
        Claim(
            "Test images are told right less often, by 5 points or more.",
            lambda r: r.values["gap, 300 images"] >= 0.05,
            "On test data there is a large gap: the network is fitted to the training data alone.",
        ),
        Claim(
            "With 1200 images and as many updates the gap is smaller.",
            lambda r: r.values["gap, 1200 images"] < r.values["gap, 300 images"],
            "It happens where a network has many parameters, or training data are few.",
        ),
    ),
    deviations=(
        "The training with 1200 images is added.",
        "Batches are drawn without replacement, epoch by epoch.",
    ),
)
