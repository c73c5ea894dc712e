"""What the records of a training say about its loss: its noise, and how it carries over."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def loss_noise(batch_losses: Sequence[float]) -> float:
    """The standard deviation of single batches' losses around their trend

    √(½ mean (Lᵢ₊₁ - Lᵢ)²): of neighbors, so that a loss that falls slowly is not noisy for it. NaN
    for fewer than two.   [von Neumann et al. 1941, "The mean square successive difference"]

    >>> loss_noise([3.0, 1.0, 3.0, 1.0, 3.0])
    1.4142135623730951
    """
    moves = np.diff(np.asarray(batch_losses, np.float64))
    return float(np.sqrt(np.mean(moves**2) / 2)) if moves.size else float("nan")


def generalization_gaps(records: Sequence[Mapping[str, Any]]) -> list[float]:
    """val_loss - loss of every epoch that has both

    The loss is a mean over the epoch, with dropout at work, so the gap may begin below 0.

    >>> generalization_gaps([{"kind": "epoch", "loss": 0.5, "val_loss": 0.75}])
    [0.25]
    """
    epochs = (record for record in records if record["kind"] == "epoch" and "val_loss" in record)
    return [record["val_loss"] - record["loss"] for record in epochs]
