"""Numerical gradients: slow, simple, the judge of every backward.   [Saito 2016, 4.3 and 4.4]"""

from collections.abc import Callable

import numpy as np

from groundup.checks import POSITIVE, as_number, as_numbers
from groundup.typing import Array


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-4) -> Array:
    """The gradient by central differences, one element after the other

    ∂f/∂xᵢ ≈ (f(x + h eᵢ) - f(x - h eᵢ)) / 2h                              [Saito 2016, 4.3 and 4.4]

    Args:
        f: a function of an array to a number.
        x: any shape, float64 for a meaningful answer; it is copied, never written to.
        h: the step; 1e-4 is the book's, 1e-5 loses least to rounding in float64.

    Returns:
        The gradient, of the shape of `x`, float64.

    >>> numerical_gradient(lambda x: float((x**2).sum()), np.array([3.0, 4.0])).round(6)
    array([6., 8.])
    """
    h = as_number(h, "h", POSITIVE)
    moved = as_numbers(x, "numerical_gradient: x").astype(np.float64, order="C")
    gradient = np.zeros_like(moved)
    for index in np.ndindex(moved.shape):
        middle = moved[index]
        moved[index] = middle + h
        above = f(moved)
        moved[index] = middle - h
        gradient[index] = (above - f(moved)) / (2 * h)
        moved[index] = middle
    return gradient


def directional_error(
    f: Callable[[Array], float], x: Array, gradient: Array, direction: Array, h: float = 1e-5
) -> float:
    """How far a gradient is from the slope of f along one direction, relative to their size

        error = |s - g·v| / max(|s|, |g·v|, |g| |v| / 1000, 1e8 noise)

    where s = (f(x + h v) - f(x - h v)) / 2h, and noise, ε |f| / h, is what rounding of f can do to
    s: it alone makes an error of 1e-8. So an f with a large constant part hides small mistakes.

    One number checks all elements at once. If x - h v … x + h v crosses a kink of a ReLU or a
    pooling, the slopes for h, h/10 and h/100 differ, and their smallest error is the answer.

    Args:
        f: a function of an array to a number.
        x: any shape, float64.
        gradient: the gradient under test, of the shape of `x`.
        direction: v, of the shape of `x`.
        h: the step.

    >>> x = np.array([3.0, 4.0])
    >>> directional_error(lambda x: float((x**2).sum()), x, 2 * x, np.array([0.6, -0.8])) < 1e-9
    True
    """
    predicted = float(np.sum(gradient * direction))
    scale = max(1e-3 * float(np.linalg.norm(gradient) * np.linalg.norm(direction)), 1e-12)

    def error(h: float) -> float:
        above, below = f(x + h * direction), f(x - h * direction)
        slope = (above - below) / (2 * h)
        # Rounding of f itself, seen through the division by h, is no fault of the gradient.
        noise = np.finfo(np.float64).eps * max(abs(above), abs(below)) / h
        return float(abs(slope - predicted) / max(abs(slope), abs(predicted), scale, 1e8 * noise))

    first = error(h)
    return first if first < 1e-7 else min(first, error(h / 10), error(h / 100))
