"""Units that give nothing: a ReLU that was silent on many samples in a row is dead."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from groundup.typing import Array

ENOUGH = 300  # silent on as many, a unit fires on less than 1 % of samples: 3/n at 95 % confidence


class Silence:
    """How many samples in a row each unit of each layer has given nothing above 0.

    Exams look at a slice of the samples each, and a unit may serve samples of the others: silence
    counts over exams. A unit is dead after `ENOUGH` samples, or all there are, or all that were
    looked at so far.

    Args:
        samples: how many training samples there are.

    >>> silence = Silence(samples=3)
    >>> silence.hear("relu_1", np.array([[0.0, 1.0]]))
    0.5
    >>> silence.hear("relu_1", np.array([[2.0, 0.0]]))
    0.0
    >>> silence.hear("relu_1", np.array([[0.0, 0.0], [0.0, 0.0]]))
    0.5
    """

    def __init__(self, samples: int) -> None:
        self.samples = samples
        self.counts: dict[str, Array] = {}
        self.heard: dict[str, int] = {}

    def hear(self, layer: str, y: Array) -> float:
        """Count a layer's y, (N, D) or (N, C, …); the share of its units that are dead."""
        positive = y.max(axis=(0, *range(2, y.ndim))) > 0
        before = self.counts.get(layer, np.zeros(len(positive), np.int64))
        self.counts[layer] = np.where(positive, 0, before + len(y))
        self.heard[layer] = self.heard.get(layer, 0) + len(y)
        enough = min(self.samples, ENOUGH, self.heard[layer])
        return float((self.counts[layer] >= enough).mean())

    def state(self) -> dict[str, Any]:
        """What a resumed training needs to know."""
        counts = {f"silent/{layer}": array for layer, array in self.counts.items()}
        return counts | {f"heard/{layer}": count for layer, count in self.heard.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state`."""
        self.counts = {k[7:]: v for k, v in state.items() if k.startswith("silent/")}
        self.heard = {k[6:]: int(v) for k, v in state.items() if k.startswith("heard/")}
