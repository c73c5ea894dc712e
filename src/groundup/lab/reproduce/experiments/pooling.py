"""7-pooling: the largest or the mean of each window, and what a shift of the image changes."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.data import handwriting
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
from groundup.layers.layer import EMPTY, Mode
from groundup.layers.pooling import AveragePooling2D, MaxPooling2D, Pooling2D
from groundup.nn.chain import Chain
from groundup.nn.network import build
from groundup.report.lines import line_chart
from groundup.report.number_grid import number_grid
from groundup.report.panels import panels
from groundup.report.series import Series
from groundup.typing import Array

IMAGE: Final = np.array([[1.0, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]])
WIDE: Final = np.array([
    [1.0, 1, 2, 0, 7, 1, 0],
    [3, 0, 9, 2, 3, 2, 3],
    [2, 3, 0, 1, 2, 1, 2],
    [3, 2, 4, 0, 1, 0, 1],
    [2, 6, 0, 1, 2, 1, 2],
    [1, 2, 4, 0, 1, 8, 1],
])  # fmt: skip
"""Its right six columns, and its left six, which are the same image moved by one to the right."""
POOLINGS: Final = {"max": MaxPooling2D, "mean": AveragePooling2D}
SHIFTS: Final = (1, 2, 3, 4)
COMPARED: Final = {
    "image": MaxPooling2D(1),
    "mean pooling, 2x2": AveragePooling2D(2),
    "max pooling, 2x2": MaxPooling2D(2),
    "max pooling, 4x4": MaxPooling2D(4),
}


def run(setting: Setting) -> Result:
    before, moved = WIDE[:, 1:], WIDE[:, :-1]
    pictures = {name: (IMAGE, kind(2)) for name, kind in POOLINGS.items()}
    pictures |= {"before": (before, MaxPooling2D(3)), "moved": (moved, MaxPooling2D(3))}
    tables: dict[str, Table] = {
        name: long_table(_pooled(image[None, None], layer)[0, 0], "row", "column")
        for name, (image, layer) in pictures.items()
    }
    data = handwriting(setting, train=1, test=setting.pick(2_000, 300))
    x = data.x_test / data.x_test.max()
    changes = [
        (name, shift, _change(x, shift, layer))
        for name, layer in COMPARED.items()
        for shift in SHIFTS
    ]
    columns = zip(*changes, strict=True)
    tables["changes"] = dict(zip(("what", "shift", "change"), columns, strict=True))
    values = {f"{name}, shift {shift}": change for name, shift, change in changes}
    network, vector, _ = build(Chain([MaxPooling2D(2)]), (30, 24, 24), 0, np.float64)
    counts = {"parameters": float(vector.size), "channels of 30": float(network.out_shape[0])}
    return Result(tables, values | counts)


def _pooled(x: Array, layer: Pooling2D) -> Array:
    return layer.forward(EMPTY, EMPTY, x, Mode())[0]


def _change(x: Array, shift: int, layer: Pooling2D) -> float:
    """‖p(x) − p(x moved to the right)‖ / ‖p(x)‖, the mean over the images."""
    moved = np.pad(x, ((0, 0),) * 3 + ((shift, 0),))[..., :-shift]
    y, y_moved = _pooled(x, layer), _pooled(moved, layer)
    lengths = [np.sqrt((part**2).sum(axis=(1, 2, 3))) for part in (y - y_moved, y)]
    return float((lengths[0] / lengths[1]).mean())


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first = results[0]
    quarter = np.add.outer(np.arange(4) // 2, np.arange(4) // 2) % 2 == 0
    parts = [number_grid(IMAGE, title=say("image"), strong=quarter, faint=~quarter)]
    parts += [
        number_grid(
            first.column(name, "value").reshape(2, 2), title=say(name), color="teal",
            faint=np.ones((2, 2), bool),
        )
        for name in POOLINGS
    ]  # fmt: skip
    corner = np.add.outer(np.arange(6) // 3, np.arange(6) // 3) % 2 == 0
    moved = []
    for name, image in (("before", WIDE[:, 1:]), ("moved", WIDE[:, :-1])):
        y = first.column(name, "value").reshape(2, 2)
        won = image == np.kron(y, np.ones((3, 3)))
        moved += [
            number_grid(image, title=say(name), strong=won, faint=corner & ~won),
            number_grid(y, title=say("max"), color="teal", faint=np.ones(y.shape, bool)),
        ]
    lines = [
        Series(say(name), list(SHIFTS), first.column("changes", "change")[here])
        for name in COMPARED
        for here in [first.column("changes", "what") == name]
    ]
    chart = line_chart(
        lines, title=say("How much an image changes when it moves"), y_limits=(0.0, None),
        x_label=say("pixels to the right"), y_label=say("relative change"), whole_x=True,
        width=640, height=300,
    )  # fmt: skip
    return [
        Figure("pooling", panels(parts, 3), say("Each window of 2x2 becomes one number.")),
        Figure("moved", panels(moved, 4), say("Moved by one to the right, and still the same.")),
        Figure("change", chart, say("Handwriting and its pooled images, mean over images.")),
    ]


def _output(name: str, *expected: float) -> Callable[[Result], bool]:
    return lambda r: r.column(name, "value").tolist() == list(expected)


EXPERIMENT: Final = Experiment(
    key="7-pooling",
    title="Pooling",
    source="Saito 2016, 7.3; the notes",
    text="Pooling takes the largest value or the mean of each window. It has nothing to learn, "
    "keeps channels apart, and changes less than the image when that moves a little.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Max pooling of the book's image gives 2, 3, 4, 2.",
            _output("max", 2, 3, 4, 2),
            "The largest of each window.",
        ),
        Claim(
            "Its mean pooling gives 1, 1.5, 2.25, 1.",
            _output("mean", 1, 1.5, 2.25, 1),
            "The mean of each window.",
        ),
        Claim(
            "There is no parameter to learn.",
            lambda r: r.values["parameters"] == 0,
            "No parameters to learn.",
        ),
        Claim(
            "30 channels stay 30 channels.",
            lambda r: r.values["channels of 30"] == 30,
            "The number of channels does not change.",
        ),
        Claim(
            "The image that moves by one gives the same output as before.",
            lambda r: r.column("before", "value").tolist() == r.column("moved", "value").tolist(),
            "The output is the same although the input moved by one; it may differ with the data.",
        ),
        Claim(
            "Handwriting that moves by one pixel changes less when it is pooled, by max or mean.",
            lambda r: all(
                r.values[f"{name}, shift 1"] < r.values["image, shift 1"]
                for name in ("max pooling, 2x2", "mean pooling, 2x2")
            ),
            "Robust against small changes of the input.",
        ),
        Claim(
            "But it does change: by more than a tenth.",
            lambda r: r.values["max pooling, 2x2, shift 1"] > 0.1,
            "It may differ with the data.",
        ),
    ),
    seeds=1,
)
