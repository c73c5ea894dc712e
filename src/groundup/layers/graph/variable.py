"""Variables: numbers that remember how they were computed, so that gradients can flow back."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from groundup.checks import as_numbers
from groundup.errors import InputError, ShapeError
from groundup.layers.graph import operations
from groundup.layers.graph.operations import ELEMENTWISE, Gradients, Operation
from groundup.typing import Array


class Variable:
    """A node of a computational graph: a value, and how it came about    [Saito 2016, chapter 5]

    Calculating with variables draws the graph from left to right (forward); `backward()` walks it
    from right to left and gives every node ∂output/∂node, multiplying local gradients. A node that
    is used twice gets the sum. This is a graph to look into, not one to train with: the library's
    layers have their backward written by hand.

    Operators: + - * / @ -x, and x ** n for a number n. Shapes follow NumPy's broadcasting.

    Args:
        value: a number or an array of any shape; it becomes float64.
        name: how pictures and stories call it.

    Attributes:
        value, grad: arrays of the same shape; `grad` is None before backward.
        operation, inputs: what was computed of which variables; None and () for a leaf.
        constant: True for a plain number in a formula, which gets no gradient.

    >>> from groundup import Variable
    >>> apple, apples, tax = Variable(100, "apple"), Variable(2, "apples"), Variable(1.1, "tax")
    >>> price = apple * apples * tax
    >>> price.backward()
    >>> print(price.value.round(6), apple.grad, apples.grad.round(6), tax.grad)
    220.0 2.2 110.0 200.0
    """

    __slots__ = ("constant", "grad", "inputs", "name", "operation", "value")
    __array_ufunc__ = None  # NumPy's arrays leave array * variable to us

    def __init__(
        self,
        value: Any,
        name: str = "",
        *,
        operation: Operation | None = None,
        inputs: tuple["Variable", ...] = (),
        constant: bool = False,
    ) -> None:
        self.value: Array = as_values(value)
        self.name = name
        self.grad: Array | None = None
        self.operation, self.inputs, self.constant = operation, inputs, constant

    def named(self, name: str) -> "Variable":
        """This variable, with a name for pictures and stories."""
        self.name = name
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of value and gradient."""
        return self.value.shape

    def __repr__(self) -> str:
        shown = f"{self.value:.6g}" if self.value.ndim == 0 else f"array of shape {self.shape}"
        return f"Variable({shown}{f', {self.name!r}' if self.name else ''})"

    def __add__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["add"], self, other)

    def __radd__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["add"], other, self)

    def __sub__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["subtract"], self, other)

    def __rsub__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["subtract"], other, self)

    def __mul__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["multiply"], self, other)

    def __rmul__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["multiply"], other, self)

    def __truediv__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["divide"], self, other)

    def __rtruediv__(self, other: Any) -> "Variable":
        return apply(ELEMENTWISE["divide"], other, self)

    def __neg__(self) -> "Variable":
        return apply(ELEMENTWISE["negate"], self)

    def __pow__(self, n: Any) -> "Variable":
        if isinstance(n, Variable):
            raise InputError("x ** y: expected a number y. Write exp(y * log(x)) instead.")
        return apply(operations.power(float(n)), self)

    def __matmul__(self, other: Any) -> "Variable":
        other = as_variable(other)
        if self.value.ndim != 2 or other.value.ndim != 2:
            raise ShapeError(
                f"{self.shape} @ {other.shape}: expected two matrices. Reshape a vector to one "
                "row or one column."
            )
        return apply(operations.MATMUL, self, other)

    def __rmatmul__(self, other: Any) -> "Variable":
        return as_variable(other) @ self

    def sum(self, axis: int | tuple[int, ...] | None = None) -> "Variable":
        """The sum over some axes, or over all."""
        return apply(operations.total(axis), self)

    def mean(self, axis: int | tuple[int, ...] | None = None) -> "Variable":
        """The mean over some axes, or over all."""
        return apply(operations.average(axis), self)

    def reshape(self, *shape: int) -> "Variable":
        """The same numbers in another shape; one size may be -1."""
        return apply(operations.reshape(shape), self)

    def broadcast_to(self, *shape: int) -> "Variable":
        """The numbers repeated along new axes and axes of size 1."""
        return apply(operations.broadcast(shape), self)

    def backward(self, dy: Any = None) -> None:
        """Give every node that led here its gradient; a second call begins anew.

        Args:
            dy: the gradient at this variable, of its shape; for a single number it is 1.

        Raises:
            ShapeError: for an array without `dy`, or a `dy` of another shape.
            InputError: where a slope is infinite, such as that of a root at 0.
        """
        order = topological(self)
        for node in order:
            node.grad = None
        self.grad = self._seed(dy)
        for node in reversed(order):
            for x, dx in zip(node.inputs, node.gradients(), strict=True):
                if dx is not None and not x.constant:
                    x.grad = dx if x.grad is None else x.grad + dx

    def gradients(self) -> Gradients:
        """What this node hands to each of its inputs, given its own gradient."""
        if self.operation is None or self.grad is None:
            return (None,) * len(self.inputs)
        values = [x.value for x in self.inputs]
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise"):
                return self.operation.backward(self.grad, self.value, *values)
        except FloatingPointError as error:
            raise _without_value(self.operation, values, "slope") from error

    def _seed(self, dy: Any) -> Array:
        if dy is None and self.value.size == 1:
            return np.ones(self.shape)
        if dy is None:
            raise ShapeError(
                f"backward of {self!r}: a gradient begins at one number. Take the sum or the mean, "
                f"or give dy of shape {self.shape}."
            )
        if np.shape(dy) != self.shape:
            raise ShapeError(f"backward: expected dy of shape {self.shape}, got {np.shape(dy)}.")
        return as_values(dy)


def as_values(value: Any) -> Array:
    """A float64 array of its own; InputError for what is no number."""
    if isinstance(value, str | bytes | None):
        raise InputError(f"Variable: expected a number or an array, got {value!r}.")
    return as_numbers(value, "Variable").astype(np.float64)


def as_variable(value: Any) -> Variable:
    """A variable as it is, a plain number or array as a constant."""
    return value if isinstance(value, Variable) else Variable(value, constant=True)


def apply(operation: Operation, *inputs: Any) -> Variable:
    """The variable that an operation makes of variables or plain numbers

    Raises:
        ShapeError: if their shapes do not fit.
        InputError: where the operation has no value, such as the logarithm of 0.
    """
    operands = tuple(as_variable(x) for x in inputs)
    value = compute(operation, [x.value for x in operands])
    return Variable(value, operation=operation, inputs=operands)


def compute(operation: Operation, values: Iterable[Array]) -> Array:
    """The operation's forward, with errors in place of warnings."""
    values = list(values)
    try:
        with np.errstate(divide="raise", invalid="raise", over="raise"):
            return np.asarray(operation.forward(*values))
    except FloatingPointError as error:
        raise _without_value(operation, values, "value") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        shapes = " and ".join(str(value.shape) for value in values)
        raise ShapeError(f"{operation.symbol}: shapes {shapes} do not fit.") from error


def _without_value(operation: Operation, values: Iterable[Array], what: str) -> InputError:
    ranges = " and ".join(f"{value.min():.4g} … {value.max():.4g}" for value in values)
    return InputError(
        f"{operation.symbol} of values in {ranges}: it has no finite {what} there. Keep its "
        "inputs where it is defined and not too large."
    )


def topological(output: Variable) -> list[Variable]:
    """All nodes that lead to the output, each after its inputs; without recursion, so that a
    chain may be long."""
    order: list[Variable] = []
    seen: set[Variable] = set()
    stack = [(output, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(x, False) for x in reversed(node.inputs)]
    return order
