"""6-search: a hundred random pairs of learning rate and weight decay, and the twenty best."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from groundup.config import Config, from_mapping
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.report.numbers import number, percent
from groundup.report.panels import panels
from groundup.report.ranked_curves import Curves, ranked_curves
from groundup.report.scatter import scatter
from groundup.rng import Stream
from groundup.train.trials import Trial, run_trial
from groundup.typing import Array

RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "learning rate": (-6.0, -2.0),
    "weight decay": (-8.0, -4.0),
}
"""Powers of ten between which each is drawn."""
IMAGES: Final = 500
BEST: Final = 20
NARROWED_BY: Final = 5
PARTS: Final = {"training": "accuracy", "validation": "val_accuracy"}


def run(setting: Setting) -> Result:
    trials, epochs = setting.pick((100, 50), (30, 40))
    data = handwriting(setting, train=IMAGES, test=1)
    stream = Stream(setting.seed, "search", "random")
    drawn = {
        name: stream.named(name).uniform(trials, low, high) for name, (low, high) in RANGES.items()
    }
    tried = np.stack(list(drawn.values()), axis=1)
    outcomes = [
        run_trial(Trial(_config(setting.seed, 10.0**rate, 10.0**decay, epochs)), data)
        for rate, decay in tried
    ]
    accuracy = np.array([outcome.history["val_accuracy"][-1] for outcome in outcomes])
    best = np.argsort(-accuracy, kind="stable")[:BEST]
    curves: dict[str, list[Any]] = {name: [] for name in ("place", "part", "epoch", "accuracy")}
    for place, which in enumerate(best, start=1):
        for part, name in PARTS.items():
            curves["place"] += [place] * epochs
            curves["part"] += [part] * epochs
            curves["epoch"] += range(1, epochs + 1)
            curves["accuracy"] += outcomes[which].history[name]
    few = tried[best[:NARROWED_BY]]
    narrowed = {
        "of": list(RANGES),
        "least": (10.0 ** few.min(axis=0)).tolist(),
        "most": (10.0 ** few.max(axis=0)).tolist(),
    }
    table = {name: 10.0**powers for name, powers in drawn.items()} | {"accuracy": accuracy}
    values = {
        f"{end} {name} of the best": value
        for end in ("least", "most")
        for name, value in zip(RANGES, narrowed[end], strict=True)
    }
    for name, powers in drawn.items():
        values[f"correlation with {name}"] = float(
            np.corrcoef(_ranks(powers), _ranks(accuracy))[0, 1]
        )
    return Result({"trials": table, "best": curves, "narrowed": narrowed}, values)


def _config(seed: int, learning_rate: float, decay: float, epochs: int) -> Config:
    return from_mapping({
        "seed": seed,
        "data": {"validation": 0.2, "preprocess": ["rescale"]},
        "model": {"name": "multi-layer", "depth": 6, "l2": decay},
        "optimizer": {"name": "sgd", "learning_rate": learning_rate},
        "train": {"epochs": epochs, "batch_size": 100},
    })  # fmt: skip


def _ranks(values: Array) -> Array:
    return np.argsort(np.argsort(values, kind="stable"))


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first = results[0]
    clouds = panels([_cloud(first, name, say) for name in RANGES], 2)
    note = say("Every trial of the first seed. The learning rate decides, the decay hardly.")
    return [
        Figure("best", _panels(first, say), _narrowed(first, say)),
        Figure("trials", clouds, note),
    ]


def _panels(result: Result, say: Say) -> Markup:
    place, part = result.column("best", "place"), result.column("best", "part")
    accuracy = result.column("best", "accuracy")
    ranked = []
    for which in range(1, int(place.max()) + 1):
        training, validation = (accuracy[(place == which) & (part == name)] for name in PARTS)
        title = f"{say('best')} {which}, {percent(float(validation[-1]))}"
        ranked.append(Curves(title, validation, training))
    return ranked_curves(
        ranked, title=say("The twenty best trials"),
        names=(say("validation"), say("training")), x_label=say("epoch"), unit="%",
        y_limits=(0.0, 1.0),
    )  # fmt: skip


def _narrowed(result: Result, say: Say) -> str:
    table = result.tables["narrowed"]
    ranges = [
        f"{say(name)} {number(least, 2)} {say('to')} {number(most, 2)}"
        for name, least, most in zip(table["of"], table["least"], table["most"], strict=True)
    ]
    return f"{say('The range narrowed to that of the five best:')} {'; '.join(ranges)}."


def _cloud(result: Result, name: str, say: Say) -> Markup:
    return scatter(
        np.log10(result.column("trials", name)), result.column("trials", "accuracy"),
        title=say(name), x_label=f"log₁₀ {say(name)}", y_label=say("validation accuracy"),
    )  # fmt: skip


def _within(name: str, low: float, high: float, says: str, why: str = "") -> Claim:
    return Claim(
        f"The five best have a {name} from {low:g} to {high:g}.",
        lambda r: (
            low <= r.values[f"least {name} of the best"]
            and r.values[f"most {name} of the best"] <= high
        ),
        says,
        expected=not why,
        why=why,
    )


EXPERIMENT: Final = Experiment(
    key="6-search",
    title="Random search for learning rate and weight decay",
    source="Saito 2016, 6.5.3; the notes",
    text="Seven layers learn 400 images in each of a hundred trials; 100 more images validate. "
    "Learning rate and weight decay are drawn at random between powers of ten.",
    run=run,
    draw=draw,
    claims=(
        _within("learning rate", 1e-3, 1e-2, "Learning goes well with rates from 0.001 to 0.01."),
        _within(
            "weight decay", 1e-8, 1e-6, "… and with a weight decay from 1e-8 to 1e-6.",
            "A decay of 0.0001 or less changes next to nothing in so few updates, so the best "
            "have any decay of the range: five draws fall below 1e-6 by chance one time in 32.",
        ),
        Claim(
            "The learning rate matters more than the decay (correlation of ranks with accuracy).",
            lambda r: abs(r.values["correlation with learning rate"])
            > abs(r.values["correlation with weight decay"]),
            "How much the accuracy depends on them differs from one hyper-parameter to the next.",
        ),
    ),
)  # fmt: skip
