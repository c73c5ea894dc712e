"""6-autoaugment: augmentations that are themselves learned, by reinforcement."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from groundup.data.augment import Augment, Policy
from groundup.data.dataset import Dataset
from groundup.lab.reproduce.curves import curve_table, mean_curves
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
from groundup.report import gallery
from groundup.report.bars import bars
from groundup.report.lines import line_chart
from groundup.report.matrix import heatmap
from groundup.report.numbers import percent
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.tune.autoaugment import Found, search
from groundup.tune.autoaugment.found import NAMES
from groundup.typing import Array

FLIPS: Final = ("horizontal_flip", "vertical_flip")
VARIANTS: Final = 6
PICTURES: Final = 4
_AXES: Final = ("image", "epoch", "row", "column")


def run(setting: Setting) -> Result:
    trials, images, epochs, seeds = setting.pick((40, 300, 18, 5), (40, 200, 12, 3))
    data = handwriting(setting, train=4 * images, test=setting.pick(2_000, 500))
    config = _config(setting.seed, epochs)
    found = search(config, trials, seeds, subpolicies=3, images=images, dataset=data)
    rewards = {NAMES[arm]: _smoothed(found.rewards(arm)) for arm in _LEARNED}
    likely = np.array([step.operations for step in found.steps]).T
    verdict = {NAMES[arm]: found.accuracies(arm) for arm in NAMES}
    tables = {
        "rewards": curve_table(rewards, np.arange(_WINDOW, trials + 1), _REWARDS),
        "operations": long_table(np.round(likely, 4), *_LIKELY),
        "names": {"operation": [_said(name) for name in found.plan.menu.names]},
        "verdict": {"seed": list(found.plan.judged_on), **verdict},
        "pictures": long_table(_variants(data, found.policy, setting.seed), *_AXES),
    }
    return Result(tables, _values(found))


_LEARNED: Final = ("controller", "random")
_REWARDS: Final = ("policy", "trial", "accuracy")
_WINDOW: Final = 8  # trials of a moving mean


def _config(seed: int, epochs: int) -> Mapping[str, Any]:
    return {
        "seed": seed,
        "data": {"validation": 0.2},
        "model": {"name": "multi-layer", "units": 50, "depth": 2},
        "optimizer": {"name": "adam", "learning_rate": 3e-3},
        "train": {"epochs": epochs, "batch_size": 50},
    }


def _smoothed(rewards: Sequence[float]) -> Array:
    return np.convolve(rewards, np.full(_WINDOW, 1 / _WINDOW), "valid")


def _said(name: str) -> str:
    return name.replace("_", " ")


def _values(found: Found) -> dict[str, float]:
    flips = [found.plan.menu.names.index(name) for name in FLIPS]
    values = {
        f"share of flips, {when}": sum(step.operations[k] for k in flips)
        for when, step in (("first", found.steps[0]), ("last", found.steps[-1]))
    }
    for arm in _LEARNED:
        later = found.rewards(arm)[found.plan.trials // 2 :]
        values[f"later rewards, {NAMES[arm]}"] = float(np.mean(later))
    values |= {f"test, {NAMES[arm]}": found.mean(arm).mean for arm in NAMES}
    return values


def _variants(data: Dataset, policy: Policy, seed: int) -> Array:
    """What the first epochs show of some images, from 0 to 1, (PICTURES, VARIANTS, H, W)."""
    augment, few = Augment([policy]).fit(data.x_train), np.arange(PICTURES)
    epochs = [Stream(seed).at(epoch=epoch) for epoch in range(VARIANTS)]
    seen = np.stack([augment(data.x_train[few], few, stream)[:, 0] for stream in epochs], axis=1)
    return np.round(seen / data.x_train.max(), 3)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    rewards = line_chart(
        mean_curves(results, "rewards", say), x_label=say("trial"), unit="%", whole_x=True,
        title=say("Validation accuracy, mean of eight trials"), width=430,
    )  # fmt: skip
    names = list(NAMES.values())
    tests = np.array([[result.column("verdict", name).mean() for name in names]
                      for result in results])  # fmt: skip
    effect = bars(
        list(map(say, names)), tests.mean(axis=0).tolist(), words=percent, width=430,
        intervals=list(zip(tests.min(axis=0), tests.max(axis=0), strict=True)),
        title=say("Accuracy on test images"),
    )  # fmt: skip
    note = say("Mean of all seeds, ranges and bands from the least to the most.")
    return [
        Figure("rewards", panels([rewards, effect], 2), note),
        Figure("operations", _operations(results, say), say("The mean of all seeds.")),
        Figure("policy", _gallery(results[0], say), say("The learned policy of the first seed.")),
    ]


def _operations(results: Sequence[Result], say: Say) -> Markup:
    shape = [int(results[0].column("operations", axis).max()) + 1 for axis in _LIKELY]
    shares = np.mean([one.column("operations", "value") for one in results], axis=0).reshape(shape)
    names = [say(name) for name in results[0].tables["names"]["operation"]]
    return heatmap(
        shares, names, [str(update) for update in range(shape[1])], axes=("", say("update")),
        title=say("How likely each operation is, in percent"),
        words=lambda share: f"{100 * share:.0f}",
    )  # fmt: skip


_LIKELY: Final = ("operation", "update")


def _gallery(result: Result, say: Say) -> Markup:
    shape = [int(result.column("pictures", axis).max()) + 1 for axis in _AXES]
    pictures = result.column("pictures", "value").reshape(shape)
    rows = [("", list(row)) for row in pictures]
    columns = [f"{say('epoch')} {epoch + 1}" for epoch in range(VARIANTS)]
    title = say("What the epochs show of some images")
    return gallery.draw(gallery.Gallery(title, "", columns, rows))


EXPERIMENT: Final = Experiment(
    key="6-autoaugment",
    title="Augmentations that are learned",
    source="the notes on AutoAugment; Cubuk et al. 2019",
    text="A controller network draws policies: which operations, how often and how strong. Small "
    "networks learn with them from few images, and their accuracy on validation images is the "
    "reward by which the controller learns (REINFORCE). As many policies are drawn at random. The "
    "best of both and no augmentation are then judged on test images, by new networks.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "The controller comes to avoid flips, which make no digits.",
            lambda r: r.values["share of flips, last"] < r.values["share of flips, first"],
            "By reinforcement learning it is decided which augmentations are used.",
        ),
        Claim(
            "In the second half of the trials its policies earn more than random ones.",
            lambda r: (
                r.values["later rewards, learned policy"] > r.values["later rewards, random policy"]
            ),
            "With which probability and with which magnitude is decided so, too.",
        ),
        Claim(
            "With the learned policy more test images are told right than without augmentation.",
            lambda r: r.values["test, learned policy"] > r.values["test, no augmentation"],
            "The policies that are found raise accuracy.",
            expected=False,
            why="On MNIST a point or two are gained; the digits of 8x8 pixels are told better "
            "without any of it, as most of the menu does harm where so little is to be seen.",
        ),
        Claim(
            "The learned policy is better than the best of as many random ones.",
            lambda r: r.values["test, learned policy"] > r.values["test, random policy"],
            "Not said; the paper compares with random policies in its section 5.",
            expected=False,
            why="The best of some dozen random policies are chosen by validation accuracy, too, "
            "and that does most of it: now the one comes out first and now the other.",
        ),
    ),
    seeds=2,
    deviations=(
        "The controller is a perceptron over what it has chosen before, not an LSTM, and is "
        "trained by REINFORCE, not by PPO.",
        "Some dozen small networks instead of 15,000: what is found is no more than a beginning.",
    ),
)
