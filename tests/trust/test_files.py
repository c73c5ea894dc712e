"""The trials of damaged and hostile files find what they are there for: readers that are broken."""

import contextlib
import os
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


def kinds(*names):
    from trust.files.mutations import KINDS

    return [kind for kind in KINDS if kind.name in names]


def quiet(words):
    pass


def test_damaged_files_of_every_kind():
    """Three of each."""
    from trust.files.mutations import KINDS, check

    outcome = check(3 * len(KINDS), quiet)
    assert outcome.faults == []
    assert outcome.tried == 3 * len(KINDS)
    assert outcome.facts["refused"] > outcome.facts["read as what is there"] > 0


def test_a_reader_without_checksums_is_found_out(monkeypatch):
    from trust.files.mutations import check

    from groundup.train import model_file

    def trusting(data):
        from safetensors.numpy import load

        return model_file._read_header(data)[0], load(data)

    monkeypatch.setattr(model_file, "_decode", trusting)
    faults = check(60, quiet, kinds("model file")).faults
    assert any("was opened after its bytes had changed" in fault for fault in faults)


def test_a_log_that_makes_up_records_is_found_out(monkeypatch):
    from trust.files.mutations import check

    from groundup.storage import lines

    decode = lines.decode
    monkeypatch.setattr(lines, "decode", lambda *given: decode(*given) or {"made": "up"})
    faults = check(40, quiet, kinds("log of a run")).faults
    assert any("records that were not written so" in fault for fault in faults)


def test_a_log_that_forgets_what_stands_behind_a_damaged_line_is_found_out(monkeypatch):
    from trust.files.mutations import check

    from groundup.errors import CorruptFile
    from groundup.storage import lines, log

    def forgiving(path):
        with contextlib.suppress(CorruptFile):
            yield from lines.scan(path)

    monkeypatch.setattr(log, "scan", forgiving)
    faults = check(40, quiet, kinds("log of a run")).faults
    assert any("whole lines are there, 5 records were read" in fault for fault in faults)


@pytest.mark.parametrize("name", ["IDX", "CSV", "configuration"])
def test_a_reader_that_remembers_the_undamaged_file_is_found_out(name):
    from trust.files.mutations import check

    (kind,) = kinds(name)
    known = {}

    def remembering(folder):
        if folder not in known:
            known[folder] = kind.read(folder)
        return known[folder]

    faults = check(20, quiet, [replace(kind, read=remembering)]).faults
    assert len(faults) > 5


def test_a_reader_of_pictures_that_fills_up_rows_is_found_out(monkeypatch):
    from trust.files.handmade import cases, tried

    from groundup.data import png

    monkeypatch.setattr(png, "essential", lambda data, where: data)
    monkeypatch.setattr(png, "check_pixels", lambda data, where: None)
    (rows,) = (case for case in cases(["pictures"]) if case.name == "PNG of too few rows")
    assert tried([rows]).faults[0].startswith("picture: PNG of too few rows: was read as")


def read_badly(kind):
    """A read that does what no file may cause."""

    def read(folder):
        if kind == "an error of others":
            raise KeyError("shape")
        if kind == "a warning":
            warnings.warn("odd", UserWarning, stacklevel=2)
        if kind == "memory":
            np.ones(2**24)
        if kind == "memory of a library":
            np.ones(2**24).sum()
        if kind == "time":
            begun = time.process_time()
            while time.process_time() - begun < 0.06:
                pass
        if kind == "code":
            exec("x = 1", {})
        if kind == "a program":
            os.system("true")
        if kind == "another place":
            Path(folder, "..", "beside").exists()
            list(Path(folder).parent.iterdir())
        return kind

    return read


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("nothing", None),
        ("an error of others", "raised KeyError"),
        ("a warning", "warned: UserWarning: odd"),
        ("memory", "MiB"),
        ("memory of a library", "MiB"),
        ("time", " s"),
        ("code", "ran code of"),
        ("a program", "did os.system"),
        ("another place", " of "),
    ],
)
def test_a_watched_read_tells(kind, fault, tmp_path, monkeypatch):
    from trust.files import watched

    monkeypatch.setattr(watched, "SECONDS", 0.05)
    folder = tmp_path / "inside"
    folder.mkdir()
    faults = watched.watched(read_badly(kind), folder).faults()
    assert not faults if fault is None else any(fault in one for one in faults)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_read_that_hangs_is_broken_off(tmp_path, monkeypatch):
    from trust.files import watched

    monkeypatch.setattr(watched, "HANGS", 0.1)
    os.mkfifo(tmp_path / "pipe")
    seen = watched.watched(lambda folder: (folder / "pipe").read_bytes(), tmp_path)
    assert any("not done after" in fault for fault in seen.faults())


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_hand_made_files():
    from trust.files.handmade import cases, tried

    chosen = [case for case in cases(("pickled", "tables"))[::4] if "MB" not in case.name]
    outcome = tried(chosen)
    assert outcome.faults == []
    assert outcome.tried == len(chosen) > 40


def test_what_is_read_and_should_not_be_is_told(monkeypatch):
    import pickle

    from trust.files.handmade import tried
    from trust.files.hostile.doors import Case
    from trust.files.hostile.pickled import CASES

    from groundup.book import pickles

    evil = [case for case in CASES if case.name == "eval, protocol 2"]
    wrong = Case("honest", "pickle", pickle.dumps("x"), "y")
    refused = Case("honest, too", "pickle", b"nothing", "y")
    outcome = tried([refused, wrong, Case("whole", "pickle", pickle.dumps("x"), "x")])
    assert [fault.split(":")[1] for fault in outcome.faults] == [" honest, too", " honest"]
    monkeypatch.setattr(pickles, "loads", pickle.loads)
    faults = "".join(tried(evil).faults)
    assert "its code ran" in faults and "was read as None" in faults
    assert "pickle.find_class" in faults


def test_there_are_enough_of_them():
    from trust.files import CLAIMS

    assert [(claim.short, claim.long) for claim in CLAIMS] == [(2_000, 20_000), (250, 250)]
