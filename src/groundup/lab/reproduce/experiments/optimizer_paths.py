"""6-optimizer-paths: how each optimizer walks down the valley x²/20 + y²."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.descents import VALLEY, descend
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting, Table
from groundup.nn.optimizers import SGD, Adagrad, Adam, Momentum, Nesterov, Optimizer, RMSprop
from groundup.report import style
from groundup.report.contours import Trail, contours
from groundup.report.panels import panels

START: Final = (-7.0, 2.0)
UPDATES: Final = 30
OPTIMIZERS: Final[Mapping[str, Optimizer]] = {
    "SGD": SGD(0.95),
    "Momentum": Momentum(0.1),
    "Nesterov": Nesterov(0.1),
    "AdaGrad": Adagrad(1.5),
    "RMSProp": RMSprop(0.3),
    "Adam": Adam(0.3),
}
"""SGD, Momentum, AdaGrad and Adam with the rates of the book; the others as their relatives."""


def run(setting: Setting) -> Result:
    paths = {
        name: descend(VALLEY.gradient, optimizer, START, UPDATES)
        for name, optimizer in OPTIMIZERS.items()
    }
    table: Table = {
        "optimizer": [name for name in paths for _ in range(UPDATES + 1)],
        "update": [*range(UPDATES + 1)] * len(paths),
        "x": np.concatenate([path[:, 0] for path in paths.values()]),
        "y": np.concatenate([path[:, 1] for path in paths.values()]),
    }
    values: dict[str, float] = {}
    for name, path in paths.items():
        near = np.abs(path[:, 0]) < 0.1 * abs(START[0])
        values |= {
            f"height of {name}": float(VALLEY.height(*path[-1])),
            f"way of {name} in y": float(np.abs(np.diff(path[:, 1])).sum()),
            f"updates of {name} to x": float(near.argmax() if near.any() else np.inf),
        }
    return Result({"paths": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    names = results[0].column("paths", "optimizer")
    maps = []
    for name, color in zip(OPTIMIZERS, style.SERIES, strict=True):
        here = names == name
        trail = Trail(
            name,
            results[0].column("paths", "x")[here],
            results[0].column("paths", "y")[here],
            color,
        )
        rate = f"{say('learning rate')} {OPTIMIZERS[name].learning_rate:g}"
        maps.append(
            contours(VALLEY.drawn(), [trail], title=name, subtitle=rate, width=320, height=250)
        )
    note = say("30 updates from (−7, 2); the ring is the beginning, each dot an update.")
    return [Figure("paths", panels(maps, 3), note)]


def _straighter(one: str, other: str) -> Claim:
    return Claim(
        f"{one} zigzags less than {other}: it goes a shorter way in y.",
        lambda r: r.values[f"way of {one} in y"] < r.values[f"way of {other} in y"],
        f"The path of {one} zigzags less than that of {other}.",
    )


EXPERIMENT: Final = Experiment(
    key="6-optimizer-paths",
    title="Paths down the valley x²/20 + y²",
    source="Saito 2016, 6.1.3-6.1.7",
    text="The gradient points across the valley rather than along it, so plain descent zigzags. "
    "Each optimizer starts at (-7, 2) and makes 30 updates.",
    run=run,
    draw=draw,
    claims=(
        _straighter("Momentum", "SGD"),
        _straighter("AdaGrad", "SGD"),
        _straighter("Adam", "SGD"),
        _straighter("Adam", "Momentum"),
        Claim(
            "Momentum covers nine tenths of the way in x in fewer updates than SGD.",
            lambda r: r.values["updates of Momentum to x"] < r.values["updates of SGD to x"],
            "Momentum approaches along x faster than SGD.",
        ),
        Claim(
            "Of the book's four, AdaGrad comes lowest in 30 updates.",
            lambda r: all(
                r.values["height of AdaGrad"] < r.values[f"height of {other}"]
                for other in ("SGD", "Momentum", "Adam")
            ),
            "From these pictures alone AdaGrad seems the best; it depends on the problem.",
        ),
    ),
    seeds=1,
    deviations=("Nesterov and RMSProp are added; the book has four optimizers.",),
)
