"""7-padding-stride: how large a convolution's output is, and what is said where it does not fit."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from groundup import ops
from groundup.errors import ShapeError
from groundup.lab.reproduce.experiment import (
    Claim,
    Experiment,
    Figure,
    Result,
    Say,
    Setting,
    Table,
    long_table,
)
from groundup.layers import Conv2D
from groundup.layers.layer import EMPTY, Mode
from groundup.ops import Window
from groundup.report.matrix import heatmap
from groundup.report.number_grid import number_grid
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.typing import Array

SIZES: Final = {
    "4x4, filter 3x3": ((4, 4), (3, 3), 0, 1),
    "4x4, filter 3x3, padding 1": ((4, 4), (3, 3), 1, 1),
    "7x7, filter 3x3, stride 2": ((7, 7), (3, 3), 0, 2),
    "28x31, filter 5x5, padding 2, stride 3": ((28, 31), (5, 5), 2, 3),
}
"""Image, filter, padding and stride."""
SIDE: Final = 7
PADDINGS: Final = (0, 1, 2, 3)
STRIDES: Final = (1, 2, 3, 4, 5)
SMALL: Final = np.arange(1.0, 17).reshape(4, 4)
LARGER: Final = (np.arange(49.0) % 4).reshape(7, 7)
ONES: Final = np.ones((3, 3))


def run(setting: Setting) -> Result:
    values: dict[str, float] = {}
    for name, (image, kernel, padding, stride) in SIZES.items():
        oh, ow = _output(image, padding, kernel_size=kernel, strides=stride)
        values |= {f"OH of {name}": oh, f"OW of {name}": ow}
    table: dict[str, list[Any]] = {"padding": [], "stride": [], "output": [], "said": []}
    for padding in PADDINGS:
        for stride in STRIDES:
            output, said = float("nan"), ""
            try:
                output, _ = _output((SIDE, SIDE), padding, kernel_size=3, strides=stride)
            except ShapeError as error:
                said = str(error)
            for column, value in zip(table.values(), (padding, stride, output, said), strict=True):
                column.append(value)
    values["OH of 8x8, filter 3x3, stride 2, rounded down"], _ = _output(
        (8, 8), 0, kernel_size=3, strides=2, rounding="floor"
    )
    tables = {
        "sizes": table,
        "padded": _summed(SMALL, Window((3, 3), pads=((1, 1), (1, 1)))),
        "strided": _summed(LARGER, Window((3, 3), (2, 2))),
    }
    return Result(tables, values)


def _summed(image: Array, window: Window) -> Table:
    """What a filter of ones gives out."""
    y = ops.conv2d(image[None, None], ONES[None, None], None, window)
    return long_table(y[0, 0], "row", "column")


def _output(image: tuple[int, int], padding: int, **options: Any) -> tuple[int, int]:
    """The size of what a convolution really gives out for an image of zeros."""
    layer, x = Conv2D(1, padding=padding, **options), np.zeros((1, 1, *image))
    init = layer.init(Stream(0, "init", "sizes"), x.shape[1:])
    y, _, _ = layer.forward(init.params, EMPTY, x, Mode())
    return y.shape[2], y.shape[3]


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first = results[0]
    sizes = first.column("sizes", "output").reshape(len(PADDINGS), len(STRIDES))
    table = heatmap(
        sizes, list(map(str, PADDINGS)), list(map(str, STRIDES)),
        axes=(say("padding ↓"), say("stride →")),
        words=lambda value: "–" if np.isnan(value) else f"{value:.0f}",
        title=say("Side of the output of 7x7 images, filter 3x3"),
    )  # fmt: skip
    said = [words for words in first.tables["sizes"]["said"] if words]
    note = say("Where the stride does not divide there is no output but an error, such as:")
    return [
        Figure(
            "padding", panels(_padded(first, say), 3), say("With a padding of 1 the size is kept.")
        ),
        Figure(
            "stride",
            panels(_strides(first, say), 3),
            say("With a stride of 2 the window moves by 2."),
        ),
        Figure("sizes", table, f"{note} “{said[0]}”" if said else ""),
    ]


def _padded(result: Result, say: Say) -> list[Markup]:
    """An image of 4x4 with its padding, the window at its first place, and the output."""
    image = np.pad(SMALL, 1)
    edge = np.pad(np.zeros(SMALL.shape, bool), 1, constant_values=True)
    window = np.zeros(image.shape, bool)
    window[:3, :3] = True
    sums = result.column("padded", "value").reshape(4, 4)
    first = np.arange(sums.size).reshape(sums.shape) == 0
    return [
        number_grid(image, title=say("image and padding"), strong=window, edge=edge),
        number_grid(ONES, title=say("filter"), color="orange", faint=ONES > 0),
        number_grid(sums, title=say("output"), color="teal", strong=first, faint=~first),
    ]


def _strides(result: Result, say: Say) -> list[Markup]:
    """An image of 7x7 with the window at its first two places, and the output."""
    parts = []
    for step in range(2):
        window = np.zeros(LARGER.shape, bool)
        window[:3, 2 * step : 2 * step + 3] = True
        parts.append(number_grid(LARGER, title=f"{say('window')} {step + 1}", strong=window))
    sums = result.column("strided", "value").reshape(3, 3)
    shown = np.arange(sums.size).reshape(sums.shape) < len(parts)
    output = number_grid(sums, title=say("output"), color="teal", strong=shown, faint=~shown)
    return [*parts, output]


def _gives(name: str, height: int, width: int, says: str) -> Claim:
    return Claim(
        f"{name}: the output is {height}x{width}.",
        lambda r: (r.values[f"OH of {name}"], r.values[f"OW of {name}"]) == (height, width),
        says,
    )


_FORMULA: Final = "OH = (H + 2P − FH) / S + 1, and the same for the width."


def _errors(result: Result) -> list[tuple[bool, str]]:
    """For each padding and stride whether it divides, and what was said."""
    table = result.tables["sizes"]
    return [
        ((SIDE + 2 * padding - 3) % stride == 0, said)
        for padding, stride, said in zip(
            table["padding"], table["stride"], table["said"], strict=True
        )
    ]


EXPERIMENT: Final = Experiment(
    key="7-padding-stride",
    title="Padding, stride, and the size of the output",
    source="Saito 2016, 7.2; the notes",
    text="Convolutions are made for images of zeros, and the size of what comes out is compared "
    "with the formula. Where the size is no whole number there must be a clear error.",
    run=run,
    draw=draw,
    claims=(
        _gives("4x4, filter 3x3", 2, 2, "(2, 2): two less than the input."),
        _gives("4x4, filter 3x3, padding 1", 4, 4, "(4, 4): the size is kept."),
        _gives("7x7, filter 3x3, stride 2", 3, 3, "(3, 3)"),
        _gives("28x31, filter 5x5, padding 2, stride 3", 10, 11, _FORMULA),
        Claim(
            "There is an error exactly where the stride does not divide.",
            lambda r: all(divides == (said == "") for divides, said in _errors(r)),
            "If the size is no whole number, an error has to be raised.",
        ),
        Claim(
            "The error names the sizes and the remedy.",
            lambda r: all(
                all(words in said for words in ("3x3", "7x7", "padding", "strides", "floor"))
                for divides, said in _errors(r)
                if not divides
            ),
            "If the size is no whole number, an error has to be raised.",
        ),
        Claim(
            "Asked to round down, it goes on as other frameworks: 8x8 with stride 2 gives 3.",
            lambda r: r.values["OH of 8x8, filter 3x3, stride 2, rounded down"] == 3,
            "Some frameworks round to the nearest whole number without an error.",
        ),
    ),
    seeds=1,
)
