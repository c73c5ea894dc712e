"""The arrays of one training: the only place where a step changes anything.

batch -> forward -> loss -> backward -> gradient vector -> optimizer -> parameter vector
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from groundup.checks import as_array, as_numbers, expect_room
from groundup.data.augment import Augment
from groundup.data.batches import Batch, batches
from groundup.data.order import Shuffle
from groundup.data.preprocess import Preprocessor
from groundup.data.rows import select
from groundup.errors import InputError, ShapeError
from groundup.layers.layer import Mode, Probe
from groundup.nn.fuse import Fused, fuse, join_softmax
from groundup.nn.layout import leaves
from groundup.nn.losses import Loss
from groundup.nn.metrics import Metric
from groundup.nn.network import Network
from groundup.nn.optimizers import Optimizer
from groundup.rng import Stream
from groundup.train.programs import Programs
from groundup.train.progress import Totals
from groundup.typing import Array

EVALUATION_BATCH = 1024  # samples at a time where nothing is learned
_INFERENCE = Mode()
_quiet = np.errstate(over="ignore", invalid="ignore")  # what is not finite is looked for and named


@dataclass(frozen=True)
class Examples:
    """Checked data: x (N, …) raw, y labels (N,) or targets (N, D), weight (N,) or None."""

    x: Array
    y: Array
    weight: Array | None = None

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: Array) -> "Examples":
        """The samples at these indices, copied."""
        weight = None if self.weight is None else self.weight[rows]
        return Examples(select(self.x, rows), self.y[rows], weight)


@dataclass
class Preparation:
    """From raw inputs to what the network sees: preprocessors and what they have learned."""

    preprocessors: tuple[Preprocessor, ...] = ()
    parameters: tuple[Mapping[str, Array], ...] | None = None

    def fit(self, x: Array) -> None:
        """Learn from the training data, each from what those before it make of it."""
        learned: list[Mapping[str, Array]] = []
        for preprocessor in self.preprocessors:
            learned.append(preprocessor.fit(x))
            if len(learned) < len(self.preprocessors):
                x = preprocessor.transform(learned[-1], x)
        self.parameters = tuple(learned)

    def __call__(self, x: Array) -> Array:
        if self.preprocessors and self.parameters is None:
            raise InputError("preprocess: nothing is learned from training data yet. Call fit.")
        for preprocessor, parameters in zip(self.preprocessors, self.parameters or (), strict=True):
            x = preprocessor.transform(parameters, x)
        return x


@dataclass
class Learner:
    """A network with its weights, and, once compiled, what trains them.

    Args:
        network: the shapes.
        vector: all parameters, (P,).
        running: all running state, (S,).
        seed: of every draw while training.
        preparation: raw inputs to network inputs.
        loss, optimizer, metrics: what `compile` sets.
        slots: the optimizer's state.
        labels: the classes' names, or none.
        features: the names of the columns of its inputs, or none.
        epochs_trained: over all fits; where the random streams stand.
        name: how the model is called.
    """

    network: Network
    vector: Array
    running: Array
    seed: int
    preparation: Preparation
    loss: Loss | None = None
    optimizer: Optimizer | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    slots: dict[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    epochs_trained: int = 0
    name: str = "sequential"

    def __post_init__(self) -> None:
        self.gradient = np.zeros_like(self.vector)
        self.programs = Programs()
        self.params = self.network.params.views(self.vector)
        self.state = self.network.state.views(self.running)
        self._gradients = dict(leaves(self.network.params.views(self.gradient)))

    def __getstate__(self) -> dict[str, Any]:
        """The fields: in a copy, views would no longer share the memory of their vectors."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()

    @cached_property
    def fused(self) -> Fused:
        """The chain and loss that training runs."""
        assert self.loss is not None
        return fuse(self.network.chain, self.loss)

    @cached_property
    def joined(self) -> Fused:
        """The user's own layers, only that a final softmax goes to the loss."""
        assert self.loss is not None
        return join_softmax(self.network.chain, self.loss)

    def compile(self, loss: Loss, optimizer: Optimizer, metrics: Mapping[str, Metric]) -> None:
        """Set what trains the network; the optimizer starts anew."""
        self.loss, self.optimizer, self.metrics = loss, optimizer, metrics
        for made in ("fused", "joined"):
            self.__dict__.pop(made, None)
        self.programs = Programs()
        self.slots = optimizer.init(self.vector, decayed=self.network.params.decayed)

    def batches(
        self,
        examples: Examples,
        batch_size: int,
        stream: Stream | None = None,
        start: int = 0,
        *,
        shuffle: Shuffle = True,
        augment: Augment | None = None,
    ) -> Iterator[Batch]:
        """Batches of prepared inputs in the network's dtype."""
        return batches(
            examples.x,
            examples.y,
            batch_size,
            stream,
            sample_weight=examples.weight,
            start=start,
            shuffle=shuffle,
            augment=augment,
            transform=self.prepare,
            dtype=self.vector.dtype,
        )

    def prepare(self, x: Array) -> Array:
        """Raw inputs as the network sees them, in its dtype."""
        return self.preparation(x).astype(self.vector.dtype, copy=False)

    def rehearse(self, examples: Examples, batch_size: int) -> None:
        """The forward pass of the smallest batch: what does not fit is told before the training."""
        count = len(examples) % batch_size or min(batch_size, len(examples))
        weight = None if examples.weight is None else examples.weight[:count]
        few = Examples(examples.x[:count], examples.y[:count], weight)
        try:
            self.evaluate(few, count, Mode(train=True))
        except ShapeError as error:
            if count > 1 or len(examples) == 1:
                raise
            raise ShapeError(
                f"{error} The last of {len(examples):,} samples in batches of {batch_size} is "
                "alone: choose another batch_size."
            ) from error

    @_quiet
    def step(self, batch: Batch, mode: Mode) -> dict[str, float] | None:
        """One update; the batch's sums. A loss or gradient that is not finite changes nothing."""
        assert self.optimizer is not None
        compiled = self.programs.step(self, batch, mode)
        sums = compiled() if compiled else self._step(batch, mode)
        if sums is not None:
            _, self.slots = self.optimizer.update(self.vector, self.gradient, self.slots)
        return sums

    def _step(self, batch: Batch, mode: Mode) -> dict[str, float] | None:
        """All of a step but the update, layer by layer."""
        chain, loss, finish = self.fused
        y, cache, state = chain.forward(self.params, self.state, batch.x, mode)
        value, remembered = loss.forward(y, batch.y, batch.weight)
        if not math.isfinite(value):
            return None
        _, grads = chain.backward(self.params, cache, loss.backward(remembered), mode)
        for path, array in leaves(grads):
            self._gradients[path][...] = array
        self.network.add_penalty_gradient(self.vector, self.gradient)
        # One sum finds all there is to find; its own overflow is no fault.
        if not math.isfinite(self.gradient.sum()) and not is_finite(self.gradient):
            return None
        self.network.state.fill(self.running, state)
        return self.sums(value, finish(y) if self.metrics else y, batch)

    @_quiet
    def evaluate(
        self, examples: Examples, batch_size: int, mode: Mode = _INFERENCE
    ) -> dict[str, float]:
        """Loss and metrics, means over the samples."""
        assert self.loss is not None
        chain, loss, finish = self.fused
        totals = Totals()
        for batch in self.batches(examples, batch_size):
            y = None if mode.train else self.programs.forward(self, batch, finished=False)
            if y is None:
                y, _, _ = chain.forward(self.params, self.state, batch.x, mode)
            value, _ = loss.forward(y, batch.y, batch.weight)
            totals.add(len(batch), self.sums(value, finish(y), batch))
        return totals.means()

    def predict(self, x: Array, batch_size: int) -> Array:
        """y for raw inputs, (N, …)."""
        parts = []
        for batch in batches(x, np.zeros(len(x)), batch_size, transform=self.prepare):
            y = self.programs.forward(self, batch, finished=True)
            parts.append(self.forward(batch.x) if y is None else y)
        return np.concatenate(parts)

    def arrays(self) -> list[Array]:
        """All parameters, then all running state, as views."""
        return [array for tree in (self.params, self.state) for _, array in leaves(tree)]

    def set_arrays(self, given: Any) -> None:
        """Fill `arrays()` with these; InputError, and nothing done, if their shapes are others."""
        if hasattr(given, "__array__") or not isinstance(given, Iterable):
            given = np.atleast_1d(as_array(given, "set_weights: weights"))
        new = [as_numbers(array, "set_weights: weights") for array in given]
        places = self.arrays()
        shapes, expected = ([array.shape for array in arrays] for arrays in (new, places))
        if shapes != expected:
            raise InputError(f"set_weights: shapes {shapes}, expected {expected}.")
        for place, array in zip(places, new, strict=True):
            expect_room(array, place.dtype, "set_weights: weights")
        for place, array in zip(places, new, strict=True):
            place[...] = array

    def forward(self, x: Array, probe: Probe | None = None) -> Array:
        """y for prepared inputs, as at inference; with a probe, through the user's own layers."""
        chain, finish = self.network.chain, None
        if probe is None and self.loss is not None:
            chain, _, finish = self.fused
        y, _, _ = chain.forward(self.params, self.state, x, Mode(probe=probe))
        return finish(y) if finish else y

    @_quiet
    def first_not_finite(self, batch: Batch, mode: Mode) -> str:
        """Where in this batch's pass NaN or infinity first shows, in words."""
        finder = _Finder()
        chain = self.network.chain
        chain.forward(self.params, self.state, batch.x, replace(mode, probe=finder))
        if finder.found:
            return finder.found
        for path, gradient in leaves(self.network.params.views(self.gradient)):
            if not is_finite(gradient):
                return f"every layer's output is finite, the gradient of {path!r} is not"
        return "every layer's output is finite, the loss itself overflows"

    def sums(self, value: float, y: Array, batch: Batch) -> dict[str, float]:
        sums = {"loss": value * len(batch)}
        for name, metric in self.metrics.items():
            sums[name] = float(np.sum(metric(batch.y, y)))
        return sums


def is_finite(array: Array) -> bool:
    return bool(np.isfinite(array).all())


class _Finder:
    """A probe that remembers the first array with a value that is not finite."""

    def __init__(self) -> None:
        self.found = ""

    def see(self, layer: str, what: str, array: Array) -> None:
        if not self.found and not is_finite(array):
            kind = "NaN" if np.isnan(array).any() else "infinite values"
            what = "input" if what == "x" else "output"
            self.found = f"{kind} first in the {what} of layer {layer!r}"
