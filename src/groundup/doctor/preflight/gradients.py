"""Is backward the derivative of forward? And if not, in which layer?"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from groundup.doctor.preflight.check import Answer
from groundup.doctor.preflight.copies import (
    chosen,
    copy_of,
    distinct,
    draws,
    layers_of,
    loss_and_gradient,
    total_loss,
    training_mode,
)
from groundup.layers.layer import Layer, Mode
from groundup.nn.layout import leaves
from groundup.ops.gradcheck import directional_error
from groundup.report.words import listed
from groundup.rng import Stream
from groundup.train.learner import Learner
from groundup.train.run import Assembly
from groundup.typing import Array, Tree

TOLERANCE = 1e-4  # right ones agree to 1e-7, wrong ones differ in the first digits
_SAMPLES = 8
_DIRECTIONS = 3


class Part(NamedTuple):
    """A parameter and how far its gradient is off, relative."""

    path: str
    error: float


def gradient_check(assembly: Assembly) -> Answer:
    """The gradient of the whole network against numerical slopes, in float64, as in training

    Along random directions through all parameters at once, then through each parameter alone.
    Dropout and batch normalization work as in training, with the same draws in every pass. The
    parameters are moved a little first, for a ReLU has no derivative at exactly 0.
    """
    learner = copy_of(assembly.learner, dtype=np.float64)
    few = chosen(assembly.train, distinct(assembly, _SAMPLES))
    x, mode = learner.prepare(few.x), training_mode(assembly)
    stream = draws(assembly, "gradient")
    learner.vector += 1e-2 * stream.normal(learner.vector.shape) * _sizes(learner)
    _, gradient = loss_and_gradient(learner, x, few.y, mode)

    def loss(vector: Array) -> float:
        learner.vector[...] = vector
        return total_loss(learner, x, few.y, mode)

    at = learner.vector.copy()
    errors = [Part(where, _error(loss, at, gradient, v)) for where, v in _ways(learner, stream)]
    learner.vector[...] = at
    worst = max((part.error for part in errors), default=0.0)
    wrong = [part for part in errors if not part.error <= TOLERANCE]
    return Answer(
        passed=not wrong,
        value=f"{worst:.1e}",
        expected=f"error below {TOLERANCE:.0e}",
        words=_gradient_words(learner, x, mode, stream, wrong, worst),
    )


def _error(loss: Callable[[Array], float], at: Array, gradient: Array, way: Array) -> float:
    error = directional_error(loss, at, gradient, way)
    return error if np.isfinite(error) else np.inf


def _sizes(learner: Learner) -> Array:
    """Of each parameter the root mean square of its array, and 1 where that is 0, (P,)."""
    sizes = np.ones_like(learner.vector)
    for path, _, _ in learner.network.params.places:
        part = learner.network.params.slice(path)
        sizes[part] = np.sqrt(np.mean(learner.vector[part] ** 2)) or 1.0
    return sizes


def _ways(learner: Learner, stream: Stream) -> Iterator[tuple[str, Array]]:
    """Directions (P,): through everything, every array having the same say, then array by array."""
    params = learner.network.params
    drawn = []
    for number in range(_DIRECTIONS):
        way = stream.named(f"direction {number}").normal(learner.vector.shape)
        for path, _, _ in params.places:
            way[params.slice(path)] /= np.linalg.norm(way[params.slice(path)])
        drawn.append(way)
        yield "", way
    for path, _, _ in params.places:
        way = np.zeros_like(learner.vector)
        way[params.slice(path)] = drawn[0][params.slice(path)]
        yield path, way


def _gradient_words(
    learner: Learner, x: Array, mode: Mode, stream: Stream, wrong: list[Part], worst: float
) -> str:
    if not wrong:
        return (
            f"Along {_DIRECTIONS} random directions and for each of "
            f"{len(learner.network.params.places)} parameter arrays alone, gradient and slope "
            f"differ by at most {worst:.1e} in float64."
        )
    paths = [f"{part.path} by {part.error:.2g}" for part in wrong if part.path]
    where = f"The gradients of {listed(paths)}" if paths else "The gradient along a direction"
    blamed = [f"{name} ({listed(parts)})" for name, parts in wrong_layers(learner, x, mode, stream)]
    by = (
        f"Asked alone, the backward of {listed(blamed)} is wrong: compare it with forward, term "
        "by term."
        if blamed
        else "Asked alone, each layer's backward is right, so the fault is in the loss."
    )
    return f"{where} {'differ' if paths else 'differs'} from the numerical slope, relative. {by}"


def wrong_layers(
    learner: Learner, x: Array, mode: Mode, stream: Stream
) -> list[tuple[str, list[str]]]:
    """Layers whose own backward is not the derivative of their forward: (name, what of it is wrong)

    Each layer is asked alone, at the input that it gets, with a random cotangent.

    Args:
        learner: in float64.
        x: prepared inputs (N, …).
        mode: how the passes are run.
        stream: of cotangents and directions.
    """
    found = []
    for name, layer in layers_of(learner.fused.chain):
        params, state = learner.params.get(name, {}), learner.state.get(name, {})
        inner, draw = mode.inside(name, need_dx=True), stream.named(name)
        x = x + 1e-3 * draw.named("kinks").normal(x.shape)  # exact zeros are kinks of a ReLU
        y, wrong = _wrong_parts(layer, params, state, x, inner, draw)
        if wrong:
            found.append((name, wrong))
        x = y
    return found


def _wrong_parts(
    layer: Layer, params: Tree, state: Tree, x: Array, mode: Mode, draw: Stream
) -> tuple[Array, list[str]]:
    """y, and which of "dx", "dW", … are not the derivative of Σ y · dy for a random dy."""
    y, cache, _ = layer.forward(params, state, x, mode)
    dy = draw.named("dy").normal(y.shape)
    dx, grads = layer.backward(params, cache, dy, mode)
    slopes = dict(leaves(grads))
    parts = [("dx", x, 0 * x if dx is None else dx)]
    parts += [(f"d{path}", array, slopes.get(path, 0 * array)) for path, array in leaves(params)]
    wrong = [] if y.dtype == x.dtype else [f"{x.dtype} in, {y.dtype} out"]
    for what, array, slope in parts:
        original = array.copy()

        def along(moved: Array, array: Array = array) -> float:
            array[...] = moved
            return float(np.sum(layer.forward(params, state, x, mode)[0] * dy))

        way = draw.named(what).normal(array.shape)
        error = _error(along, original, slope, way / np.linalg.norm(way))
        array[...] = original
        if not error <= TOLERANCE:
            wrong.append(what)
    return y, wrong
