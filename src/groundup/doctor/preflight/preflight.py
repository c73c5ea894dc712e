"""All questions that are asked before a training, and their answers together."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from groundup.doctor.preflight.check import Answer, Check
from groundup.doctor.preflight.gradients import gradient_check
from groundup.doctor.preflight.learning import initial_loss, no_frozen, over_fits
from groundup.doctor.preflight.rate_check import learning_rate
from groundup.doctor.preflight.rates import RateRange, nothing_found, rate_range
from groundup.doctor.preflight.samples import inputs_scaled, no_leaks, targets_balanced
from groundup.report.words import wrapped
from groundup.train.run import Assembly

_RAISED = "an error"


class Question(NamedTuple):
    """Something to ask: a name, what should be so, and how it is found out."""

    name: str
    title: str
    ask: Callable[[Assembly], Answer]


QUESTIONS = (
    Question("gradient", "Backward is the derivative of forward", gradient_check),
    Question("initial-loss", "The loss begins at chance", initial_loss),
    Question("one-batch", "One batch can be learned by heart", over_fits),
    Question("leak", "No sample leaks into another", no_leaks),
    Question("frozen", "Every parameter gets a gradient", no_frozen),
    Question("inputs", "Inputs have a fair scale", inputs_scaled),
    Question("targets", "Targets are balanced", targets_balanced),
)
"""What can be asked of any assembly, in this order; the learning rate comes last."""


@dataclass(frozen=True)
class Preflight:
    """What was found before a training.

    Args:
        checks: the questions with their answers.
        learning_rate: what the range test found.
    """

    checks: tuple[Check, ...]
    learning_rate: RateRange

    @property
    def passed(self) -> bool:
        """Whether nothing failed; what cannot be told is no failure."""
        return not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.passed is False)

    def plain(self) -> Mapping[str, Any]:
        """Plain data, for JSON."""
        rates = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(self.learning_rate).items()
        }
        checks = [asdict(check) for check in self.checks]
        return {"passed": self.passed, "checks": checks, "learning_rate": rates}

    def __str__(self) -> str:
        rows = [(one.verdict, one.title, one.value, one.expected) for one in self.checks]
        rows.insert(0, ("", "check", "found", "expected"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        *others, rate = self.checks
        told = [f"{one.title}: {one.words}" for one in others if not one.passed]
        blocks = ["\n".join(wrapped(words)) for words in (*told, rate.words)]
        return "\n\n".join(["\n".join(lines), *blocks])


def preflight(assembly: Assembly) -> Preflight:
    """Ask everything that can be asked before a training

    Works on copies: what is given keeps its bits.

    Args:
        assembly: a configuration made real, from `groundup.train.run.assemble`.

    >>> from groundup.config import from_mapping
    >>> from groundup.train.run import assemble
    >>> config = {"model": {"name": "two-layer"}, "optimizer": {"name": "sgd", "learning_rate": 99}}
    >>> found = preflight(assemble(from_mapping(config)))
    >>> [check.name for check in found.failed]
    ['learning-rate']
    """
    checks = [_asked(question, assembly) for question in QUESTIONS]
    began = time.perf_counter()
    broken = any(check.value == _RAISED for check in checks)
    rates = nothing_found(assembly) if broken else rate_range(assembly)
    spent = time.perf_counter() - began
    rate = Question(
        "learning-rate", "The learning rate suits the network", lambda a: learning_rate(a, rates)
    )
    last = _asked(rate, assembly)
    return Preflight((*checks, replace(last, seconds=last.seconds + spent)), rates)


def _asked(question: Question, assembly: Assembly) -> Check:
    began = time.perf_counter()
    try:
        answer = question.ask(assembly)
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as e:
        # Layers may be anybody's: what they raise is what was to be found out.
        words = f"A pass through the network stopped with {type(e).__name__}: {e}"
        answer = Answer(False, _RAISED, "none", words)
    spent = time.perf_counter() - began
    return Check(question.name, question.title, **asdict(answer), seconds=spent)
