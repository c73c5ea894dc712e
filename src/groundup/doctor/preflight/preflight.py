"""All questions that are asked before a training, and their answers together."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from groundup.doctor.preflight.check import Check
from groundup.doctor.preflight.gradients import gradient_check
from groundup.doctor.preflight.learning import initial_loss, no_frozen, over_fits
from groundup.doctor.preflight.rate_check import learning_rate
from groundup.doctor.preflight.rates import RateRange, rate_range
from groundup.doctor.preflight.samples import inputs_scaled, no_leaks, targets_balanced
from groundup.train.run import Assembly

CHECKS: tuple[Callable[[Assembly], Check], ...] = (
    gradient_check,
    initial_loss,
    over_fits,
    no_leaks,
    no_frozen,
    inputs_scaled,
    targets_balanced,
)
"""The checks that need nothing but the assembly, in their order; the learning rate comes last."""


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
        told = [f"{one.title}: {one.words}" for one in self.checks if not one.passed]
        return "\n".join([*lines, *([""] if told else []), *told])


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
    checks = [_timed(check, assembly) for check in CHECKS]
    began = time.perf_counter()
    rates = rate_range(assembly)
    last = learning_rate(assembly, rates)
    checks.append(replace(last, seconds=time.perf_counter() - began))
    return Preflight(tuple(checks), rates)


def _timed(ask: Callable[[Assembly], Check], assembly: Assembly) -> Check:
    began = time.perf_counter()
    check = ask(assembly)
    return replace(check, seconds=time.perf_counter() - began)
