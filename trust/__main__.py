"""The command: `python -m trust [NAME…]`."""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from groundup.storage import write_text
from groundup.train.environment import environment
from trust.claim import Claim, chosen
from trust.claims import CLAIMS
from trust.pages import details, line, page, total, verdict
from trust.running import results

DOCS = Path(__file__).parent.parent / "docs"


def main() -> int:
    given = _arguments()
    try:
        claims = chosen(CLAIMS, given.names)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    if given.list:
        for claim in claims:
            sizes = f"{claim.short:>7,} {claim.long:>7,}"
            print(f"{claim.name:24} {sizes} {claim.unit:10} {claim.promise}")
        return 0
    claims = [claim for claim in claims if given.long or not claim.long_only]
    begun, verdicts = time.monotonic(), list[str]()
    for claim, result in results(claims, lambda one: _size(one, given), given.jobs):
        print(line(claim, result), *details(result), sep="\n", flush=True)
        verdicts.append(verdict(result))
        if given.record and result["tried"]:  # of what broke or was stopped there is nothing
            _keep(claim, {**result, "when": f"{datetime.now(UTC):%Y-%m-%d}", "machine": _machine()})
    print(total(verdicts, (time.monotonic() - begun) / 60))
    return 1 if "FAULTS" in verdicts else 0


def _size(claim: Claim, given: argparse.Namespace) -> int:
    return given.size or (claim.long if given.long else claim.short)


def _machine() -> str:
    found = environment()
    return f"{found['cpu']}, {found['cores']} cores, Python {found['python']}"


def _keep(claim: Claim, result: dict[str, object]) -> None:
    """Into docs/trust.json at once, so that a long evening's results do not wait for the last."""
    path = DOCS / "trust.json"
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    kept[claim.name] = result
    ordered = {one.name: kept[one.name] for one in CLAIMS if one.name in kept}
    write_text(path, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    write_text(DOCS / "trust.md", page(CLAIMS, ordered))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m trust", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a claim, or how some begin")
    parser.add_argument("--list", action="store_true", help="show the claims and their sizes")
    parser.add_argument("--long", action="store_true", help="the long form")
    parser.add_argument("--size", type=int, help="so many cases instead")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="claims at a time")
    parser.add_argument(
        "--record", action="store_true", help="keep the results: docs/trust.json, docs/trust.md"
    )
    given = parser.parse_args()
    if given.record and (not given.long or given.size):
        parser.error("--record keeps the long form: add --long, and leave --size out")
    return given


if __name__ == "__main__":
    sys.exit(main())
