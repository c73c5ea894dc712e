"""What came of it, as tables in Markdown, and into the page that shows them."""

import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.faults.faults import RULES
from benchmarks.faults.harm import Harm
from benchmarks.faults.judge import Answer, Share, alarmed, scores
from groundup.storage import read_text, write_text

VERDICTS = ("confirmed", "not confirmed", "cannot tell")
_HEAD = ("rule", "faults found", "found first", "alarms: healthy", "other faults", "precision")
_BEGIN, _END = "<!-- bench -->", "<!-- end of bench -->"


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table: the first column to the left, the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def of_half(answers: Sequence[Answer]) -> str:
    """Every rule's own figures, and those of all."""
    rows = [
        (one.rule, one.found, f"{one.first.count}/{one.first.of}", one.on_healthy, one.on_others,
         one.precise)
        for one in scores(answers)
    ]  # fmt: skip
    return f"{markdown(_HEAD, rows)}\n\nHealthy trainings with an alarm: {alarmed(answers)}."


def misses(answers: Sequence[Answer]) -> str:
    """The faults that were not found, and what was said without a cause."""
    wrong = [one for one in answers if (one.fault.rule and not one.right) or one.alarms]
    rows = [
        (
            one.fault.name,
            "found" if one.right else "missed" if one.fault.rule else "healthy",
            ", ".join(one.found) or "nothing",
            ", ".join(one.told) or "–",
        )
        for one in wrong
    ]
    return markdown(("training", "its fault", "findings", "told with them"), rows)


def of_proofs(proofs: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """How many prescriptions for planted faults were confirmed, by rule and over all."""
    tried = [one for came in proofs.values() for one in came if one["planted"]]
    rows = [_counted(rule, [one for one in tried if one["rule"] == rule]) for rule in RULES]
    rows = [row for row in rows if any(row[1:4])]
    return markdown(("rule", *VERDICTS, "share confirmed"), [*rows, _counted("all", tried)])


def _counted(name: str, tried: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    counts = [sum(one["verdict"] == verdict for one in tried) for verdict in VERDICTS]
    return (name, *counts, Share(counts[0], len(tried)))


def of_harm(harms: Sequence[Harm]) -> str:
    """What faults do to a training, by rule: the median of what is measured, and the least harm."""
    rows = []
    for rule in RULES:
        own = [one for one in harms if one.name.rpartition("-")[0] == rule]
        if own:
            least = min(one.faulty / one.sound for one in own)
            sound = statistics.median(one.sound for one in own)
            faulty = statistics.median(one.faulty for one in own)
            rows.append((rule, own[0].measure, *map(_number, (sound, faulty)), f"{least:.1f}×"))
    return markdown(("rule", "measured", "without", "with", "the mildest"), rows)


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "diverges"


def short(
    answers: Sequence[Answer], proofs: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> str:
    """The table for a reader in a hurry: one line a rule."""
    tried = [one for came in (proofs or {}).values() for one in came if one["planted"]]
    rows = []
    for one in scores(answers):
        own = [row for row in tried if one.rule in (row["rule"], "all")]
        helped = sum(row["verdict"] == "confirmed" for row in own)
        found = str(one.found) if one.rule == "all" else f"{one.found.count}/{one.found.of}"
        confirmed = f"{helped}/{len(own)}" if own else "–"
        rows.append((one.rule, found, one.on_healthy + one.on_others, confirmed))
    table = markdown(("rule", "found", "false alarms", "prescriptions confirmed"), rows)
    return f"{table}\n\nHealthy trainings with an alarm: {alarmed(answers)}."


def insert(page: Path, text: str) -> None:
    """Put the tables into a page, between its two marks."""
    before, _, rest = read_text(page).partition(_BEGIN)
    _, _, after = rest.partition(_END)
    write_text(page, f"{before}{_BEGIN}\n\n{text.strip()}\n\n{_END}{after}")
