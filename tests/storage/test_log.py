"""Records come back exactly; a torn end costs nothing; any other damage is found."""

import errno
import io
import json
import math
import os
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.errors import CorruptFile, InputError, StorageError
from groundup.storage import Log, has_writer, read_log, understood
from groundup.storage.lines import LINE_LIMIT, decode, encode

RECORDS = [
    {"kind": "epoch", "epoch": n, "loss": 1.0 / (n + 3), "name": 'é,"crc":'} for n in range(4)
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.jsonl"


@pytest.fixture
def written(path):
    with Log(path) as log:
        for record in RECORDS:
            log.append(record)
    return path


def line(body):
    return body + b',"crc":%d}\n' % zlib.crc32(body)


def same(a, b):
    """Equal to the last bit, NaN included, and of the same types."""
    if type(a) is not type(b):
        return False
    if type(a) is float:
        return (math.isnan(a) and math.isnan(b)) or (
            a == b and math.copysign(1, a) == math.copysign(1, b)
        )
    if type(a) is dict:
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if type(a) is list:
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


spelled = st.sampled_from(["NaN", "Infinity", "-Infinity", "~NaN", "~~-Infinity", "aNaN", "NaN\n"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | spelled,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
records = st.dictionaries(
    st.text().filter(lambda key: key != "crc"), values, min_size=1, max_size=6
)


def test_the_format():
    assert encode({"a": 1}) == b'{"a":1,"crc":%d}\n' % zlib.crc32(b'{"a":1')
    data = encode({"x": math.nan, "y": -math.inf, "z": "é"})
    assert json.loads(data, parse_constant=pytest.fail)["y"] == "-Infinity"
    assert data.isascii()
    nested = {"x": [1.0, -math.inf, ["~"]], "y": {"z": [math.inf]}}
    assert decode(encode(nested)[:-1]) == nested


@given(records)
def test_every_record_comes_back(record):
    data = encode(record)
    assert data.count(b"\n") == 1
    json.loads(data, parse_constant=pytest.fail)
    assert same(decode(data[:-1]), record)


@given(records, st.data())
@settings(max_examples=300)
def test_every_flipped_bit_is_noticed(record, data):
    encoded = bytearray(encode(record))[:-1]
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] ^= 1 << data.draw(st.integers(0, 7))
    assert decode(bytes(encoded)) is None


def test_records_are_added_and_read(path):
    with Log(path) as log:
        log.append(RECORDS[0])
        log.append(RECORDS[1], durable=True)
        assert log.read() == read_log(path) == RECORDS[:2]
    with Log(path) as log:
        log.append(RECORDS[2])
    assert read_log(path) == RECORDS[:3]
    assert [file.name for file in path.parent.iterdir()] == ["metrics.jsonl"]


def test_numpy_scalars_become_python_numbers():
    record = {
        "a": np.float32(0.1),
        "b": np.int64(3),
        "c": np.bool_(True),
        "d": np.float64(math.inf),
    }
    assert same(
        decode(encode(record)[:-1]), {"a": float(np.float32(0.1)), "b": 3, "c": True, "d": math.inf}
    )
    assert decode(encode({"a": np.array(2.5), "b": (1, 2)})[:-1]) == {"a": 2.5, "b": [1, 2]}


def deep(levels):
    return {"a": deep(levels - 1)} if levels else {"a": 1}


@pytest.mark.parametrize(
    ("record", "match"),
    [
        ({}, "at least one"),
        ([1], "named values"),
        ({"crc": 1}, "none named 'crc'"),
        ({1: 2}, "the key 1: expected text"),
        ({"a": {None: 2}}, "the key None"),
        ({"a": {1}}, "cannot be logged"),
        ({"a": 1j}, "cannot be logged"),
        ({"a": b"x"}, "cannot be logged"),
        ({"a": np.zeros(3)}, "cannot be logged"),
        ({"a": np.longdouble(1)}, "cannot be logged"),
        ({"a": 10**5000}, "cannot be written"),
        ({"a": "x" * LINE_LIMIT}, "at most 1,048,576"),
        (deep(16), "16 levels"),
    ],
)
def test_what_could_not_be_read_back_is_refused(path, record, match):
    with Log(path) as log:
        with pytest.raises(InputError, match=match):
            log.append(record)
        log.append({"a": 1})
    assert read_log(path) == [{"a": 1}]
    assert decode(encode(deep(15))[:-1]) == deep(15)


def test_a_log_cut_anywhere_in_its_last_record_goes_on(written):
    whole = written.read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    for cut in range(start, len(whole)):
        written.write_bytes(whole[:cut])
        kept = RECORDS if cut == len(whole) - 1 else RECORDS[:-1]
        assert read_log(written) == kept
        assert written.read_bytes() == whole[:cut]  # a reader repairs nothing
        with Log(written) as log:
            log.append({"after": cut})
        assert read_log(written) == [*kept, {"after": cut}]


def test_a_flipped_bit_anywhere_is_refused_with_its_line(written):
    whole = written.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << (position % 8)
        written.write_bytes(damaged)
        number = whole.count(b"\n", 0, position) + 1
        with pytest.raises(CorruptFile, match=f"metrics.jsonl: line {number} is damaged"):
            read_log(written)
        with pytest.raises(CorruptFile):
            Log(written)
        assert written.read_bytes() == damaged
    written.write_bytes(whole)
    with Log(written):  # the failures have left no lease behind
        pass


@pytest.mark.parametrize(
    "data",
    [
        line(b'{"a":1,"a":2'),
        line(b'{"a":NaN'),
        line(b'{"a":1e999'),
        line(b'{"crc":1'),
        line(b"[1"),
        line(b'{"a":1'.replace(b":", b": ") + b"}"),
        b'{"a":1,"crc":0%d}\n' % zlib.crc32(b'{"a":1'),
        b'{"a":1}\n',
        b"\n",
        line(b'{"a":1').replace(b"\n", b"\r\n"),
        line(b'{"a":' + b"[" * 50_000),
        b"x" * (LINE_LIMIT + 1),
    ],
)
def test_lines_that_nobody_of_us_wrote_are_refused(path, data):
    path.write_bytes(line(b'{"a":1') + data)
    with pytest.raises(CorruptFile, match="line 2"):
        read_log(path)


def test_a_line_as_long_as_may_be(path):
    record = {"a": "x" * (LINE_LIMIT - 30)}
    with Log(path) as log:
        log.append(record)
        log.append({"b": 1})
    assert read_log(path) == [record, {"b": 1}]


def test_truncate(written):
    with Log(written) as log:
        for bad in (-1, 5):
            with pytest.raises(InputError, match="has 4 records"):
                log.truncate(bad)
        log.truncate(2)
        assert log.read() == RECORDS[:2]
        log.append({"next": 1})
        log.truncate(3)
        assert log.read() == [*RECORDS[:2], {"next": 1}]
        log.truncate(0)
        assert written.read_bytes() == b""


def test_two_writers_are_refused(path):
    with Log(path), pytest.raises(StorageError, match=f"held by process {os.getpid()}"):
        Log(path)
    with Log(path) as log:
        log.append({"a": 1})
    log.close()
    with pytest.raises(StorageError, match="it is closed"):
        log.append({"a": 2})


def test_threads_take_turns(path):
    def work(name):
        for n in range(200):
            log.append({"name": name, "n": n})

    with Log(path) as log:
        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = read_log(path)
    assert len(found) == 800
    for name in range(4):
        assert [record["n"] for record in found if record["name"] == name] == list(range(200))


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_a_write_that_stops_half_way_leaves_no_trace(written, monkeypatch, failure):
    write, before = os.write, written.read_bytes()
    pieces = [10]

    def write_some(descriptor, data):
        if pieces:
            return write(descriptor, data[: pieces.pop()])
        raise failure

    with Log(written) as log:
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", write_some)
            expected = StorageError if isinstance(failure, OSError) else KeyboardInterrupt
            with pytest.raises(expected) as caught:
                log.append({"a": "lost"})
        assert written.read_bytes() == before
        log.append({"a": 1})
    assert read_log(written) == [*RECORDS, {"a": 1}]
    if expected is StorageError:
        assert "No space left on device. Free some space" in str(caught.value)


def test_a_write_in_small_pieces_is_completed(path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    with Log(path) as log:
        log.append(RECORDS[0])
    assert read_log(path) == RECORDS[:1]


@pytest.mark.parametrize("call", ["fsync", "ftruncate"])
def test_after_a_failure_that_leaves_doubt_the_log_must_be_opened_again(written, monkeypatch, call):
    def fail(*args):
        raise OSError(errno.EIO, "Input/output error")

    with Log(written) as log:
        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail)
            if call == "ftruncate":
                patch.setattr(os, "write", fail)
            with pytest.raises(StorageError, match="Input/output error"):
                log.append({"a": 1}, durable=True)
        with pytest.raises(StorageError, match="Open the log again"):
            log.append({"a": 2})
        with pytest.raises(StorageError, match="Open the log again"):
            log.truncate(0)
    with Log(written) as log:
        log.append({"a": 3})
    assert read_log(written)[:4] == RECORDS


def test_many_records_are_brought_to_the_disk_at_once(path, monkeypatch):
    with Log(path) as log:
        synced, fsync = [], os.fsync
        monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), fsync(file)))
        for record in RECORDS:
            log.append(record)
        assert synced == []
        log.sync()
        assert len(synced) == 1
    with pytest.raises(StorageError, match="it is closed"):
        log.sync()


def test_a_log_that_cannot_be_repaired_is_not_opened(written, monkeypatch):
    def fail(*args):
        raise OSError(errno.EIO, "Input/output error")

    whole = written.read_bytes()
    for torn, owner, call in (
        (whole[:-1], io.FileIO, "write"),
        (whole[:-5], os, "ftruncate"),
        (whole, Path, "stat"),
    ):
        written.write_bytes(torn)
        with monkeypatch.context() as patch:
            if owner is io.FileIO:
                patch.setattr(io, "FileIO", type("Faulty", (io.FileIO,), {call: fail}))
            else:
                patch.setattr(owner, call, fail)
            with pytest.raises(StorageError, match="Input/output error"):
                Log(written)
        assert written.read_bytes() == torn
    with Log(written):
        pass


def test_a_file_size_limit_leaves_whole_records(path):
    pytest.importorskip("resource")
    code = f"""
        import resource, signal
        from groundup.errors import StorageError
        from groundup.storage import Log
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        done = 0
        with Log({str(path)!r}) as log:
            try:
                while True:
                    log.append({{"n": done}})
                    done += 1
            except StorageError:
                print(done)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert path.read_bytes().endswith(b"}\n")
    assert read_log(path) == [{"n": n} for n in range(int(done.stdout))]


def test_a_killed_writer_loses_no_acknowledged_record(path):
    code = f"""
        from groundup.storage import Log
        with Log({str(path)!r}) as log:
            n = len(log.read())
            while True:
                log.append({{"n": n, "text": "x" * (n % 5000)}})
                print(n, flush=True)
                n += 1
    """
    last = -1
    for _ in range(5):
        command = [sys.executable, "-c", textwrap.dedent(code)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            first = writer.stdout.readline()
            assert int(first) in {last + 1, last + 2}  # the last may have been written, not told
            time.sleep(0.05)
            writer.kill()
            told = [int(first), *map(int, writer.stdout.read().split())]
        last = told[-1]
        found = [record["n"] for record in read_log(path)]
        assert found == list(range(len(found)))
        assert len(found) - 1 in {last, last + 1}
        last = len(found) - 1


def test_what_cannot_be_a_log_is_refused(tmp_path):
    with pytest.raises(InputError, match="no regular file"):
        Log(tmp_path)
    with pytest.raises(StorageError, match="Create its folder first"):
        Log(tmp_path / "missing" / "log")
    with pytest.raises(InputError, match="there is no file"):
        read_log(tmp_path / "log")
    assert list(tmp_path.iterdir()) == []


def test_only_a_living_writer_is_one(written):
    assert not has_writer(written)
    log = Log(written)
    assert has_writer(written)
    with pytest.raises(StorageError, match="is held by"):  # asking has not set it free
        Log(written)
    log.close()
    assert not has_writer(written)
    left = written.with_name(f".{written.name}.lock")
    left.write_text("{}")  # of one that was killed
    assert not has_writer(written)
    Log(written).close()


def test_lines_that_are_lost_doubled_or_elsewhere_are_noticed(written):
    lines = written.read_bytes().splitlines(keepends=True)
    for order in ([0, 2, 3], [1, 2, 3], [0, 0], [0, 1, 1], [0, 2, 1, 3], [0, 1, 2, 3, 0]):
        written.write_bytes(b"".join(lines[k] for k in order))
        with pytest.raises(CorruptFile, match="is damaged"):
            read_log(written)
    written.write_bytes(b"".join(lines))
    with Log(written) as log:
        log.truncate(2)
        log.append(RECORDS[3])
    assert read_log(written) == [*RECORDS[:2], RECORDS[3]]


def test_a_log_of_an_earlier_version_is_read_and_continued(path):
    old = [*RECORDS[:3], RECORDS[0]]
    path.write_bytes(b"".join(encode(record) for record in old))
    assert read_log(path) == old
    with Log(path) as log:
        log.append(RECORDS[2])
        log.append(RECORDS[2])
    assert read_log(path) == [*old, RECORDS[2], RECORDS[2]]
    with Log(path) as log:
        log.truncate(1)
        log.append(RECORDS[3])
    assert read_log(path) == [RECORDS[0], RECORDS[3]]


def test_what_we_never_write_is_told_from_what_is_wrong(path):
    with (
        pytest.raises(
            CorruptFile, match=r"jsonl holds a record .* never writes: KeyError\('loss'\)"
        ),
        understood(path),
    ):
        {}["loss"]
    ours = InputError("seed=-1: expected a whole number.")
    with pytest.raises(InputError) as caught, understood(path):
        raise ours
    assert caught.value is ours
