"""The network of a configuration, for data of their own shape and task.

Regression: the network ends in plain outputs and a `Rescaling` by the mean and standard deviation
of the training targets, and its loss is counted in that standard deviation. So it learns as if the
targets were standardized, and what it predicts is in their own units.
"""

import numpy as np
from numpy.typing import NDArray

from groundup.config import Config, ModelConfig
from groundup.data.dataset import Dataset
from groundup.data.preprocess import preprocessors
from groundup.data.rows import select
from groundup.data.split import train_validation_split
from groundup.errors import ConfigError
from groundup.layers import Layer, Rescaling
from groundup.layers import layers as known_layers
from groundup.nn.losses import Difference, Loss, losses
from groundup.nn.optimizers import optimizers
from groundup.nn.scaled_loss import ScaledLoss
from groundup.nn.zoo import zoo
from groundup.rng import Stream
from groundup.train.inputs import prepared_shape
from groundup.train.learner import Preparation
from groundup.train.sequential import Sequential
from groundup.typing import Array, Shape


def make_model(config: Config, dataset: Dataset) -> Sequential:
    """The compiled and built model of a configuration that leaves nothing open, for its data."""
    chosen = tuple(preprocessors.resolve(given) for given in config.data.preprocess or ())
    preparation = Preparation(chosen)
    in_shape = prepared_shape(chosen, dataset.in_shape)
    if in_shape is None:
        x = select(dataset.x_train, training_rows(config, dataset))
        preparation.fit(x)
        in_shape = preparation(x[:1]).shape[1:]
    layers, loss = _layers(config.model, in_shape, dataset), losses.resolve(config.train.loss)
    if dataset.task == "regression":
        layers, loss = _in_units(layers, loss, dataset.y_train[training_rows(config, dataset)])
    model = Sequential(layers, seed=config.seed, preprocess=chosen)
    optimizer = optimizers[config.optimizer.name](**config.optimizer.options)
    model.compile(optimizer, loss, config.train.metrics or ())
    if not layers or layers[0].input_shape is None:
        model.build(in_shape)
    model.learner.preparation = preparation
    return model


def training_rows(config: Config, dataset: Dataset) -> NDArray[np.int64]:
    """Which training samples train: those that will not validate."""
    share, seed = config.data.validation, config.data.split_seed
    if not share:
        return np.arange(len(dataset.y_train))
    stream = Stream(config.seed if seed is None else seed)
    return train_validation_split(dataset.y_train, share, stream)[0]


def _layers(model: ModelConfig, in_shape: Shape, dataset: Dataset) -> list[Layer]:
    if model.layers is not None:
        if model.options:
            raise ConfigError(f"model: with layers, no other option: {model.options}.")
        return [known_layers.resolve(layer) for layer in model.layers]
    values = dataset.outputs if dataset.task == "regression" else 1
    return zoo[model.name](**model.options).layers(in_shape, len(dataset.classes), values)


def _in_units(layers: list[Layer], loss: Loss, targets: Array) -> tuple[list[Layer], Loss]:
    """Layers that end in the targets' units, and the loss in their standard deviation."""
    if not isinstance(loss, Difference):
        raise ConfigError(
            f"train.loss = {type(loss).__name__}: the targets are values, not classes. Use mse, "
            "mae or huber."
        )
    rows = targets.reshape(len(targets), -1)
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    std[np.ptp(rows, axis=0) == 0] = 1.0
    scale, offset = tuple(std.tolist()), tuple(mean.tolist())
    return [*layers, Rescaling(scale, offset)], ScaledLoss(loss, scale)
