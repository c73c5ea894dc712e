"""What came of it: lines for the terminal, and docs/trust.md from the results that were kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from trust.claim import Claim

Result = Mapping[str, Any]
NOT_YET = "not tried in the long form yet"

HEAD = """# What groundup promises, and what came of trying it

`make trust` tries every line of this page in its short form, in some minutes, and fails if one
does not hold. This page was made from the long form by `python -m trust --long --record`; one claim
alone is tried by `python -m trust NAME --long`. A case that cannot be tried on a machine (no
strace, no PyTorch, no second Python) is counted as skipped, with the reason; a claim that tries
fewer cases than it says fails.
"""


def verdict(result: Result) -> str:
    """What came of a claim, in a word: nothing that was not tried holds."""
    if result["fault_count"]:
        return "FAULTS"
    return "holds" if result["tried"] else "skipped"


def line(claim: Claim, result: Result) -> str:
    """One claim on the terminal."""
    count = f"{result['fault_count']} " if result["fault_count"] else ""
    skipped = "".join(f", {n:,} skipped: {why}" for why, n in result["skipped"].items())
    return (
        f"{claim.name:24} {count + verdict(result):10} {result['tried']:,} {claim.unit}{skipped}, "
        f"{result['seconds']:.0f} s"
    )


def total(verdicts: Sequence[str], minutes: float) -> str:
    """The last line on the terminal."""
    skipped = verdicts.count("skipped")
    untried = f", {skipped} could not be tried here" if skipped else ""
    held = verdicts.count("holds")
    return f"{held} of {len(verdicts)} claims hold{untried}; {minutes:.1f} minutes."


def details(result: Result) -> list[str]:
    """Figures and faults, below the line."""
    facts = [f"    {name}: {shown(value)}" for name, value in result["facts"].items()]
    left = result["fault_count"] - len(result["faults"])
    more = [f"    … and {left} more"] if left else []
    return [*facts, *(f"    FAULT: {fault}" for fault in result["faults"]), *more]


def page(claims: Sequence[Claim], kept: Mapping[str, Result]) -> str:
    """docs/trust.md."""
    rows = [HEAD, "| claim | promise | tried | faults | minutes |", "|---|---|---|---|---|"]
    rows += [_row(claim, kept.get(claim.name)) for claim in claims]
    for claim in claims:
        result = kept.get(claim.name)
        if result:
            rows += ["", f"## {claim.name}", "", claim.promise, "", *_section(claim, result)]
    return "\n".join(rows) + "\n"


def shown(value: Any) -> str:
    return (
        f"{value:,}"
        if type(value) is int
        else f"{value:.3g}"
        if type(value) is float
        else str(value)
    )


def _row(claim: Claim, result: Result | None) -> str:
    if result is None:
        return f"| `{claim.name}` | {claim.promise} | {NOT_YET} | | |"
    minutes = f"{result['seconds'] / 60:.1f}"
    tried = f"{result['tried']:,} {claim.unit}"
    return f"| `{claim.name}` | {claim.promise} | {tried} | {result['fault_count']:,} | {minutes} |"


def _section(claim: Claim, result: Result) -> list[str]:
    skipped = [f"- skipped: {n:,} ({why})" for why, n in result["skipped"].items()]
    return [
        f"- tried: {result['tried']:,} {claim.unit} on {result['when']}, {result['machine']}",
        *skipped,
        *(f"- {name}: {shown(value)}" for name, value in result["facts"].items()),
        *(f"- FAULT: {fault}" for fault in result["faults"]),
    ]
