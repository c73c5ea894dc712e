"""What two runs are compared by: what the prescription of a rule promises to make smaller."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from groundup.config import Config
from groundup.doctor.case import Case
from groundup.train.defaults import complete
from groundup.train.trials import Outcome

_WORST = 2.0  # times the loss of the best constant answer: from there on all is equally bad


@dataclass(frozen=True)
class Yardstick:
    """One number of an outcome; smaller is better.

    Args:
        words: what it is.
        score: the name in `Outcome.scores`.
        cap: the largest value, and that of a run that diverged.
        good: whether more of the score is better; it is then subtracted from 1.
    """

    words: str
    score: str
    cap: float
    good: bool = False

    def __call__(self, outcome: Outcome) -> float:
        value = outcome.scores.get(self.score, math.nan)
        value = 1 - value if self.good else value
        return min(value, self.cap) if math.isfinite(value) else self.cap


@dataclass(frozen=True)
class Promise:
    """What a prescription promises.

    Args:
        what: "loss", or "recall" for the mean over classes, where the loss does not tell.
        train: whether on the training data, because the finding is about learning itself.
        late: whether the finding is about where the whole training ends, so that shorter runs say
            nothing of it.
    """

    what: str = "loss"
    train: bool = False
    late: bool = False


PROMISES: Mapping[str, Promise] = {
    "learning-rate-too-low": Promise(train=True),
    "adagrad-stalled": Promise(train=True, late=True),
    "plateau": Promise(train=True, late=True),
    "underfitting": Promise(train=True, late=True),
    "overfitting": Promise(late=True),
    "dropout-too-strong": Promise(late=True),  # less of it is always quicker at first
    "weight-decay-too-strong": Promise(late=True),
    "class-imbalance": Promise("recall"),
}
_USUAL = Promise()


def promise_of(rule: str) -> Promise:
    """What the prescription of this rule promises: by default, less loss on unseen samples."""
    return PROMISES.get(rule, _USUAL)


def yardstick(rule: str, case: Case, treated: Config, validation: bool) -> Yardstick:
    """By what runs with and without this rule's prescription are compared

    Args:
        rule: the rule's name.
        case: what was found, with the configuration as it is.
        treated: the configuration with the prescription.
        validation: whether there are validation data of their own.
    """
    promise, before = promise_of(rule), case.config
    held = validation or all(config.data.validation for config in (before, treated))
    part, of_part = ("train", "training") if promise.train or not held else ("val", "validation")
    task, in_shape = case.facts.task, case.facts.in_shape
    kinds = [complete(config, in_shape, task).train.loss for config in (before, treated)]
    comparable = kinds[0] == kinds[1]
    if task == "classification" and (promise.what == "recall" or not comparable):
        return Yardstick(f"1 - mean recall, {of_part}", f"{part}_recall", 1.0, good=True)
    return Yardstick(f"{of_part} loss", f"{part}_loss", _WORST * case.facts.chance)
