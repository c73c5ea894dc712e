"""Training for so many updates, as the book counts: what experiments have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from groundup.data.dataset import Dataset
from groundup.errors import Diverged
from groundup.layers.layer import Layer
from groundup.train.callback import Answer, Callback, Context, Stop
from groundup.train.sequential import Sequential
from groundup.typing import Array


def network(layers: Sequence[Layer], optimizer: Any, seed: int) -> Sequential:
    """A classifier that is compiled, its inputs divided by their largest value."""
    model = Sequential(layers, seed=seed, preprocess=["rescale"])
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return model


def train(
    model: Sequential,
    data: Dataset,
    updates: int,
    batch_size: int,
    callbacks: Sequence[Callback] = (),
) -> Array:
    """The loss of each of so many batches, (updates,); from where it diverges on NaN."""
    losses = _Losses(updates)
    rounds = -(-updates // -(-len(data.x_train) // batch_size))
    model.fit(
        data.x_train,
        data.y_train,
        batch_size=batch_size,
        epochs=rounds,
        verbose=0,
        callbacks=[*callbacks, losses],
    )
    kept = np.full(updates, np.nan)
    kept[: len(losses.seen)] = losses.seen
    return kept


def epoch_accuracies(model: Sequential, data: Dataset, epochs: int, batch_size: int) -> Array:
    """The accuracy of the batches of each epoch, (epochs,); from where it diverges on NaN."""
    model.fit(
        data.x_train,
        data.y_train,
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
        callbacks=[_StopWhereItDiverges()],
    )
    assert model.history is not None
    seen, kept = model.history.history.get("accuracy", []), np.full(epochs, np.nan)
    kept[: len(seen)] = seen
    return kept


def smooth(values: Array, window: int = 15) -> Array:
    """The mean of the latest values, so many or fewer at the beginning; a NaN stays one

    >>> smooth(np.array([1.0, 2.0, 3.0, np.nan]), 2).tolist()
    [1.0, 1.5, 2.5, nan]
    """
    return np.array([values[max(0, i - window + 1) : i + 1].mean() for i in range(len(values))])


class _StopWhereItDiverges(Callback):
    def on_diverged(self, context: Context, error: Diverged) -> Answer:
        return Stop("diverged")


class _Losses(_StopWhereItDiverges):
    """Keeps the loss of each batch, and ends the training after so many."""

    def __init__(self, updates: int) -> None:
        self.updates = updates
        self.seen: list[float] = []

    def on_batch_end(self, context: Context) -> Answer:
        self.seen.append(context.batch_loss)
        return Stop("all updates are made") if len(self.seen) == self.updates else None
