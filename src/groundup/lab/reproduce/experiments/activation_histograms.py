"""6-activation-histograms: what five layers give out, by initial values and activation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.experiment import (
    Claim,
    Experiment,
    Figure,
    Result,
    Say,
    Setting,
    long_table,
)
from groundup.lab.reproduce.outputs import layer_outputs
from groundup.layers import Dense
from groundup.report import numbers, style
from groundup.report.histogram_grid import Bins, histogram_grid
from groundup.rng import Stream

NODES: Final = 100
LAYERS: Final = 5
BINS: Final = 30
INITS: Final[Mapping[str, str]] = {
    "std 1": "std:1",
    "std 0.01": "std:0.01",
    "Xavier": "xavier",
    "He": "he",
    "Glorot normal": "glorot_normal",
    "Glorot uniform": "glorot_uniform",
}
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "ReLU": (0.0, 1.0),
}
"""Of the histograms, as in the book."""


def run(setting: Setting) -> Result:
    x = Stream(setting.seed, "init", "inputs").normal((setting.pick(1000, 300), NODES))
    shape = (len(INITS), len(RANGES), LAYERS)
    counts, stds, ends = np.zeros((*shape, BINS), int), np.zeros(shape), np.zeros(shape)
    for i, init in enumerate(INITS.values()):
        for a, (activation, (low, high)) in enumerate(RANGES.items()):
            layers = [Dense(NODES, activation, kernel_initializer=init) for _ in range(LAYERS)]
            outputs = layer_outputs(layers, x, setting.seed)
            for n, y in enumerate(outputs.values()):
                counts[i, a, n] = np.histogram(y, BINS, (low, high))[0]
                stds[i, a, n] = y.std()
                ends[i, a, n] = ((y < low + 0.05) | (y > high - 0.05)).mean()
    axes = ("init", "activation", "layer")
    values = {
        f"{what} {init} {activation} {n + 1}": float(array[i, a, n])
        for what, array in (("std", stds), ("ends", ends))
        for i, init in enumerate(INITS)
        for a, activation in enumerate(RANGES)
        for n in range(LAYERS)
    }
    return Result(
        {"counts": long_table(counts, *axes, "bin"), "std": long_table(stds, *axes)}, values
    )


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first = results[0]
    counts = first.column("counts", "value").reshape(len(INITS), len(RANGES), LAYERS, BINS)
    figures = []
    for a, (activation, limits) in enumerate(RANGES.items()):
        cells = [
            [
                Bins(
                    counts[i, a, n].tolist(),
                    f"std {numbers.number(first.values[f'std {init} {activation} {n + 1}'], 2)}",
                )
                for n in range(LAYERS)
            ]
            for i, init in enumerate(INITS)
        ]
        columns = [f"{n + 1}. {say('layer')}" for n in range(LAYERS)]
        picture = histogram_grid(
            cells, list(map(say, INITS)), columns, limits, title=activation,
            most=0.2 if activation == "ReLU" else 1.0, color=style.SERIES[a],
        )  # fmt: skip
        note = say("Outputs of five layers of 100 nodes; a notched bar is cut.")
        figures.append(Figure(activation, picture, note))
    return figures


def _in_all(test: Callable[[Result, int], bool]) -> Callable[[Result], bool]:
    return lambda r: all(test(r, n) for n in range(1, LAYERS + 1))


def _std(r: Result, init: str, activation: str, layer: int) -> float:
    return r.values[f"std {init} {activation} {layer}"]


EXPERIMENT: Final = Experiment(
    key="6-activation-histograms",
    title="Outputs of five layers, by initial values",
    source="Saito 2016, 6.2.2-6.2.3",
    text="1000 normal inputs go through five layers of 100 nodes that have not learned anything. "
    "Initial values decide whether outputs stay spread out, stick to the ends or shrink to one.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "With std 1 most outputs of sigmoid lie at 0 and 1, in every layer.",
            _in_all(lambda r, n: r.values[f"ends std 1 sigmoid {n}"] > 0.5),
            "Values gather at 0 and 1, where the slope is 0: gradients vanish.",
        ),
        Claim(
            "With std 0.01 the outputs of sigmoid are nearly the same, in every layer.",
            _in_all(lambda r, n: _std(r, "std 0.01", "sigmoid", n) < 0.05),
            "Values gather around 0.5: many nodes say the same, expressiveness is lost.",
        ),
        Claim(
            "With Xavier they are spread wider than with 0.01, and few lie at the ends.",
            _in_all(
                lambda r, n: (
                    _std(r, "Xavier", "sigmoid", n) > 2 * _std(r, "std 0.01", "sigmoid", n)
                    and r.values[f"ends Xavier sigmoid {n}"] < 0.05
                )
            ),
            "A wider distribution than both before.",
        ),
        Claim(
            "ReLU with std 0.01: the fifth layer gives out less than a thousandth of the first.",
            lambda r: _std(r, "std 0.01", "ReLU", 5) < 1e-3 * _std(r, "std 0.01", "ReLU", 1),
            "Values gather near 0.",
        ),
        Claim(
            "ReLU with Xavier: the outputs shrink to less than half over the five layers.",
            lambda r: _std(r, "Xavier", "ReLU", 5) < 0.5 * _std(r, "Xavier", "ReLU", 1),
            "The values lean towards 0 more and more.",
        ),
        Claim(
            "ReLU with He: they keep at least half their spread.",
            lambda r: _std(r, "He", "ReLU", 5) > 0.5 * _std(r, "He", "ReLU", 1),
            "There are values other than 0 in every layer.",
        ),
        Claim(
            "Between layers of one size Glorot's spreads are Xavier's, to a tenth, for tanh.",
            _in_all(
                lambda r, n: all(
                    abs(_std(r, f"Glorot {kind}", "tanh", n) / _std(r, "Xavier", "tanh", n) - 1)
                    < 0.1
                    for kind in ("normal", "uniform")
                )
            ),
            "There is a uniform and a normal kind of Xavier's values.",
        ),
    ),
)  # fmt: skip
