"""6-internal-covariate-shift: how far an update moves what layers get to see."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network, train
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import MultiLayer
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.train.internal_shift import InternalShift, LayerShift
from groundup.typing import Array

KINDS: Final = {"normalized": True, "plain": False}
DEPTH: Final = 5
MEASURES: Final[dict[str, Callable[[LayerShift], float]]] = {
    "mean": lambda shift: shift.mean,
    "variance": lambda shift: shift.variance,
}
INNER: Final = tuple(f"dense_{n}" for n in range(2, DEPTH + 2))
"""The dense layers above the first: what they see moves."""
EVERY: Final = 5


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(20_000, 2_000), test=1_000)
    updates = setting.pick(600, 150)
    curves: dict[str, dict[str, Array]] = {measure: {} for measure in MEASURES}
    losses, values = {}, {}
    for name, norm in KINDS.items():
        layers = MultiLayer(depth=DEPTH, batch_norm=norm).layers(data.in_shape, 10)
        built = network(layers, SGD(0.1), setting.seed)
        watch = InternalShift(built, data.x_test[:200], every=EVERY)
        losses[name] = train(built, data, updates, 100, [watch])
        seen = [shift for shift in watch.shifts if shift.layer in INNER]
        at = sorted({shift.update for shift in seen})
        for measure, of in MEASURES.items():
            means = [np.nanmean([of(one) for one in seen if one.update == update]) for update in at]
            curves[measure][name] = np.array(means)
            values[f"shift of the {measure}, {name}"] = float(np.nanmean(means))
        values[f"loss, {name}"] = float(losses[name][-updates // 10 :].mean())
    tables = {
        measure: curve_table(curves[measure], np.array(at), ("network", "update", "shift"))
        for measure in MEASURES
    }
    return Result(tables, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    charts = [
        line_chart(
            mean_curves(results, measure, say),
            title=say(title),
            y_label=words,
            y_log=True,
            x_label=say("update"),
            whole_x=True,
        )
        for measure, title, words in (
            ("mean", "An update moves the mean", "|Δμ| / σ"),
            ("variance", "An update changes the variance", "|Δ log σ²|"),
        )
    ]
    note = say("Of what the dense layers above the first get to see; mean of layers and seeds.")
    return [Figure("shift", panels(charts, 2), note)]


EXPERIMENT: Final = Experiment(
    key="6-internal-covariate-shift",
    title="Internal covariate shift, measured",
    source="Ioffe & Szegedy 2015; Santurkar et al. 2018; the notes on batch normalization",
    text="Five hidden layers of 100 ReLU units learn with and without batch normalization. Over a "
    "fixed batch we measure how single updates move mean and variance of what each layer sees.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Without batch normalization layers see their inputs move, by a thousandth of a "
            "standard deviation with each update or more.",
            lambda r: r.values["shift of the mean, plain"] > 1e-3,
            "While the network learns, the distribution in its layers moves little by little.",
        ),
        Claim(
            "With batch normalization the mean moves less.",
            lambda r: (
                r.values["shift of the mean, normalized"] < r.values["shift of the mean, plain"]
            ),
            "Batch normalization sets them back to mean 0 and standard deviation 1.",
        ),
        Claim(
            "With batch normalization the variance changes less.",
            lambda r: (
                r.values["shift of the variance, normalized"]
                < r.values["shift of the variance, plain"]
            ),
            "The same.",
        ),
        Claim(
            "With batch normalization it learns faster: the last losses are lower.",
            lambda r: r.values["loss, normalized"] < r.values["loss, plain"],
            "Whether that is because of the smaller shift is disputed.",
        ),
    ),
    deviations=("The notes have no experiment here; the network is ours.",),
)
