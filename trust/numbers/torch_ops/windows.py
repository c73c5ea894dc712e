"""Convolution, pooling and im2col; a row of PyTorch's is an image of one row here."""

from collections.abc import Callable
from typing import Any

import numpy as np

from groundup import ops
from groundup.ops import Window
from trust.numbers.torch_ops.sample import Answer, Gradients, Question, Sample


def pair(n: Any, axes: int) -> tuple[int, int]:
    """(rows, columns) of an argument of PyTorch's, for rows of one axis with 1 window row."""
    several = tuple(n) if isinstance(n, tuple | list) else (n,)
    if axes == 1:
        return 1, several[0]
    return several * 2 if len(several) == 1 else several


def window(s: Sample, size: Any, image: tuple[int, int], axes: int, stride: Any) -> Window:
    size, padding = pair(size, axes), s.get("padding", 0)
    strides = size if stride in (None, (), []) else pair(stride, axes)
    if isinstance(padding, str):
        return ops.fit_window(image, size, strides, padding, "floor", "the sample")
    rows, columns = pair(padding, axes)
    return Window(size, strides, ((0 if axes == 1 else rows,) * 2, (columns,) * 2))


def images(x: np.ndarray, axes: int) -> np.ndarray:
    """(N, C, H, W), of what may lack N, and of rows (N, C, L)."""
    x = x if x.ndim == axes + 2 else x[None]
    return x if axes == 2 else x[:, :, None]


def convolution(axes: int) -> Callable[[Sample], Answer]:
    def answer(s: Sample) -> Answer:
        x, b = images(s.x, axes), s.array("bias")
        given = s.array("weight")
        W = given if axes == 2 else given[:, :, None]
        w = window(s, given.shape[2:], x.shape[2:], axes, s.get("stride", 1))
        y = ops.conv2d(x, W, b, w)

        def backward(dy: np.ndarray) -> Gradients:
            dx, dW, db = ops.conv2d_backward(dy.reshape(y.shape), x, W, w)
            return dx.reshape(s.x.shape), dW.reshape(given.shape), None if b is None else db

        return Answer(y.reshape(_lean(y.shape, s.x.ndim, axes)), backward)

    return answer


def max_pool(axes: int) -> Callable[[Sample], Answer]:
    def answer(s: Sample) -> Answer:
        x = images(s.x, axes)
        w = window(s, s.get("kernel_size", 1), x.shape[2:], axes, s.get("stride", None))
        y, place = ops.max_pool(x, w)
        return Answer(
            y.reshape(_lean(y.shape, s.x.ndim, axes)),
            lambda dy: (
                ops.max_pool_backward(dy.reshape(y.shape), place, x.shape, w).reshape(s.x.shape),
            ),
        )

    return answer


def average_pool(axes: int) -> Callable[[Sample], Answer]:
    def answer(s: Sample) -> Answer:
        x, counting = images(s.x, axes), s.get("count_include_pad", True)
        w = window(s, s.get("kernel_size", 1), x.shape[2:], axes, s.get("stride", None))
        return _averaged(s, x, w, counting, axes)

    return answer


def adaptive_average_pool(s: Sample) -> Answer:
    """Windows that divide the image; one for the whole of it is the global mean."""
    x = images(s.x, 2)
    size = tuple(n // m for n, m in zip(x.shape[2:], _outputs(s), strict=True))
    return _averaged(s, x, Window(size, size), False, 2)


def _averaged(s: Sample, x: np.ndarray, w: Window, counting: bool, axes: int) -> Answer:
    y = ops.average_pool(x, w, counting)
    return Answer(
        y.reshape(_lean(y.shape, s.x.ndim, axes)),
        lambda dy: (
            ops.average_pool_backward(dy.reshape(y.shape), x.shape, w, counting).reshape(s.x.shape),
        ),
    )


def adaptive_max_pool(s: Sample) -> Answer:
    x = images(s.x, 2)
    size = tuple(n // m for n, m in zip(x.shape[2:], _outputs(s), strict=True))
    w = Window(size, size)
    y, place = ops.max_pool(x, w)
    return Answer(
        y.reshape(_lean(y.shape, s.x.ndim, 2)),
        lambda dy: (
            ops.max_pool_backward(dy.reshape(y.shape), place, x.shape, w).reshape(s.x.shape),
        ),
    )


def unfold(s: Sample) -> Answer:
    """PyTorch lays the windows side by side, (N, C·K, L); here they lie below each other."""
    x = s.x
    w = window(s, s.get("kernel_size", 1), x.shape[2:], 2, s.get("stride", 1))
    cols = ops.im2col(x, w)
    L = int(np.prod(w.output(*x.shape[2:])))
    y = cols.reshape(len(x), L, cols.shape[1]).transpose(0, 2, 1)
    return Answer(
        y, lambda dy: (ops.col2im(dy.transpose(0, 2, 1).reshape(cols.shape), x.shape, w),)
    )


def _lean(shape: tuple[int, ...], rank: int, axes: int) -> tuple[int, ...]:
    """(N, C, H, W) without N where the sample has none, without H for rows."""
    kept = shape if axes == 2 else (*shape[:2], shape[3])
    return kept if rank == axes + 2 else kept[1:]


def _outputs(s: Sample) -> tuple[int, int]:
    size, image = s.get("output_size", 1), s.x.shape[-2:]
    both = size if isinstance(size, tuple) else (size, size)
    return tuple(n if m is None else m for n, m in zip(image, both, strict=True))


def _dilated(s: Sample) -> bool:
    return any(n != 1 for n in np.atleast_1d(s.get("dilation", 1)))


def _grouped(s: Sample) -> bool:
    return s.get("groups", 1) != 1


def _hangs_over(axes: int) -> Callable[[Sample], bool]:
    """Rounding up where windows do not divide: it ends in a window that is partly outside."""

    def holds(s: Sample) -> bool:
        x = images(s.x, axes)
        w = window(s, s.get("kernel_size", 1), x.shape[2:], axes, s.get("stride", None))
        left = (
            (n + sum(pads) - k) % stride
            for n, pads, k, stride in zip(x.shape[2:], w.pads, w.size, w.strides, strict=True)
        )
        return bool(s.get("ceil_mode", False)) and any(left)

    return holds


def _divisor(s: Sample) -> bool:
    return s.get("divisor_override", None) is not None


def _uneven(s: Sample) -> bool:
    return any(n % m for n, m in zip(s.x.shape[-2:], _outputs(s), strict=True))


AVERAGE = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
CONVOLUTION = ("weight", "bias", "stride", "padding", "dilation", "groups")
LEARNED = ("input", "weight", "bias")
UNEVEN = {"windows of several sizes": _uneven}


def _convolutions(axes: int) -> Question:
    left_out = {"groups": _grouped, "dilation": _dilated}
    return Question(convolution(axes), CONVOLUTION, left_out, LEARNED)


def _max_pools(axes: int) -> Question:
    left_out = {"dilation": _dilated, "windows partly outside": _hangs_over(axes)}
    return Question(max_pool(axes), left_out=left_out)


def _average_pools(axes: int) -> Question:
    left_out = {"a divisor of its own": _divisor, "windows partly outside": _hangs_over(axes)}
    return Question(average_pool(axes), (*AVERAGE, "divisor_override"), left_out)


QUESTIONS = {
    "nn.functional.conv2d": _convolutions(2),
    "nn.functional.conv1d": _convolutions(1),
    "nn.functional.max_pool2d": _max_pools(2),
    "nn.functional.max_pool1d": _max_pools(1),
    "nn.functional.avg_pool2d": _average_pools(2),
    "nn.functional.avg_pool1d": _average_pools(1),
    "nn.functional.adaptive_avg_pool2d": Question(adaptive_average_pool, ("output_size",), UNEVEN),
    "nn.functional.adaptive_max_pool2d": Question(adaptive_max_pool, ("output_size",), UNEVEN),
    "nn.functional.unfold": Question(
        unfold, ("kernel_size", "dilation", "padding", "stride"), {"dilation": _dilated}
    ),
}
