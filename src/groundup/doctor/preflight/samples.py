"""What is told of the data, and whether the samples of a batch are strangers to one another."""

import numpy as np

from groundup.doctor.data_facts import scale_of
from groundup.doctor.preflight.check import Answer
from groundup.doctor.preflight.copies import (
    chosen,
    copy_of,
    distinct,
    some_of,
    training_mode,
)
from groundup.layers.layer import Mode
from groundup.report.numbers import number
from groundup.report.words import listed
from groundup.train.learner import Learner
from groundup.train.run import Assembly
from groundup.typing import Array

_BATCH = 8  # samples, the first of which is changed
_EQUAL = 1e-9  # of the outputs' size, in float64
_LOOKED_AT = 5000
_STD = (0.02, 50.0)  # of all prepared inputs
_OFFSET = 10.0  # standard deviations that inputs lie away from 0
_SCALES = 100.0  # times the spread of another feature
_UNEVEN = 10.0  # times as many samples in the largest class as in the smallest


def no_leaks(assembly: Assembly) -> Answer:
    """Whether a sample's answer depends on the others in its batch: one is changed, others compared

    At inference nothing may. While training batch normalization takes its mean over the batch, so
    there samples do depend on one another.
    """
    learner = copy_of(assembly.learner, dtype=np.float64)
    few = chosen(assembly.train, distinct(assembly, _BATCH + 1))
    expected = "no change"
    if len(few) < 3:
        words = f"Only {len(few)} training samples differ: too few to compare."
        return Answer(None, "cannot tell", expected, words)
    x = learner.prepare(few.x)
    one, other = x[:-1], x[:-1].copy()
    other[0] = x[-1]
    leaking, size = _first_leak(learner, one, other, Mode())
    mixing, _ = _first_leak(learner, one, other, training_mode(assembly))
    if leaking:
        words = (
            f"At inference, {size:.2g} of the outputs' size changes in other samples when one is "
            f"changed, first in layer {leaking}: it takes something over the batch (axis 0). Let "
            "it work on each sample alone, or on statistics kept from training."
        )
    elif mixing:
        words = (
            f"At inference no answer depends on other samples. While training, {mixing} takes "
            "statistics over the batch, as batch normalization should."
        )
    else:
        words = "Neither at inference nor while training does an answer depend on other samples."
    return Answer(not leaking, f"{size:.1e}" if leaking else "none", expected, words)


class _Outputs:
    """A probe that keeps what each layer gives, by its name."""

    def __init__(self) -> None:
        self.seen: dict[str, Array] = {}

    def see(self, layer: str, what: str, array: Array) -> None:
        if what == "y":
            self.seen[layer] = array.copy()


def _first_leak(learner: Learner, one: Array, other: Array, mode: Mode) -> tuple[str, float]:
    """The first layer in which samples differ that are the same in both, and how much the last y's

    Batches that differ in sample 0 alone; ("", 0) where nothing else differs.
    """
    before, after = _Outputs(), _Outputs()
    for x, probe in ((one, before), (other, after)):
        probed = Mode(mode.train, mode.rng, need_dx=False, probe=probe)
        y, _, _ = learner.network.chain.forward(learner.params, learner.state, x, probed)
        probe.seen["the output"] = y
    for layer, y in before.seen.items():
        if _change(y, after.seen[layer]) > _EQUAL:
            return layer, _change(before.seen["the output"], after.seen["the output"])
    return "", 0.0


def _change(y: Array, other: Array) -> float:
    size = float(np.abs(y).max())
    return float(np.abs(y[1:] - other[1:]).max()) / (size or 1.0) if len(y) > 1 else 0.0


def inputs_scaled(assembly: Assembly) -> Answer:
    """Whether prepared inputs have a size that the initial weights are made for."""
    x = assembly.learner.prepare(some_of(assembly, _LOOKED_AT, "inputs").x)
    scale, spread = scale_of(x), x.std(axis=0)
    spread = spread[np.ptp(x, axis=0) > 0]
    low, high = float(spread.min(initial=np.inf)), float(spread.max(initial=0.0))
    uneven = (
        x.ndim == 2 and high > _SCALES * low
    )  # pixels at the edge may vary as little as they do
    told = (
        f"Inputs as the network sees them lie from {number(x.min())} to {number(x.max())}, mean "
        f"{number(scale.mean)}, standard deviation {number(scale.std)}; "
        f"{100 * scale.constant:.0f} % of {x[0].size:,} never vary."
    )
    faults = {
        "they are far too small or too large": not _STD[0] <= scale.std <= _STD[1],
        "they lie far from 0": scale.offset > _OFFSET,
        f"features vary on different scales, by {number(low)} to {number(high)}": uneven,
        "none of them varies": scale.constant == 1.0,
    }
    wrong = [words for words, holds in faults.items() if holds]
    remedy = f' But {listed(wrong)}: preprocess = ["standardize"] mends it.' if wrong else ""
    return Answer(
        not wrong, f"std {number(scale.std)}",
        f"std {_STD[0]:g} to {_STD[1]:g}, alike in all features", told + remedy,
    )  # fmt: skip


def targets_balanced(assembly: Assembly) -> Answer:
    """Whether every class is there, and often enough; whether values vary."""
    y, classes = assembly.train.y, assembly.dataset.classes
    if not classes:
        return _values_vary(y.reshape(len(y), -1).astype(np.float64))
    counts = np.bincount(y, minlength=len(classes))
    missing = [f'"{classes[i]}"' for i in np.flatnonzero(counts == 0)]
    least, most = int(np.argmin(counts)), int(np.argmax(counts))
    ratio = float(counts[most]) / max(int(counts[least]), 1)
    weighted = assembly.config.train.class_weight is not None
    told = (
        f'Of {len(y):,} training samples, the rarest class "{classes[least]}" has '
        f'{counts[least]:,} and the most frequent "{classes[most]}" {counts[most]:,}.'
    )
    if missing:
        told += f" Without a sample, {listed(missing)} cannot be learned."
    elif ratio >= _UNEVEN and not weighted:
        told += ' class_weight = "balanced" makes up for it.'
    passed = not missing and (bool(ratio < _UNEVEN) or weighted)
    expected = f"most / rarest below {_UNEVEN:g}"
    return Answer(passed, f"{number(ratio)} to 1", expected, told)


def _values_vary(y: Array) -> Answer:
    std = y.std(axis=0)
    constant = int((np.ptp(y, axis=0) == 0).sum())
    farthest = float((np.abs(y - y.mean(axis=0)) / np.where(std > 0, std, 1.0)).max())
    told = (
        f"Targets have mean {number(y.mean())} and standard deviation {number(std.mean())}; the "
        f"farthest lies {number(farthest, 2)} standard deviations from its mean."
    )
    if constant:
        told += f" {constant} of {y.shape[1]} never vary: there is nothing to learn in them."
    value = f"{constant} of {y.shape[1]} constant"
    return Answer(constant == 0, value, "0 constant", told)
