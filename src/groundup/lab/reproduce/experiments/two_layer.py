"""4-two-layer: gradients, numerical and by backpropagation, and a first network that learns."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.overfitting import accuracy_charts, accuracy_table, follow, last_values
from groundup.lab.reproduce.training import network, smooth, train
from groundup.layers.layer import Mode
from groundup.nn.chain import Chain
from groundup.nn.layout import leaves
from groundup.nn.losses import CategoricalCrossentropy
from groundup.nn.network import build
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import TwoLayer
from groundup.ops.gradcheck import numerical_gradient
from groundup.report.bars import bars
from groundup.report.lines import line_chart
from groundup.report.numbers import duration
from groundup.report.panels import panels
from groundup.typing import Array

BATCH: Final = 100
CHECKED: Final = 3  # images in the gradient check, as in the book
NETWORK: Final = "Accuracy"
_REPEATS: Final = 20


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(60_000, 6_000), test=setting.pick(10_000, 1_000))
    x = data.x_train[:CHECKED] / data.x_train.max()
    units = setting.pick(50, 10)
    table, values = gradients(x, data.y_train[:CHECKED], units, setting.seed)
    layers = TwoLayer(activation="sigmoid").layers(data.in_shape, 10)
    updates = setting.pick(10_000, 3_000)
    losses = train(network(layers, SGD(0.1), setting.seed), data, updates, BATCH)
    epochs = -(-updates // -(-len(data.x_train) // BATCH))
    every = max(1, epochs // 20)
    seen = {NETWORK: follow(network(layers, SGD(0.1), setting.seed), data, epochs, every=every)}
    curve = curve_table({"loss": losses}, np.arange(1, updates + 1), ("what", "update", "loss"))
    values |= last_values(seen)
    values |= {"loss at first": float(losses[0]), "loss at last": float(losses[-50:].mean())}
    tables = {"differences": table, "losses": curve, "accuracies": accuracy_table(seen)}
    return Result(tables, values)


def gradients(
    x: Array, t: Array, units: int, seed: int
) -> tuple[dict[str, list[Any]], dict[str, float]]:
    """By parameter how far the two gradients are apart, and how long each took."""
    chain = Chain(TwoLayer(units, "sigmoid").layers(x.shape[1:], 10))
    net, vector, _ = build(chain, x.shape[1:], seed, np.float64)
    entropy = CategoricalCrossentropy()

    def loss(parameters: Array) -> float:
        y, _, _ = chain.forward(net.params.views(parameters), {}, x, Mode(train=True))
        return entropy.forward(y, t)[0]

    def backward() -> Any:
        params = net.params.views(vector)
        y, cache, _ = chain.forward(params, {}, x, Mode(train=True))
        _, dy = entropy.forward(y, t)
        return chain.backward(params, cache, entropy.backward(dy), Mode(train=True))[1]

    slow, numerical = timed(lambda: numerical_gradient(loss, vector))
    fast, exact = min((timed(backward) for _ in range(_REPEATS)), key=lambda one: one[0])
    pairs = {
        name: float(np.abs(one - dict(leaves(net.params.views(numerical)))[name]).mean())
        for name, one in leaves(exact)
    }
    values = {"seconds, numerical": slow, "seconds, backpropagation": fast}
    values |= {"times faster": slow / fast, "largest mean difference": max(pairs.values())}
    return {"parameter": list(pairs), "mean difference": list(pairs.values())}, values


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds that something took, and what it gave."""
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    names = ("numerical", "backpropagation")
    seconds = [float(np.median([r.values[f"seconds, {one}"] for r in results])) for one in names]
    times = bars(
        [say(one) for one in names], seconds, title=say("Time for one gradient"), words=duration
    )  # fmt: skip
    loss = line_chart(
        mean_curves(results, "losses", say, smoothed=smooth), x_label=say("update"),
        title=say("Loss of the training batches"), whole_x=True, y_limits=(0.0, None),
        width=480, height=260,
    )  # fmt: skip
    charts = accuracy_charts(results, [NETWORK], say)
    return [
        Figure("gradients", times, say("The same gradient of three images, by either method.")),
        Figure("learning", panels([loss, *charts], 2), say("Means of all seeds.")),
    ]


EXPERIMENT: Final = Experiment(
    key="4-two-layer",
    title="A network of two layers learns",
    source="Saito 2016, 4.5 and 5.7",
    text="Fifty sigmoid units between images and ten probabilities, weights from a normal "
    "distribution with standard deviation 0.01. Its gradient is computed from differences of the "
    "loss and by backpropagation; then it learns by SGD with rate 0.1 and batches of 100.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Both gradients are the same: of no parameter do they differ by more than 10⁻⁷ on "
            "average.",
            lambda r: r.values["largest mean difference"] < 1e-7,
            "The differences are almost 0.",
        ),
        Claim(
            "Backpropagation is at least 100 times faster.",
            lambda r: r.values["times faster"] >= 100,
            "Numerical differentiation is easy to write, but takes long.",
        ),
        Claim(
            "The loss falls to less than a quarter while the network learns.",
            lambda r: r.values["loss at last"] < r.values["loss at first"] / 4,
            "The loss goes down as learning goes on.",
        ),
        Claim(
            "In the end it tells 85 % of the test images or more.",
            lambda r: r.values[f"test, {NETWORK}"] >= 0.85,
        ),
        Claim(
            "It does not overfit: training and test accuracy differ by less than 6 points.",
            lambda r: r.values[f"gap, {NETWORK}"] < 0.06,
            "The two accuracies hardly differ.",
        ),
    ),
    seeds=5,
    deviations=(
        "The network learns by backpropagation; numerically 10,000 updates would take days.",
        "Batches are drawn without replacement, epoch by epoch.",
        "In the quick form the gradients are those of a network of 10 units.",
    ),
)
