"""6-vanishing-gradients: how large the gradient of each layer's weights is, before any learning."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network
from groundup.nn.zoo import MultiLayer
from groundup.report.lines import line_chart
from groundup.train.inputs import examples_for
from groundup.train.probes.examine import examine

DEPTH: Final = 10
NETWORKS: Final[Mapping[str, MultiLayer]] = {
    "sigmoid, std 1": MultiLayer(depth=DEPTH, activation="sigmoid", init="std:1"),
    "sigmoid, Xavier": MultiLayer(depth=DEPTH, activation="sigmoid", init="xavier"),
    "sigmoid, normalized": MultiLayer(
        depth=DEPTH, activation="sigmoid", init="xavier", batch_norm=True
    ),
    "tanh, Xavier": MultiLayer(depth=DEPTH, activation="tanh", init="xavier"),
    "ReLU, std 0.01": MultiLayer(depth=DEPTH, init="std:0.01"),
    "ReLU, He": MultiLayer(depth=DEPTH, init="he"),
}


def run(setting: Setting) -> Result:
    samples = setting.pick(1_000, 200)
    data = handwriting(setting, train=samples, test=100)
    curves, values = {}, {}
    for name, model in NETWORKS.items():
        built = network(model.layers(data.in_shape, 10), "sgd", setting.seed)
        built.build(data.in_shape)
        learner = built.learner
        learner.preparation.fit(data.x_train)
        exam = examine(learner, examples_for(learner, data.x_train, data.y_train))
        found = [one.gradient for one in exam.layers if one.gradient is not None]
        curves[name] = np.array(found[:-1])  # without the output layer
        values[f"first to last, {name}"] = float(found[0] / found[-2])
    layers = np.arange(1, DEPTH + 1)
    return Result({"gradients": curve_table(curves, layers, ("network", "layer", "rms"))}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    chart = line_chart(
        mean_curves(results, "gradients", say), title=say("Gradient of the weights, by layer"),
        y_label=say("root mean square of dL/dW"), x_label=say("hidden layer"), y_log=True,
        whole_x=True, width=720, height=400,
    )  # fmt: skip
    note = say("Backpropagation goes from right to left. Mean of all seeds, band least to most.")
    return [Figure("gradients", chart, note)]


def _falls(name: str, below: float) -> Callable[[Result], bool]:
    return lambda r: r.values[f"first to last, {name}"] < below


_SAYS = "From the last hidden layer to the first the gradients vanish."
EXPERIMENT: Final = Experiment(
    key="6-vanishing-gradients",
    title="Gradients that vanish on their way back",
    source="Saito 2016, 6.2.2; the Keras notes",
    text="Ten hidden layers of 100 units that have not learned anything: the root mean square of "
    "the gradient of each layer's weights, for several activations and initial values.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Sigmoid with Xavier's values: the first layer gets less than a thousandth of the "
            "gradient of the last.",
            _falls("sigmoid, Xavier", 1e-3),
            _SAYS,
        ),
        Claim(
            "Sigmoid with std 1: less than half.",
            _falls("sigmoid, std 1", 0.5),
            "With values at 0 and 1 the gradients get smaller and vanish.",
        ),
        Claim(
            "ReLU with He's values: at least a tenth.",
            lambda r: r.values["first to last, ReLU, He"] > 0.1,
            "He's values suit ReLU.",
        ),
        Claim(
            "Batch normalization brings sigmoid's share up by a factor of ten or more.",
            lambda r: (
                r.values["first to last, sigmoid, normalized"]
                > 10 * r.values["first to last, sigmoid, Xavier"]
            ),
            "Learning becomes less dependent on initial values.",
        ),
    ),
    deviations=("The notes have a sketch; the measurement is ours.",),
)
