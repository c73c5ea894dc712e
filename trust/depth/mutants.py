"""Whether the tests notice small faults planted in layers, losses, optimizers and storage."""

import ast
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

from trust.claim import Outcome, Tell
from trust.depth.mutating import Mutant, drawn
from trust.depth.suite import copied, environment, measured

LEAST = 85.0  # percent of the mutants
SEED = 1
WORKERS = 2
CONTROLS = 8  # files that are tried unchanged
PATIENCE = 60.0  # seconds of tests for one mutant; the quickest tests first
ENDLESS = 300  # seconds after which a mutant hangs, which was noticed
ROOMS = ("layers", "nn/losses.py", "nn/optimizers", "ops/reference", "storage")
# The suites that look at these rooms; the others would only make it slower.
TESTS = (
    *("tests/layers", "tests/contracts", "tests/nn", "tests/ops", "tests/storage", "tests/train"),
    *("tests/test_checks.py", "tests/test_given_arrays.py", "tests/test_registry.py"),
)
# pytest's exit codes: all passed, one failed. Any other: the mutant could not even be imported.
PASSED, FAILED = 0, 1
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--no-header")


def noticed(size: int, tell: Tell) -> Outcome:
    """One case is a mutant that can be imported. It is noticed if a test that runs its line fails.

    Mutants that mean the same as the original are not taken out: the share is a lower bound.
    """
    outcome = Outcome()
    if find_spec("cosmic_ray") is None:
        outcome.skip("cosmic-ray is missing", size)
        return outcome
    with tempfile.TemporaryDirectory(prefix="groundup-trust-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            trees.put(copied(Path(folder) / f"tree-{number}"))
        tree = Path(folder) / "tree-0"
        tests = _tests_of(tree, Path(folder), tell)
        _expect_to_pass(tree, tests, trees)
        survived = 0
        for mutant, code in _verdicts(drawn(tree, _files(tree), SEED), tests, trees):
            if code in {PASSED, FAILED}:
                outcome.tried += 1
                survived += code == PASSED
                if code == PASSED:
                    outcome.facts[f"not noticed {survived:02}"] = str(mutant)
                    tell(f"{outcome.tried} tried; not noticed: {mutant}")
            if outcome.tried == size:
                break
    score = 100 * (1 - survived / max(1, outcome.tried))
    outcome.facts = {"noticed, percent": round(score, 1), **outcome.facts}
    outcome.expect(score >= LEAST, f"{score:.1f} % were noticed: expected {LEAST} %.")
    return outcome


def _expect_to_pass(
    tree: Path, tests: Callable[[Mutant], list[str]], trees: "SimpleQueue[Path]"
) -> None:
    """RuntimeError where tests fail though nothing was changed: they would notice anything."""
    some = islice(drawn(tree, _files(tree), SEED), CONTROLS)
    sound = [replace(one, code=(tree / one.file).read_text("utf-8")) for one in some]
    for one, code in _verdicts(iter(sound), tests, trees):
        if code != PASSED:
            raise RuntimeError(f"pytest ends with {code} for {one}, of which nothing was changed.")


def _files(tree: Path) -> list[str]:
    source = tree / "src" / "groundup"
    found = [
        path
        for room in ROOMS
        for path in (
            [source / room] if room.endswith(".py") else sorted((source / room).rglob("*.py"))
        )
    ]
    return [path.relative_to(tree).as_posix() for path in found]


def _tests_of(tree: Path, folder: Path, tell: Tell) -> Callable[[Mutant], list[str]]:
    """Which tests to ask for a mutant: those that run its statement, the quickest first."""
    tell("running the tests once, to see which of them run which line")
    (folder / "data").mkdir()
    rooms = [f"src/groundup/{room}" for room in ROOMS]
    found, seconds = measured(
        tree, ["-p", "no:cacheprovider", *TESTS, *rooms], folder / "data" / "coverage", by_test=True
    )
    data = found.get_data()

    def tests(mutant: Mutant) -> list[str]:
        by_line = data.contexts_by_lineno(str(tree / mutant.file))
        lines = _statement(mutant, (tree / mutant.file).read_text("utf-8"))
        found = {test for line in lines for test in by_line.get(line, ()) if test}
        if not found and any(by_line.get(line) for line in lines):  # run when it was imported
            found = {test for tests in by_line.values() for test in tests if test}
        return _affordable(sorted(found, key=lambda test: (seconds.get(test, 0.0), test)), seconds)

    return tests


def _affordable(tests: Sequence[str], seconds: dict[str, float]) -> list[str]:
    kept, left = [], PATIENCE
    for test in tests:
        left -= seconds.get(test, 0.0)
        if left < 0:
            break
        kept.append(test)
    return kept


def _statement(mutant: Mutant, source: str) -> range:
    """The lines from the beginning of the smallest statement around the mutant to the mutant."""
    begins = [
        (node.end_lineno - node.lineno, node.lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.end_lineno is not None
        if node.lineno <= mutant.line <= node.end_lineno
    ]
    return range(min(begins)[1] if begins else mutant.line, mutant.line + 1)


def _verdicts(
    mutants: Iterator[Mutant],
    tests: Callable[[Mutant], list[str]],
    trees: "SimpleQueue[Path]",
) -> Iterator[tuple[Mutant, int]]:
    """Each mutant in turn with pytest's exit code, some at a time."""

    def verdict(mutant: Mutant) -> tuple[Mutant, int]:
        asked = tests(mutant)
        if not asked:
            return mutant, PASSED  # no test runs it, so none can notice
        tree = trees.get()
        original = (tree / mutant.file).read_bytes()
        try:
            (tree / mutant.file).write_text(mutant.code, "utf-8")
            return mutant, _exit_code(tree, asked)
        finally:
            (tree / mutant.file).write_bytes(original)
            trees.put(tree)

    with ThreadPoolExecutor(WORKERS) as pool:
        while some := list(islice(mutants, 4 * WORKERS)):
            yield from pool.map(verdict, some)


def _exit_code(tree: Path, tests: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", *OPTIONS, *tests]
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment(tree),
            capture_output=True,
            timeout=ENDLESS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return FAILED
    return FAILED if done.returncode < 0 else done.returncode
