"""6-adam-bias: what Adam's correction of the beginning does, and how long its steps are."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.nn.optimizers import SGD, Adam, Optimizer
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.typing import Array

RATE: Final = 0.001
ADAM: Final = Adam(RATE)
BOUND: Final = (1 - ADAM.beta_1) / (1 - ADAM.beta_2) ** 0.5  # 3.16, of Kingma & Ba, section 2.1
SIZES: Final = tuple(10.0**power for power in range(-4, 5))
SILENCE: Final = 1_000


def steps(optimizer: Optimizer, gradients: Array) -> tuple[Array, Array, Array]:
    """The length of each step in units of the learning rate, and Adam's m and v after it."""
    theta = np.zeros(1)
    state = optimizer.init(theta)
    lengths, m, v = [], [], []
    for g in gradients:
        before = theta.copy()
        theta, state = optimizer.update(theta, g[None], state)
        lengths.append(abs(float(theta[0] - before[0])) / RATE)
        m.append(float(state.get("m", theta)[0]))
        v.append(float(state.get("v", theta)[0]))
    return np.array(lengths), np.array(m), np.array(v)


def run(setting: Setting) -> Result:
    updates = setting.pick(1_000, 300)
    g = Stream(setting.seed, "shuffle", "gradients").normal(updates, mean=1.0, stddev=0.5)
    t = np.arange(1, updates + 1)
    length, m, v = steps(ADAM, g)
    m_hat, v_hat = m / (1 - ADAM.beta_1**t), v / (1 - ADAM.beta_2**t)
    plain = m / (np.sqrt(v) + ADAM.epsilon)
    longest = {
        name: np.array([steps(one, size * g)[0].max() for size in SIZES])
        for name, one in (("SGD", SGD(RATE)), ("Adam", ADAM))
    }
    rare, _, _ = steps(ADAM, np.append(np.zeros(SILENCE), 1.0))
    means = {"m": m, "m corrected": m_hat, "v": v, "v corrected": v_hat}
    lengths = {"corrected": length, "not corrected": np.abs(plain)}
    tables = {
        "means": curve_table(means, t, ("mean", "update", "value")),
        "lengths": curve_table(lengths, t, ("step", "update", "length")),
        "longest": curve_table(longest, np.array(SIZES), ("optimizer", "gradient", "longest")),
    }
    values = {
        "first m": float(m[0] / g[0]),
        "first m corrected": float(m_hat[0] / g[0]),
        "first step": float(length[0]),
        "first step not corrected": float(abs(plain[0])),
        "mean of v, first 100": float(v[:100].mean() / (g[:100] ** 2).mean()),
        "mean of v corrected, first 100": float(v_hat[:100].mean() / (g[:100] ** 2).mean()),
        "longest step": float(longest["Adam"].max()),
        "longest to shortest of SGD": float(longest["SGD"].max() / longest["SGD"].min()),
        "longest to shortest of Adam": float(longest["Adam"].max() / longest["Adam"].min()),
        "step after silence": float(rare[-1]),
    }
    return Result(tables, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    means = line_chart(
        mean_curves(results, "means", say), title=say("Means of gradients (m) and squares (v)"),
        x_label=say("update"), whole_x=True, y_limits=(0.0, None),
    )  # fmt: skip
    lengths = line_chart(
        mean_curves(results, "lengths", say), title=say("Length of Adam's steps"),
        y_label=say("in learning rates"), x_label=say("update"), whole_x=True, y_limits=(0.0, None),
    )  # fmt: skip
    longest = line_chart(
        mean_curves(results, "longest", say), title=say("Longest step, by the size of gradients"),
        y_label=say("in learning rates"), x_label=say("gradients times"), x_log=True, y_log=True,
    )  # fmt: skip
    note = say("Gradients are drawn around 1 with a standard deviation of 0.5.")
    return [
        Figure("correction", panels([means, lengths], 2), note),
        Figure("bounded", longest, say("Adam's steps do not depend on how large gradients are.")),
    ]


EXPERIMENT: Final = Experiment(
    key="6-adam-bias",
    title="Adam's corrected beginning and bounded steps",
    source="Saito 2016, 6.1.6; Kingma & Ba 2015; the notes on Adam",
    text="Adam's means m and v begin at 0 and are too small at first. Divided by 1 - βᵗ they are "
    "not. And whatever the size of gradients, a step is about as long as the learning rate says.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "The first m is a tenth of the gradient, corrected it is the gradient.",
            lambda r: bool(
                np.isclose(r.values["first m"], 0.1)
                and np.isclose(r.values["first m corrected"], 1.0)
            ),
            "m and v begin at 0 and are biased towards it; the correction makes them unbiased.",
        ),
        Claim(
            "Over the first 100 updates v is below a tenth of the mean square, corrected within "
            "two fifths of it.",
            lambda r: (
                r.values["mean of v, first 100"] < 0.1
                and abs(r.values["mean of v corrected, first 100"] - 1) < 0.4
            ),
            "The same.",
        ),
        Claim(
            "The first step is the learning rate; without the correction it is three times that.",
            lambda r: bool(
                np.isclose(r.values["first step"], 1.0, rtol=1e-3)
                and r.values["first step not corrected"] > 3
            ),
        ),
        Claim(
            "With gradients from 10⁻⁴ to 10⁴ times as large the longest step stays the same, to a "
            "tenth, and below 1.5 learning rates.",
            lambda r: (
                r.values["longest to shortest of Adam"] < 1.1 and r.values["longest step"] < 1.5
            ),
            "Adam's strength is its bounded step size.",
        ),
        Claim(
            "A single gradient after 1,000 updates without any gives at most (1 - β₁)/√(1 - β₂), "
            "3.16 learning rates.",
            lambda r: 1.1 < r.values["step after silence"] <= BOUND,
            "The paper's bound for the rarest gradients.",
        ),
    ),
    deviations=("The notes give no numbers here; the gradients are ours.",),
)
