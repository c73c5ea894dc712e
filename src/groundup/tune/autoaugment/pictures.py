"""The figures of a search for a policy."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from markupsafe import Markup

from groundup.data.augment import Augment, Policy
from groundup.data.dataset import Dataset
from groundup.report import gallery, style
from groundup.report.dots import DotRow, dots
from groundup.report.lines import line_chart
from groundup.report.matrix import heatmap
from groundup.report.series import Series
from groundup.tune.autoaugment.found import NAMES, Found
from groundup.tune.autoaugment.plan import ARMS, Arm
from groundup.tune.autoaugment.words import named

COLORS: Mapping[Arm, str] = {"controller": "blue", "random": "orange", "none": "muted"}
_COLUMNS = 18  # of the map, at most
_STEPS = 25  # of the curves of rewards, at most


def rewards_chart(found: Found) -> Markup:
    """The mean reward of trials that follow each other, from their least to their most."""
    length = max(found.plan.batch, -(-found.plan.trials // _STEPS))
    lines = []
    for arm in ("controller", "random"):
        every = found.rewards(arm)
        parts = [every[start : start + length] for start in range(0, len(every), length)]
        middles = [min(length * k + (length + 1) / 2, len(every)) for k in range(len(parts))]
        lines.append(Series(
            NAMES[arm], middles, [sum(part) / len(part) for part in parts], COLORS[arm],
            lower=list(map(min, parts)), upper=list(map(max, parts)),
        ))  # fmt: skip
    without = found.rewards("none")[0]
    ends = [lines[0].x[0], lines[0].x[-1]]
    lines.append(Series(NAMES["none"], ends, [without] * 2, COLORS["none"], dashed=True))
    return line_chart(
        lines, title=f"Validation accuracy, {length} trials a point", x_label="trial", unit="%",
        whole_x=True,
    )  # fmt: skip


def entropy_chart(found: Found) -> Markup:
    """How undecided the controller is."""
    steps = found.steps
    line = Series("entropy", [one.trial for one in steps], [one.entropy for one in steps])
    return line_chart(
        [line], title="How undecided the controller is", x_label="trial", unit="%",
        y_limits=(0.0, 1.0), whole_x=True,
    )  # fmt: skip


def operations_map(found: Found) -> Markup:
    """How likely the controller makes each operation, by trial."""
    count = len(found.steps)
    shown = sorted({round(k) for k in np.linspace(0, count - 1, min(count, _COLUMNS)).tolist()})
    steps = [found.steps[k] for k in shown]
    values = np.array([one.operations for one in steps]).T
    names = [named(type(one)) for one in found.plan.menu.operations]
    return heatmap(
        values, names, [str(one.trial) for one in steps], axes=("", "after trial"),
        title="How likely each operation is, in percent", words=lambda share: f"{100 * share:.0f}",
    )  # fmt: skip


def verdict_dots(found: Found, width: float = style.PAGE_WIDTH) -> Markup:
    """The test accuracy of every seed, means with intervals, and groups."""
    arms = {NAMES[arm]: arm for arm in ARMS}
    rows = []
    for name in found.ranking.names:
        one = found.mean(arms[name])
        rows.append(DotRow(
            name, found.accuracies(arms[name]), one.mean, one.low, one.high,
            found.measure.words(one.mean), COLORS[arms[name]],
        ))  # fmt: skip
    return dots(
        rows, title="Test accuracy, a dot for each seed",
        subtitle="mean with its 95 % interval; a line to the right joins those that cannot be told "
        "apart",
        unit="%", groups=found.ranking.groups, width=width,
    )  # fmt: skip


def variants(data: Dataset, policy: Policy, seed: int) -> Markup:
    """What the first epochs show of a training image of each class."""
    shown = gallery.variants(data, Augment([policy]), seed)
    return gallery.draw(replace(shown, subtitle=""), headed=False)
