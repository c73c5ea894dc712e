"""The test suite run under coverage.py, in a copy of the tree that may be spoilt."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import coverage

ROOT = Path(__file__).parents[2]
# What neither the tests nor the build look at, and what is large.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "runs", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"
)

# Processes that end without Python's leave cannot be measured, and coverage.py upsets their tests.
UNMEASURED = [
    f"--deselect=tests/ops/test_crew.py::{name}"
    for name in (
        "test_a_forked_process_has_threads_of_its_own",
        "test_a_limit_outlives_a_fork",
        "test_a_fork_while_another_thread_runs_the_same_program",
    )
]


def copied(folder: Path) -> Path:
    """The tree with its compiled kernels, which stay valid since times of change are kept."""
    return Path(shutil.copytree(ROOT, folder, ignore=LEFT_OUT))


def environment(tree: Path) -> dict[str, str]:
    """In which `import groundup` finds the copy, here and in processes that tests start."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tree / "src"), str(tree)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def measured(
    tree: Path, options: Sequence[str], data_file: Path, *, by_test: bool = False
) -> tuple[coverage.Coverage, dict[str, float]]:
    """What the tests ran; and with `by_test` how long each took, in seconds.

    RuntimeError with the end of what pytest printed if a test fails.
    """
    times = data_file.with_suffix(".seconds")
    plugin = ["-p", "trust.depth.contexts"] if by_test else []
    done = subprocess.run(
        [sys.executable, "-m", "coverage", "run", "-m", "pytest", *plugin, *UNMEASURED, *options],
        cwd=tree,
        env={
            **environment(tree),
            "COVERAGE_FILE": str(data_file),
            "TRUST_SECONDS": str(times),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"the tests must pass first:\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
        )
    found = coverage.Coverage(data_file=str(data_file), config_file=str(tree / "pyproject.toml"))
    found.combine([str(data_file.parent)], keep=True)
    return found, json.loads(times.read_text("utf-8")) if by_test else {}
