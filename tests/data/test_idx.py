import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from groundup.data import read_idx, write_idx
from groundup.errors import CorruptFile, DataError, InputError

DTYPES = ["u1", "i1", "i2", "i4", "f4", "f8"]
image = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
plain = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]) + image.tobytes()


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@given(st.sampled_from(DTYPES).flatmap(lambda d: arrays(d, array_shapes(max_dims=4, min_side=0))))
def test_what_is_written_is_read(tmp_path_factory, array):
    folder = tmp_path_factory.mktemp("idx")
    for name in ("a.idx", "a.idx.gz"):
        write_idx(folder / name, array)
        assert same(read_idx(folder / name), array)


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "a", image)
    assert (tmp_path / "a").read_bytes() == plain
    write_idx(tmp_path / "b", np.array([1, -2], ">i4"))
    assert (tmp_path / "b").read_bytes() == bytes.fromhex("00000c01 00000002 00000001 fffffffe")


def test_a_gzip_file_is_the_same_each_time(tmp_path):
    write_idx(tmp_path / "a.gz", image)
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == plain
    assert (tmp_path / "a.gz").read_bytes()[4:8] == bytes(4)  # no time in it


def test_what_is_read_is_native_and_writable():
    array = read_idx(bytes.fromhex("00000c01 00000002 00000001 fffffffe"))
    assert array.tolist() == [1, -2]
    assert array.dtype == np.dtype("=i4")
    array[0] = 5


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "found nothing"),
        (b"\0", "found 00"),
        (b"<!DOCTYPE html>", "found 3c 21 44 4f"),
        (b"\x01" + plain[1:], "found 01 00 08 03"),
        (b"\0\0\x0a" + plain[3:], "found 00 00 0a 03"),
        (b"\0\0\x08\0", "rank from 1 to 8, found 0"),
        (b"\0\0\x08\xff" + bytes(2000), "rank from 1 to 8, found 255"),
        (plain[:9], "expected 16 bytes of header, found 9"),
        (plain[:-1], r"uint8 \(2, 3, 4\), 40 bytes in all; found 39"),
        (plain + b"x", "40 bytes in all; found 41"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "over 2147483648 bytes"),
        (b"\0\0\x08\x03" + bytes(4) + b"\xff" * 8, "over 2147483648 bytes"),
        (b"\0\0\x0c" + plain[3:], "112 bytes in all; found 40"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_header_that_lies_is_caught(data, said, pack):
    with pytest.raises(CorruptFile, match=said.replace("found 41", "found (41|more)")):
        read_idx(pack(data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gzip.compress(plain)[:-1], "cut short"),
        (gzip.compress(plain)[:-9], "cut short|found"),
        (gzip.compress(plain)[:20], "cut short|bytes of header"),
        (gzip.compress(plain) + b"\0", "1 bytes after the end"),
        (gzip.compress(plain) + gzip.compress(plain), "bytes after the end"),
        (gzip.compress(plain)[:-8] + bytes(8), "damaged"),
    ],
)
def test_damaged_gzip_is_caught(data, said):
    with pytest.raises(CorruptFile, match=said):
        read_idx(data)


def test_a_gzip_bomb_is_not_unpacked():
    bomb = gzip.compress(plain + bytes(100_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(CorruptFile, match="found more"):
            read_idx(bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_hash_is_that_of_the_unpacked_bytes(tmp_path):
    import hashlib

    right = hashlib.sha256(plain).hexdigest()
    assert same(read_idx(plain, sha256=right), image)
    assert same(read_idx(gzip.compress(plain), sha256=right), image)
    with pytest.raises(CorruptFile, match=f"expected SHA-256 {'0' * 64}, found {right}"):
        read_idx(plain, sha256="0" * 64)


def test_messages_name_the_file(tmp_path):
    (tmp_path / "images.idx").write_bytes(plain[:-1])
    with pytest.raises(CorruptFile, match=r"images\.idx"):
        read_idx(tmp_path / "images.idx")
    with pytest.raises(InputError, match=r"missing\.idx"):
        read_idx(tmp_path / "missing.idx")
    with pytest.raises(DataError, match=r"images\.idx"):
        read_idx(tmp_path / "images.idx", limit=10)


@pytest.mark.parametrize("array", [np.zeros(3, np.int64), np.zeros(()), np.array(["a"])])
def test_what_the_format_cannot_hold_is_refused(tmp_path, array):
    with pytest.raises(InputError, match="IDX holds"):
        write_idx(tmp_path / "a", array)
    assert list(tmp_path.iterdir()) == []


@given(st.data(), st.booleans())
def test_mutations_end_in_an_error_or_an_array_that_the_header_describes(data, pack):
    good = gzip.compress(plain, mtime=0) if pack else plain
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(0, 3))):
        bad[data.draw(st.integers(0, len(bad) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    bad = bytes(bad[: data.draw(st.integers(0, len(bad)))])
    try:
        array = read_idx(bad)
    except CorruptFile:
        return
    assert array.nbytes == image.nbytes
    if pack:  # checked by the CRC
        assert same(array, image)
