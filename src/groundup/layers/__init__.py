"""Layers: one idea a file, forward beside backward. `layers` is the registry of all of them."""

from groundup.layers import graph
from groundup.layers.activations import (
    ELU,
    Activation,
    Identity,
    LeakyReLU,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
    activations,
)
from groundup.layers.batch_normalization import BatchNormalization
from groundup.layers.conv2d import Conv2D
from groundup.layers.dense import Dense
from groundup.layers.dropout import Dropout
from groundup.layers.flatten import Flatten
from groundup.layers.fused import Conv2DReLU, DenseReLU
from groundup.layers.layer import Init, Layer, Mode, Probe, layers
from groundup.layers.pooling import AveragePooling2D, MaxPooling2D
from groundup.layers.rescaling import Rescaling

__all__ = [
    "ELU",
    "Activation",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Conv2DReLU",
    "Dense",
    "DenseReLU",
    "Dropout",
    "Flatten",
    "Identity",
    "Init",
    "Layer",
    "LeakyReLU",
    "MaxPooling2D",
    "Mode",
    "PReLU",
    "Probe",
    "ReLU",
    "Rescaling",
    "Sigmoid",
    "Softmax",
    "Step",
    "Tanh",
    "activations",
    "graph",
    "layers",
]
