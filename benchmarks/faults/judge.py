"""What the rules say of the cases, counted: found, missed, alarmed without a cause."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.faults.fault import Fault
from benchmarks.faults.faults import CONSEQUENCES, RULES
from groundup.doctor.diagnosis import Diagnosis
from groundup.statistics.shares import wilson


@dataclass(frozen=True)
class Answer:
    """What the doctor said of one training.

    Args:
        fault: the training.
        found: the names of the rules of its findings, the gravest first.
        told: the names of rules told with a finding, as what follows from it.
    """

    fault: Fault
    found: tuple[str, ...]
    told: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the planted fault is among the findings."""
        return self.fault.rule in self.found

    @property
    def alarms(self) -> tuple[str, ...]:
        """The findings that are neither the planted fault nor what follows from it."""
        rule = self.fault.rule or ""
        return tuple(one for one in self.found if one not in (rule, *CONSEQUENCES.get(rule, ())))


def answer_of(fault: Fault, diagnosis: Diagnosis, titles: dict[str, str]) -> Answer:
    """The answer in a diagnosis; titles: the name of each rule by its title."""
    found = tuple(one.rule for one in diagnosis.findings)
    told = tuple(titles[title] for one in diagnosis.findings for title in one.explains)
    return Answer(fault, found, told)


@dataclass(frozen=True)
class Share:
    """So many of so many, with the 95 % interval by Wilson."""

    count: int
    of: int

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.value, self.of) if self.of else (0.0, 1.0)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count}/{self.of} ({low:.2f}–{high:.2f})" if self.of else "–"


@dataclass(frozen=True)
class Score:
    """What came of a rule, or of all.

    Args:
        rule: its name; "all" for all.
        found: of its faults.
        first: of its faults those where it was the first finding.
        on_healthy: alarms on healthy trainings.
        on_others: alarms on trainings with another fault.
        precise: of its alarms, those that were right.
    """

    rule: str
    found: Share
    first: Share
    on_healthy: int
    on_others: int
    precise: Share


def score(rule: str, answers: Sequence[Answer]) -> Score:
    """The score of one rule."""
    own = [one for one in answers if one.fault.rule == rule]
    hits = sum(one.right for one in own)
    healthy = _count(answers, lambda one: one.fault.rule is None and rule in one.alarms)
    others = _count(answers, lambda one: one.fault.rule is not None and rule in one.alarms)
    first = sum(one.found[:1] == (rule,) for one in own)
    precise = Share(hits, hits + healthy + others)
    return Score(rule, Share(hits, len(own)), Share(first, len(own)), healthy, others, precise)


def scores(answers: Sequence[Answer]) -> list[Score]:
    """Every rule's score, and that of all."""
    each = [score(rule, answers) for rule in RULES]
    planted = [one for one in answers if one.fault.rule is not None]
    found = sum(one.right for one in planted)
    false = sum(len(one.alarms) for one in answers)
    total = Score(
        "all",
        Share(found, len(planted)),
        Share(sum(one.first.count for one in each), len(planted)),
        sum(one.on_healthy for one in each),
        sum(one.on_others for one in each),
        Share(found, found + false),
    )
    return [*each, total]


def alarmed(answers: Sequence[Answer]) -> Share:
    """Of the healthy trainings, those with any finding."""
    healthy = [one for one in answers if one.fault.rule is None]
    return Share(sum(bool(one.found) for one in healthy), len(healthy))


def _count(answers: Sequence[Answer], what: Callable[[Answer], bool]) -> int:
    return sum(map(what, answers))
