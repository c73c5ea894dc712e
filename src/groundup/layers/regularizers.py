"""Regularizers: penalties on weights that join the loss, so that weights stay small or sparse.

They act on single weights of a layer (`kernel_regularizer=`). An optimizer's `weight_decay` is
another thing: it shrinks weights directly and leaves loss and gradient alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any

import numpy as np

from groundup.checks import NOT_NEGATIVE, as_parameter, check_number
from groundup.errors import InputError
from groundup.registry import Registry
from groundup.typing import Array


@dataclass(frozen=True)
class Regularizer(ABC):
    """The base of every regularizer; all its fields are strengths of at least 0."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in ("penalty", "gradient"):
            if name in vars(cls):
                setattr(cls, name, _of_floats(vars(cls)[name]))

    def __post_init__(self) -> None:
        for field in fields(self):
            check_number(self, field.name, NOT_NEGATIVE)

    @abstractmethod
    def penalty(self, w: Array) -> float:
        """What joins the loss, summed in float64; w of any shape."""

    @abstractmethod
    def gradient(self, w: Array) -> Array:
        """What joins dL/dw, of w's shape and dtype."""


def _of_floats(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def checked(self: Any, w: Any) -> Any:
        return method(self, as_parameter(w, "w"))

    return checked


regularizers: Registry[Regularizer] = Registry("regularizer", Regularizer)


@regularizers.register()
@dataclass(frozen=True)
class L1(Regularizer):
    """A pull by the same force everywhere, so that weights reach 0; w: any shape

    penalty = λ Σ |w|    gradient = λ sign(w)                              [Tibshirani 1996]

    >>> w = np.array([2.0, -3.0, 0.0])
    >>> L1(0.1).penalty(w), L1(0.1).gradient(w)
    (0.5, array([ 0.1, -0.1,  0. ]))
    """

    l1: float = 0.01

    def penalty(self, w: Array) -> float:
        return float(self.l1 * np.sum(np.abs(w), dtype=np.float64))

    def gradient(self, w: Array) -> Array:
        return self.l1 * w.__array_namespace__().sign(w)


@regularizers.register()
@dataclass(frozen=True)
class L2(Regularizer):
    """A pull in proportion to the weight, which keeps weights small; w: any shape

    penalty = ½ λ Σ w²    gradient = λ w    as the book; Keras leaves out the ½: its L2(λ) is L2(2λ)
    here.                                                                 [Saito 2016, 6.4.2]

    >>> w = np.array([2.0, -3.0])
    >>> L2(0.1).penalty(w), L2(0.1).gradient(w)
    (0.65, array([ 0.2, -0.3]))
    """

    l2: float = 0.01

    def penalty(self, w: Array) -> float:
        return float(self.l2 / 2 * np.sum(np.square(w, dtype=np.float64)))

    def gradient(self, w: Array) -> Array:
        return self.l2 * w


@regularizers.register(name="l1_l2")
@dataclass(frozen=True)
class L1L2(Regularizer):
    """L1 and L2 together: penalty = λ₁ Σ |w| + ½ λ₂ Σ w²   [Zou & Hastie 2005, the elastic net]

    >>> L1L2(l1=0.1, l2=0.1).penalty(np.array([2.0, -3.0]))
    1.15
    """

    l1: float = 0.0
    l2: float = 0.0

    def penalty(self, w: Array) -> float:
        return L1(self.l1).penalty(w) + L2(self.l2).penalty(w)

    def gradient(self, w: Array) -> Array:
        return L1(self.l1).gradient(w) + L2(self.l2).gradient(w)


@regularizers.parse
def _with_strength(text: str) -> Regularizer | None:
    """ "l1:1e-5" and "l2:1e-4", the spellings of configurations and the command line."""
    word, colon, number = text.partition(":")
    if not colon:
        return None
    cls = {"l1": L1, "l2": L2}.get(word.lower())
    try:
        if cls is not None:
            return cls(float(number))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
    raise InputError(f"regularizer {text!r}: expected l1: or l2: and a number, as in l2:1e-4.")
