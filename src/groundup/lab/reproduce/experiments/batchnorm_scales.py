"""6-batchnorm-16-scales: learning with and without batch normalization, by the first weights."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

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
from groundup.lab.reproduce.training import epoch_accuracies, network
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import MultiLayer
from groundup.report.numbers import number
from groundup.report.series import Series
from groundup.report.small_multiples import small_multiples
from groundup.typing import Array

SCALES: Final = tuple(np.logspace(0, -4, 16).tolist())
KINDS: Final = {"with batch normalization": True, "without": False}
LEARNED: Final = 0.25  # the accuracy of one who guesses is 0.1


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(1_000, 500), test=100)
    epochs = setting.pick(20, 12)
    reached = np.zeros((len(KINDS), len(SCALES), epochs))
    for k, batch_norm in enumerate(KINDS.values()):
        for s, scale in enumerate(SCALES):
            layers = MultiLayer(init=f"std:{scale}", batch_norm=batch_norm).layers(
                data.in_shape, 10
            )
            model = network(layers, SGD(0.01), setting.seed)
            reached[k, s] = epoch_accuracies(model, data, epochs, 100)
    last = np.nan_to_num(reached[:, :, -1])
    means = np.nan_to_num(reached).mean(axis=2)
    values = {
        "scales where it is faster with": float((means[0] > means[1]).sum()),
        "scales learned with": float((last[0] > LEARNED).sum()),
        "scales learned without": float((last[1] > LEARNED).sum()),
    }
    table = dict(long_table(reached, "normalized", "scale", "epoch"))
    table |= {
        "normalized": 1 - np.asarray(table["normalized"]),
        "scale": np.asarray(SCALES)[table["scale"]],
        "epoch": np.asarray(table["epoch"]) + 1,
    }
    return Result({"accuracy": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    every = np.stack([result.column("accuracy", "value") for result in results])
    every = every.reshape(len(results), len(KINDS), len(SCALES), -1)
    charts = {
        f"std {number(scale)}": [_line(every[:, k, s], say(name)) for k, name in enumerate(KINDS)]
        for s, scale in enumerate(SCALES)
    }
    picture = small_multiples(
        charts, 4, title=say("Accuracy on the training data, by the first weights"),
        x_label=say("epoch"), y_limits=(0.0, 1.0), unit="%",
    )  # fmt: skip
    note = say("A cross marks where the loss is no longer finite.")
    return [Figure("scales", picture, note)]


def _line(accuracy: Array, name: str) -> Series:
    epochs = np.arange(1, accuracy.shape[1] + 1)
    low, high = accuracy.min(axis=0), accuracy.max(axis=0)
    band = {"lower": low, "upper": high} if len(accuracy) > 1 else {}
    return Series(name, epochs.tolist(), accuracy.mean(axis=0), **band)


def _at_least(what: str, count: int) -> Callable[[Result], bool]:
    return lambda r: r.values[what] >= count


EXPERIMENT: Final = Experiment(
    key="6-batchnorm-16-scales",
    title="Batch normalization, and 16 scales of first weights",
    source="Saito 2016, 6.3.2",
    text="Five hidden layers of 100 ReLU units learn 1,000 images with SGD, rate 0.01, from first "
    "weights with standard deviations from 1 to 0.0001; with batch normalization and without.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "With batch normalization it learns faster for at least 12 of the 16 scales.",
            _at_least("scales where it is faster with", 12),
            "In almost all cases learning is faster with batch normalization.",
        ),
        Claim(
            "Without it, at most 5 scales are learned at all: more than 25 % right in the end.",
            lambda r: r.values["scales learned without"] <= 5,
            "Without it nothing is learned unless the first weights are well spread.",
        ),
        Claim(
            "With it, at least 12 are.",
            _at_least("scales learned with", 12),
            "Learning hardly depends on initial values.",
        ),
    ),
    deviations=(
        "Accuracy is that of the batches of an epoch, while the network learns.",
        "Our variance begins at 1 and ε is 1e-5; the book's 0 and 1e-6.",
    ),
)
