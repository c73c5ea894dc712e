"""6-learning-rates: too small, right and too large steps; where plain descent gets stuck."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from markupsafe import Markup

from groundup.lab.reproduce.descents import SADDLE, TWO_MINIMA, VALLEY, descend
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.nn.optimizers import SGD, Momentum, Optimizer
from groundup.nn.schedules import ExponentialDecay
from groundup.report.contours import Trail, contours
from groundup.report.panels import panels


class Descent(NamedTuple):
    """One walk: where, from which point, by which optimizer, for how many updates."""

    place: str
    start: tuple[float, float]
    optimizer: Optimizer
    updates: int
    color: str


PLACES: Final = {"valley": VALLEY, "two minima": TWO_MINIMA, "saddle": SADDLE}
FROM_THE_LEFT: Final = (-7.0, 2.0)
HEIGHT_AT_FIRST: Final = 7.0**2 / 20 + 2.0**2
DESCENTS: Final[Mapping[str, Descent]] = {
    "too small": Descent("valley", FROM_THE_LEFT, SGD(0.02), 30, "blue"),
    "right": Descent("valley", FROM_THE_LEFT, SGD(0.9), 30, "teal"),
    "too large": Descent("valley", FROM_THE_LEFT, SGD(1.02), 30, "orange"),
    "too large, decaying": Descent(
        "valley", FROM_THE_LEFT, SGD(ExponentialDecay(1.02, 10, 0.9)), 30, "violet"
    ),
    "SGD, local minimum": Descent("two minima", (1.8, 1.0), SGD(0.1), 60, "blue"),
    "Momentum, local minimum": Descent("two minima", (1.8, 1.0), Momentum(0.1), 60, "orange"),
    "SGD on the ridge": Descent("saddle", (-1.6, 0.0), SGD(0.1), 60, "blue"),
    "SGD beside the ridge": Descent("saddle", (-1.6, 0.001), SGD(0.1), 90, "teal"),
    "Momentum beside it": Descent("saddle", (-1.6, 0.001), Momentum(0.1), 90, "orange"),
}


def run(setting: Setting) -> Result:
    paths = {
        name: descend(PLACES[one.place].gradient, one.optimizer, one.start, one.updates)
        for name, one in DESCENTS.items()
    }
    rows = [(name, i, *point) for name, path in paths.items() for i, point in enumerate(path)]
    names, updates, x, y = zip(*rows, strict=True)
    values: dict[str, float] = {}
    for name, path in paths.items():
        place = DESCENTS[name].place
        values[f"height of {name}"] = float(PLACES[place].height(*path[-1]))
        if place == "two minima":
            values[f"x of {name}"] = float(path[-1, 0])
        if place == "saddle":
            left = np.abs(path[:, 1]) > 0.5
            values[f"leaves: {name}"] = float(left.argmax() if left.any() else np.inf)
    return Result({"paths": {"descent": names, "update": updates, "x": x, "y": y}}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    names = results[0].column("paths", "descent")
    maps: dict[str, list[Markup]] = {}
    for name, descent in DESCENTS.items():
        land, here = PLACES[descent.place].drawn(), names == name
        found = [results[0].column("paths", axis)[here] for axis in "xy"]
        trail = Trail(name, found[0], found[1], descent.color)
        rate = descent.optimizer.learning_rate
        words = f"{say('learning rate')} {getattr(rate, 'initial_learning_rate', rate):g}"
        title = say(name[0].upper() + name[1:])
        chart = contours(land, [trail], title=title, subtitle=words, width=320, height=250)
        maps.setdefault(descent.place, []).append(chart)
    minima = say("Two minima, the left one deeper; the ring is the beginning.")
    saddle = say("A saddle at (0, 0), lower towards both sides of the ridge y = 0.")
    return [
        Figure("rates", panels(maps["valley"], 2), say("The valley x²/20 + y², 30 updates.")),
        Figure("local-minimum", panels(maps["two minima"], 2), minima),
        Figure("saddle", panels(maps["saddle"], 3), saddle),
    ]


def _below(lower: str, higher: str) -> Callable[[Result], bool]:
    return lambda r: r.values[f"height of {lower}"] < r.values[f"height of {higher}"]


EXPERIMENT: Final = Experiment(
    key="6-learning-rates",
    title="Steps too small and too large; a local minimum and a saddle",
    source="Saito 2016, 4.4.2 and 6.1; the notes on optimization",
    text="The same descent with three learning rates. Then two places where the gradient is 0 "
    "though it is not the deepest: a local minimum and a saddle.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Too small a rate is still far away when the right one has arrived.",
            lambda r: r.values["height of too small"] > 10 * r.values["height of right"],
            "Too small, and learning is slow.",
        ),
        Claim(
            "With too large a rate it ends higher than it began.",
            lambda r: r.values["height of too large"] > HEIGHT_AT_FIRST,
            "Too large, and it diverges.",
        ),
        Claim(
            "The same rate arrives if it decays.",
            lambda r: r.values["height of too large, decaying"] < 0.1,
            "Learning-rate decay: large steps first, smaller ones later.",
        ),
        Claim(
            "Plain descent stays in the local minimum, Momentum rolls on into the deeper one.",
            lambda r: (
                r.values["x of SGD, local minimum"] > 0 > r.values["x of Momentum, local minimum"]
                and _below("Momentum, local minimum", "SGD, local minimum")(r)
            ),
            "Where the slope is 0 there are no more updates; momentum keeps from local minima.",
        ),
        Claim(
            "On the ridge plain descent comes to rest on the saddle.",
            lambda r: np.isinf(r.values["leaves: SGD on the ridge"]),
            "It may sit down on a saddle point and not move any more.",
        ),
        Claim(
            "A hair beside the ridge Momentum leaves the saddle in fewer updates.",
            lambda r: (
                r.values["leaves: Momentum beside it"] < r.values["leaves: SGD beside the ridge"]
            ),
            "Momentum goes on in the direction that it has.",
        ),
    ),
    seeds=1,
    deviations=("The notes only sketch the landscapes; these functions are ours.",),
)
