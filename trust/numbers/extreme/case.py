"""A case, what it must give, and how an answer is judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.ops.dispatch import kernels
from groundup.typing import Array

INF, NAN = float("inf"), float("nan")
DIGITS = 8  # units in the last place that a formula may lose


@dataclass(frozen=True)
class Refused:
    """An error of this kind whose message holds these words."""

    kind: type[Exception]
    words: str = ""


@dataclass(frozen=True)
class Case:
    """One line of the tables.

    Args:
        name: what is extreme, and where.
        found: computes the answer; a warning is an error.
        expected: the answer, to `DIGITS` units in the last place of the found dtype; or a Refused.
        rtol, atol: where rounding may do more, or to a value that is 0.
    """

    name: str
    found: Callable[[], Any]
    expected: Any
    rtol: float = 0.0
    atol: float = 0.0

    def fault(self) -> str:
        """What is wrong, in words; nothing if it is as expected."""
        try:
            found = self.found()
        except Exception as error:
            return self._of_error(error)
        if isinstance(self.expected, Refused):
            return f"expected {self.expected.kind.__name__}, found {found!r}"
        return self._of_values(np.asarray(found), np.asarray(self.expected, np.float64))

    def _of_error(self, error: Exception) -> str:
        said = f"{type(error).__name__}: {error}"
        if not isinstance(self.expected, Refused):
            return f"expected {self.expected}, found {said}"
        held = isinstance(error, self.expected.kind) and self.expected.words in str(error)
        wanted = f"{self.expected.kind.__name__} with {self.expected.words!r}"
        return "" if held else f"expected {wanted}, found {said}"

    def _of_values(self, found: Array, expected: Array) -> str:
        if found.shape != expected.shape:
            return f"expected shape {expected.shape}, found {found.shape}: {found!r}"
        kind = found.dtype if found.dtype.kind == "f" else np.float64
        info = np.finfo(kind)
        rtol = max(self.rtol, DIGITS * float(info.eps))
        near = self.atol + rtol * np.where(np.isfinite(expected), np.abs(expected), 0.0)
        wide = found.astype(np.float64)
        with np.errstate(invalid="ignore"):
            held = (np.abs(wide - expected) <= near) | (wide == expected)
        held |= np.isnan(wide) & np.isnan(expected)
        turned = (wide * np.sign(expected) < 0) & (np.abs(expected) > self.atol)
        if held.all() and not turned.any():
            return ""
        return f"expected {expected.tolist()}, found {found.tolist()} ({found.dtype})"


DTYPES: Mapping[str, Any] = {"float64": np.float64, "float32": np.float32}


def both(
    name: str, found: Callable[..., Any], expected: Any, **tolerances: float
) -> Sequence[Case]:
    """A case in float64 and one in float32; `found` is given the dtype."""
    return [
        Case(f"{name}, {word}", lambda dtype=dtype: found(dtype), expected, **tolerances)
        for word, dtype in DTYPES.items()
    ]


def by_kernel(op: str, module: str, *arguments: Any) -> Any:
    """An op by its compiled kernel, in float32, also where NumPy would be as fast."""
    given = [a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in arguments]
    return kernels("alone").carry_out(getattr(kernels(module), op), tuple(given))
