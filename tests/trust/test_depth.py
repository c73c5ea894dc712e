"""How deep the tests look: what is not run is found, and mutants are what they say."""

from itertools import islice
from pathlib import Path
from queue import SimpleQueue

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCE = '''"""Text."""

MOST: int = 3


def least(x: int | None, *more: "list[int] | None") -> int | None:
    for one in more:
        x = one if one < x else x
    return (
        x
        + 1
    )
'''


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def summary(statements, covered, branches=0, covered_branches=0):
    counts = (statements, covered, branches, covered_branches)
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    return dict(zip(names, counts, strict=True))


def test_code_that_is_not_run_is_a_fault():
    from trust.depth.branches import judged

    whole = {"summary": summary(90, 90, 10, 10), "missing_lines": [], "missing_branches": []}
    part = {"summary": summary(90, 89, 10, 9), "missing_lines": [7], "missing_branches": [[7, 9]]}
    fine = judged({"storage/log.py": whole, "cli/app.py": part})
    assert (fine.tried, fine.faults) == (200, [])
    assert fine.facts["branches of cli/ run, percent"] == 90
    assert judged({"storage/log.py": part}).faults == [
        "90.00 % of the branches run: expected 95.0 %.",
        "storage/log.py: not run: 7, [7, 9]",
    ]


def test_mutants_change_what_the_code_does_and_are_drawn_alike_again(tmp_path):
    pytest.importorskip("cosmic_ray")
    from trust.depth.mutating import drawn

    (tmp_path / "code.py").write_text(SOURCE, "utf-8")
    made = list(drawn(tmp_path, ["code.py"], 5))
    assert made == list(drawn(tmp_path, ["code.py"], 5))
    assert len({(one.operator, one.occurrence) for one in made}) == len(made) >= 4
    lines = SOURCE.split("\n")
    for one in made:
        compile(one.code, "code.py", "exec")
        changed = [
            n
            for n, (old, new) in enumerate(zip(lines, one.code.split("\n"), strict=False), 1)
            if old != new
        ]
        assert changed[0] == one.line != 6  # the sixth line has nothing but annotations to change


def test_a_mutant_is_judged_by_the_tests_that_run_its_statement(tmp_path):
    from trust.depth.mutants import _affordable, _statement
    from trust.depth.mutating import Mutant

    mutant = Mutant("code.py", 11, "", 0, "", "")
    assert list(_statement(mutant, SOURCE)) == [9, 10, 11]
    seconds = {"quick": 1.0, "slow": 50.0, "slower": 70.0}
    assert _affordable(["quick", "slow", "slower"], seconds) == ["quick", "slow"]


def test_tests_that_pass_or_fail_or_break_are_told_apart(tmp_path):
    from trust.depth.mutants import FAILED, PASSED, _verdicts
    from trust.depth.mutating import Mutant

    code = "def test_it():\n    assert {} == 1\n"
    (tmp_path / "test_code.py").write_text(code.format(1), "utf-8")
    trees = SimpleQueue()
    trees.put(tmp_path)
    broken = "import no_such_module\n" + code.format(1)
    mutants = [
        Mutant("test_code.py", 1, "", n, "", new)
        for n, new in enumerate([code.format(1), code.format(2), broken])
    ]
    verdicts = _verdicts(iter(mutants), lambda mutant: ["test_code.py"], trees)
    codes = [code for _, code in islice(verdicts, 3)]
    assert codes[:2] == [PASSED, FAILED]
    assert codes[2] not in {PASSED, FAILED}
    assert (tmp_path / "test_code.py").read_text("utf-8") == code.format(1)
    (unseen,) = _verdicts(iter(mutants[:1]), lambda mutant: [], trees)
    assert unseen == (mutants[0], PASSED)


def test_tests_that_fail_without_a_mutant_are_no_judges(tmp_path, monkeypatch):
    from trust.depth import mutants

    (tmp_path / "test_code.py").write_text("def test_it():\n    assert False\n", "utf-8")
    trees = SimpleQueue()
    trees.put(tmp_path)
    one = mutants.Mutant("test_code.py", 1, "", 0, "", "")
    monkeypatch.setattr(mutants, "_files", lambda tree: [])
    monkeypatch.setattr(mutants, "drawn", lambda *given: iter([one]))
    with pytest.raises(RuntimeError, match="nothing was changed"):
        mutants._expect_to_pass(tmp_path, lambda mutant: ["test_code.py"], trees)
