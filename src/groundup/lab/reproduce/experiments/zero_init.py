"""6-zero-init: with equal first weights all units of a layer stay equal for ever."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting, Table
from groundup.lab.reproduce.training import network, smooth, train
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import TwoLayer
from groundup.report.bars import bars
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.train.probes.examine import spread
from groundup.typing import Array

INITS: Final[Mapping[str, str]] = {
    "zeros": "zeros",
    "all 0.01": "constant:0.01",
    "random": "xavier",
}


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(20_000, 4_000), test=setting.pick(10_000, 1_000))
    updates = setting.pick(2_000, 400)
    curves: dict[str, Array] = {}
    values: dict[str, float] = {}
    for name, init in INITS.items():
        layers = TwoLayer(activation="sigmoid", init=init).layers(data.in_shape, 10)
        model = network(layers, SGD(0.5), setting.seed)
        curves[name] = train(model, data, updates, 100)
        values |= {
            f"units differ, {name}": spread(model.learner.params["dense_1"]["W"]),
            f"accuracy, {name}": model.evaluate(data.x_test, data.y_test)["accuracy"],
        }
    table = curve_table(curves, np.arange(1, updates + 1), ("init", "update", "loss"))
    spreads: Table = {
        "init": list(INITS),
        "spread": [values[f"units differ, {name}"] for name in INITS],
    }
    return Result({"losses": table, "spread": spreads}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    losses = line_chart(
        mean_curves(results, "losses", say, smoothed=smooth), x_label=say("update"),
        title=say("Loss of the training batches"), whole_x=True, y_limits=(0.0, None),
    )  # fmt: skip
    spreads = np.mean([result.column("spread", "spread") for result in results], axis=0)
    unlike = bars(
        list(map(say, INITS)), spreads.tolist(), title=say("How unlike the hidden units are"),
        subtitle="‖W − W̄‖ / ‖W‖", color="teal",
    )  # fmt: skip
    note = say("After the training: 0 means that all hidden units have the same weights.")
    return [Figure("zero-init", panels([losses, unlike], 2), note)]


EXPERIMENT: Final = Experiment(
    key="6-zero-init",
    title="First weights of 0",
    source="Saito 2016, 6.2.1",
    text="A network of 50 hidden sigmoid units begins with all weights 0, all weights 0.01, or "
    "random ones. Equal units get equal gradients, so that 50 of them are worth one.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "With equal first weights, 0 or 0.01, all hidden units have the same weights after it.",
            lambda r: all(
                r.values[f"units differ, {name}"] < 1e-3 for name in ("zeros", "all 0.01")
            ),
            "All weights are updated alike and keep the same value.",
        ),
        Claim(
            "With random ones they differ.",
            lambda r: r.values["units differ, random"] > 0.5,
            "First weights must be random so that they do not all become alike.",
        ),
        Claim(
            "Equal units do worse: at least 10 points less accuracy than random ones.",
            lambda r: all(
                r.values[f"accuracy, {name}"] < r.values["accuracy, random"] - 0.1
                for name in ("zeros", "all 0.01")
            ),
            "With weights of 0 the network does not learn properly.",
        ),
    ),
    deviations=("The book has no experiment here; the one with all weights 0.01 is added.",),
)
