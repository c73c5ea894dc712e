"""Training steps and forward passes written down once and carried out many times.

The layers run once on values that are still to be computed (`ops.tape`); what they ask for becomes
a program for batches of one size. Networks with a layer that does more than call ops, and dtypes
that no kernel knows, are trained layer by layer as they always were.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from groundup.data.batches import Batch
from groundup.layers.layer import EMPTY, Mode
from groundup.nn.layout import leaves
from groundup.nn.losses import CategoricalCrossentropy
from groundup.nn.metrics import Accuracy
from groundup.ops.dispatch import kernels, kernels_enabled
from groundup.ops.tape import Tape, Untraceable, Value
from groundup.rng import Stream
from groundup.train.raw import Raw, raw_of
from groundup.typing import Array, Tree

KEPT = 4  # sizes of batches
NOT_FINITE = 0x7F800000  # the bits of float32's infinity; NaN's are larger

T = TypeVar("T")
Learner: TypeAlias = Any  # of `learner`, which imports this module


class Programs:
    """What a learner has written down, by the size and kind of batches."""

    def __init__(self) -> None:
        self._steps: OrderedDict[Any, CompiledStep | None] = OrderedDict()
        self._forwards: OrderedDict[Any, CompiledForward | None] = OrderedDict()

    def step(
        self, learner: Learner, batch: Batch, mode: Mode
    ) -> Callable[[], dict[str, float] | None] | None:
        """All of a training step but the update, if a program can do it; as `Learner.step`."""
        if not _possible(learner):
            return None
        raw = raw_of(learner, batch)
        made = self.compiled(learner, batch, raw)
        return None if made is None else lambda: made.run(batch, raw, mode)

    def compiled(self, learner: Learner, batch: Batch, raw: Raw) -> "CompiledStep | None":
        """The step for such batches, if it can be written down."""
        key = (len(batch), raw.kind, batch.y.dtype.char, batch.y.ndim)
        return _kept(self._steps, key, lambda: CompiledStep(learner, batch, raw))

    def forward(self, learner: Learner, batch: Batch, finished: bool) -> Array | None:
        """y at inference, (B, …), if a program can tell; unfinished, that of the fused chain."""
        if not _possible(learner):
            return None
        raw, count = raw_of(learner, batch), len(batch)
        size = _room_for(count)
        key = (size, raw.kind, finished)
        made = _kept(self._forwards, key, lambda: CompiledForward(learner, size, raw, finished))
        return None if made is None else made.run(raw)[:count]

    def forget_steps(self) -> None:
        """Give their memory back."""
        self._steps.clear()


def _room_for(count: int) -> int:
    """For how many samples a program is written that serves `count`: few sizes, little too much.

    >>> [_room_for(count) for count in (1, 3, 16, 17, 100, 1000, 10_000)]
    [1, 4, 16, 32, 112, 1024, 10240]
    """
    power = 1 << (count - 1).bit_length()
    step = min(power, max(16, power // 16))
    return -(-count // step) * step


def _kept(known: "OrderedDict[Any, T | None]", key: Any, make: Callable[[], T]) -> T | None:
    """What is known under the key, made if need be; None where it cannot be written down."""
    if key not in known:
        try:
            known[key] = make()
        except (TypeError, AttributeError):  # of a layer that does more than call ops
            known[key] = None
        if len(known) > KEPT:
            known.popitem(last=False)
    return known[key]


def _possible(learner: Learner) -> bool:
    return kernels_enabled() and learner.vector.dtype == np.float32 and learner.vector.size > 0


class CompiledStep:
    """Forward, loss and backward for batches of one size.

    program: all of it; or up to the level `pause` and from it on, with `judge` between.

    Raises:
        TypeError, AttributeError: a layer does more than call ops.
    """

    def __init__(self, learner: Learner, batch: Batch, raw: Raw) -> None:
        self._learner, self._count = learner, len(batch)
        chain = learner.fused.chain
        network, tape = learner.network, Tape()
        stream = _Closed(learner.seed, "dropout")
        mode = Mode(train=True, rng=stream, need_dx=False, probe=_Labels(tape))
        params, state = _held(tape, learner.params), _held(tape, learner.state)
        x = kernels("gather").gather(tape, (self._count, *network.in_shape), *raw.kind)
        y, cache, new_state = chain.forward(params, state, x, mode)
        self._y = _memory(y)
        bound: dict[Value, Array] = {y: self._y}
        dy = self._join_loss(y, batch, bound)
        _, grads = chain.backward(params, cache, dy, mode)
        bound |= _bound(grads, network.params.views(learner.gradient))
        self._running = learner.running.copy()
        bound |= _bound(new_state, network.state.views(self._running), state)
        tape.layer = "gradient"
        tape.new_level()
        largest = kernels("losses").largest_bits(tape.hold(learner.gradient))
        self._largest = bound[largest] = np.zeros(largest.shape, np.int32)
        self.program = kernels("program").Program(tape, bound)

    def _join_loss(self, y: Value, batch: Batch, bound: dict[Value, Array]) -> Value:
        """dL/dy: by rows of its own where a kernel knows the loss, else by the loss as it is."""
        loss, tape = self._learner.fused.loss, y.tape
        tape.layer = "loss"
        self._sums = np.zeros((2, 1))
        self._scale = kernels("program").bits(1 / self._count)
        self.pause = 0
        if isinstance(loss, CategoricalCrossentropy) and loss.from_logits and batch.y.ndim == 1:
            each, dy, right = kernels("losses").cross_entropy_step(y, loss.label_smoothing)
            for i, value in enumerate((each, right)):
                bound[kernels("losses").total(value, weighted=i == 0)] = self._sums[i]
            return dy
        dy = tape.value(y.shape)
        self._dy = bound[dy] = np.empty(y.shape, np.float32)
        self.pause = tape.new_level()
        return dy

    def run(self, batch: Batch, raw: Raw, mode: Mode) -> dict[str, float] | None:
        """As `Learner.step`: fills the gradient and brings the running state up to date."""
        learner, count = self._learner, self._count
        labels = self.tell(batch, raw, mode)  # named, so that it lives until the program has run
        value = self.carry_out(batch)
        del labels
        if not math.isfinite(value) or not self._gradient_is_finite():
            return None
        if learner.running.size:
            learner.running[...] = self._running
        if not self.pause and all(type(m) is Accuracy for m in learner.metrics.values()):
            right = {name: float(self._sums[1, 0]) for name in learner.metrics}
            return {"loss": value * count, **right}
        return learner.sums(value, learner.fused.finish(self._y), batch)

    def tell(self, batch: Batch, raw: Raw, mode: Mode) -> Array:
        """Say where this batch lies, for the runs to come; its labels, to be kept for as long."""
        program = self.program
        program.set("source", _address(raw.source))
        program.set("index", _address(raw.indices))
        program.set("epoch", mode.rng.epoch)
        program.set("step", mode.rng.step)
        if self.pause:
            return batch.y
        labels = np.ascontiguousarray(batch.y, np.int64)
        program.set("labels", _address(labels))
        program.set("weights", 0 if batch.weight is None else _address(batch.weight))
        program.set("scale", self._scale)
        return labels

    def carry_out(self, batch: Batch) -> float:
        """Run the program; the loss."""
        if not self.pause:
            self.program.run()
            return float(self._sums[0, 0]) / self._count
        self.program.run(0, self.pause)
        value = self.judge(batch)
        self.program.run(self.pause)
        return value

    def judge(self, batch: Batch) -> float:
        """The loss, and its gradient where the program reads it, where no kernel knows it."""
        loss = self._learner.fused.loss
        value, remembered = loss.forward(self._y, batch.y, batch.weight)
        self._dy[...] = loss.backward(remembered)
        return float(value)

    def _gradient_is_finite(self) -> bool:
        learner = self._learner
        if not learner.network.penalties:
            return int(self._largest.max()) < NOT_FINITE
        learner.network.add_penalty_gradient(learner.vector, learner.gradient)
        return bool(np.isfinite(learner.gradient).all())


class CompiledForward:
    """The network, or the fused chain alone, at inference for batches of up to one size."""

    def __init__(self, learner: Learner, size: int, raw: Raw, finished: bool) -> None:
        tape = Tape()
        chain, finish = learner.network.chain, None
        if learner.loss is not None:
            chain, _, finish = learner.fused
        params, state = _held(tape, learner.params), _held(tape, learner.state)
        x = kernels("gather").gather(tape, (size, *learner.network.in_shape), *raw.kind)
        y, _, _ = chain.forward(params, state, x, Mode(probe=_Labels(tape)))
        y = finish(y) if finish and finished else y
        self._y = _memory(y)
        self._size = size
        self.program = kernels("program").Program(tape, {y: self._y})

    def run(self, raw: Raw) -> Array:
        """y, (size, …); what is too much of it repeats the first sample."""
        indices = np.full(self._size, raw.indices[0])
        indices[: len(raw.indices)] = raw.indices
        with self.program.lock:
            self.program.set("source", _address(raw.source))
            self.program.set("index", _address(indices))
            self.program.run()
            return self._y.copy()


class _Closed(Stream):
    """A stream of which only ops may draw: a layer's own draw would be the same in every step."""

    def named(self, name: str) -> Stream:
        stream = super().named(name)
        return _Closed(*(getattr(stream, field.name) for field in fields(stream)))

    def words(self, count: int) -> NDArray[np.uint64]:
        raise Untraceable("random numbers that are drawn by the layer itself")


class _Labels:
    """A probe that tells the tape whose rows it is being given."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def see(self, layer: str, what: str, array: Any) -> None:
        direction = {"x": "forward", "dy": "backward"}.get(what)
        self._tape.layer = f"{layer} {direction}" if direction else ""


def _held(tape: Tape, tree: Tree) -> Tree:
    """The arrays of a tree as values that are read anew in each run."""
    return {
        name: _held(tape, value) if isinstance(value, dict) else tape.hold(value)
        for name, value in tree.items()
    }


def _bound(values: Tree, views: Tree, before: Tree = EMPTY) -> dict[Value, Array]:
    """Where the values that rows write shall go; those that stand in `before` stay as they are."""
    places, unchanged = dict(leaves(views)), dict(leaves(before))
    made: Iterable[tuple[str, Any]] = leaves(values)
    bound: dict[Value, Array] = {}
    for path, value in made:
        if value is unchanged.get(path):
            continue
        if value.maker is None or value in bound:
            raise Untraceable(f"{path!r} is not computed for itself alone")
        bound[value] = places[path]
    return bound


def _memory(y: Value) -> Array:
    """Room for what a network gives: rows, since images lie channels-last in a program."""
    if y.images:
        raise Untraceable("images as what a network gives")
    return np.empty(y.shape, np.float32)


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
