"""The trials of failing calls and of cut logs find what is broken on purpose."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from groundup.storage import Log, write_text

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


@pytest.fixture
def attempt(tmp_path):
    """What is found of a writer."""
    from trust.claim import Outcome
    from trust.crashes.calls import try_writer
    from trust.crashes.tracer import missing

    if missing():
        pytest.skip(missing())

    def attempt(writer, most=None):
        outcome = Outcome()
        try_writer(writer, tmp_path / "work", outcome, Counter(), most)
        return outcome

    return attempt


def old(folder):
    (folder / "file").write_text("old" * 1000, "utf-8")


def in_place(folder, tell):
    (folder / "file").write_text("new" * 5000, "utf-8")
    tell("done")


def too_early(folder, tell):
    tell("done")
    write_text(folder / "file", "new" * 5000)


def other_name(folder, tell):
    (folder / "file.part").write_text("new" * 5000, "utf-8")
    (folder / "file.part").replace(folder / "file")
    tell("done")


@pytest.mark.parametrize(
    ("act", "wrong"),
    [
        (in_place, {"kill": "neither the old nor the new", "EIO": "no error of groundup"}),
        (too_early, {"kill": "told to be written, and is not"}),
        (other_name, {"kill": "file.part is left over"}),
    ],
)
def test_broken_writers_are_found(attempt, act, wrong):
    from trust.crashes.writer import Writer

    faults = attempt(Writer("it", act, old)).faults
    for kind, words in wrong.items():
        assert any(kind in fault and words in fault for fault in faults)


def test_a_writer_that_acknowledges_nothing_cannot_be_tried(attempt):
    from trust.crashes.writer import Writer

    outcome = attempt(Writer("it", lambda folder, tell: write_text(folder / "file", "new"), old))
    assert outcome.tried == 0
    assert outcome.faults[0].endswith("it acknowledges nothing, so nothing could be lost")


def test_a_log_that_tells_too_early_is_found(attempt, monkeypatch):
    from trust.crashes.writers.storage import WRITERS

    (writer,) = (one for one in WRITERS if one.name == "a log cut back")
    assert attempt(writer, 12).faults == []
    monkeypatch.setattr(Log, "truncate", lambda log, records: log.append({"n": records}))
    assert any("found [0, 1, 2, 3, 4, 3]" in fault for fault in attempt(writer, 12).faults)


def test_what_cannot_be_read_any_more_is_a_fault(attempt):
    from trust.crashes.writer import Writer

    def torn(found):
        if found.done.signal or found.done.error:
            raise ValueError("torn")
        return ""

    outcome = attempt(Writer("it", too_early, old, torn), 3)
    assert outcome.tried == 3
    assert "what is left cannot be judged: ValueError('torn')" in outcome.faults[0]


def test_good_writers_hold(attempt):
    from trust.crashes.writers.storage import WRITERS

    for writer in WRITERS[1:3]:
        outcome = attempt(writer, 15)
        assert (outcome.tried, outcome.faults, outcome.skipped) == (15, [], {})


def test_a_short_write_is_really_short(attempt, tmp_path):
    from trust.crashes.tracer import Fault, traced

    def act(tell):
        descriptor = os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY)
        tell(str(os.write(descriptor, b"x" * 10)))

    done = traced(act, tmp_path, Fault("short", 1))
    assert (done.calls, done.told, done.hit) == (["openat", "write"], ["5"], True)
    assert (tmp_path / "file").read_bytes() == b"xxxxx"


def test_the_faults_of_calls_and_their_even_choice():
    from trust.crashes.calls import cases, spread

    kinds = [(fault.kind, fault.at) for fault in cases(["lseek", "write", "rename"])]
    assert kinds == [
        ("EIO", 0), ("kill", 1), ("ENOSPC", 1), ("EIO", 1), ("short", 1), ("full", 1), ("gone", 1),
        ("kill", 2), ("ENOSPC", 2), ("EIO", 2), ("gone", 2),
    ]  # fmt: skip
    assert spread(range(10), 4) == [0, 2, 5, 7]
    assert spread(range(3), 4) == [0, 1, 2]


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing")
def test_strace_sees_the_same_calls(attempt, tmp_path):
    from trust.crashes.tracer import traced
    from trust.crashes.writers.storage import _text

    seen = traced(partial(_text, tmp_path), tmp_path).calls
    (tmp_path / "file").unlink()
    code = (
        "import sys; from pathlib import Path; from trust.crashes.writers.storage import _text\n"
        "_text(Path(sys.argv[1]), str)"
    )
    command = ["strace", "-y", "-s", "0", sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "PTRACE" in done.stderr:
        pytest.skip("strace is not permitted")
    lines = [line for line in done.stderr.splitlines()
             if str(tmp_path) in line and not line.startswith("execve")]  # fmt: skip
    asked = re.compile("(l?stat|newfstatat|fstat|fcntl|ioctl)")
    calls = [line.split("(")[0] for line in lines]
    assert [one for one in calls if not asked.fullmatch(one)] == [
        one for one in seen if not asked.fullmatch(one)
    ]


def test_cuts_of_a_small_study_hold_and_a_reader_that_forgets_is_found(tmp_path, monkeypatch):
    from trust.crashes import cuts

    from groundup.tune import folder

    monkeypatch.setattr(cuts, "TRIALS", 3)
    cut = cuts.study(tmp_path)
    places = cuts.some(cut)
    assert [cut.check(at) for at in places[::12]] == [""] * len(places[::12])
    real = folder.read_log
    monkeypatch.setattr(folder, "read_log", lambda path: real(path)[:-1] or real(path))
    last = cuts.ends(cut.log)[-3]  # of a trial; then come the choice and the final network
    assert cut.check(last) == "it has the trials [0, 1], expected [0, 1, 2]"


def test_cuts_of_metrics_hold_and_a_writer_that_forgets_is_found(tmp_path, monkeypatch):
    from trust.crashes import cuts

    cut = cuts.metrics(tmp_path)
    places = cuts.some(cut)
    assert [cut.check(at) for at in places[::9]] == [""] * len(places[::9])
    monkeypatch.setattr(cuts.Log, "append", lambda log, record: None)
    assert cut.check(len(cut.log) // 2) == "gone on with, it is another log"


def test_whole_records_before_a_cut():
    from trust.crashes.cuts import ends, whole

    log = b"ab\ncd\n"
    assert ends(log) == [3, 6]
    assert [whole(log, at) for at in range(7)] == [0, 0, 1, 1, 1, 2, 2]
