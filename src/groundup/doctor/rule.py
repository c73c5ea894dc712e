"""What a rule is: one symptom, how it is measured, and what would mend it; a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from groundup.doctor.case import Case
from groundup.doctor.finding import Prescription, Severity


@dataclass(frozen=True)
class Measurement:
    """What a rule measured: the more, the worse.

    Args:
        value: compared with the rule's threshold.
        words: a sentence with the numbers.
        layers: where in the network, if anywhere in particular.
    """

    value: float
    words: str
    layers: tuple[str, ...] = ()


Measure: TypeAlias = Callable[[Case], Measurement | None]
Prescribe: TypeAlias = Callable[[Case, Measurement], Prescription]


@dataclass(frozen=True)
class Rule:
    """One symptom.

    Args:
        name: such as "dead-relus".
        title: what is wrong, in a few words.
        severity: how bad it is.
        chapter: where it is taught.
        threshold: the symptom is there from this value on.
        source: where the threshold comes from.
        explanation: in plain words, why it happens and why it harms.
        measure: the value, or None where the rule has nothing to say (no ReLU, no validation).
        prescribe: what to do.
        explains: names of the rules whose symptoms follow from this one; they are told with it.
    """

    name: str
    title: str
    severity: Severity
    chapter: str
    threshold: float
    source: str
    explanation: str
    measure: Measure
    prescribe: Prescribe
    explains: tuple[str, ...] = ()
