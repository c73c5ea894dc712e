"""One look at a network under training: a pass forward and back beside it, and nothing kept."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from groundup.layers.layer import Layer, Mode
from groundup.nn.average import Average
from groundup.nn.chain import Chain
from groundup.nn.layout import leaves
from groundup.ops.dispatch import strict
from groundup.rng import Stream
from groundup.train.learner import Examples, Learner
from groundup.train.probes.exam import Exam, LayerExam
from groundup.train.probes.moments import InputMoments, shift, thin
from groundup.train.probes.silence import Silence
from groundup.typing import Array

BINS = 30  # of a histogram, as TensorBoard's
MOST = 1 << 14  # values of one layer that means and histograms are taken of
EDGE = 0.05  # this near to an end of its range a sigmoid or tanh is saturated
RECTIFIED = ("relu", "leaky_relu", "prelu", "elu")
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
_quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")  # NaN is worth knowing


@_quiet
def examine(
    learner: Learner,
    examples: Examples,
    epoch: int = 0,
    updates: int = 0,
    before: Array | None = None,
    silence: Silence | None = None,
) -> Exam:
    """What the layers do on some samples, forward and backward as in training

    The layers are those that the user wrote; only a final softmax is taken together with its
    cross-entropy, as in training, so dL/dy of that layer is that of the logits. The loss is the
    data's: penalties have no part in gradients. Dropout draws the same in every exam. Weights,
    running state, gradients and the training's own draws stay as they are.

    Where a layer's output has more than 16,384 values, means and histograms are of some of them:
    of every k-th row and column of images, else of the first samples. Dead units are looked for in
    all.

    Args:
        learner: the network, compiled.
        examples: the samples to look at.
        epoch, updates: how far the training is.
        before: all parameters before the latest update, (P,), or None if nothing is to be said of
            it.
        silence: what earlier exams know of silent units; by default only this one counts.

    >>> import groundup as gu
    >>> from groundup.train.inputs import examples_for
    >>> model = gu.Sequential([gu.Dense(3, "relu", kernel_initializer="zeros", input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> exam = examine(model.learner, examples_for(model.learner, np.eye(2), np.ones((2, 3))))
    >>> exam.loss, exam.layers[0].dead, exam.layers[0].spread
    (1.0, 1.0, 0.0)
    """
    assert learner.loss is not None
    chain, loss, finish = learner.joined
    batch = next(learner.batches(examples, len(examples)))
    earlier = InputMoments(MOST)
    watch = _Watch(learner.network.chain, silence or Silence(len(examples)))
    if before is not None:
        params = learner.network.params.views(before)
        chain.forward(params, learner.state, batch.x, _mode(learner, earlier))
    y, cache, _ = chain.forward(learner.params, learner.state, batch.x, _mode(learner, watch))
    if chain is not learner.network.chain:
        watch.see(watch.last, "y", finish(y))
    value, remembered = loss.forward(y, batch.y, batch.weight)
    dy = loss.backward(remembered)
    _, grads = chain.backward(learner.params, cache, dy, _mode(learner, watch))
    gradients = dict(leaves(grads))
    parts: tuple[Mapping[str, Mapping[str, Any]], ...] = (
        watch.facts,
        _weights(learner, gradients, before),
        _shifts(earlier, watch.inputs),
    )
    layers = (
        LayerExam(**{key: value for part in parts for key, value in part.get(name, {}).items()})
        for name in watch.facts
    )
    norm = math.sqrt(sum(_norm(gradient) ** 2 for gradient in gradients.values()))
    return Exam(updates, epoch, len(examples), value, norm, tuple(layers))


def _mode(learner: Learner, probe: Any) -> Mode:
    """As in training, with the same draws each time: dropout shall not look like a change."""
    return Mode(train=True, rng=Stream(learner.seed, "dropout"), need_dx=False, probe=probe)


class _Watch:
    """A probe that reduces what it sees of each layer to numbers, by the layer's name."""

    def __init__(self, chain: Chain, silence: Silence) -> None:
        self.layers = dict(named_layers(chain))
        self.last = list(self.layers)[-1]
        self.silence = silence
        self.inputs = InputMoments(MOST)
        self.facts: dict[str, dict[str, Any]] = {}

    def see(self, layer: str, what: str, array: Array) -> None:
        if layer not in self.layers:
            return
        if what == "x":
            self.inputs.see(layer, what, array)
        elif what == "y":
            self.facts[layer] = self._output(layer, array)
        elif what == "dy":
            self.facts[layer]["signal"] = _rms(thin(array, MOST))

    def _output(self, name: str, y: Array) -> dict[str, Any]:
        activation = activation_of(self.layers[name])
        values = thin(y, MOST).astype(np.float64).ravel()
        facts = {
            "layer": name,
            "kind": self.layers[name].kind,
            "activation": activation,
            "units": y.shape[1],
            "mean": float(values.mean()),
            "std": float(values.std()),
            **histogram(values),
        }
        if activation in RECTIFIED:
            facts["dead"] = self.silence.hear(name, y)
        if activation in RANGES:
            low, high = RANGES[activation]
            at_an_end = (values < low + EDGE) | (values > high - EDGE)
            facts["saturated"] = float(at_an_end.mean())
        return facts


def _weights(
    learner: Learner, gradients: Mapping[str, Array], before: Array | None
) -> dict[str, dict[str, float]]:
    """What there is to say of each layer's weights, the parameters that decay."""
    places = learner.network.params
    now = dict(leaves(learner.params))
    then = now if before is None else dict(leaves(places.views(before)))
    found = {}
    for path in (path for path, _, start in places.places if start < places.decayed):
        W = then[path]
        facts = {"weight": _rms(W), "spread": spread(W)}
        if path in gradients:
            facts["gradient"] = _rms(gradients[path])
        if before is not None:
            facts["update"] = _ratio(_norm(now[path] - W), _norm(W))
        found[path.rpartition("/")[0]] = facts
    return found


def _shifts(before: InputMoments, after: InputMoments) -> dict[str, dict[str, float]]:
    """How far the update moved what each layer sees."""
    found = {}
    for layer, new in after.moments.items() if before.moments else ():
        moved = shift(before.moments[layer], new)
        found[layer] = {"shift_mean": moved.mean, "shift_variance": moved.variance}
    return found


def named_layers(layer: Layer, path: str = "") -> Iterator[tuple[str, Layer]]:
    """Every layer that holds no others, by the name that a probe knows it by

    >>> from groundup import Dense, ReLU
    >>> [name for name, _ in named_layers(Chain([Dense(2), Chain([ReLU()], name="end")]))]
    ['dense_1', 'end/relu_1']
    """
    if not isinstance(layer, Chain | Average):
        yield path, layer
        return
    for name, inner in zip(layer.names, layer.layers, strict=True):
        yield from named_layers(inner, f"{path}/{name}" if path else name)


def activation_of(layer: Layer) -> str:
    """What a layer's output went through: its inner activation, or itself if it is one; or "".

    >>> from groundup import Activation, Dense, PReLU
    >>> activation_of(Dense(2, "tanh")), activation_of(PReLU()), activation_of(Dense(2))
    ('tanh', 'prelu', '')
    """
    kind = getattr(layer, "activation", layer).kind
    return kind if kind in (*RECTIFIED, *RANGES, "softmax", "step") else ""


def histogram(values: Array) -> Mapping[str, Any]:
    """low, high and counts of the finite values

    >>> histogram(np.array([0.0, 1.0, np.nan, 3.0]))["counts"][:11]
    (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    """
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    scale = BINS / (high - low) if high > low else 0.0
    # np.histogram does the same, several times as slow.
    place = np.minimum(((finite - low) * scale).astype(np.int64), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    return {"low": low, "high": high, "counts": tuple(counts.tolist())}


def spread(W: Array) -> float:
    """‖W - W̄‖ / ‖W‖ with W̄ the mean over units: columns of (D, M), filters of (F, C, KH, KW)

    >>> spread(np.array([[1.0, 1.0], [2.0, 2.0]])), spread(np.array([[1.0, -1.0]]))
    (0.0, 1.0)
    """
    mean = W.mean(axis=1 if W.ndim == 2 else 0, keepdims=True, dtype=np.float64)
    return _ratio(_norm(W - mean.astype(W.dtype)), _norm(W))


def _norm(array: Array) -> float:
    values = array.ravel("K")
    square = 0.0 if strict() else float(np.dot(values, values))  # by BLAS
    if not 1e-30 < square < 1e30:  # none, or float32 is at its limits
        square = float(np.square(values, dtype=np.float64).sum())
    return math.sqrt(square)


def _rms(array: Array) -> float:
    return _norm(array) / math.sqrt(array.size)


def _ratio(part: float, whole: float) -> float:
    """part / whole; 0 / 0 is 0."""
    return float(np.float64(part) / whole) if part else 0.0
