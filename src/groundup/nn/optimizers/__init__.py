"""Optimizers: how gradients move the parameters. `optimizers` is the registry of all of them."""

from groundup.nn.optimizers.adam import Adam, AdamW
from groundup.nn.optimizers.adaptive import Adagrad, RMSprop
from groundup.nn.optimizers.optimizer import Optimizer, State, optimizers
from groundup.nn.optimizers.sgd import SGD, Momentum, Nesterov

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSprop",
    "State",
    "optimizers",
]
