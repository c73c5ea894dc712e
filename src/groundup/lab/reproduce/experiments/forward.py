"""3-forward: matrix products, and what goes through a network of three layers."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.layers import Dense
from groundup.layers.layer import Mode
from groundup.nn.chain import Chain
from groundup.report.neurons import neurons
from groundup.typing import Array

INPUT: Final = np.array([1.0, 0.5])
WEIGHTS: Final = (
    np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]),
    np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]),
    np.array([[0.1, 0.3], [0.2, 0.4]]),
)
BIASES: Final = (np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.2]), np.array([0.1, 0.2]))
NETWORK: Final = Chain([Dense(3, "sigmoid"), Dense(2, "sigmoid"), Dense(2)])
NOTED: Final = {
    "z1": (0.57444252, 0.66818777, 0.75026011),
    "z2": (0.62624937, 0.7710107),
    "y": (0.31682708, 0.69627909),
}
"""What the notes print."""
_OF_THE_BOOK: Final = ("x", *NOTED)


def signals() -> dict[str, Array]:
    """What each layer gives out, the input first."""
    x, given = INPUT[None], {"x": INPUT}
    layers = zip(NETWORK.layers, WEIGHTS, BIASES, NOTED, strict=True)
    for layer, W, b, name in layers:
        x, _, _ = layer.forward({"W": W, "b": b}, {}, x, Mode())
        given[name] = x[0]
    return given


def product(x: Array, W: Array) -> Array:
    """x W, by a layer without biases."""
    layer = Dense(W.shape[1], use_bias=False)
    y: Array = layer.forward({"W": W}, {}, x, Mode())[0]
    return y


def run(setting: Setting) -> Result:
    given = signals()
    row = product(np.array([[1.0, 2.0]]), np.array([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]))
    square = product(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]]))
    table = {
        "layer": [name for name, own in given.items() for _ in own],
        "unit": [i for own in given.values() for i in range(len(own))],
        "value": np.concatenate(list(given.values())),
    }
    values = {
        f"error of {name}": float(np.abs(given[name] - said).max()) for name, said in NOTED.items()
    }
    values["error of [5 11 17]"] = float(np.abs(row - [[5, 11, 17]]).max())
    values["error of [[19 22] [43 50]]"] = float(np.abs(square - [[19, 22], [43, 50]]).max())
    return Result({"signals": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    names, values = (results[0].column("signals", one) for one in ("layer", "value"))
    layers = [values[names == name] for name in _OF_THE_BOOK]
    titles = [
        say("input layer"),
        say("layer 1, sigmoid"),
        say("layer 2, sigmoid"),
        say("output layer"),
    ]
    drawing = neurons(layers, WEIGHTS, titles, title=say("A network of three layers"))
    note = say("Each line is a weight, as wide as it is large; the biases are not drawn.")
    return [Figure("network", drawing, note)]


def _prints(name: str, words: str) -> Claim:
    said = " ".join(f"{one:.8g}" for one in NOTED[name])
    return Claim(
        f"{words} [{said}].",
        lambda r: r.values[f"error of {name}"] < 1e-8,
        f"[{said}]",
    )


EXPERIMENT: Final = Experiment(
    key="3-forward",
    title="Forward through three layers",
    source="Saito 2016, 3.3 and 3.4",
    text="The network of the book with its weights: two inputs, three and two sigmoid units, two "
    "outputs. A layer is a matrix product, a bias and an activation.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "[1 2] times [[1 3 5] [2 4 6]] is [5 11 17].",
            lambda r: r.values["error of [5 11 17]"] == 0,
            "[5 11 17]",
        ),
        Claim(
            "[[1 2] [3 4]] times [[5 6] [7 8]] is [[19 22] [43 50]].",
            lambda r: r.values["error of [[19 22] [43 50]]"] == 0,
            "[[19 22] [43 50]]",
        ),
        _prints("z1", "The first layer gives out"),
        _prints("z2", "The second layer gives out"),
        _prints("y", "The network gives out"),
    ),
    seeds=1,
)
