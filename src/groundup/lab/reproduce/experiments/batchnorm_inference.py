"""6-batchnorm-inference: by which mean and variance a trained network normalizes."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.layers import BatchNormalization, Mode
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.typing import Array

MEAN: Final = 3.0
VARIANCE: Final = 4.0
SIZES: Final = (2, 4, 8, 16, 32, 64, 128)
FEATURES: Final = 50
LAYERS: Final = {
    "population, m/(m − 1)": BatchNormalization(statistics="population"),
    "moving average": BatchNormalization(momentum=0.99),
    "moving average, unbiased": BatchNormalization(momentum=0.99, unbiased=True),
}
"""Moving averages long enough not to hang on the latest batches."""


def gather(layer: BatchNormalization, batches: Array) -> list[tuple[float, float]]:
    """Mean and variance known after each batch (B, m, D), their means over the features."""
    params, state, _, _ = layer.init(Stream(0), batches.shape[2:])
    known = []
    for step, x in enumerate(batches):
        mode = Mode(train=True, rng=Stream(0, "dropout").at(step=step))
        _, _, state = layer.forward(params, state, x, mode)
        known.append((float(np.mean(state["mean"])), float(np.mean(state["var"]))))
    return known
