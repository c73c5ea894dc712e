"""What a diagnosis is made of: findings with their evidence, prescription and proof, as data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from groundup.config import Config

Severity: TypeAlias = Literal["fatal", "harmful", "hint"]
Verdict: TypeAlias = Literal["confirmed", "not confirmed", "cannot tell"]


@dataclass(frozen=True)
class Change:
    """One line of a configuration diff; None stands for what is not set."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.path}: {self.before!r} -> {self.after!r}"


@dataclass(frozen=True)
class Prescription:
    """What to do about a finding.

    Args:
        words: in a sentence.
        changes: what it means for the configuration; none where no configuration can mend it, such
            as labels that are wrong.
        config: the changed configuration, or None.
    """

    words: str
    changes: tuple[Change, ...] = ()
    config: Config | None = None


@dataclass(frozen=True)
class Proof:
    """A prescription tried: runs in pairs, with and without it, from the same seeds.

    Args:
        verdict: what it comes to.
        measure: what was compared, such as "validation loss".
        without, treated: its value in each pair's two runs; smaller is better.
        mean: of the differences treated - without.
        low, high: the 95 % interval of that mean (Student's t).
        p: of the paired t-test, corrected by Holm over the findings that were tried.
        effect: the mean difference over the standard deviation of the differences.
        seconds: what the runs took; of those that several findings share, a part each.
        epochs: how long each run was, also fractions.
    """

    verdict: Verdict
    measure: str
    without: tuple[float, ...]
    treated: tuple[float, ...]
    mean: float
    low: float
    high: float
    p: float
    effect: float
    seconds: float = field(compare=False)
    epochs: float


@dataclass(frozen=True)
class Finding:
    """One symptom that stands out.

    Args:
        rule: the rule's name, such as "dead-relus".
        title: what is wrong, in a few words.
        severity: fatal (it cannot learn so), harmful (it learns less than it could), hint.
        evidence: what was measured, with the numbers.
        value, threshold: the number that decided, and from where on it counts.
        source: where the threshold comes from.
        explanation: in plain words, why this happens and why it harms.
        chapter: where it is taught.
        layers: where in the network, if anywhere in particular.
        prescription: what to do.
        explains: the titles of other symptoms that follow from this one.
        proof: what came of trying the prescription, or None.
    """

    rule: str
    title: str
    severity: Severity
    evidence: str
    value: float
    threshold: float
    source: str
    explanation: str
    chapter: str
    prescription: Prescription
    layers: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    proof: Proof | None = None

    def plain(self) -> Mapping[str, Any]:
        """Plain data, for JSON."""
        values = asdict(self)
        prescription = values["prescription"]
        prescription.pop("config")
        return values
