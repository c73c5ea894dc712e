"""6-adagrad-stall: AdaGrad's steps shrink to nothing; RMSProp and Adam forget and go on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.nn.optimizers import Adagrad, Adam, Optimizer, RMSprop
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.typing import Array

RATE: Final = 0.1
OPTIMIZERS: Final[Mapping[str, Optimizer]] = {
    "AdaGrad": Adagrad(RATE),
    "RMSProp": RMSprop(RATE, rho=0.99),
    "Adam": Adam(RATE),
}
WALL: Final = 1.0  # up to here it is steep
AIM: Final = 10.0


def even(x: float) -> float:
    """A slope that never ends: -1 everywhere."""
    return -1.0


def wall(x: float) -> float:
    """A hundred times as steep before the wall's foot as after it, and even from the aim on."""
    return -100.0 if x < WALL else -1.0 if x < AIM else 0.0


def walk(optimizer: Optimizer, slope: Callable[[float], float], noise: Array) -> Array:
    """Where one gets to, from 0, with these disturbances of the gradient; one more than updates."""
    theta, places = np.zeros(1), [0.0]
    state = optimizer.init(theta)
    for disturbance in noise:
        theta, state = optimizer.update(theta, slope(theta[0]) * (1 + disturbance[None]), state)
        places.append(float(theta[0]))
    return np.array(places)


def run(setting: Setting) -> Result:
    updates = setting.pick(10_000, 3_000)
    noise = Stream(setting.seed, "shuffle", "noise").normal(updates, stddev=0.5)
    at = np.arange(1, updates + 1)
    steps, places = {}, {}
    values: dict[str, float] = {}
    for name, optimizer in OPTIMIZERS.items():
        length = np.abs(np.diff(walk(optimizer, even, noise)))
        steps[name] = _mean_of(length, 50)
        places[name] = walk(optimizer, wall, noise)[1:]
        arrived = places[name] >= 0.99 * AIM
        values |= {
            f"last step of {name}": float(steps[name][-1]),
            f"updates of {name}": float(arrived.argmax() + 1 if arrived.any() else np.inf),
        }
    tables = {
        "steps": curve_table(steps, at, ("optimizer", "update", "step")),
        "places": curve_table(places, at, ("optimizer", "update", "place")),
    }
    return Result(tables, values)


def _mean_of(values: Array, window: int) -> Array:
    """Means of the latest values."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    begin = np.maximum(np.arange(1, len(values) + 1) - window, 0)
    return (sums[1:] - sums[begin]) / (np.arange(1, len(values) + 1) - begin)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    steps = line_chart(
        mean_curves(results, "steps", say), title=say("Length of a step on an even slope"),
        y_label=say("mean of the latest 50"), x_label=say("update"), y_log=True, whole_x=True,
    )  # fmt: skip
    places = line_chart(
        mean_curves(results, "places", say), title=say("Place after a steep beginning"),
        y_label=say("steep up to 1, gentle up to 10"), x_label=say("update"), whole_x=True,
        y_limits=(0.0, AIM + 1),
    )  # fmt: skip
    note = say("Gradients are disturbed by half their size; mean of all seeds.")
    return [Figure("stall", panels([steps, places], 2), note)]


def _arrives(name: str) -> Callable[[Result], bool]:
    return lambda r: np.isfinite(r.values[f"updates of {name}"])


EXPERIMENT: Final = Experiment(
    key="6-adagrad-stall",
    title="Why AdaGrad stalls",
    source="Saito 2016, 6.1.5; the notes on RMSProp and Adam",
    text="AdaGrad divides by the root of all squared gradients so far, which only grows. RMSProp "
    "and Adam take a mean that forgets. First an even slope without end, then one with a steep "
    "beginning.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "On an even slope AdaGrad's steps end below a twentieth of the learning rate.",
            lambda r: r.values["last step of AdaGrad"] < RATE / 20,
            "If it learns for ever, updates become 0 at some point.",
        ),
        Claim(
            "Those of RMSProp and Adam stay above half of it.",
            lambda r: all(
                r.values[f"last step of {one}"] > RATE / 2 for one in ("RMSProp", "Adam")
            ),
            "RMSProp forgets gradients of long ago.",
        ),
        Claim(
            "After a steep beginning AdaGrad does not arrive.",
            lambda r: not _arrives("AdaGrad")(r),
            "The accumulated squares become too large for it to learn.",
        ),
        Claim(
            "RMSProp and Adam do.",
            lambda r: _arrives("RMSProp")(r) and _arrives("Adam")(r),
            "The squares do not grow without end.",
        ),
    ),
    deviations=("The notes have no experiment here; the slopes are ours.",),
)
