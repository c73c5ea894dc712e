"""The command: `python -m benchmarks.faults`."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.faults import cases, harm, proofs, tables
from benchmarks.faults.fault import HALVES, Fault
from benchmarks.faults.faults import FAULTS, RULES
from benchmarks.faults.judge import Answer, answer_of
from groundup.doctor.diagnosis import diagnose
from groundup.doctor.rules import RULES as KNOWN
from groundup.storage import write_text


def main() -> int:
    given = _arguments()
    halves = HALVES if given.half == "both" else (given.half,)
    chosen = [
        fault
        for fault in FAULTS.values()
        if fault.half in halves and (not given.only or {fault.name, _kind(fault)} & {*given.only})
    ]
    folder = given.out / "cases"
    for number, (name, seconds) in enumerate(cases.make(chosen, folder, given.workers), 1):
        if seconds:
            _say(f"{number} of {len(chosen)}: {name}, {seconds:.1f} s")
    answers = {half: _answers(chosen, half, folder) for half in reversed(halves)}
    parts = [f"## The {half} half\n\n{tables.of_half(answers[half])}" for half in answers]
    came = _prove(answers[halves[-1]], given) if given.prove else {}
    if given.prove:
        parts.append(f"## Prescriptions tried, {halves[-1]} half\n\n{tables.of_proofs(came)}")
    parts.append(f"## What went wrong\n\n{tables.misses(list(chain(*answers.values())))}")
    if given.harm:
        measured = harm.harms([fault for fault in chosen if fault.sound], given.out)
        parts.append(f"## What the faults do\n\n{tables.of_harm(measured)}")
    text = "\n\n".join(parts)
    print(text)
    write_text(given.out / "results.md", f"{text}\n")
    write_text(given.out / "results.json", json.dumps(_plain(answers), indent=1))
    write_text(given.out / "short.md", f"{tables.short(answers[halves[-1]], came)}\n")
    if given.page:
        tables.insert(given.page, text)
    return 0


def _kind(fault: Fault) -> str:
    return fault.rule or "healthy"


def _answers(chosen: Sequence[Fault], half: str, folder: Path) -> list[Answer]:
    titles = {rule.title: rule.name for rule in KNOWN}
    return [
        answer_of(fault, diagnose(cases.case_of(fault, folder)), titles)
        for fault in chosen
        if fault.half == half
    ]


def _prove(
    answers: Sequence[Answer], given: argparse.Namespace
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    found = [one.fault for one in answers if one.right]
    came = {}
    for name, tried in proofs.make(
        found, given.out / "cases", given.out / "proofs", given.budget, given.workers
    ):
        came[name] = tried
        words = ", ".join(f"{one['rule']}: {one['verdict']}" for one in tried)
        _say(f"{len(came)} of {len(found)}: {name}: {words or 'nothing to try'}")
    return came


def _plain(answers: Mapping[str, Sequence[Answer]]) -> dict[str, Any]:
    return {
        half: [
            {"name": one.fault.name, "rule": one.fault.rule, "found": one.found, "told": one.told}
            for one in given
        ]
        for half, given in answers.items()
    }


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--half", choices=(*HALVES, "both"), default="both", help="of the faults")
    parser.add_argument(
        "--only", nargs="+", default=[], choices=(*RULES, "healthy", *FAULTS), metavar="RULE",
        help="rules, healthy, or single ones such as plateau-3",
    )  # fmt: skip
    parser.add_argument("--workers", type=int, default=1, help="processes, of one thread each")
    parser.add_argument("--out", type=Path, default=Path("build/faults"), help="folder")
    parser.add_argument("--prove", action="store_true", help="try the prescriptions, too")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds to prove a case in")
    parser.add_argument("--harm", action="store_true", help="train beside the sound ones, too")
    parser.add_argument("--page", type=Path, help="put the tables into this page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
