"""The operations of the computational graph: forward beside backward, one table.

x and y are an operation's inputs and z its result; dz is the gradient that comes from above. Most
operations work element by element. They have a *local gradient*, ∂z/∂x, and backward is

    dx = dz · ∂z/∂x                                                          [Saito 2016, 5.2]

summed over the axes along which x was repeated to the shape of z. The others say how dz goes back.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from groundup import ops
from groundup.typing import Array

Gradients = tuple[Array | None, ...]
"""One gradient for each input, of its shape; None for what is no variable, such as a target."""


class Operation(NamedTuple):
    """What a node does.

    symbol: what stands in its circle; forward: z of the inputs; backward: the gradients, of dz, z
    and the inputs; rules: backward in words, one for each input; local: the local gradients, of z
    and the inputs, where there are any; ports: what the inputs are called in `rules`, where their
    order matters.
    """

    symbol: str
    forward: Callable[..., Any]
    backward: Callable[..., Gradients]
    rules: tuple[str, ...]
    local: Callable[..., Sequence[Any]] | None = None
    ports: tuple[str, ...] = ()


def elementwise(
    symbol: str,
    forward: Callable[..., Any],
    local: Callable[..., Sequence[Any]],
    words: Sequence[str],
    ports: tuple[str, ...] = (),
) -> Operation:
    """The operation of a function of numbers, applied to each element; its inputs may be repeated.

    >>> square = elementwise("x²", lambda x: x * x, lambda z, x: (2 * x,), ["2x"])
    >>> square.backward(np.array(10.0), np.array(9.0), np.array(3.0)), square.rules
    ((array(60.),), ('dz · 2x',))
    """

    def backward(dz: Array, z: Array, *inputs: Array) -> Gradients:
        slopes = local(z, *inputs)
        return tuple(sum_back(dz * d, x.shape) for d, x in zip(slopes, inputs, strict=True))

    return Operation(
        symbol, forward, backward, tuple(f"dz · {d}" for d in words), local, ports
    )  # fmt: skip


def sum_back(gradient: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of an input of this shape that was repeated: the sum over its copies.

    >>> sum_back(np.ones((4, 3)), (3,)), sum_back(np.ones((4, 3)), (4, 1)).tolist()
    (array([4., 4., 4.]), [[3.0], [3.0], [3.0], [3.0]])
    """
    gradient = np.asarray(gradient)
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    repeated = (axis for axis, size in enumerate(shape) if size != gradient.shape[axis])
    return np.asarray(gradient.sum(axis=tuple(repeated), keepdims=True))


ELEMENTWISE = {
    "add": elementwise("+", lambda x, y: x + y, lambda z, x, y: (1.0, 1.0), ("1", "1")),
    "subtract": elementwise(
        "−", lambda x, y: x - y, lambda z, x, y: (1.0, -1.0), ("1", "(−1)"), ("x", "y")
    ),
    "multiply": elementwise("×", lambda x, y: x * y, lambda z, x, y: (y, x), ("y", "x")),
    "divide": elementwise(
        "÷", lambda x, y: x / y, lambda z, x, y: (1 / y, -z / y), ("1/y", "(−x/y²)"), ("x", "y")
    ),
    "maximum": elementwise(
        "max",
        np.maximum,
        lambda z, x, y: (np.heaviside(x - y, 0.5), np.heaviside(y - x, 0.5)),
        ("(1 where x > y, ½ where x = y)", "(1 where y > x, ½ where x = y)"),
        ("x", "y"),
    ),
    "negate": elementwise("× −1", lambda x: -x, lambda z, x: (-1.0,), ("(−1)",)),
    "exp": elementwise("exp", np.exp, lambda z, x: (z,), ("z",)),
    "log": elementwise("log", np.log, lambda z, x: (1 / x,), ("1/x",)),
    "relu": elementwise("relu", ops.relu, lambda z, x: (x > 0,), ("(1 where x > 0)",)),
    "sigmoid": elementwise("σ", ops.sigmoid, lambda z, x: (z * (1 - z),), ("z (1 − z)",)),
    "tanh": elementwise("tanh", ops.tanh, lambda z, x: (1 - z * z,), ("(1 − z²)",)),
}
"""The operations without settings, by name."""

MATMUL = Operation(
    "dot",
    lambda x, y: x @ y,
    lambda dz, z, x, y: (dz @ y.T, x.T @ dz),
    ("dz · yᵀ", "xᵀ · dz"),
    ports=("x", "y"),
)


def power(n: float) -> Operation:
    """z = xⁿ for a number n."""
    symbol = {2.0: "x²", 0.5: "√", -1.0: "1/x"}.get(n, f"x^{n:g}")
    words = {2.0: "2x", 0.5: "1/2z", -1.0: "(−z²)"}.get(n, f"{n:g} x^{n - 1:g}")
    slope = (lambda z, x: (n * x ** (n - 1),)) if n else (lambda z, x: (0 * x,))
    return elementwise(symbol, lambda x: x**n, slope, (words,))


def total(axis: int | tuple[int, ...] | None) -> Operation:
    """The sum over some axes, or over all."""

    def backward(dz: Array, z: Array, x: Array) -> Gradients:
        kept = np.sum(x, axis=axis, keepdims=True).shape
        return (np.broadcast_to(dz.reshape(kept), x.shape),)

    return Operation(
        "Σ", lambda x: np.sum(x, axis=axis), backward, ("dz for each element of the sum",)
    )  # fmt: skip


def average(axis: int | tuple[int, ...] | None) -> Operation:
    """The mean over some axes, or over all: m values in each."""
    add_up = total(axis)

    def backward(dz: Array, z: Array, x: Array) -> Gradients:
        return add_up.backward(dz * z.size / x.size, z, x)

    return Operation(
        "mean", lambda x: np.mean(x, axis=axis), backward, ("dz / m for each of m elements",)
    )  # fmt: skip


def reshape(shape: tuple[int, ...]) -> Operation:
    """The same numbers in another shape."""
    return Operation(
        "reshape",
        lambda x: x.reshape(shape),
        lambda dz, z, x: (dz.reshape(x.shape),),
        ("dz in the shape of x",),
    )


def broadcast(shape: tuple[int, ...]) -> Operation:
    """The numbers repeated along new axes and axes of size 1."""
    return Operation(
        "repeat",
        lambda x: np.broadcast_to(x, shape),
        lambda dz, z, x: (sum_back(dz, x.shape),),
        ("the sum of dz over the copies",),
    )
