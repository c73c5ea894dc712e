"""6-optimizers-mnist: how fast five layers of 100 ReLU units learn with each optimizer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network, smooth, train
from groundup.nn.optimizers import SGD, Adagrad, Adam, Momentum, Nesterov, Optimizer, RMSprop
from groundup.nn.zoo import MultiLayer
from groundup.report.lines import line_chart

BATCH: Final = 128
OPTIMIZERS: Final[Mapping[str, Optimizer]] = {
    "SGD": SGD(0.01),
    "Momentum": Momentum(0.01),
    "Nesterov": Nesterov(0.01),
    "AdaGrad": Adagrad(0.01),
    "RMSProp": RMSprop(0.001),
    "Adam": Adam(0.001),
}
"""With the defaults of the book."""


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(60_000, 6_000), test=100)
    updates = setting.pick(2_000, 300)
    curves, values = {}, {}
    for name, optimizer in OPTIMIZERS.items():
        layers = MultiLayer().layers(data.in_shape, 10)
        losses = train(network(layers, optimizer, setting.seed), data, updates, BATCH)
        curves[name] = losses
        values[f"mean loss of {name}"] = float(losses.mean())
        values[f"last losses of {name}"] = float(losses[-updates // 10 :].mean())
    table = curve_table(curves, np.arange(1, updates + 1), ("optimizer", "update", "loss"))
    return Result({"losses": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    chart = line_chart(
        mean_curves(results, "losses", say, smoothed=smooth), x_label=say("update"), y_log=True,
        title=say("Loss of the training batches"), whole_x=True, width=720, height=400,
    )  # fmt: skip
    note = say("Mean of the latest 15 batches and of all seeds; bands from the least to the most.")
    return [Figure("losses", chart, note)]


def _ahead(one: str, other: str = "SGD") -> Callable[[Result], bool]:
    return lambda r: r.values[f"mean loss of {one}"] < r.values[f"mean loss of {other}"]


EXPERIMENT: Final = Experiment(
    key="6-optimizers-mnist",
    title="Optimizers compared on handwriting",
    source="Saito 2016, 6.1.8",
    text="Five hidden layers of 100 ReLU units with He's initial values, batches of 128 images, "
    "the same weights and the same batches for each optimizer.",
    run=run,
    draw=draw,
    claims=(
        *(
            Claim(
                f"{name} learns faster than SGD: its mean loss over the training is lower.",
                _ahead(name),
                "SGD learns slowest; the others are about equally fast.",
            )
            for name in ("Momentum", "AdaGrad", "Adam")
        ),
        Claim(
            "Of the book's four, AdaGrad learns fastest.",
            lambda r: all(_ahead("AdaGrad", other)(r) for other in ("SGD", "Momentum", "Adam")),
            "AdaGrad seems a little faster than the others.",
        ),
    ),
    deviations=(
        "Batches are drawn without replacement, epoch by epoch.",
        "Nesterov and RMSProp are added; the book has four optimizers.",
    ),
)
