"""A diagnosis in words: the headline, a change of configuration as a diff, the proof, the whole."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from groundup.doctor.finding import Change, Finding, Proof, Severity
from groundup.report.numbers import THIN, duration, number
from groundup.report.words import wrapped

_COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
# What findings of a severity do to the network, for one of them and for several.
_DEEDS: Mapping[Severity, tuple[str, str]] = {
    "fatal": ("thing keeps this network from learning", "things keep this network from learning"),
    "harmful": ("thing holds this network back", "things hold this network back"),
    "hint": ("hint, nothing grave", "hints, nothing grave"),
}
_INDENT = 13  # columns, of what is said beside a label

DiffLine: TypeAlias = tuple[str, str]
"""A sign (" ", "-" or "+") and what stands behind it."""


def headline(findings: Sequence[Finding]) -> str:
    """What it comes to; the gravest severity alone is counted.

    >>> headline(())
    'Nothing stands out'
    """
    for severity, deeds in _DEEDS.items():
        count = sum(one.severity == severity for one in findings)
        if count:
            words = _COUNTS[count] if count < len(_COUNTS) else str(count)
            return f"{words} {deeds[count > 1]}"
    return "Nothing stands out"


def diff(changes: Sequence[Change]) -> tuple[DiffLine, ...]:
    """The changes as lines of a config.toml, those of one table under its name.

    >>> for sign, line in diff([Change("optimizer.learning_rate", 10.0, 0.01)]):
    ...     print(sign, line)
      [optimizer]
    - learning_rate = 10.0
    + learning_rate = 0.01
    """
    return tuple(_diff(changes))


def _diff(changes: Sequence[Change]) -> Iterator[DiffLine]:
    def table(change: Change) -> str:
        return change.path.rpartition(".")[0]

    for name, group in groupby(sorted(changes, key=table), key=table):
        if name:
            yield " ", f"[{name}]"
        for change in group:
            key = change.path.rpartition(".")[2]
            for sign, value in (("-", change.before), ("+", change.after)):
                if value is not None:
                    yield sign, f"{key} = {toml(value)}"


def toml(value: Any) -> str:
    """A value as it stands in a config.toml, on one line.

    >>> toml({"kind": "Dense", "units": 64}), toml(["rescale", True, 1e-3])
    ('{ kind = "Dense", units = 64 }', '["rescale", true, 0.001]')
    """
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case _:
            return str(value)


def proof_words(proof: Proof) -> str:
    """What was tried and what came of it, in a sentence or two."""
    pairs = len(proof.treated)
    better = sum(b < a for a, b in zip(proof.without, proof.treated, strict=True))
    epochs = f"{number(proof.epochs)} epoch{'s' if proof.epochs != 1 else ''}"
    return (
        f"In {pairs} pairs of runs over {epochs} the {proof.measure} was lower with the change in "
        f"{better}; on average it changed by {number(proof.mean)} (95{THIN}% interval "
        f"{number(proof.low)} to {number(proof.high)}), {_p(proof.p)}. That took "
        f"{duration(proof.seconds)}."
    )


def _p(p: float) -> str:
    return "corrected p < 0.0001" if p < 1e-4 else f"corrected p = {number(p, 2)}"


def in_text(findings: Sequence[Finding]) -> str:
    """All of it for a terminal: plain, aligned, the gravest first."""
    blocks = [f"{headline(findings)}.", *(_block(i, one) for i, one in enumerate(findings, 1))]
    return "\n\n".join(blocks).replace(THIN, " ")


def _block(place: int, finding: Finding) -> str:
    """One finding: title, then evidence, what follows from it, prescription and proof."""
    prescription, proof = finding.prescription, finding.proof
    parts = {
        "seen": finding.evidence,
        "explains": "; ".join(finding.explains),
        "try": prescription.words,
        "diff": "\n".join(f"{sign} {line}" for sign, line in diff(prescription.changes)),
        "proof": f"{proof.verdict}. {proof_words(proof)}" if proof else "",
    }
    lines = [f"{place}. {finding.title} ({finding.severity})"]
    for name, text in parts.items():
        if text:
            label = "" if name == "diff" else name
            lines += _beside(label, text.split("\n") if name == "diff" else wrapped(text, _INDENT))
    return "\n".join(lines)


def _beside(label: str, lines: Sequence[str]) -> Iterator[str]:
    """The label once, the lines in a column to its right."""
    for i, line in enumerate(lines):
        yield f"   {label if i == 0 else '':<9} {line}".rstrip()
