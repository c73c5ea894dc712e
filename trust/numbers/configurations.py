"""Layers with drawn options and input shapes, one recipe for every registered kind."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from groundup.layers import (
    ELU,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DReLU,
    Dense,
    DenseReLU,
    Dropout,
    Flatten,
    Identity,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    PReLU,
    ReLU,
    Rescaling,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
)
from groundup.nn.average import Average
from groundup.nn.chain import Chain
from groundup.typing import Shape
from trust.numbers.luck import Luck


class Drawn(NamedTuple):
    """A layer and the shape of its x, N included."""

    layer: Layer
    shape: Shape


def drawn_layer(kind: str, luck: Luck) -> Drawn:
    """One of this kind; KeyError where nobody has written a recipe for it."""
    return RECIPES[kind](luck)


def rows(luck: Luck) -> Shape:
    return luck.whole(1, 6), luck.whole(1, 7)


def anything(luck: Luck, batch: int = 1) -> Shape:
    """A batch of rows, sequences or images; unit sizes included."""
    return luck.whole(batch, 5), *(luck.whole(1, 5) for _ in range(luck.whole(1, 3)))


def inner(luck: Luck) -> Any:
    """What `activation=` may be."""
    return luck.pick(
        [
            None,
            "sigmoid",
            "tanh",
            "relu",
            "softmax",
            LeakyReLU(luck.uniform(-0.5, 1.5)),
            ELU(luck.uniform(0.1, 2.0)),
            {"kind": "ELU", "alpha": 0.5},
        ]
    )


def _elementwise(make: Callable[[Luck], Layer]) -> Callable[[Luck], Drawn]:
    return lambda luck: Drawn(make(luck), anything(luck))


def _dense(kind: type[Dense], activation: Callable[[Luck], Any]) -> Callable[[Luck], Drawn]:
    return lambda luck: Drawn(
        kind(luck.whole(1, 7), activation(luck), use_bias=luck.flag(0.7)), rows(luck)
    )


class Slide(NamedTuple):
    """A window over images: its options, and an image shape (H, W) into which it fits."""

    size: tuple[int, int]
    strides: tuple[int, int]
    padding: Any
    image: tuple[int, int]


def _slide(luck: Luck, pooling: bool) -> Slide:
    size = luck.whole(1, 4), luck.whole(1, 4)
    strides = luck.whole(1, 3), luck.whole(1, 3)
    widest = min(size) - 1 if pooling else 2
    padding: Any = luck.pick(["valid", "same", luck.whole(0, widest)])
    room = 2 * padding if isinstance(padding, int) else max(size) if padding == "same" else 0
    height, width = (luck.whole(max(1, n - room), n + 4) for n in size)
    return Slide(size, strides, padding, (height, width))


def _convolution(kind: type[Conv2D], activation: Callable[[Luck], Any]) -> Callable[[Luck], Drawn]:
    def make(luck: Luck) -> Drawn:
        slide = _slide(luck, pooling=False)
        layer = kind(
            luck.whole(1, 4),
            slide.size,
            slide.strides,
            slide.padding,
            activation(luck),
            use_bias=luck.flag(0.7),
            rounding="floor",
        )
        return Drawn(layer, (luck.whole(1, 4), luck.whole(1, 3), *slide.image))

    return make


def _pooling(kind: type[Layer], **options: Callable[[Luck], Any]) -> Callable[[Luck], Drawn]:
    def make(luck: Luck) -> Drawn:
        size, strides, padding, image = _slide(luck, pooling=True)
        more = {name: draw(luck) for name, draw in options.items()}
        layer = kind(size, strides, padding, "floor", **more)
        return Drawn(layer, (luck.whole(1, 4), luck.whole(1, 3), *image))

    return make


def _batch_normalization(luck: Luck) -> Drawn:
    layer = BatchNormalization(
        luck.uniform(0.0, 0.99),
        10 ** luck.uniform(-6, -2),
        luck.pick(["moving", "population"]),
        luck.flag(),
    )
    images = luck.flag()
    sizes = (
        (luck.whole(1, 3), luck.whole(1, 4), luck.whole(1, 4)) if images else (luck.whole(1, 6),)
    )
    return Drawn(layer, (luck.whole(3, 6), *sizes))


def _rescaling(luck: Luck) -> Drawn:
    if luck.flag():
        return Drawn(Rescaling(luck.uniform(-3, 3), luck.uniform(-9, 9)), anything(luck))
    N, D = rows(luck)
    return Drawn(Rescaling(tuple(luck.normal((D,)).tolist()), luck.uniform(-9, 9)), (N, D))


def _average(luck: Luck) -> Drawn:
    """Different ways to one shape; the input itself among them is a residual block."""
    N, D = max(2, luck.whole(1, 5)), luck.whole(1, 6)
    ways = [
        Identity(),
        Chain([Dense(luck.whole(1, 5), inner(luck)), PReLU(), Dense(D)]),
        Dense(D, inner(luck)),
        Chain([BatchNormalization(), Tanh(), Dropout(0.3)]),
    ]
    return Drawn(Average([luck.pick(ways) for _ in range(luck.whole(1, 4))]), (N, D))


def _chain(luck: Luck) -> Drawn:
    """Whatever fits on rows, one after the other."""
    N, D = max(3, luck.whole(1, 6)), luck.whole(1, 6)
    kinds: list[Callable[[], Layer]] = [
        lambda: Dense(luck.whole(1, 6), inner(luck), use_bias=luck.flag()),
        lambda: PReLU(shared=luck.flag()),
        lambda: Dropout(luck.uniform(0, 0.7), luck.pick(["inverted", "book"])),
        lambda: Chain([Dense(luck.whole(1, 4)), Sigmoid()]),
        lambda: Average([Dense(3), Chain([Tanh(), Dense(3, "relu")])]),
        lambda: Activation(inner(luck)),
        ELU,
    ]
    return Drawn(Chain([luck.pick(kinds)() for _ in range(luck.whole(0, 5))]), (N, D))


RECIPES: Mapping[str, Callable[[Luck], Drawn]] = {
    "Activation": _elementwise(lambda luck: Activation(inner(luck))),
    "Average": _average,
    "AveragePooling2D": _pooling(AveragePooling2D, count_padding=Luck.flag),
    "BatchNormalization": _batch_normalization,
    "Chain": _chain,
    "Conv2D": _convolution(Conv2D, inner),
    "Conv2DReLU": _convolution(Conv2DReLU, lambda luck: "relu"),
    "Dense": _dense(Dense, inner),
    "DenseReLU": _dense(DenseReLU, lambda luck: "relu"),
    "Dropout": _elementwise(
        lambda luck: Dropout(luck.uniform(0, 0.9), luck.pick(["inverted", "book"]))
    ),
    "ELU": _elementwise(lambda luck: ELU(luck.uniform(-1, 3))),
    "Flatten": _elementwise(lambda luck: Flatten()),
    "Identity": _elementwise(lambda luck: Identity()),
    "LeakyReLU": _elementwise(lambda luck: LeakyReLU(luck.uniform(-1, 2))),
    "MaxPooling2D": _pooling(MaxPooling2D),
    "PReLU": _elementwise(lambda luck: PReLU(shared=luck.flag())),
    "ReLU": _elementwise(lambda luck: ReLU()),
    "Rescaling": _rescaling,
    "Sigmoid": _elementwise(lambda luck: Sigmoid()),
    "Softmax": _elementwise(lambda luck: Softmax()),
    "Step": _elementwise(lambda luck: Step()),
    "Tanh": _elementwise(lambda luck: Tanh()),
}
