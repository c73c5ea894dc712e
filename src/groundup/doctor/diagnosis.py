"""From a case to findings: every rule is asked, causes before what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.doctor.case import Case
from groundup.doctor.finding import Finding
from groundup.doctor.rule import Measurement, Rule
from groundup.doctor.rules import RULES
from groundup.doctor.story import in_text

_GRAVEST_FIRST = ("fatal", "harmful", "hint")


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a training, the gravest first; no findings: nothing stands out.

    `print` it for a terminal, leave it as a notebook cell's last line for its pictures, `save` it
    as a page of its own.

    Args:
        findings: what stands out, with evidence, prescription and, once tried, proof.
        case: the evidence.

    >>> import groundup as gu
    >>> (x, y), _ = gu.datasets.digits.load_data()
    >>> layers = [gu.Flatten(), gu.Dense(32, "relu"), gu.Dense(10, "softmax")]
    >>> model = gu.Sequential(layers, preprocess=["rescale"])
    >>> model.compile(gu.SGD(1e-6), "categorical_crossentropy")
    >>> diagnosis = model.diagnose(x, y, epochs=3)
    >>> print(diagnosis)
    One thing holds this network back.
    <BLANKLINE>
    1. The learning rate is too low (harmful)
       seen      ...
    >>> diagnosis.findings[0].prescription.changes[0].path
    'optimizer.learning_rate'
    """

    findings: tuple[Finding, ...]
    case: Case

    @property
    def healthy(self) -> bool:
        """Whether nothing stands out."""
        return not self.findings

    def plain(self) -> Mapping[str, Any]:
        """Plain data, for JSON."""
        return {"healthy": self.healthy, "findings": [one.plain() for one in self.findings]}

    @property
    def grave(self) -> bool:
        """Whether a finding is fatal or harmful."""
        return any(one.severity != "hint" for one in self.findings)

    def save(self, path: Path | str) -> None:
        """Write the story with its pictures as one HTML file; StorageError where that fails."""
        from groundup.doctor.page import diagnosis_page
        from groundup.report.page import write_page

        write_page(path, diagnosis_page(self))

    def __str__(self) -> str:
        return in_text(self.findings)

    def _repr_html_(self) -> str:
        from groundup.doctor.notebook import notebook

        return notebook(self)


def diagnose(case: Case, rules: Sequence[Rule] = RULES) -> Diagnosis:
    """Ask every rule; what follows from another finding is told with it, not beside it."""
    found: dict[str, tuple[Rule, Measurement]] = {}
    for rule in rules:
        measured = rule.measure(case)
        if measured is not None and measured.value >= rule.threshold:
            found[rule.name] = (rule, measured)
    explained = {name for rule, _ in found.values() for name in rule.explains}
    findings = [
        _finding(case, rule, measured, [found[n][0].title for n in rule.explains if n in found])
        for name, (rule, measured) in found.items()
        if name not in explained
    ]
    findings.sort(key=lambda one: _GRAVEST_FIRST.index(one.severity))
    return Diagnosis(tuple(findings), case)


def _finding(case: Case, rule: Rule, measured: Measurement, explains: Sequence[str]) -> Finding:
    return Finding(
        rule=rule.name,
        title=rule.title,
        severity=rule.severity,
        evidence=measured.words,
        value=measured.value,
        threshold=rule.threshold,
        source=rule.source,
        explanation=rule.explanation,
        chapter=rule.chapter,
        prescription=rule.prescribe(case, measured),
        layers=measured.layers,
        explains=tuple(explains),
    )
