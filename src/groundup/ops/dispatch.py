"""Which implementation of an op runs: the kernel where it can, the reference everywhere else.

A kernel takes float32 NumPy arrays alone. `GROUNDUP_KERNELS=reference` runs the references for
everything. Kernels are imported, and compiled if need be, when the first of them is called.
"""

import functools
import importlib
import inspect
import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from groundup.errors import InputError
from groundup.ops.tape import Value
from groundup.typing import Array

Op = TypeVar("Op", bound=Callable[..., Any])


def with_kernel(reference: Op, module: str, fits: Callable[..., bool] = lambda *_: True) -> Op:
    """The reference, replaced by the function of its name in `ops.cpu.<module>` where that fits.

    Args:
        reference: the readable op; its first argument is the array that decides.
        module: the module of the kernel.
        fits: from the op's arguments: can the kernel do this?
    """
    name = reference.__name__

    @functools.wraps(reference)
    def op(x: Array, *others: Any, **named: Any) -> Any:
        if kernels_enabled() and all(map(_suits, (x, *others))) and x.size and fits(x, *others):
            return getattr(kernels(module), name)(x, *others, **named)
        return reference(x, *others, **named)

    return cast(Op, op)


def traced(reference: Op, module: str, fits: Callable[..., bool] = lambda *_: True) -> Op:
    """The reference, and for values on a tape the function of its name in `ops.cpu.<module>`.

    That function writes rows on the tape. Where it fits, arrays are computed by such rows, too.
    """
    name, signature = reference.__name__, inspect.signature(reference)

    @functools.wraps(reference)
    def op(x: Any, *others: Any, **named: Any) -> Any:
        if type(x) is Value:
            return getattr(kernels(module), name)(x, *others, **named)
        given = signature.bind(x, *others, **named).args if named else (x, *others)
        real = kernels_enabled() and all(map(_suits, given)) and x.dtype == np.float32
        if real and x.size and fits(*given):
            emit = getattr(kernels(module), name)
            return kernels("alone").carry_out(emit, given)
        return reference(x, *others, **named)

    return cast(Op, op)


def in_steps_alone(*_: Any) -> bool:
    """Where a kernel gains nothing over NumPy: by itself the reference runs."""
    return False


def _suits(argument: Any) -> bool:
    """No array at all, or one that kernels take."""
    if not hasattr(argument, "dtype"):
        return True
    return type(argument) is np.ndarray and argument.dtype in (np.float32, np.uint8)


@functools.cache
def kernels_enabled() -> bool:
    """Whether kernels run where they can; GROUNDUP_KERNELS=reference says no."""
    chosen = os.environ.get("GROUNDUP_KERNELS", "cpu")
    if chosen not in ("cpu", "reference"):
        raise InputError(f"GROUNDUP_KERNELS={chosen!r}: expected cpu or reference.")
    return chosen == "cpu"


@functools.cache
def strict() -> bool:
    """Whether results must not depend on BLAS nor on the number of threads; GROUNDUP_STRICT=1."""
    chosen = os.environ.get("GROUNDUP_STRICT", "")
    if chosen not in ("", "0", "1"):
        raise InputError(f"GROUNDUP_STRICT={chosen!r}: expected 1 or 0.")
    return chosen == "1"


@functools.cache
def kernels(module: str) -> Any:
    """The module of that name in `ops.cpu`."""
    from groundup.ops.cpu.host import kernel_cache

    with kernel_cache():
        return importlib.import_module(f"groundup.ops.cpu.{module}")
