"""quiz: the questions of the slides, answered, each with the command that shows it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from groundup.data.augment import Augment, RandomRotation
from groundup.data.batches import batches
from groundup.data.dataset import Dataset
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import (
    Answer,
    Claim,
    Experiment,
    Figure,
    Result,
    Say,
    Setting,
)
from groundup.lab.reproduce.training import network
from groundup.layers import BatchNormalization
from groundup.layers.layer import Mode
from groundup.nn.optimizers import Adam
from groundup.nn.zoo import MultiLayer
from groundup.report.bars import bars
from groundup.report.numbers import percent
from groundup.report.panels import panels
from groundup.rng import Stream

FEW: Final = 300
NETWORKS: Final = {
    "many": MultiLayer(units=100, depth=6),
    "few": MultiLayer(units=2, depth=1),
}
"""By how many parameters they have."""
BATCH: Final = 64
PROBABILITY: Final = 0.3
EPOCHS: Final = 60
COMBINATIONS: Final = {
    "many parameters, few images": ("many", FEW),
    "few parameters, few images": ("few", FEW),
    "many parameters, many images": ("many", None),
}


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(6_000, 1_400), test=1_000)
    gaps = {name: gap(data, *what, setting) for name, what in COMBINATIONS.items()}
    seen = [batch.indices for batch in batches(data.x_train, data.y_train, BATCH,
            Stream(setting.seed).at(epoch=0))]  # fmt: skip
    times = np.bincount(np.concatenate(seen), minlength=len(data.x_train))
    restored = restore(setting.seed)
    values = {
        "restored by γ = σ and β = μ, to": restored,
        "updates of an epoch": float(len(seen)),
        "images of the epoch": float(len(times)),
        "seen exactly once": float((times == 1).mean()),
        "changed by the rotation": changed(data, 1.0, setting.seed),
        "changed with magnitude 0": changed(data, 0.0, setting.seed),
    }
    values |= {f"gap, {name}": one for name, one in gaps.items()}
    table = {"network and data": list(gaps), "gap": list(gaps.values())}
    return Result({"gaps": table}, values)


def gap(data: Dataset, network_name: str, count: int | None, setting: Setting) -> float:
    """By how much the accuracy on training images exceeds that on test images, as many updates."""
    part = replace(data, x_train=data.x_train[:count], y_train=data.y_train[:count])
    layers = NETWORKS[network_name].layers(data.in_shape, 10)
    model = network(layers, Adam(), setting.seed)
    epochs = max(1, EPOCHS * FEW // len(part.x_train))
    model.fit(part.x_train, part.y_train, batch_size=50, epochs=epochs, verbose=0)
    known, new = (
        model.evaluate(x, y)["accuracy"]
        for x, y in ((part.x_train, part.y_train), (part.x_test, part.y_test))
    )
    return known - new


def restore(seed: int) -> float:
    """How far batch normalization is from the identity, with γ = σ and β = μ of the batch."""
    x = Stream(seed, name="quiz").normal((200, 4), mean=3.0, stddev=2.0)
    layer = BatchNormalization()
    params = {"gamma": np.sqrt(x.var(axis=0) + layer.epsilon), "beta": x.mean(axis=0)}
    state = layer.init(Stream(seed), (4,)).state
    y, _, _ = layer.forward(params, state, x, Mode(train=True))
    return float(np.abs(y - x).max())


def changed(data: Dataset, magnitude: float, seed: int) -> float:
    """The share of images that a rotation with a probability and a magnitude changes."""
    turn = RandomRotation(30, probability=PROBABILITY, magnitude=magnitude)
    images = data.x_train[:1000]
    turned = Augment([turn])(images, np.arange(len(images)), Stream(seed).at(epoch=0))
    return float((turned != images).any(axis=(1, 2, 3)).mean())


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    names = [str(name) for name in results[0].column("gaps", "network and data")]
    gaps = np.array([result.column("gaps", "gap") for result in results])
    spans = list(zip(gaps.min(axis=0).tolist(), gaps.max(axis=0).tolist(), strict=True))
    overfitting = bars(
        [say(name) for name in names], gaps.mean(axis=0).tolist(), words=percent,
        title=say("When does overfitting happen?"), intervals=spans,
        subtitle=say("training accuracy above test accuracy"), width=640,
    )  # fmt: skip
    note = say("Mean of all seeds, with the least and the most; as many updates for each.")
    return [Figure("overfitting", panels([overfitting], 1), note)]


EXPERIMENT: Final = Experiment(
    key="quiz",
    title="The quiz of the slides",
    source="the slides on normalization, overfitting and hyperparameters",
    text="The slides leave four words out for the reader to find. Here they are.",
    run=run,
    draw=draw,
    answers=(
        Answer(
            "What does training adjust, so that batch normalization mends whitening's trouble?",
            "γ and β. With mean 0 and standard deviation 1, sigmoid gets only inputs where it is "
            "nearly a straight line. γ scales and β shifts the normalized values, and both are "
            "learned, so that a layer may have any spread and mean that helps, even the old one.",
            "groundup reproduce 6-whitening",
        ),
        Answer(
            "When does overfitting happen?",
            "When a network has many parameters and so can express much, or when there are few "
            "training data. It then fits the training data too well and does worse on new data.",
            "groundup reproduce 6-overfit-300",
        ),
        Answer(
            "The number of mini-batches that are needed to finish … is called iterations.",
            "An epoch: the whole training set has gone once through the network, forward and "
            "backward. N images in batches of B take N / B iterations, rounded up.",
            "groundup train --epochs 3 --batch-size 64",
        ),
        Answer(
            "Which method learns, by reinforcement learning, which augmentations to use, with what "
            "probability and what magnitude?",
            "AutoAugment. A controller network draws policies; the validation accuracy of small "
            "networks that learn with them is its reward.",
            "groundup tune --method autoaugment --trials 20",
        ),
    ),
    claims=(
        Claim(
            "With γ = σ and β = μ batch normalization gives its inputs back, to 10⁻¹².",
            lambda r: r.values["restored by γ = σ and β = μ, to"] < 1e-12,
            "Adjusting γ and β solves the problem of whitening.",
        ),
        Claim(
            "With few images, many parameters overfit more than few: the gap between training and "
            "test accuracy is larger.",
            lambda r: (
                r.values["gap, many parameters, few images"]
                > r.values["gap, few parameters, few images"]
            ),
            "Many parameters, high expressiveness.",
        ),
        Claim(
            "With many parameters, few images overfit more than many.",
            lambda r: (
                r.values["gap, many parameters, few images"]
                > r.values["gap, many parameters, many images"]
            ),
            "Few training data.",
        ),
        Claim(
            "In an epoch every image is seen once, in N / B updates, rounded up.",
            lambda r: (
                r.values["seen exactly once"] == 1
                and r.values["updates of an epoch"] == -(-r.values["images of the epoch"] // BATCH)
            ),
            "The whole training set passes through the network once.",
        ),
        Claim(
            "A rotation with probability 0.3 changes 25 to 35 % of the images, and none with "
            "magnitude 0.",
            lambda r: (
                0.25 <= r.values["changed by the rotation"] <= 0.35
                and r.values["changed with magnitude 0"] == 0
            ),
            "Which augmentation, with what probability, with what magnitude.",
        ),
    ),
    deviations=(
        "The slides have no experiment here. The network with few parameters has two hidden units; "
        "one with five already overfits 300 images of MNIST as much as the large one.",
    ),
)
