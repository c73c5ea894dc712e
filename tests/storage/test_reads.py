"""Whatever is wrong with a file becomes one clear error, before anything large is allocated."""

import contextlib
import errno
import io
import os
import tempfile
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.errors import ConfigError, DataError, GroundupError, InputError
from groundup.storage import read_bytes, read_json_bytes, read_text, read_toml


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config.toml"


def test_bytes_within_the_budget(path):
    path.write_bytes(b"12345")
    assert read_bytes(path, 5) == b"12345"
    with pytest.raises(DataError, match=r"config.toml has 5 bytes: expected at most 4"):
        read_bytes(path, 4)
    path.write_bytes(b"")
    assert read_bytes(path, 0) == b""


def test_bytes_that_are_no_text_are_told_by_their_line(path):
    for text, line in ((b"\xff", 1), (b"\n\xff", 2), (b"a\nb\n\n\xffc\n", 4)):
        path.write_bytes(text)
        with pytest.raises(DataError, match=f"line {line} holds the byte 0xff"):
            read_text(path)


def test_a_huge_file_is_refused_before_it_is_read(path):
    with path.open("wb") as file:
        file.truncate(10**12)  # no disk is used
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="1,000,000,000,000 bytes"):
            read_bytes(path, 10**9)
        assert tracemalloc.get_traced_memory()[1] < 10**6
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_said_to_be_missing(tmp_path, path):
    with pytest.raises(InputError) as caught:
        read_bytes(path, 9)
    assert str(caught.value) == f"there is no file {path}."
    (tmp_path / "confg.toml").touch()
    with pytest.raises(InputError, match=r"Did you mean 'confg.toml'\?"):
        read_bytes(path, 9)
    with pytest.raises(InputError, match="its folder does not exist"):
        read_bytes(tmp_path / "missing" / "a", 9)


def test_only_regular_files(tmp_path):
    with pytest.raises(InputError, match="no regular file"):
        read_bytes(tmp_path, 9)
    with pytest.raises(InputError, match="no regular file"):
        read_bytes("/dev/zero", 9)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="no regular file"):  # and does not wait for a writer
            read_bytes(tmp_path / "pipe", 9)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(InputError, match="circle"):
        read_bytes(tmp_path / "loop", 9)
    with pytest.raises(InputError, match="NUL"):
        read_bytes("a\0", 9)


def test_what_may_not_be_read_is_explained(path, monkeypatch):
    def refuse(*args):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError, match=r"cannot read .*: Permission denied\. Choose"):
        read_bytes(path, 9)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=f"there is no file {path}[.]$"):
        read_bytes(path, 9)


def test_a_disk_fault_while_reading_is_explained(path, monkeypatch):
    class Faulty(io.FileIO):
        def read(self, size=-1):
            raise OSError(errno.EIO, "Input/output error")

    path.write_bytes(b"x")
    monkeypatch.setattr(io, "FileIO", Faulty)
    with pytest.raises(InputError, match=r"error\. The disk reports a fault"):
        read_bytes(path, 9)


def test_a_disk_that_gives_a_few_bytes_at_a_time(path, monkeypatch):
    class Slow(io.FileIO):
        def read(self, size=-1):
            return super().read(min(size, 3))

    path.write_bytes(b"12345678")
    monkeypatch.setattr(io, "FileIO", Slow)
    assert read_bytes(path, 9) == b"12345678"


@pytest.mark.parametrize("change", [5, 15])
def test_a_file_that_changes_while_it_is_read(path, monkeypatch, change):
    path.write_bytes(b"x" * 10)
    status, calls = os.fstat, []

    def fstat(descriptor):
        before = status(descriptor)
        calls.append(descriptor)
        if len(calls) == 2:  # after the look that finds its size
            os.truncate(path, change)
        return before

    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fstat)
        with pytest.raises(DataError, match="changed while it was read"):
            read_bytes(path, 100)


def test_text(path):
    path.write_bytes("\ufeff한글\r\n".encode())
    assert read_text(path) == "한글\r\n"
    path.write_bytes(b"one\ntw\xffo\n")
    with pytest.raises(DataError, match=r"line 2 holds the byte 0xff\. Save it as UTF-8"):
        read_text(path)


def test_json():
    assert read_json_bytes(b' {"a": [1, -2.5e3, "\\u00e9", true, null]} ') == {
        "a": [1, -2500.0, "é", True, None]
    }


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' comes twice"),
        (b'[{"x": {"a": 1, "a": 1}}]', "the key 'a' comes twice"),
        (b"[NaN]", "NaN is no JSON number"),
        (b"-Infinity", "-Infinity is no JSON number"),
        (b"[1e400]", "the number 1e400 is beyond float64"),
        (b"9" * 5000, "integer string"),
        (b"\xff", "utf-8"),
        (b"\xef\xbb\xbf{}", "Expecting value"),
        ("{}".encode("utf-16"), "utf-8"),
        (b'"\x00"', "control character"),
        (b"{} {}", "Extra data"),
        (b"", "Expecting value"),
        (b"[[[1]]]", "deeper than 2 levels"),
        (b'{"a": {"b": {"c": 1}}}', "deeper than 2 levels"),
        (b"[" * 100_000, "deeper than 2 levels"),
        (b'{"a":' * 100_000, "deeper than 2 levels"),
    ],
)
def test_json_refuses(data, match):
    with pytest.raises(DataError, match=match) as caught:
        read_json_bytes(data, depth=2, name="header")
    assert str(caught.value).startswith("header is not valid JSON: ")


def test_json_budgets():
    assert read_json_bytes(b"[[1]]", depth=2) == [[1]]
    assert read_json_bytes(b"[[],{}]", depth=1) == [[], {}]
    with pytest.raises(DataError, match="JSON has 5 bytes: expected at most 4"):
        read_json_bytes(b"[[1]]", limit=4)


@given(st.binary() | st.text(alphabet='[]{}",:.-+0123456789eEtruefalsnNaI\\u ').map(str.encode))
def test_json_answers_or_raises_its_own_error(data):
    with contextlib.suppress(DataError):
        read_json_bytes(data)


def test_toml(path):
    path.write_text('seed = 0\r\n[model]\nname = "한글"\ninit = nan\n', encoding="utf-8-sig")
    table = read_toml(path)
    assert table["seed"] == 0
    assert table["model"]["name"] == "한글"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("seed = \nb = 1", "line 1, column 8"),
        ("a = 1\na = 2\n", "line 2"),
        ("a = " + "[" * 1000 + "]" * 1000, "deeper than 16 levels"),
        ("a = " + "[" * 17 + "1" + "]" * 17, "deeper than 16 levels"),
        (".".join("a" * 900) + " = 1", "deeper than 16 levels"),
        ("x = 1\n" + ".".join("a" * 30_000) + " = 1", "line 2 is longer than 2048"),
        ("a = " + "9" * 2000 + "\n" * 10 + "b = 1979-13-01", "line 11"),
    ],
)
def test_toml_refuses(path, text, match):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=match):
        read_toml(path)


def test_toml_takes_bounded_time(path):
    line = ".".join("a" * 1000) + ".b{} = 1\n"
    path.write_text("".join(line.format(n) for n in range(32)), encoding="utf-8")
    begin = time.process_time()
    with pytest.raises(GroundupError):
        read_toml(path)
    assert time.process_time() - begin < 5.0
    path.write_bytes(b"#" * 100_000)
    with pytest.raises(DataError, match="at most 65,536"):
        read_toml(path)


@given(
    st.binary() | st.text(alphabet="[]{}\"',:.=#-+0123456789eEtruefalsnai\\u_ \n").map(str.encode)
)
def test_toml_answers_or_raises_its_own_error(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        path.write_bytes(data)
        with contextlib.suppress(InputError):
            assert type(read_toml(path)) is dict
