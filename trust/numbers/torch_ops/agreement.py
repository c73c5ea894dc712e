"""Our operators beside PyTorch's, forward and backward in float64.

The error of an array is the largest |ours - theirs| / (1 + |theirs|) of its elements; where one of
both is NaN or infinite, so must the other be. The cotangent dy is random.
"""

import importlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, zip_longest
from typing import Any

import numpy as np

from groundup.rng import Stream
from trust.claim import Outcome, Tell
from trust.numbers.torch_ops import elementwise, losses, windows
from trust.numbers.torch_ops.sample import Question, Sample, samples

QUESTIONS: dict[str, Question] = elementwise.QUESTIONS | windows.QUESTIONS | losses.QUESTIONS
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Case:
    """A sample that is answered: which operator's, and the how manieth in round `seed`."""

    name: str
    seed: int
    number: int
    info: Any
    sample: Sample

    def __str__(self) -> str:
        variant = f" {self.info.variant_test_name}" if self.info.variant_test_name else ""
        return f"{self.name}{variant}, sample {self.number} of seed {self.seed} ({self.sample})"


@dataclass
class Filtered:
    """What the filter did to the samples of the first round."""

    every: Counter[str] = field(default_factory=Counter)
    admitted: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def facts(self) -> dict[str, Any]:
        ratios = (f"{_plain(name)} {self.admitted[name]}/{n}" for name, n in self.every.items())
        why = (f"{n:,} {reason}" for reason, n in self.left_out.most_common())
        return {
            "samples of the database": sum(self.every.values()),
            "of them answered": sum(self.admitted.values()),
            "answered of all, by operator": ", ".join(ratios),
            "left out": ", ".join(why),
        }


def agreement(size: int, tell: Tell) -> Outcome:
    """Every sample that groundup can answer; and again with other values, up to `size`."""
    outcome, filtered, largest = Outcome(), Filtered(), Counter[str]()
    try:
        for case in _cases(size, filtered):
            for what, error in errors(case).items():
                largest[case.name] = max(largest[case.name], error)
                outcome.expect(
                    error <= TOLERANCE, f"{case}: {what} differs by {error:.2e} (1e-12 at most)."
                )
            outcome.tried += 1
            if outcome.tried % 1000 == 0:
                tell(f"{outcome.tried:,} samples")
    except ImportError as error:
        outcome.skip(f"PyTorch or its test tools are missing: {error}", size - outcome.tried)
        return outcome
    for name in QUESTIONS:
        outcome.expect(filtered.admitted[name] > 0, f"{name}: the filter admits no sample.")
    ((worst, error),) = largest.most_common(1)
    outcome.facts = {"largest relative error": error, "and where": worst, **filtered.facts()}
    return outcome


def errors(case: Case) -> dict[str, float]:
    """The error of y and of each gradient by its name."""
    torch = importlib.import_module("torch")
    question, sample = QUESTIONS[case.name], case.sample
    try:
        ours = question.answer(sample)
    except Exception as error:
        return {f"{type(error).__name__}: {error}, y": np.inf}
    result = case.info(sample.given.input, *sample.given.args, **sample.given.kwargs)
    theirs = result[0] if isinstance(result, tuple) else result  # without the places of maxima
    found = {"y": distance(ours.y, theirs.detach().numpy())}
    if found["y"] == np.inf:
        return found
    if ours.backward is None:
        return found | ({"the gradient, which is missing,": np.inf} if theirs.requires_grad else {})
    noise = Stream(case.seed, "trust").named(case.name).at(sample=case.number)
    dy = np.reshape(noise.normal((max(ours.y.size, 1),))[: ours.y.size], ours.y.shape)
    given = {name: sample.tensor(name) for name in question.differentiable}
    given = {name: t for name, t in given.items() if t is not None}
    wanted = {name: t for name, t in given.items() if t.requires_grad}
    cotangent = torch.from_numpy(np.array(dy))
    gradients = dict(
        zip(wanted, torch.autograd.grad(theirs, [*wanted.values()], cotangent), strict=True)
    )
    answers = [g for g in ours.backward(dy) if g is not None]
    for name, answer in zip(given, answers, strict=True):
        if name in gradients:
            found[f"the gradient of {name}"] = distance(answer, gradients[name].numpy())
    return found


def distance(ours: Any, theirs: np.ndarray) -> float:
    """max |ours - theirs| / (1 + |theirs|); infinite where shapes, NaN or infinities differ."""
    ours = np.asarray(ours)
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return np.inf
    real = np.isfinite(theirs)
    if not np.array_equal(ours[~real], theirs[~real], equal_nan=True):
        return np.inf
    error = np.abs(ours[real] - theirs[real]) / (1 + np.abs(theirs[real]))
    if np.isnan(error).any():
        return np.inf
    return float(error.max(initial=0.0))


def _cases(size: int, filtered: Filtered) -> Iterator[Case]:
    """The answered samples, the operators taking turns; round after round with other values."""
    left = size
    for seed in count():
        for turn in zip_longest(*(_of(name, seed, filtered) for name in QUESTIONS)):
            for case in turn:
                if case is not None and (left > 0 or seed == 0):
                    left -= 1
                    if left >= 0:
                        yield case
        if left <= 0:
            return


def _of(name: str, seed: int, filtered: Filtered) -> Iterator[Case]:
    question = QUESTIONS[name]
    for number, (info, sample) in enumerate(samples(name, question.names, seed)):
        why = question.reason(sample)
        if seed == 0:
            filtered.every[name] += 1
            filtered.left_out.update([why] if why else [])
            filtered.admitted[name] += not why
        if not why:
            yield Case(name, seed, number, info, sample)


def _plain(name: str) -> str:
    return name.removeprefix("nn.functional.")
