"""Training steps and forward passes written down once and carried out many times.

The layers run once on values that are still to be computed (`ops.tape`); what they ask for becomes
a program for batches of one size. Networks with a layer that does more than call ops, and dtypes
that no kernel knows, are trained layer by layer as they always were.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from groundup.data.batches import Batch
from groundup.data.preprocess import Rescale
from groundup.layers.layer import Mode
from groundup.nn.layout import leaves
from groundup.nn.losses import CategoricalCrossentropy
from groundup.nn.metrics import Accuracy
from groundup.ops.dispatch import kernels, kernels_enabled
from groundup.ops.tape import Tape, Value
from groundup.rng import Stream
from groundup.typing import Array, Tree

KEPT = 4  # sizes of batches
NOT_FINITE = 0x7F800000  # the bits of float32's infinity; NaN's are larger

T = TypeVar("T")
Raw: TypeAlias = tuple[Array, NDArray[np.int64]]  # samples, and which of them
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
        scale = _scale(learner, batch)
        key = (len(batch), _item(batch, scale), scale, batch.y.dtype.char)
        made = _kept(self._steps, key, lambda: CompiledStep(learner, batch, *key[1:3]))
        return None if made is None else lambda: made.run(batch, _raw(batch, scale), mode)

    def forward(self, learner: Learner, batch: Batch) -> Array | None:
        """y of the fused chain at inference, (B, …), if a program can tell."""
        if not _possible(learner):
            return None
        scale, count = _scale(learner, batch), len(batch)
        key = (1 << (count - 1).bit_length(), _item(batch, scale), scale)
        made = _kept(self._forwards, key, lambda: CompiledForward(learner, *key))
        return None if made is None else made.run(_raw(batch, scale))[:count]

    def forget_steps(self) -> None:
        """Give their memory back."""
        self._steps.clear()


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
    return kernels_enabled() and learner.vector.dtype == np.float32


def _scale(learner: Learner, batch: Batch) -> float | None:
    """What the kernel divides raw samples by; None where they are prepared before it sees them."""
    preparation, source = learner.preparation, batch.source
    plain = batch.plain and type(source) is np.ndarray and source.flags.c_contiguous
    if plain and source.dtype.char in "Bf":
        if not preparation.preprocessors and source.dtype.char == "f":
            return 1.0
        if [type(p) for p in preparation.preprocessors] == [Rescale] and preparation.parameters:
            return float(preparation.parameters[0]["scale"][0])
    return None


def _item(batch: Batch, scale: float | None) -> int:
    """Bytes of a value that the kernel reads."""
    return 4 if scale is None else int(batch.source.dtype.itemsize)


def _raw(batch: Batch, scale: float | None) -> tuple[Array, NDArray[np.int64]]:
    """The samples as the kernel reads them: all, and which; or prepared, in order."""
    if scale is not None:
        return batch.source, batch.indices
    return np.ascontiguousarray(batch.x), np.arange(len(batch))


class CompiledStep:
    """Forward, loss and backward for batches of one size.

    Raises:
        TypeError, AttributeError: a layer does more than call ops.
    """

    def __init__(self, learner: Learner, batch: Batch, item: int, scale: float | None) -> None:
        self._learner, self._count = learner, len(batch)
        chain = learner.fused.chain
        network, tape = learner.network, Tape()
        stream = Stream(learner.seed, "dropout")
        mode = Mode(train=True, rng=stream, need_dx=False, probe=_Labels(tape))
        params, state = _held(tape, learner.params), _held(tape, learner.state)
        x = kernels("gather").gather(tape, (self._count, *network.in_shape), item, scale or 1.0)
        y, cache, new_state = chain.forward(params, state, x, mode)
        self._y = np.empty(y.shape, np.float32)
        bound: dict[Value, Array] = {y: self._y}
        dy = self._join_loss(y, batch, bound)
        _, grads = chain.backward(params, cache, dy, mode)
        bound |= _bound(grads, network.params.views(learner.gradient))
        self._running = learner.running.copy()
        bound |= _bound(new_state, network.state.views(self._running))
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
        self._break = 0
        if isinstance(loss, CategoricalCrossentropy) and loss.from_logits and batch.y.ndim == 1:
            each, dy, right = kernels("losses").cross_entropy_step(y, loss.label_smoothing)
            for i, value in enumerate((each, right)):
                bound[kernels("losses").total(value, weighted=i == 0)] = self._sums[i]
            return dy
        dy = tape.value(y.shape)
        self._dy = bound[dy] = np.empty(y.shape, np.float32)
        self._break = tape.new_level()
        return dy

    def run(self, batch: Batch, raw: Raw, mode: Mode) -> dict[str, float] | None:
        """As `Learner.step`: fills the gradient and brings the running state up to date."""
        learner, program, count = self._learner, self.program, self._count
        source, indices = raw
        program.set("source", _address(source))
        program.set("index", _address(indices))
        program.set("epoch", mode.rng.epoch)
        program.set("step", mode.rng.step)
        if self._break:
            program.run(0, self._break)
            value, remembered = learner.fused.loss.forward(self._y, batch.y, batch.weight)
            self._dy[...] = learner.fused.loss.backward(remembered)
            program.run(self._break)
        else:
            labels = np.ascontiguousarray(batch.y, np.int64)
            program.set("labels", _address(labels))
            program.set("weights", 0 if batch.weight is None else _address(batch.weight))
            program.set("scale", int(np.float64(1 / count).view(np.int64)))
            program.run()
            value = float(self._sums[0, 0]) / count
        if not np.isfinite(value) or not self._gradient_is_finite():
            return None
        if learner.running.size:
            learner.running[...] = self._running
        if not self._break and all(type(m) is Accuracy for m in learner.metrics.values()):
            right = {name: float(self._sums[1, 0]) for name in learner.metrics}
            return {"loss": value * count, **right}
        return learner.sums(value, learner.fused.finish(self._y), batch)

    def _gradient_is_finite(self) -> bool:
        learner = self._learner
        if not learner.network.penalties:
            return int(self._largest.max()) < NOT_FINITE
        learner.network.add_penalty_gradient(learner.vector, learner.gradient)
        return bool(np.isfinite(learner.gradient).all())


class CompiledForward:
    """The fused chain at inference for batches of up to one size."""

    def __init__(self, learner: Learner, size: int, item: int, scale: float | None) -> None:
        tape = Tape()
        chain = learner.fused.chain if learner.loss else learner.network.chain
        params, state = _held(tape, learner.params), _held(tape, learner.state)
        x = kernels("gather").gather(tape, (size, *learner.network.in_shape), item, scale or 1.0)
        y, _, _ = chain.forward(params, state, x, Mode(probe=_Labels(tape)))
        self._y = np.empty(y.shape, np.float32)
        self._size, self._lock = size, Lock()
        self.program = kernels("program").Program(tape, {y: self._y})

    def run(self, raw: Raw) -> Array:
        """y, (size, …); what is too much of it repeats the first sample."""
        source, chosen = raw
        indices = np.full(self._size, chosen[0])
        indices[: len(chosen)] = chosen
        with self._lock:
            self.program.set("source", _address(source))
            self.program.set("index", _address(indices))
            self.program.run()
            return self._y.copy()


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


def _bound(values: Tree, views: Tree) -> dict[Value, Array]:
    """Where the values that rows write shall go."""
    places = dict(leaves(views))
    made: Iterable[tuple[str, Any]] = leaves(values)
    return {value: places[path] for path, value in made if value.maker}


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
