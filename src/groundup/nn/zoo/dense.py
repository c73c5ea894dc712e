"""Networks of dense layers: they take anything, images flattened."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from groundup.checks import NOT_NEGATIVE, SHARE, as_whole, check_flag, check_number, check_whole
from groundup.errors import InputError
from groundup.layers import Activation, BatchNormalization, Dense, Dropout, Flatten, Layer, PReLU
from groundup.layers.regularizers import L1, L1L2, L2, Regularizer
from groundup.nn.zoo.model import Model, zoo
from groundup.typing import Shape


@dataclass(frozen=True)
class DenseModel(Model):
    """The base of networks that take anything, images flattened."""

    def layers(self, in_shape: Shape, classes: int, values: int = 1) -> list[Layer]:
        flat: list[Layer] = [] if len(in_shape) == 1 else [Flatten()]
        return flat + self.dense_layers(classes, values)

    @abstractmethod
    def dense_layers(self, classes: int, values: int) -> list[Layer]:
        """The layers above a flat input (D,)."""


@zoo.register(name="two-layer")
@dataclass(frozen=True)
class TwoLayer(DenseModel):
    """One hidden layer: Dense(50) - ReLU - Dense(10) - softmax   [Saito 2016, 5.7]

    39,760 parameters for 28x28 images. The chapter before has a sigmoid in place of ReLU.

    Args:
        units: width of the hidden layer.
        activation: of the hidden layer.
        init: of the weights; "std:0.01" as the book.
    """

    units: int = 50
    activation: Any = "relu"
    init: Any = "std:0.01"

    def __post_init__(self) -> None:
        self.expect_parts()
        check_whole(self, "units")

    def dense_layers(self, classes: int, values: int) -> list[Layer]:
        hidden = _hidden(self.activation, units=self.units, kernel_initializer=self.init)
        return [*hidden, self.outputs(classes, values, kernel_initializer=self.init)]


@zoo.register(name="multi-layer")
@dataclass(frozen=True)
class MultiLayer(DenseModel):
    """Hidden layers, each Dense - (batch normalization) - activation - (dropout)

    Five of 100 units unless said otherwise: 119,910 parameters for 28x28 images and 10 classes.
    [Saito 2016, 6.1.8, 6.3.2 and 6.4]

    Args:
        units: width of every hidden layer, or a list of widths.
        depth: number of hidden layers, 5; a list of widths says it already.
        activation: of the hidden layers.
        init: of the weights: "he" for ReLU, "xavier" for sigmoid and tanh, "std:0.01", …
        batch_norm: normalize before each activation, as the book.
        dropout: share dropped after each activation.
        l1, l2: penalties on all weights, λ₁ Σ|W| and the book's ½ λ₂ ΣW².
    """

    units: int | Sequence[int] = 100
    depth: int | None = None
    activation: Any = "relu"
    init: Any = "he"
    batch_norm: bool = False
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        self.expect_parts()
        if isinstance(self.units, list | tuple):
            widths = tuple(as_whole(width, "units", who="MultiLayer") for width in self.units)
            object.__setattr__(self, "units", widths)
        else:
            check_whole(self, "units")
        if self.depth is not None:
            check_whole(self, "depth")
        if not self.widths or self.depth not in (None, len(self.widths)):
            raise InputError(
                f"MultiLayer(units={self.units}, depth={self.depth}): expected one width for each "
                "hidden layer. Leave depth out, or give a single width."
            )
        check_flag(self, "batch_norm")
        check_number(self, "dropout", SHARE)
        check_number(self, "l1", NOT_NEGATIVE)
        check_number(self, "l2", NOT_NEGATIVE)

    @property
    def widths(self) -> tuple[int, ...]:
        """The width of each hidden layer."""
        if isinstance(self.units, tuple):
            return self.units
        return (self.units,) * (5 if self.depth is None else self.depth)  # type: ignore[return-value]

    def dense_layers(self, classes: int, values: int) -> list[Layer]:
        weights = {
            "kernel_initializer": self.init,
            "kernel_regularizer": _penalty(self.l1, self.l2),
        }
        made: list[Layer] = []
        for units in self.widths:
            made += _hidden(self.activation, self.batch_norm, units=units, **weights)
            made += [Dropout(self.dropout)] if self.dropout else []
        return [*made, self.outputs(classes, values, **weights)]


@zoo.register(name="keras-dnn")
@dataclass(frozen=True)
class KerasDNN(DenseModel):
    """(Dense(64) - ReLU - batch normalization) three times - dropout 0.2 - Dense(10) - softmax

    The MNIST classifier of the Keras notes, normalizing after the activation. 59,594 parameters
    for 28x28 images and 10 classes.

    Args:
        units: width of every hidden layer.
        depth: number of hidden layers.
        dropout: share dropped before the last layer.
        init: of the weights; Keras's default.
    """

    units: int = 64
    depth: int = 3
    dropout: float = 0.2
    init: Any = "glorot_uniform"

    def __post_init__(self) -> None:
        self.expect_parts()
        check_whole(self, "units")
        check_whole(self, "depth")
        check_number(self, "dropout", SHARE)

    def dense_layers(self, classes: int, values: int) -> list[Layer]:
        made: list[Layer] = []
        for _ in range(self.depth):
            made += [Dense(self.units, activation="relu", kernel_initializer=self.init)]
            made += [BatchNormalization()]
        made += [Dropout(self.dropout)] if self.dropout else []
        return [*made, self.outputs(classes, values, kernel_initializer=self.init)]


def _hidden(activation: Any, batch_norm: bool = False, **options: Any) -> list[Layer]:
    """A dense layer with its activation, batch normalization between the two if wanted."""
    learned = isinstance(activation, str) and activation.lower() == "prelu"
    if not batch_norm and not learned:
        return [Dense(activation=activation, **options)]
    between: list[Layer] = [BatchNormalization()] if batch_norm else []
    return [Dense(**options), *between, PReLU() if learned else Activation(activation)]


def _penalty(l1: float, l2: float) -> Regularizer | None:
    """The regularizer of these strengths; None where both are 0."""
    if l1 and l2:
        return L1L2(l1, l2)
    return L1(l1) if l1 else L2(l2) if l2 else None
