"""A line of layers as a program: forward up to the logits, then back from their gradient."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from groundup.layers import Mode
from groundup.nn import Chain
from groundup.nn.fuse import fuse
from groundup.nn.losses import CategoricalCrossentropy
from groundup.ops.dispatch import kernels
from groundup.ops.tape import Tape, Untraceable, Value
from groundup.typing import Array, Tree

KEPT = 16
UNWRITTEN = object()

_programs: OrderedDict[Any, Any] = OrderedDict()


def compiled(key: Any, make: "Callable[[], LineProgram]") -> "LineProgram | None":
    """The program of a key that is `known`; None of others, and where none can be written down."""
    if _programs.get(key) is UNWRITTEN:
        try:
            _programs[key] = make()
        except (TypeError, AttributeError):
            _programs[key] = None
    return _programs.get(key)


def known(key: Any) -> None:
    """Layers of this key have been carried out one by one, and what they were given fits.

    A program looks at no shape: it is made for what comes a second time.
    """
    _programs.setdefault(key, UNWRITTEN)
    if len(_programs) > KEPT:
        _programs.popitem(last=False)


class LineProgram:
    """What layers of these kinds compute of batches of one shape; weights come with each run.

    Raises TypeError or AttributeError where a layer does more than call ops.
    """

    def __init__(self, chain: Chain, x: Array, params: Tree, state: Tree, mode: Mode) -> None:
        tape = Tape()
        run: Any = fuse(chain, CategoricalCrossentropy(from_logits=True)).chain  # on values
        of_x, of_params, of_state = tape.value(x.shape), _values(tape, params), _values(tape, state)
        mode = Mode(mode.train, mode.rng, need_dx=False)
        given: Any = kernels("gather").lay_out(of_x, x.strides) if x.ndim == 4 else of_x
        y, cache, after = run.forward(of_params, of_state, given, mode)
        if y.images or y is given:
            raise Untraceable("images as what a line gives")
        dy = tape.value(y.shape)
        self._y, self._dy = np.empty(y.shape, np.float32), np.empty(y.shape, np.float32)
        bound: dict[Value, Array] = {y: self._y, dy: self._dy}
        self._after = {
            name: {what: _memory(value, bound) for what, value in values.items()}
            for name, values in (after if mode.train else {}).items()
        }
        self._pause = tape.new_level()
        self._gradients: Tree = {}
        if mode.train:
            _, self._gradients = run.backward(of_params, cache, dy, mode)
        self._inputs = [of_x, *_each(of_params), *_each(of_state)]
        moving = [*self._inputs, *_each(self._gradients)]
        self._program = kernels("program").Program(tape, bound, moving)
        self._line: Any = None

    def forward(self, line: Any, inputs: list[Array], mode: Mode) -> tuple[Array, Tree]:
        """y, and the state afterwards; `line` may go back next.

        inputs: x, every parameter and every array of the state, in the order of the layers.
        """
        program = self._program
        with program.lock:
            for value, array in zip(self._inputs, inputs, strict=True):
                program.place(value, _address(array))
            program.set("epoch", mode.rng.epoch)
            program.set("step", mode.rng.step)
            program.run(0, self._pause)
            self._line = line
            after = {name: {w: a.copy() for w, a in t.items()} for name, t in self._after.items()}
            return self._y.copy(), after

    def can_go_back(self, line: Any) -> bool:
        """Whether the last forward was this line's, and in training."""
        return self._line is line and bool(self._gradients)

    def backward(self, dy: Array) -> Tree:
        """The gradients of the parameters, by layer and name, as new arrays."""
        made: dict[str, dict[str, Array]] = {name: {} for name in self._gradients}
        with self._program.lock:
            self._dy[...] = dy
            for name, values in self._gradients.items():
                for what, value in values.items():
                    array = made[name][what] = np.empty(value.shape, np.float32)
                    self._program.place(value, _address(array))
            self._program.run(self._pause)
        return made


def _values(tape: Tape, tree: Tree) -> Tree:
    return {
        name: {what: tape.value(array.shape) for what, array in arrays.items()}
        for name, arrays in tree.items()
    }


def _each(tree: Tree) -> list[Value]:
    return [value for values in tree.values() for value in values.values()]


def _memory(value: Value, bound: dict[Value, Array]) -> Array:
    return bound.setdefault(value, np.empty(value.shape, np.float32))


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
