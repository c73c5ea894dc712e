"""Training: the shell `Sequential`, the loop, callbacks, files and runs."""

from groundup.train.callback import (
    Callback,
    Context,
    RestoreWeights,
    SetLearningRate,
    Stop,
    Weights,
)
from groundup.train.history import History
from groundup.train.load import load_model
from groundup.train.sequential import Sequential

__all__ = [
    "Callback",
    "Context",
    "History",
    "RestoreWeights",
    "Sequential",
    "SetLearningRate",
    "Stop",
    "Weights",
    "load_model",
]
