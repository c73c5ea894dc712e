"""Ops as training steps run them: written on a tape and carried out by a program."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from groundup.ops.cpu.gather import lay_out
from groundup.ops.cpu.program import Program
from groundup.ops.tape import Tape, Value

KINDS = {1: np.uint8, 4: np.float32, 8: np.float64}


def carry_out(emit: Callable[..., Any], *arguments: Any, words: Any = None) -> Any:
    """What `emit` makes of arrays and numbers, by a program; arrays of rank 4 are images

    words: those that are set for each run, by their names.
    """
    tape = Tape()
    given = [_held(tape, argument) for argument in arguments]
    made = emit(*given)
    values = made if isinstance(made, tuple) else (made,)
    bound = {value: _memory(value) for value in values if value.array is None}
    program = Program(tape, bound)
    for name, word in (words or {}).items():
        program.set(name, word)
    program.run()
    results = tuple(_seen(value, bound) for value in values)
    return results if isinstance(made, tuple) else results[0]


def _held(tape: Tape, argument: Any) -> Any:
    if not isinstance(argument, np.ndarray):
        return argument
    if argument.ndim == 4:
        return lay_out(tape.hold(argument), argument.strides)
    return tape.hold(np.ascontiguousarray(argument))


def _memory(value: Value) -> np.ndarray:
    N, *rest = value.shape
    shape = (N, *rest[1:], rest[0]) if value.images else value.shape
    return np.full(shape, 77, KINDS[value.item])  # what nobody writes to is seen


def _seen(value: Value, bound: dict[Value, np.ndarray]) -> np.ndarray:
    array = bound.get(value, value.array)
    assert array is not None
    return array.transpose(0, 3, 1, 2) if value.images else array


@pytest.fixture(scope="session")
def on_tape() -> Callable[..., Any]:
    return carry_out
