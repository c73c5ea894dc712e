"""How much of the code the test suite runs: lines and branches, by coverage.py."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from trust.claim import Outcome, Tell
from trust.depth.suite import copied, measured

LEAST = 95.0  # percent of the branches, and of the lines
# Whatever reads or writes files must be run in full.
WHOLE = (
    "storage/",
    *(f"data/{name}.py" for name in ("fetch", "files", "folder", "idx", "images", "mapped")),
    *(f"data/{name}.py" for name in ("npz", "picture", "png", "rows", "sheet", "table", "text")),
    *(f"train/{name}.py" for name in ("model_file", "model_shapes")),
    *(f"formats/{name}.py" for name in ("pytorch", "tensors")),
)

COUNTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def covered(size: int, tell: Tell) -> Outcome:
    """One case is a line or a branch of groundup; compiled kernels are Python that never runs."""
    with tempfile.TemporaryDirectory(prefix="groundup-trust-") as folder:
        tree, data = copied(Path(folder) / "tree"), Path(folder) / "data" / "coverage"
        data.parent.mkdir()
        tell("running the tests under coverage.py, the long ones too")
        found, _ = measured(tree, ["-m", "long or not long"], data)
        found.json_report(outfile=str(Path(folder) / "report.json"))
        report = json.loads((Path(folder) / "report.json").read_text("utf-8"))
    return judged({name.partition("groundup/")[2]: one for name, one in report["files"].items()})


def judged(files: Mapping[str, Mapping[str, Any]]) -> Outcome:
    """The shares of {file below groundup: its part of coverage.py's JSON report}."""
    outcome = Outcome()
    all_of = _sum(files.values())
    outcome.tried = all_of["num_statements"] + all_of["num_branches"]
    for what in ("branches", "lines"):
        share = _share(all_of, what)
        outcome.facts[f"{what} run, percent"] = round(share, 2)
        outcome.expect(share >= LEAST, f"{share:.2f} % of the {what} run: expected {LEAST} %.")
    for name in sorted({name.partition("/")[0] for name in files if "/" in name}):
        room = _sum(one for path, one in files.items() if path.startswith(f"{name}/"))
        outcome.facts[f"branches of {name}/ run, percent"] = round(_share(room, "branches"), 2)
    whole = {name: one for name, one in files.items() if name.startswith(WHOLE)}
    for name, one in sorted(whole.items()):
        missing = [*one["missing_lines"], *one["missing_branches"]]
        outcome.expect(not missing, f"{name}: not run: {', '.join(map(str, missing))}")
    outcome.facts["files that read or write, in full"] = f"{len(whole)}"
    return outcome


def _sum(files: Iterable[Mapping[str, Any]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in files:
        total.update({what: one["summary"][what] for what in COUNTS})
    return total


def _share(counted: Counter[str], what: str) -> float:
    total = "num_statements" if what == "lines" else "num_branches"
    return 100 * counted[f"covered_{what}"] / max(1, counted[total])
