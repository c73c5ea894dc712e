"""The configured learning rate beside what the range test found."""

import math

from groundup.doctor.preflight.check import Answer
from groundup.doctor.preflight.rates import DRAWS, HIGHEST, LOWEST, RateRange, losses_along
from groundup.train.run import Assembly

FAR_BELOW = 30.0  # times below the suggested rate: it will learn, but slowly
_TRIES, _UPDATES = 3, 100  # at the configured rate, where it lies beyond the edge


def learning_rate(assembly: Assembly, found: RateRange) -> Answer:
    """Whether the run's rate lies between a thirtieth of the suggested one and where it diverges

    A rate beyond is tried as it is, and fails only if that, too, loses what it began with.
    """
    rate = found.configured
    if not found.found:
        words = (
            f"In {DRAWS} short trainings with rates from {LOWEST:g} to {HIGHEST:g} the loss hardly "
            f"fell below {found.start:.3g}, where it began: see the other checks. There is no rate "
            "to suggest."
        )
        return Answer(None, f"{rate:g}", "a loss that falls", words)
    edge = math.inf if found.diverges_at is None else found.diverges_at
    told = (
        f"The range test suggests {found.suggested:.2g} (95 % interval {found.low:.2g} to "
        f"{found.high:.2g})"
        + (f" and diverges from {edge:.2g} on." if math.isfinite(edge) else ", and never diverges.")
    )
    passed: bool | None = True
    if rate < found.suggested / FAR_BELOW:
        passed = None
        told += (
            f" The configured {rate:g} is {found.suggested / rate:.0f} times smaller: it will "
            f"learn slowly, if it is not meant so. Try learning_rate = {found.suggested:.1g}."
        )
    elif rate > edge:
        lost = _lost(assembly, rate, found.start)
        passed = lost <= _TRIES // 2
        told += (
            f" The configured {rate:g} is beyond; tried as it is, {lost} of {_TRIES} trainings "
            f"were worse after {_UPDATES} updates than before the first."
        )
        told += "" if passed else f" Try learning_rate = {found.suggested:.1g}."
    else:
        told += f" The configured {rate:g} lies between."
    expected = f"{found.suggested / FAR_BELOW:.1g} to " + (
        f"{edge:.2g}" if math.isfinite(edge) else "10"
    )
    return Answer(passed, f"{rate:g}", expected, told)


def _lost(assembly: Assembly, rate: float, start: float) -> int:
    """How many of some short trainings at one rate end worse than they began."""
    tries = (losses_along(assembly, [rate] * _UPDATES, draw) for draw in range(_TRIES))
    return sum(len(losses) <= _UPDATES or min(losses[-10:]) > start for losses in tries)
