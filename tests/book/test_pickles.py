"""Pickled weights are read; whatever else a pickle says is refused, and nothing of it runs."""

import io
import pickle
import pickletools
import struct
import tracemalloc

import numpy as np
import pytest

from groundup.book import pickles
from groundup.errors import DataError, InputError

WEIGHTS = {
    "W1": np.arange(6.0).reshape(2, 3),
    "F": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "big": np.arange(3, dtype=">f8"),
    "b": np.zeros(0),
    "count": np.array(7),
    "inner": {"name": "dense", 3: np.array([True, False])},
}


def same(a, b):
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and (a == b).all() and b.dtype == a.dtype.newbyteorder("=")
    return a == b


@pytest.mark.parametrize("protocol", range(6))
def test_what_python_writes_is_read(protocol):
    found = pickles.loads(pickle.dumps(WEIGHTS, protocol))
    assert same(WEIGHTS, found)
    found["W1"] += 1  # may be written to
    assert WEIGHTS["W1"][0, 0] == 0


@pytest.mark.parametrize("protocol", range(6))
def test_what_is_written_python_reads(protocol):
    file = io.BytesIO()
    pickles.dump(WEIGHTS, file, protocol)
    assert same(WEIGHTS, pickle.loads(file.getvalue()))  # noqa: S301 - made above
    file.seek(0)
    assert same(WEIGHTS, pickles.load(file, encoding="latin1"))


def test_the_modules_of_older_numpys_are_known():
    data = pickle.dumps({"W": np.ones(2)}, 2).replace(b"numpy._core", b"numpy.core")
    assert pickles.loads(data)["W"].tolist() == [1, 1]


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


@pytest.mark.parametrize("value", [Evil(), {"W": Evil()}, {Evil(): 1}])
def test_code_does_not_run(value):
    with pytest.raises(DataError, match=r"asks for builtins\.exec: expected arrays"):
        pickles.loads(pickle.dumps(value))


@pytest.mark.parametrize(
    "value",
    [
        [1], (1,), {1}, 1.5, None, b"x", {"W": [np.ones(2)]}, {"W": 3}, {1.5: "x"},
        {"n": np.float64(2)}, np.dtype("f8"), np.ndarray, {"o": np.array([None])},
        {"s": np.array(["x"])}, {"v": np.zeros(2, "i4,f4")}, {"t": np.zeros(2, "M8[s]")},
    ],
)  # fmt: skip
def test_anything_else_is_refused(value):
    with pytest.raises(DataError):
        pickles.loads(pickle.dumps(value))
    with pytest.raises(InputError):
        pickles.dumps(value)


def test_every_damage_is_one_clear_error():
    data = pickle.dumps({"W": np.arange(40.0)}, 2)
    for at in range(len(data)):
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]):
            try:
                found = pickles.loads(damaged)
            except DataError:
                continue
            assert isinstance(found, dict | str | np.ndarray)


def test_small_files_cannot_claim_large_memory():
    memo = b"\x80\x02K\x01r" + struct.pack("<I", 2**32 - 1) + b"."
    text = b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"x."
    for data in (memo, text):
        with pytest.raises(DataError):
            pickles.loads(data)
    # an array of 2**50 numbers without the bytes
    data = pickle.dumps(np.zeros(3), 2).replace(b"K\x03\x85", b"\x8a\x07" + b"\0" * 6 + b"\x04\x85")
    assert "LONG1" in "".join(op.name for op, *_ in pickletools.genops(data))
    with pytest.raises(DataError, match="damaged"):
        pickles.loads(data)


def test_dictionaries_in_dictionaries_are_counted():
    deep = {}
    for _ in range(20):
        deep = {"a": deep}
    wide = {"x": "y"}
    for _ in range(7):
        wide = {str(i): wide for i in range(10)}  # ten million entries in some bytes
    loop = {}
    loop["self"] = loop
    for value in (deep, wide, loop):
        with pytest.raises(DataError, match="levels or 10,000 entries"):
            pickles.loads(pickle.dumps(value))


def test_the_size_is_looked_at_before(monkeypatch):
    monkeypatch.setattr(pickles, "LIMIT", 100)
    with pytest.raises(DataError, match="too long: expected at most 100 bytes"):
        pickles.load(io.BytesIO(pickle.dumps({"W": np.ones(50)})))


def test_what_a_pickle_names_is_never_changed():
    before = pickles._from_buffer.__defaults__
    state = b"N}X\x0c\0\0\0__defaults__K\1K\2K\3\x87s\x86b."
    with pytest.raises(DataError, match="changes what it named"):
        pickles.loads(b"\x80\2cnumpy.core.numeric\n_frombuffer\n" + state)
    assert pickles._from_buffer.__defaults__ is before


def test_bytes_are_counted_before_there_is_room_for_them():
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="cut short"):
            pickles.loads(b"\x80\5\x96" + struct.pack("<Q", 2**29) + b"x.")
        assert tracemalloc.get_traced_memory()[1] < 10**6
    finally:
        tracemalloc.stop()


def test_one_array_in_many_places_is_made_once():
    array = np.zeros(1000)
    found = pickles.loads(pickle.dumps({str(n): array for n in range(100)}))
    assert all(one is found["0"] for one in found.values())
    data = pickle.dumps(array, 3)
    with pytest.raises(DataError, match="fewer than none"):
        pickles.loads(data.replace(b"M\xe8\x03\x85", b"J\xff\xff\xff\xff\x85"))


@pytest.mark.parametrize(
    ("protocol", "old", "new", "words"),
    [
        (2, b"latin1", b"latin9", "the encoding 'latin9'"),
        (2, b"X\x01\x00\x00\x00<", b"X\x01\x00\x00\x00X", "the byte order 'X'"),
        (5, b"\x8c\x01C\x94", b"\x8c\x01X\x94", "the order 'X'"),
        (2, b"(K\x03", b"(K\x07", "an array of 'f8': expected plain numbers"),
        (2, b"q\x01K\x00", b"q\x01K\x05", "does not begin as one"),
        (2, b"f8", b",8", "an array of ',8': expected numbers"),
        (2, b"(K\x01", b"(K\x07", "expected version 1"),
    ],
)
def test_what_says_how_numbers_are_written_is_not_guessed(protocol, old, new, words):
    whole = pickle.dumps(np.arange(6.0), protocol)
    assert whole.count(old) == 1
    with pytest.raises(DataError, match=words):
        pickles.loads(whole.replace(old, new))
