"""Activations and softmax, forward and backward.

Expected values are the plain formulas in numbers of 80 bits, whose exponents reach beyond e¹⁰⁰⁰⁰.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from groundup import ops
from groundup.typing import Array
from trust.numbers.extreme.case import DTYPES, INF, NAN, Case, both, by_kernel

LEAST = 2.0**-126  # float32's smallest normal number; digits below it are lost by the format


class Function(NamedTuple):
    """y and dy/dx in plain words, and the ops: forward of x, backward of dy, x and y."""

    y: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    forward: Callable[[Array], Array]
    backward: Callable[[Array, Array, Array], Array]
    kernel: str = ""
    numbers: tuple[float, ...] = ()
    remembers: str = "y"


FUNCTIONS: Mapping[str, Function] = {
    "sigmoid": Function(
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: np.exp(-abs(x)) / (1 + np.exp(-abs(x))) ** 2,
        ops.sigmoid,
        lambda dy, x, y: ops.sigmoid_backward(dy, y),
        "sigmoid",
    ),
    "tanh": Function(
        np.tanh,
        lambda x: 1 / np.cosh(x) ** 2,
        ops.tanh,
        lambda dy, x, y: ops.tanh_backward(dy, y),
        "tanh",
    ),
    "ReLU": Function(
        lambda x: np.maximum(x, 0),
        lambda x: np.where(x > 0, 1.0, 0.0),
        ops.relu,
        lambda dy, x, y: ops.relu_backward(dy, y),
        "relu",
    ),
    "leaky ReLU": Function(
        lambda x: np.where(x > 0, x, 0.25 * x),
        lambda x: np.where(x > 0, 1.0, 0.25),
        lambda x: ops.leaky_relu(x, 0.25),
        lambda dy, x, y: ops.leaky_relu_backward(dy, x, 0.25),
        "leaky_relu",
        (0.25,),
        "x",
    ),
    "ELU": Function(
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
        lambda x: ops.elu(x, 1.0),
        lambda dy, x, y: ops.elu_backward(dy, x, y, 1.0),
    ),
    "step": Function(
        lambda x: np.where(x > 0, 1.0, 0.0),
        lambda x: np.zeros_like(x),
        ops.step,
        lambda dy, x, y: ops.step_backward(dy),
    ),
}
PLACES: Mapping[str, list[float]] = {
    "±1e4": [-1e4, 1e4],
    "±1e30": [-1e30, 1e30],
    "±infinity": [-INF, INF],
    "where float32's exponential function ends": [-104.0, -88.8, -87.2, 87.2, 88.8, 104.0],
    "denormal numbers": [-1e-40, -1e-44, 1e-44, 1e-40],
    "0": [0.0],
}


def _forward() -> Iterator[Case]:
    for name, f in FUNCTIONS.items():
        for place, numbers in PLACES.items():
            for word, dtype in DTYPES.items():
                yield Case(f"{name} at {place}, {word}", *_at(f, numbers, dtype), atol=LEAST)
            if f.kernel:
                x = np.array([numbers], np.float32)
                yield Case(
                    f"{name} at {place}, kernel",
                    lambda f=f, x=x: by_kernel(f.kernel, "elementwise", x, *f.numbers),
                    _exact(f.y, x),
                    atol=LEAST,
                )


def _at(f: Function, numbers: list[float], dtype: Any) -> tuple[Callable[[], Array], Array]:
    x = np.array([numbers], dtype)
    return lambda: f.forward(x), _exact(f.y, x)


def _exact(formula: Callable[[Array], Array], x: Array) -> Array:
    """By long doubles; what leaves even those has gone to its limit."""
    with np.errstate(over="ignore"):
        return np.asarray(formula(x.astype(np.longdouble)), np.float64)


def _backward() -> Iterator[Case]:
    """dx for dy = ±3, absolutely to rounding of 1: y is all that most remember."""
    for name, f in FUNCTIONS.items():
        for place in ("±1e4", "±1e30", "±infinity", "where float32's exponential function ends"):
            for word, dtype in DTYPES.items():
                x = np.array([PLACES[place]], dtype)
                dy = np.full_like(x, 3) * np.array([-1, 1] * (x.size // 2), dtype)
                expected = dy * _exact(f.slope, x)
                atol = 4 * float(np.finfo(dtype).eps)
                yield Case(
                    f"slope of {name} at {place}, {word}",
                    lambda f=f, dy=dy, x=x: f.backward(dy, x, f.forward(x)),
                    expected,
                    atol=atol,
                )
                if f.kernel and dtype is np.float32:
                    yield Case(
                        f"slope of {name} at {place}, kernel",
                        lambda f=f, dy=dy, x=x: by_kernel(
                            f"{f.kernel}_backward",
                            "elementwise",
                            dy,
                            x if f.remembers == "x" else f.forward(x),
                            *f.numbers,
                        ),
                        expected,
                        atol=atol,
                    )


def _nan() -> Iterator[Case]:
    x = np.array([[NAN, 1.0]])
    for name, f in FUNCTIONS.items():
        if name != "step":  # NaN is not above 0
            expected = [[NAN, float(f.y(np.ones(1))[0])]]
            yield from both(f"{name} of NaN", lambda d, f=f: f.forward(x.astype(d)), expected)


# --- softmax: rows, and what they must be

THIRD = 1 / 3
E = np.exp(np.longdouble(-1))
ROWS: Mapping[str, tuple[list[float], list[float]]] = {
    "logits of ±1e4": ([1e4, -1e4, 0.0], [1.0, 0.0, 0.0]),
    "equal logits of 1e4": ([1e4, 1e4, 1e4], [THIRD, THIRD, THIRD]),
    "equal logits of -1e30": ([-1e30, -1e30, -1e30], [THIRD, THIRD, THIRD]),
    "1e4 and a little less": ([1e4, 1e4 - 1, -1e4], [1 / (1 + E), E / (1 + E), 0.0]),
    "a logit of -infinity": ([0.0, -INF, 0.0], [0.5, 0.0, 0.5]),
    "the largest numbers": ([3e38, -3e37, 3e38], [0.5, 0.0, 0.5]),
    "denormal logits": ([1e-40, -1e-40, 0.0], [THIRD, THIRD, THIRD]),
    "one class": ([1e4], [1.0]),
    "the temperature 1e-30": ([1e30, 2e30, 3e30], [0.0, 0.0, 1.0]),
    "the temperature 1e30": ([1e-30, 2e-30, 3e-30], [THIRD, THIRD, THIRD]),
    "NaN": ([NAN, 0.0, 1.0], [NAN, NAN, NAN]),
}


def _softmax() -> Iterator[Case]:
    for name, (z, y) in ROWS.items():
        rows = np.array([z, z])
        yield from both(f"softmax of {name}", lambda d, z=rows: ops.softmax(z.astype(d)), [y, y])
        yield Case(
            f"softmax of {name}, kernel", lambda z=rows: by_kernel("softmax", "losses", z), [y, y]
        )
    logs = {
        "±1e4": ([1e4, -1e4], [0.0, -2e4]),
        "equal logits of 1e4": ([1e4, 1e4], [-np.log(2)] * 2),
        "±1e30": ([1e30, -1e30], [0.0, -2e30]),
        "a logit of -infinity": ([-INF, 5.0], [-INF, 0.0]),
    }
    for name, (row, expected) in logs.items():
        z = np.array([row])
        yield from both(
            f"log-softmax of {name}", lambda d, z=z: ops.log_softmax(z.astype(d)), [expected]
        )
    y = np.array([[1.0, 0.0], [0.5, 0.5]])
    dy = np.array([[1e30, -1e30], [1e30, 1e30]])
    yield from both(
        "slope of softmax for dy of 1e30",
        lambda d: ops.softmax_backward(dy.astype(d), y.astype(d)),
        [[0.0, 0.0], [0.0, 0.0]],
    )


def cases() -> list[Case]:
    return [*_forward(), *_backward(), *_nan(), *_softmax()]
