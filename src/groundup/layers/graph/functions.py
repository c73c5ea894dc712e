"""Functions of variables, element by element."""

from typing import Any

from groundup.layers.graph.operations import ELEMENTWISE
from groundup.layers.graph.variable import Variable, apply


def exp(x: Any) -> Variable:
    """z = eˣ    dx = dz · z"""
    return apply(ELEMENTWISE["exp"], x)


def log(x: Any) -> Variable:
    """z = ln x    dx = dz / x"""
    return apply(ELEMENTWISE["log"], x)


def relu(x: Any) -> Variable:
    """z = max(x, 0)    dx = dz where x > 0, else 0"""
    return apply(ELEMENTWISE["relu"], x)


def sigmoid(x: Any) -> Variable:
    """z = 1 / (1 + e⁻ˣ)    dx = dz · z (1 - z)"""
    return apply(ELEMENTWISE["sigmoid"], x)


def tanh(x: Any) -> Variable:
    """z = tanh x    dx = dz · (1 - z²)"""
    return apply(ELEMENTWISE["tanh"], x)


def maximum(x: Any, y: Any) -> Variable:
    """z = max(x, y)    dz goes to the larger one, half of it to each where they are equal."""
    return apply(ELEMENTWISE["maximum"], x, y)
