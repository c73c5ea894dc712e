"""What checks work on: copies of a network, and a few samples; what is given is left as it is."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from groundup.data.inspection import row_hashes
from groundup.data.rows import select
from groundup.doctor.data_facts import some
from groundup.layers import Dropout, Layer
from groundup.layers.layer import Mode
from groundup.nn.chain import Chain
from groundup.nn.layout import leaves
from groundup.nn.losses import CategoricalCrossentropy
from groundup.nn.optimizers import Optimizer
from groundup.rng import Stream
from groundup.train.learner import Examples, Learner
from groundup.train.run import Assembly
from groundup.typing import Array

_quiet = np.errstate(all="ignore")  # what is not finite is looked for and told
_LOOKED_THROUGH = 4096  # samples, for a few that differ


def draws(assembly: Assembly, purpose: str) -> Stream:
    """Random numbers for one check."""
    return Stream(assembly.learner.seed, "search").named("preflight").named(purpose)


def training_mode(assembly: Assembly, step: int = 1) -> Mode:
    """As in a training step, with the same draws whenever it is asked for."""
    stream = Stream(assembly.learner.seed, "dropout").at(epoch=0, step=step)
    return Mode(train=True, rng=stream, need_dx=False)


def copy_of(
    learner: Learner, optimizer: Optimizer | None = None, dtype: DTypeLike | None = None
) -> Learner:
    """The learner with vectors of its own, of another dtype perhaps, before its first update."""
    vector, running = (
        np.array(each, dtype or each.dtype) for each in (learner.vector, learner.running)
    )
    optimizer = optimizer or learner.optimizer
    assert optimizer is not None
    slots = optimizer.init(vector, decayed=learner.network.params.decayed)
    return replace(
        learner, vector=vector, running=running, optimizer=optimizer, slots=slots, metrics={}
    )


def unhindered(learner: Learner, optimizer: Optimizer) -> Learner:
    """A copy without what is there to hinder over-fitting: dropout, penalties, smoothed labels."""
    network, loss = learner.network, learner.loss
    network = replace(network, chain=_without_dropout(network.chain), penalties=())
    if isinstance(loss, CategoricalCrossentropy):
        loss = replace(loss, label_smoothing=0.0)
    return copy_of(replace(learner, network=network, loss=loss), optimizer)


def _without_dropout(layer: Any) -> Any:
    """The layer with every dropout in it at rate 0, under the same names."""
    if isinstance(layer, Dropout):
        return replace(layer, rate=0.0)
    options = {field.name: getattr(layer, field.name) for field in fields(layer) if field.init}
    inner = options.get("layers")
    if not inner or not all(isinstance(each, Layer) for each in inner):
        return layer
    names = Chain(inner).names
    named = [
        replace(_without_dropout(each), name=name) for each, name in zip(inner, names, strict=True)
    ]
    return replace(layer, layers=tuple(named))


def distinct(assembly: Assembly, count: int) -> NDArray[np.int64]:
    """Up to `count` training samples of which no two are the same, of all classes in turn, (n,)."""
    train = assembly.train
    order = draws(assembly, "samples").permutation(len(train))[:_LOOKED_THROUGH]
    if train.y.dtype.kind == "i" and train.y.ndim == 1:
        order = order[np.argsort(_ordinals(train.y[order]), kind="stable")]
    order = order[: 16 * count]
    raw = np.asarray(select(train.x, order))
    _, first = np.unique(row_hashes(raw, raw.dtype), return_index=True)
    return order[np.sort(first)[:count]]


def some_of(assembly: Assembly, count: int, purpose: str) -> Examples:
    """At most `count` training samples, drawn for one check, of equal weight."""
    return chosen(assembly.train, some(len(assembly.train), count, draws(assembly, purpose)))


def _ordinals(y: Array) -> Array:
    """Of each label, how many of the same came before it."""
    ordinals = np.empty(len(y), np.int64)
    for label in np.unique(y):
        places = np.flatnonzero(y == label)
        ordinals[places] = np.arange(len(places))
    return ordinals


def chosen(examples: Examples, index: NDArray[np.int64]) -> Examples:
    """These samples in memory, of equal weight."""
    return Examples(np.asarray(select(examples.x, index)), examples.y[index])


@_quiet
def loss_of(learner: Learner, x: Array, t: Array, mode: Mode) -> float:
    """The data loss of prepared inputs x (N, …) and labels or targets t (N, …)."""
    chain, loss, _ = learner.fused
    y, _, _ = chain.forward(learner.params, learner.state, x, mode)
    return loss.forward(y, t)[0]


def total_loss(learner: Learner, x: Array, t: Array, mode: Mode) -> float:
    """`loss_of` and the penalties."""
    return loss_of(learner, x, t, mode) + learner.network.penalty(learner.vector)


@_quiet
def loss_and_gradient(learner: Learner, x: Array, t: Array, mode: Mode) -> tuple[float, Array]:
    """`total_loss` and its gradient (P,), as a step of training takes them

    Args:
        learner: compiled; left as it is, its state included.
        x: prepared inputs (N, …).
        t: labels or targets (N, …).
        mode: how the pass is run.
    """
    chain, loss, _ = learner.fused
    y, cache, _ = chain.forward(learner.params, learner.state, x, mode)
    value, remembered = loss.forward(y, t)
    _, grads = chain.backward(learner.params, cache, loss.backward(remembered), mode)
    gradient = np.zeros_like(learner.vector)
    places = dict(leaves(learner.network.params.views(gradient)))
    for path, array in leaves(grads):
        places[path][...] = array
    learner.network.add_penalty_gradient(learner.vector, gradient)
    return value + learner.network.penalty(learner.vector), gradient


def layers_of(chain: Chain) -> Iterator[tuple[str, Layer]]:
    """The layers of a chain with their names."""
    yield from zip(chain.names, chain.layers, strict=True)
