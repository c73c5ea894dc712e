"""7-im2col: a convolution as one matrix product over unrolled windows, step by step."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup import ops
from groundup.lab.reproduce.experiment import (
    Claim,
    Experiment,
    Figure,
    Result,
    Say,
    Setting,
    long_table,
)
from groundup.ops import Window
from groundup.report.number_grid import number_grid
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.typing import Array

IMAGE: Final = np.array([[1.0, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
FILTER: Final = np.array([[2.0, 0, 1], [0, 1, 2], [1, 0, 2]])
WINDOW: Final = Window((3, 3))


def run(setting: Setting) -> Result:
    cols = ops.im2col(IMAGE[None, None], WINDOW)
    product = cols @ FILTER.reshape(-1, 1)
    values = {}
    stream = Stream(setting.seed, "init", "im2col")
    for images in (1, 10):
        x = stream.named(f"{images} images").normal((images, 3, 7, 7))
        values[f"rows, {images} images"], values[f"columns, {images} images"] = map(
            float, ops.im2col(x, Window((5, 5))).shape
        )
    W, b = stream.named("W").normal((4, 3, 5, 5)), stream.named("b").normal((4,))
    y = (ops.im2col(x, Window((5, 5))) @ W.reshape(4, -1).T + b).reshape(10, 3, 3, 4)
    direct = _convolved(x, W, b)
    c = stream.named("c").normal((90, 75))
    back = ops.col2im(c, x.shape, Window((5, 5)))
    values |= {
        "difference to the plain sum": float(np.abs(y.transpose(0, 3, 1, 2) - direct).max()),
        "difference of the two dot products": float(
            abs((ops.im2col(x, Window((5, 5))) * c).sum() - (x * back).sum())
        ),
        "elements of the image": float(IMAGE.size),
        "elements unrolled": float(cols.size),
        "elements unrolled where windows lie side by side": float(
            ops.im2col(IMAGE[None, None], Window((2, 2), (2, 2))).size
        ),
    }
    tables = {
        "windows": long_table(cols, "window", "element"),
        "output": {"window": np.arange(len(product)), "value": product[:, 0]},
    }
    return Result(tables, values)


def _convolved(x: Array, W: Array, b: Array) -> Array:
    """The sum over every window as it is written, one product after the other."""
    F, C, KH, KW = W.shape
    N, _, H, width = x.shape
    y = np.zeros((N, F, H - KH + 1, width - KW + 1))
    for n, f, i, j in np.ndindex(*y.shape):
        y[n, f, i, j] = b[f] + sum(
            x[n, c, i + p, j + q] * W[f, c, p, q] for c, p, q in np.ndindex(C, KH, KW)
        )
    return y


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    cols = results[0].column("windows", "value").reshape(-1, FILTER.size)
    product = results[0].column("output", "value").reshape(2, 2)
    window = np.arange(len(cols))
    parts = []
    for step in window:
        i, j = divmod(int(step), 2)
        inside = np.zeros(IMAGE.shape, bool)
        inside[i : i + 3, j : j + 3] = True
        rows = np.repeat(window[:, None], FILTER.size, axis=1)
        outputs = window.reshape(2, 2)
        parts += [
            number_grid(IMAGE, title=f"{say('window')} {step + 1}", strong=inside),
            number_grid(
                cols, title=say("its row"), strong=rows == step, faint=rows < step,
                known=rows <= step,
            ),
            number_grid(FILTER.reshape(-1, 1).T, title=say("times the filter"), color="orange",
                        faint=np.ones((1, FILTER.size), bool)),
            number_grid(
                product, title=say("its output"), color="teal", strong=outputs == step,
                faint=outputs < step, known=outputs <= step,
            ),
        ]  # fmt: skip
    note = say("Each window becomes a row. The filter, laid out alike, is multiplied with every "
               "row and summed; all at once that is a product of two matrices.")  # fmt: skip
    return [Figure("steps", panels(parts, 4), note)]


EXPERIMENT: Final = Experiment(
    key="7-im2col",
    title="Convolution by im2col",
    source="Saito 2016, 7.4; the notes",
    text="im2col lays every window of an image into a row of a matrix, so that a convolution "
    "becomes one product of matrices.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "One image of 3 channels and 7x7 pixels and windows of 5x5: (9, 75).",
            lambda r: (r.values["rows, 1 images"], r.values["columns, 1 images"]) == (9, 75),
            "(9, 75)",
        ),
        Claim(
            "Ten such images: (90, 75).",
            lambda r: (r.values["rows, 10 images"], r.values["columns, 10 images"]) == (90, 75),
            "(90, 75)",
        ),
        Claim(
            "The product gives what the sum over each window gives, to rounding.",
            lambda r: r.values["difference to the plain sum"] < 1e-12,
            "Filters are laid in columns, multiplied, and the result is reshaped.",
        ),
        Claim(
            "The image and the filter of the picture give 15, 16, 6 and 15.",
            lambda r: r.column("output", "value").tolist() == [15, 16, 6, 15],
            "The example of the book.",
        ),
        Claim(
            "Where windows overlap more numbers are unrolled than there are; side by side as many.",
            lambda r: (
                r.values["elements unrolled"]
                > r.values["elements of the image"]
                == r.values["elements unrolled where windows lie side by side"]
            ),
            "If windows overlap there are more elements than in the block, which takes memory.",
        ),
        Claim(
            "col2im is the transpose of im2col: (im2col x, c) = (x, col2im c), to rounding.",
            lambda r: r.values["difference of the two dot products"] < 1e-10,
            "Backward propagation does the opposite of im2col.",
        ),
    ),
)
