"""6-init-mnist: how fast five layers of 100 ReLU units learn, by initial values."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network, smooth, train
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import MultiLayer
from groundup.report.lines import line_chart

BATCH: Final = 128
INITS: Final[Mapping[str, str]] = {"std 0.01": "std:0.01", "Xavier": "xavier", "He": "he"}


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(60_000, 6_000), test=100)
    updates = setting.pick(2_000, 900)
    curves, values = {}, {}
    for name, init in INITS.items():
        layers = MultiLayer(init=init).layers(data.in_shape, 10)
        losses = train(network(layers, SGD(0.01), setting.seed), data, updates, BATCH)
        curves[name] = losses
        values[f"mean loss with {name}"] = float(losses.mean())
        values[f"first losses with {name}"] = float(losses[: updates // 10].mean())
        values[f"last losses with {name}"] = float(losses[-updates // 10 :].mean())
    table = curve_table(curves, np.arange(1, updates + 1), ("init", "update", "loss"))
    return Result({"losses": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    chart = line_chart(
        mean_curves(results, "losses", say, smoothed=smooth), x_label=say("update"),
        title=say("Loss of the training batches"), whole_x=True, y_limits=(0.0, 2.5),
        width=720, height=400,
    )  # fmt: skip
    note = say("Mean of the latest 15 batches and of all seeds; bands from the least to the most.")
    return [Figure("losses", chart, note)]


EXPERIMENT: Final = Experiment(
    key="6-init-mnist",
    title="Initial values compared on handwriting",
    source="Saito 2016, 6.2.4",
    text="Five hidden layers of 100 ReLU units, SGD with rate 0.01, batches of 128 images; only "
    "the spread of the first weights differs.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "With std 0.01 nothing is learned: the loss stays within 1 % of where it was.",
            lambda r: (
                r.values["last losses with std 0.01"]
                > 0.99 * r.values["first losses with std 0.01"]
            ),
            "As predicted: with std 0.01 almost nothing is learned.",
        ),
        Claim(
            "With Xavier and He the network learns: the loss falls below half.",
            lambda r: all(
                r.values[f"last losses with {init}"] < 0.5 * r.values[f"first losses with {init}"]
                for init in ("Xavier", "He")
            ),
            "With Xavier and He it goes well.",
        ),
        Claim(
            "With He it learns faster than with Xavier: its mean loss is lower.",
            lambda r: r.values["mean loss with He"] < r.values["mean loss with Xavier"],
            "He is a little faster, as the activation is ReLU.",
        ),
    ),
    deviations=("Batches are drawn without replacement, epoch by epoch.",),
)
