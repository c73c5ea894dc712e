"""Members of an ensemble and their average, as pure functions of learners.

An ensemble is an ordinary network, one `Average` of its members, so everything that takes a network
takes it: `predict`, model files, reports, the command line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

import numpy as np

from groundup.errors import InputError
from groundup.layers.activations import Softmax
from groundup.layers.layer import Layer
from groundup.nn.average import Average
from groundup.nn.chain import Chain
from groundup.nn.losses import CategoricalCrossentropy, Loss
from groundup.nn.network import build
from groundup.rng import Stream
from groundup.train.learner import EVALUATION_BATCH, Examples, Learner, Preparation
from groundup.typing import Tree

_NAME = "ensemble"


@dataclass(frozen=True)
class Comparison:
    """Each member's scores beside the ensemble's, on the same samples.

    Args:
        members: loss and metrics of each member, means over the samples.
        ensemble: the same of the average of their outputs.
    """

    members: tuple[Mapping[str, float], ...]
    ensemble: Mapping[str, float]

    def mean(self, name: str) -> float:
        """The members' mean."""
        return fmean(scores[name] for scores in self.members)

    def std(self, name: str) -> float:
        """The members' standard deviation, of the sample (K - 1); NaN for one member."""
        values = [scores[name] for scores in self.members]
        return stdev(values) if len(values) > 1 else float("nan")

    def rows(self) -> list[tuple[str, tuple[float, ...]]]:
        """A table: the members, their mean and standard deviation, the ensemble; then values."""
        rows = [(f"member {k}", scores) for k, scores in enumerate(self.members, start=1)]
        rows += [(name, {key: of(key) for key in self.ensemble}) for name, of in (
            ("mean", self.mean), ("std", self.std),
        )]  # fmt: skip
        rows.append(("ensemble", self.ensemble))
        return [(name, tuple(scores[key] for key in self.ensemble)) for name, scores in rows]

    def __str__(self) -> str:
        lines = [f"{'':<10}" + "".join(f"{name:>14}" for name in self.ensemble)]
        for name, values in self.rows():
            lines.append(f"{name:<10}" + "".join(f"{value:14.4f}" for value in values))
        return "\n".join(lines)


def bootstrap(examples: Examples, seed: int) -> Examples:
    """As many samples, drawn with replacement: some 63 % of them, many more than once

    [Efron 1979; Breiman 1996, "Bagging predictors"]
    """
    rows = Stream(seed, "bagging").integers(0, len(examples), len(examples))
    return examples.take(rows)


def fresh(learner: Learner, seed: int, preparation: Preparation) -> Learner:
    """An untrained network of the same kind, compiled alike, from another seed."""
    return _made(learner, learner.network.chain, learner.loss, seed, preparation)


def join(learners: Sequence[Learner]) -> Learner:
    """The average of trained networks as one network, compiled as they are

    Members that give logits get a softmax, so that probabilities are averaged. InputError for
    networks of another kind, or that prepare their inputs otherwise.
    """
    first = learners[0]
    for k, other in enumerate(learners, start=1):
        if not _is_alike(first, other):
            raise InputError(
                f"member {k} of the ensemble differs from the first in more than its seed: "
                "expected members with the same layers, loss and preprocessing."
            )
    loss, ending = _on_probabilities(first.loss)
    layers = (*first.network.chain.layers, *ending)
    names = [f"member_{k}" for k in range(1, len(learners) + 1)]
    chain = Chain([Average([Chain(layers, name=name) for name in names], name=_NAME)])
    joined = _made(first, chain, loss, first.seed, first.preparation)
    joined.epochs_trained = max(one.epochs_trained for one in learners)
    _fill(
        joined,
        {_NAME: dict(zip(names, (one.params for one in learners), strict=True))},
        {_NAME: dict(zip(names, (one.state for one in learners), strict=True))},
    )
    return joined


def members_of(learner: Learner) -> tuple[Learner, ...]:
    """The inverse of `join`; none if this is a single network."""
    (outer, *more), (name, *_) = learner.network.chain.layers, learner.network.chain.names
    if more or not isinstance(outer, Average):
        return ()
    members = []
    for k, (inner, layer) in enumerate(zip(outer.names, outer.layers, strict=True)):
        if not isinstance(layer, Chain):
            return ()
        chain = replace(layer, name=None)
        member = _made(learner, chain, learner.loss, learner.seed + k, learner.preparation)
        member.epochs_trained = learner.epochs_trained
        trees = (tree.get(name, {}).get(inner, {}) for tree in (learner.params, learner.state))
        _fill(member, *trees)
        members.append(member)
    return tuple(members)


def compare(learner: Learner, examples: Examples) -> Comparison | None:
    """The scores of an ensemble and of its members; None for a single network."""
    members = members_of(learner)
    if not members:
        return None
    scores = tuple(member.evaluate(examples, EVALUATION_BATCH) for member in members)
    return Comparison(scores, learner.evaluate(examples, EVALUATION_BATCH))


def _made(
    like: Learner, chain: Chain, loss: Loss | None, seed: int, preparation: Preparation
) -> Learner:
    network, vector, running = build(chain, like.network.in_shape, seed, like.vector.dtype)
    made = Learner(network, vector, running, seed, preparation)
    made.labels, made.features, made.name = like.labels, like.features, like.name
    if loss is not None and like.optimizer is not None:
        made.compile(loss, like.optimizer, like.metrics)
    return made


def _fill(learner: Learner, params: Tree, state: Tree) -> None:
    learner.network.params.fill(learner.vector, params)
    learner.network.state.fill(learner.running, state)


def _on_probabilities(loss: Loss | None) -> tuple[Loss | None, tuple[Layer, ...]]:
    """The loss of averaged outputs, and what each member needs at its end for it."""
    if isinstance(loss, CategoricalCrossentropy) and loss.from_logits:
        return replace(loss, from_logits=False), (Softmax(),)
    return loss, ()


def _is_alike(a: Learner, b: Learner) -> bool:
    def what(learner: Learner) -> tuple[Any, ...]:
        preparation, network = learner.preparation, learner.network
        prepared = (preparation.preprocessors, preparation.parameters is None)
        return (network.chain, network.in_shape, learner.loss, learner.labels, prepared)

    learned = zip(a.preparation.parameters or (), b.preparation.parameters or (), strict=False)
    return what(a) == what(b) and all(
        one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)
        for one, other in learned
    )
