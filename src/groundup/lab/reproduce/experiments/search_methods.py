"""6-search-methods: grid, random, narrowing and Bayesian search, each with as many trials."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
from markupsafe import Markup

from groundup.config import from_mapping
from groundup.data.dataset import Dataset
from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.report import style
from groundup.report.chart import chart
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.report.parts import Dots
from groundup.report.rulers import ruler
from groundup.train.trials import Trial, run_trial
from groundup.tune.method import Method
from groundup.tune.methods.bayesian import Bayesian
from groundup.tune.methods.grid import Grid
from groundup.tune.methods.narrowing import Narrowing
from groundup.tune.methods.random_search import RandomSearch
from groundup.tune.minimize import minimize
from groundup.tune.space import Settings

SPACE: Final = {"learning rate": "log:1e-6..1", "weight decay": "log:1e-8..1e-4"}
IMAGES: Final = 500
ROUNDS: Final = 5
CLOSE: Final = 0.02  # two of the hundred images that validate
METHODS: Final = ("grid", "random", "narrowing", "Bayesian")


def run(setting: Setting) -> Result:
    side, epochs = setting.pick((6, 30), (5, 15))
    data = handwriting(setting, train=IMAGES, test=1)
    train = partial(_accuracy, data=data, seed=setting.seed, epochs=epochs)
    best, seen = {}, dict[str, list[float]]()
    for name, method in _methods(side).items():
        history = minimize(train, SPACE, method, side * side, 1, setting.seed, "high")
        accuracy = np.array([trial.value or 0.0 for trial in history.trials])  # or it diverged
        best[name] = np.maximum.accumulate(accuracy)
        found = [trial.settings[key] for key in SPACE for trial in history.trials]
        seen[name] = [*found, *accuracy]
    trials = np.arange(1, side * side + 1)
    columns = {
        column: np.concatenate([np.split(np.array(seen[name]), 3)[k] for name in METHODS])
        for k, column in enumerate((*SPACE, "accuracy"))
    }
    by = [name for name in METHODS for _ in trials]
    tables = {
        "best so far": curve_table(best, trials, ("method", "trial", "accuracy")),
        "trials": {"method": by, **columns},
    }
    values = {f"{name}: best": float(best[name][-1]) for name in METHODS}
    values |= {f"{name}: mean of the best so far": float(best[name].mean()) for name in METHODS}
    return Result(tables, values)


def _methods(side: int) -> Mapping[str, Method]:
    ways = (Grid(side), RandomSearch(), Narrowing(side * side // ROUNDS), Bayesian())
    return dict(zip(METHODS, ways, strict=True))


def _accuracy(settings: Settings, data: Dataset, seed: int, epochs: int) -> float:
    """On the validation images, after the last epoch; NaN if it diverged."""
    config = from_mapping({
        "seed": seed,
        "data": {"validation": 0.2, "preprocess": ["rescale"]},
        "model": {"name": "multi-layer", "depth": 6, "l2": settings["weight decay"]},
        "optimizer": {"name": "sgd", "learning_rate": settings["learning rate"]},
        "train": {"epochs": epochs, "batch_size": 100},
    })  # fmt: skip
    outcome = run_trial(Trial(config, judged=("val",)), data)
    return outcome.scores.get("val_accuracy", np.nan)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    lines = mean_curves(results, "best so far", say)
    best = line_chart(
        lines, title=say("The best found so far"), x_label=say("trial"), unit="%", whole_x=True,
        y_label=say("validation accuracy"), width=style.PAGE_WIDTH,
    )  # fmt: skip
    places = panels([_places(results[0], name, say) for name in METHODS], 2)
    note = say("Every trial of the first seed: where each method looked.")
    mean = say("The mean over the seeds; the band holds all of them.")
    return [Figure("best", best, mean), Figure("places", places, note)]


def _places(result: Result, name: str, say: Say) -> Markup:
    here = np.array(result.tables["trials"]["method"]) == name
    x, y = (result.column("trials", key) for key in SPACE)
    names = [say(key) for key in SPACE]
    across, up = ruler(names[0], x, log=True), ruler(names[1], y, log=True)
    return chart(across, up, [Dots("", "blue", x[here], y[here])], title=say(name))


def _rates(result: Result, name: str) -> int:
    """How many different learning rates a method tried."""
    here = np.array(result.tables["trials"]["method"]) == name
    return len(np.unique(result.column("trials", "learning rate")[here]))


def _as_good(name: str, says: str) -> Claim:
    return Claim(
        f"The best of {name} search is at least that of random search, or two images less.",
        lambda r: r.values[f"{name}: best"] >= r.values["random: best"] - CLOSE,
        says,
    )


EXPERIMENT: Final = Experiment(
    key="6-search-methods",
    title="Ways to search hyper-parameters, compared",
    source="the notes on optimizing hyper-parameters; Saito 2016, 6.5",
    text="Grid, random, narrowing and Bayesian search get as many trials on one task: the learning "
    "rate and weight decay of seven layers that learn 400 images, judged on 100 more.",
    run=run,
    draw=draw,
    deviations=(
        "The book's learning rates end at 0.01, and the best of them lie there; these go on to 1, "
        "where training diverges, so that the best lie inside.",
    ),
    claims=(
        Claim(
            "Random search tries more different learning rates than the grid.",
            lambda r: _rates(r, "random") > _rates(r, "grid"),
            "Random draws do better than a regular grid, since hyper-parameters differ in how much "
            "they matter.",
        ),
        _as_good("narrowing", "The range in which the best values lie is narrowed step by step."),
        _as_good("Bayesian", "Bayesian search looks where the best values are most likely."),
        Claim(
            "On the way, Bayesian search is ahead of random search (mean of the best so far).",
            lambda r: (
                r.values["Bayesian: mean of the best so far"]
                >= r.values["random: mean of the best so far"]
            ),
            "Bayesian search needs fewer trials.",
        ),
    ),
)  # fmt: skip
