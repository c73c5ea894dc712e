"""What a sample of PyTorch's operator database is, and what an answer to it.

`torch.testing._internal.common_methods_invocations.op_db` holds every operator with inputs that
its own authors found worth trying. A `Question` here says which of an operator's samples are
left out, why, and how the others are answered by what groundup has.
"""

import importlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Gradients = tuple[np.ndarray | None, ...]


class Sample:
    """One input of an operator, its arguments by name."""

    def __init__(self, given: Any, names: tuple[str, ...]) -> None:
        self.given = given
        self.options = dict(zip(names, given.args, strict=False)) | dict(given.kwargs)

    def tensor(self, name: str) -> Any:
        return self.given.input if name == "input" else self.options.get(name)

    def array(self, name: str) -> np.ndarray | None:
        found = self.tensor(name)
        return None if found is None else found.detach().numpy()

    def get(self, name: str, default: Any) -> Any:
        return self.options.get(name, default)

    @property
    def x(self) -> np.ndarray:
        return self.given.input.detach().numpy()

    def __str__(self) -> str:
        shown = {"input": self.given.input, **self.options}
        return ", ".join(f"{name}={_short(value)}" for name, value in shown.items())


@dataclass(frozen=True)
class Answer:
    """y; and from dy the gradients of the sample's differentiable arrays, None for an absent one.

    backward None: PyTorch has no derivative of it either.
    """

    y: np.ndarray
    backward: Callable[[np.ndarray], Gradients] | None


@dataclass(frozen=True)
class Question:
    """An operator of PyTorch's, and how we answer it.

    Args:
        answer: our y and gradients for a sample.
        names: its positional arguments.
        left_out: why samples are left out: reason -> which; the first that holds is counted.
        differentiable: the arrays with gradients, in the order of the answer's.
    """

    answer: Callable[[Sample], Answer]
    names: tuple[str, ...] = ()
    left_out: Mapping[str, Callable[[Sample], bool]] = field(default_factory=dict)
    differentiable: tuple[str, ...] = ("input",)

    def reason(self, sample: Sample) -> str | None:
        """Why this sample is left out, or None."""
        return next((why for why, holds in self.left_out.items() if holds(sample)), None)


def database() -> Any:
    """torch's `op_db`; ImportError where torch or its test tools are missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own making
        importlib.import_module("torch").set_num_threads(1)
        return importlib.import_module("torch.testing._internal.common_methods_invocations").op_db


def entries(name: str) -> list[Any]:
    """The database's entries of one operator: itself and its variants."""
    return [info for info in database() if info.name == name]


def samples(name: str, names: tuple[str, ...], seed: int) -> Iterator[tuple[Any, Sample]]:
    """All samples of an operator with the entry that each belongs to; `seed` makes the values."""
    torch = importlib.import_module("torch")
    seeding = importlib.import_module("torch.testing._internal.common_utils").set_rng_seed
    for info in entries(name):
        options = {"requires_grad": bool(info.supports_autograd), "set_seed": False}
        seeding(seed)
        for given in [*info.sample_inputs("cpu", torch.float64, **options)]:
            yield info, Sample(given, names)


def _short(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return repr(value) if shape is None else f"{value.dtype}{tuple(shape)}".replace("torch.", "")
