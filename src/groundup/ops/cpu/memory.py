"""What kernels need of the machine and Numba does not offer: addresses, atomic words, a pause.

Kernels are called by address with the addresses of their arguments, so that a whole training step
is a table of numbers (`program`) and threads can share it (`crew`).
"""

# mypy: ignore-errors
import os
import platform
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numba
from llvmlite import ir
from numba import extending
from numba.core import cgutils, types

from groundup.ops.cpu.host import forget_kernels, kernel_cache

_I64 = ir.IntType(64)
intrinsic: Any = extending.intrinsic  # of a type that says what the result is, not: anything
KERNEL = types.void(types.int64, types.int64, types.int64, types.int64)


class kernel:  # a decorator
    """A kernel: (address of its words, first, end, slot) -> nothing, for units first … end - 1.

    Compiled, or loaded from the disk, when its address is asked for.
    """

    def __init__(self, function: Callable[[int, int, int, int], None]) -> None:
        self.name = function.__name__.strip("_")
        self._function = function

    @cached_property
    def address(self) -> int:
        self._compiled = load_or_compile(numba.cfunc, self._function, KERNEL)  # holds the code
        address: int = self._compiled.address
        return address


def load_or_compile(compiler: Any, function: Any, signature: Any, **options: Any) -> Any:
    """The compiled function, from the disk if it is there; damaged files are made anew.

    Where it cannot be kept, it is compiled for this process alone.
    """
    make = compiler(signature, cache=True, nopython=True, error_model="numpy", **options)
    with kernel_cache():
        try:
            return make(function)
        except OSError:  # a full disk: computed now, compiled anew another time
            return compiler(signature, nopython=True, error_model="numpy", **options)(function)
        except Exception:  # whatever half a file holds; what is wrong with the function comes again
            forget_kernels()
            return make(function)


def procedure(*kinds: Any) -> Any:
    """A decorator: a function of such arguments, compiled at once; other Python threads may run."""
    return lambda function: load_or_compile(numba.jit, function, types.void(*kinds), nogil=True)


@intrinsic
def _pointer(context, address):
    return types.voidptr(types.int64), lambda context, builder, signature, given: builder.inttoptr(
        given[0], cgutils.voidptr_t
    )


@numba.njit(inline="always")
def words(address):
    """The int64 numbers from this address on."""
    return numba.carray(_pointer(address), (1 << 40,), numba.int64)


@numba.njit(inline="always")
def floats(address, count):
    """`count` float32 numbers from this address on."""
    return numba.carray(_pointer(address), (count,), numba.float32)


@numba.njit(inline="always")
def bytes_at(address, count):
    """`count` bytes from this address on."""
    return numba.carray(_pointer(address), (count,), numba.uint8)


@numba.njit(inline="always")
def integers(address, count):
    """`count` int32 numbers from this address on."""
    return numba.carray(_pointer(address), (count,), numba.int32)


@numba.njit(inline="always")
def doubles(address, count):
    """`count` float64 numbers from this address on."""
    return numba.carray(_pointer(address), (count,), numba.float64)


@intrinsic
def number(context, word):
    """The float32 of a word that holds the bits of a float64."""

    def generate(context, builder, signature, given):
        return builder.fptrunc(builder.bitcast(given[0], ir.DoubleType()), ir.FloatType())

    return types.float32(types.int64), generate


@intrinsic
def double(context, word):
    """The float64 whose bits a word holds."""

    def generate(context, builder, signature, given):
        return builder.bitcast(given[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def call(context, function, words, first, end, slot):
    """Call the kernel at an address."""

    def generate(context, builder, signature, given):
        kind = ir.FunctionType(ir.VoidType(), [_I64] * 4)
        builder.call(builder.inttoptr(given[0], kind.as_pointer()), given[1:])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


def _at(builder, address):
    return builder.inttoptr(address, _I64.as_pointer())


@intrinsic
def add(context, address, amount):
    """Add to the word at an address, in one piece; what was there before."""

    def generate(context, builder, signature, given):
        return builder.atomic_rmw("add", _at(builder, given[0]), given[1], "acq_rel")

    return types.int64(types.int64, types.int64), generate


@intrinsic
def load(context, address):
    """The word at an address, and after it all that was stored before it."""

    def generate(context, builder, signature, given):
        return builder.load_atomic(_at(builder, given[0]), "acquire", 8)

    return types.int64(types.int64), generate


@intrinsic
def store(context, address, value):
    """Store a word so that who loads it also sees everything that was stored before."""

    def generate(context, builder, signature, given):
        builder.store_atomic(given[1], _at(builder, given[0]), "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def pause(context):
    """Tell the CPU that this is a loop that waits."""

    def generate(context, builder, signature, given):
        if _X86:
            kind = ir.FunctionType(ir.VoidType(), [])
            name = "llvm.x86.sse2.pause"
            builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])
        return context.get_dummy_value()

    return types.void(), generate


_X86 = platform.machine().lower() in ("x86_64", "amd64")
give_way = types.ExternalFunction(
    "sched_yield" if hasattr(os, "sched_yield") else "SwitchToThread", types.int32()
)
