"""Networks of convolutions: they take images (C, H, W)."""

from dataclasses import dataclass
from typing import Any

from groundup import ops
from groundup.checks import SHARE, check_number, check_whole
from groundup.errors import ShapeError
from groundup.layers import Conv2D, Dense, Dropout, Flatten, Layer, MaxPooling2D, Softmax
from groundup.nn.zoo.model import Model, zoo
from groundup.typing import Shape


@dataclass(frozen=True)
class ConvolutionalModel(Model):
    """The base of networks over images."""

    def expect_image(self, in_shape: Shape, least: int, remedy: str) -> None:
        """Refuse what is no image (C, H, W) with both sides at least `least`."""
        if len(in_shape) != 3:
            raise ShapeError(
                f"{self.name}: expected images (C, H, W), got inputs of shape {tuple(in_shape)}. "
                "Choose a dense model, such as multi-layer, or reshape to images with a channel "
                "axis, (1, H, W) for grey."
            )
        if min(in_shape[1:]) < least:
            raise ShapeError(
                f"{self.name}: expected images of at least {least}x{least}, got "
                f"{in_shape[1]}x{in_shape[2]}. {remedy}"
            )


@zoo.register("simple_convnet", name="simple-convnet")
@dataclass(frozen=True)
class SimpleConvNet(ConvolutionalModel):
    """Conv(30, 5x5) - ReLU - max pooling - Dense(100) - ReLU - Dense(10) - softmax

    433,890 parameters for 28x28 grey images and 10 classes.   [Saito 2016, 7.5]

    Args:
        filters: number of filters.
        filter_size: their height and width.
        padding: zeros on each side, "same" or "valid".
        stride: of the filters; what is left over at the edge is not seen.
        units: width of the hidden dense layer.
        init: of the weights; "he" suits ReLU, the book has "std:0.01".
    """

    filters: int = 30
    filter_size: int = 5
    padding: ops.Padding = 0
    stride: int = 1
    units: int = 100
    init: Any = "he"

    def __post_init__(self) -> None:
        self.expect_parts()
        for option in ("filters", "filter_size", "stride", "units"):
            check_whole(self, option)
        ops.check_padding(self)

    def layers(self, in_shape: Shape, classes: int, values: int = 1) -> list[Layer]:
        self.expect_image(
            in_shape, self._least(), "Choose smaller filters, more padding or a dense model."
        )
        convolution = Conv2D(
            self.filters,
            self.filter_size,
            self.stride,
            self.padding,
            activation="relu",
            kernel_initializer=self.init,
            rounding="floor",
        )
        return [
            convolution,
            MaxPooling2D(2, rounding="floor"),
            Flatten(),
            Dense(self.units, activation="relu", kernel_initializer=self.init),
            self.outputs(classes, values, kernel_initializer=self.init),
        ]

    def _least(self) -> int:
        """The side of the smallest image whose convolution leaves 2x2 to be pooled."""
        if self.padding == "same":
            return self.stride + 1
        pad = 0 if self.padding == "valid" else self.padding
        return max(1, self.filter_size - 2 * pad + self.stride)


@zoo.register("deep_convnet", name="deep-convnet")
@dataclass(frozen=True)
class DeepConvNet(ConvolutionalModel):
    """(Conv - ReLU - conv - ReLU - max pooling) three times, then Dense(50) and Dense(10)

    Filters 16-16-32-32-64-64, 3x3, on images padded by 1, before the fourth by 2; dropout 0.5 after
    each dense layer, the last one too. 123,552 parameters for 28x28 grey images and 10 classes; any
    images of at least 4x4.   [Saito 2016, 8.1.1]

    Args:
        units: width of the hidden dense layer.
        dropout: share dropped after the dense layers; regression drops no output.
        init: of the weights; He's as the book.
    """

    units: int = 50
    dropout: float = 0.5
    init: Any = "he"

    def __post_init__(self) -> None:
        self.expect_parts()
        check_whole(self, "units")
        check_number(self, "dropout", SHARE)

    def layers(self, in_shape: Shape, classes: int, values: int = 1) -> list[Layer]:
        self.expect_image(in_shape, 4, "Choose simple-convnet or a dense model.")
        made: list[Layer] = []
        for filters, paddings in ((16, (1, 1)), (32, (1, 2)), (64, (1, 1))):
            made += [
                Conv2D(filters, 3, padding=padding, activation="relu", kernel_initializer=self.init)
                for padding in paddings
            ]
            made += [MaxPooling2D(2, rounding="floor")]
        hidden = Dense(self.units, activation="relu", kernel_initializer=self.init)
        last: list[Layer] = [self.outputs(classes, values, kernel_initializer=self.init)]
        drop: list[Layer] = [Dropout(self.dropout)] if self.dropout else []
        if drop and classes:
            last = [Dense(classes, kernel_initializer=self.init), *drop, Softmax()]
        return [*made, Flatten(), hidden, *drop, *last]
