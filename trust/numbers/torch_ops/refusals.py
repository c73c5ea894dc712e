"""What PyTorch's operators refuse: asked of groundup's layers and losses, they refuse it as well.

Options and sizes are refused where a network is built, weights where they are put into one. For
what has no counterpart here, `Asked.foreign` tells why.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from groundup import AveragePooling2D, Conv2D, MaxPooling2D, PReLU, Sequential
from groundup.errors import GroundupError
from groundup.layers import Layer
from groundup.nn.losses import Huber, MeanAbsoluteError
from trust.claim import Outcome, Tell
from trust.numbers.torch_ops.sample import Sample, entries, samples
from trust.numbers.torch_ops.windows import CONVOLUTION

TAKEN = "took it"


@dataclass(frozen=True)
class Asked:
    """How an operator's error inputs are asked of ours.

    Args:
        ask: does what should be refused.
        names: the operator's positional arguments.
        foreign: errors without a counterpart: words of PyTorch's message -> why.
    """

    ask: Callable[[Sample], object]
    names: tuple[str, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)


def one(value: Any) -> Any:
    """Of an argument for each axis the first; here a padding is a number for both."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def image(s: Sample, axes: int) -> tuple[int, ...]:
    """The shape of a sample's x without N; a row of pixels is an image of as many rows."""
    shape = tuple(s.given.input.shape)
    shape = shape[1:] if len(shape) == axes + 2 else shape
    return shape if axes == 2 or not shape else (*shape, shape[-1])


def built(layer: Layer, shape: tuple[int, ...]) -> Sequential:
    model = Sequential([layer])
    model.build(shape)
    return model


def convolved(axes: int) -> Callable[[Sample], object]:
    def ask(s: Sample) -> object:
        W, b = s.array("weight"), s.array("bias")
        size = tuple(W.shape[2:]) if axes == 2 else tuple(W.shape[2:]) * 2
        options = {"strides": one(s.get("stride", 1)), "padding": one(s.get("padding", 0))}
        layer = Conv2D(len(W), size or 1, **options, rounding="floor")
        model = built(layer, image(s, axes))
        return model.set_weights([W if axes == 2 or W.ndim < 3 else np.stack([W] * size[0], 2), b])

    return ask


def pooled(cls: type[Layer], axes: int) -> Callable[[Sample], object]:
    def ask(s: Sample) -> object:
        options = {"strides": s.get("stride", None), "padding": s.get("padding", 0)}
        layer = cls(s.get("kernel_size", 1), **options, rounding="floor")
        return built(layer, image(s, axes))

    return ask


def sloped(s: Sample) -> object:
    x, slope = s.x, s.array("weight")
    model = built(PReLU(), x.shape[1:])
    model.set_weights([slope])
    return model.predict(x)


TYPES = {"should be the same": "NumPy promotes types that differ"}
GROUPS = {"groups": "no groups", "at dimension 0": "no groups"}
CONVOLVED = {**TYPES, **GROUPS, "dilation": "no dilation"}
REDUCTION = {"valid value for reduction": "no reductions but the mean"}
ADAPTIVE = {"": "no windows of several sizes"}

ASKED = {
    "nn.functional.conv2d": Asked(convolved(2), CONVOLUTION, CONVOLVED),
    "nn.functional.conv1d": Asked(convolved(1), CONVOLUTION, CONVOLVED),
    "nn.functional.max_pool2d": Asked(pooled(MaxPooling2D, 2)),
    "nn.functional.max_pool1d": Asked(
        pooled(MaxPooling2D, 1), foreign={"dilation must be": "no dilation"}
    ),
    "nn.functional.avg_pool2d": Asked(
        pooled(AveragePooling2D, 2), foreign={"divisor": "no divisor of its own"}
    ),
    "nn.functional.avg_pool1d": Asked(pooled(AveragePooling2D, 1)),
    "nn.functional.adaptive_avg_pool2d": Asked(pooled(AveragePooling2D, 2), foreign=ADAPTIVE),
    "nn.functional.adaptive_max_pool2d": Asked(pooled(MaxPooling2D, 2), foreign=ADAPTIVE),
    "nn.functional.prelu": Asked(sloped, ("weight",)),
    "nn.functional.l1_loss": Asked(
        lambda s: MeanAbsoluteError().forward(s.x, s.array("target")), ("target",), REDUCTION
    ),
    "nn.functional.huber_loss": Asked(
        lambda s: Huber(s.get("delta", 1.0)).forward(s.x, s.array("target")), ("target",), REDUCTION
    ),
}


def refusals(size: int, tell: Tell) -> Outcome:
    """Every error input that means something here; there are no more than the database's."""
    outcome, why = Outcome(), Counter[str]()
    try:
        found = [*_errors()]
    except ImportError as error:
        outcome.skip(f"PyTorch or its test tools are missing: {error}", size)
        return outcome
    for name, number, error in found:
        asked = ASKED[name]
        reason = next((r for words, r in asked.foreign.items() if words in error.error_regex), None)
        if reason:
            why[reason] += 1
            continue
        sample = Sample(error.sample_input, asked.names)
        answer = _answer(asked, sample)
        outcome.tried += 1
        outcome.expect(
            answer is None,
            f"{name}, error input {number} ({sample}): PyTorch says "
            f'"{error.error_regex}", ours {answer}.',
        )
    for name, asked in ASKED.items():
        taken = any(_answer(asked, s) == TAKEN for _, s in samples(name, asked.names, seed=0))
        outcome.expect(taken, f"{name}: no good sample is taken either, so refusing says nothing.")
    outcome.facts = {
        "error inputs of the database": len(found),
        "without a counterpart": ", ".join(f"{n} {reason}" for reason, n in why.most_common()),
    }
    return outcome


def _errors() -> Iterator[tuple[str, int, Any]]:
    for name in ASKED:
        inputs = chain.from_iterable(info.error_inputs("cpu") for info in entries(name))
        yield from ((name, number, error) for number, error in enumerate(inputs))


def _answer(asked: Asked, sample: Sample) -> str | None:
    """What came instead of a refusal, or None."""
    try:
        asked.ask(sample)
    except GroundupError:
        return None
    except Exception as error:
        return f"raised {type(error).__name__}: {error}"
    return TAKEN
