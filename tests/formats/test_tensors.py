"""safetensors of others: read exactly, or refused before an array is made."""

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import save

from groundup.errors import CorruptFile
from groundup.formats.tensors import read_tensors


def file_of(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(shape, begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_what_the_library_writes_is_read():
    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.normal(size=(2, 3)).astype(np.float32),
        "b": np.arange(4, dtype=np.int64),
        "c": np.zeros((0, 5), np.float64),
        "d": np.array(7, np.uint8),
        "e": np.array([True, False]),
    }
    found = read_tensors(save(arrays, {"made": "by hand"}), "bytes")
    assert sorted(found) == sorted(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
        assert found[name].flags.writeable


def test_bf16_becomes_float32():
    halves = np.array([0x3F80, 0xC000, 0x3DCD], "<u2")
    found = read_tensors(file_of({"a": entry([3], 0, 6, "BF16")}, halves.tobytes()), "bytes")
    np.testing.assert_array_equal(found["a"], np.float32([1.0, -2.0, 0.10009765625]))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "cut short"),
        (struct.pack("<Q", 2**60), "cut short"),
        (file_of(b'{"a": 1, "a": 2}'), "the key 'a' comes twice"),
        (file_of({"a": entry([2**40, 2**24], 0, 8)}, bytes(8)), "fit them"),
        (file_of({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)), "overlap"),
        (file_of({"a": entry([2], 4, 12)}, bytes(12)), "holes"),
        (file_of({"a": entry([2], 0, 8)}, bytes(9)), "not as long"),
        (file_of({"a": entry([-2], 0, 8)}, bytes(8)), "fit them"),
        (file_of({"a": entry([8], 0, 8, "F8_E4M3")}, bytes(8)), "NumPy lacks it"),
        (file_of({f"t{n}": entry([0], 0, 0) for n in range(12_000)}), "10,000 tensors"),
        (file_of({"__metadata__": {"a": 1}}), "no texts"),
    ],
)
def test_headers_that_lie_are_refused(data, match):
    with pytest.raises(CorruptFile, match=match):
        read_tensors(data, "bytes")
