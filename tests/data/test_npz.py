import io
import struct
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from groundup.data import read_npy, read_npz
from groundup.errors import CorruptFile, DataError, InputError

TYPES = ["?", "u1", "i2", "<i4", ">i8", "f2", "<f4", ">f8"]


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), **options)
    return file.getvalue()


def with_header(text, data=b"", version=(1, 0)):
    text = text.encode()
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + size + text + data


def described(descr="'<f4'", order="False", shape="(2,)", data=bytes(8)):
    return with_header(f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}", data)


def archive(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    return file.getvalue()


@given(st.sampled_from(TYPES).flatmap(lambda t: arrays(t, array_shapes(min_dims=0, min_side=0))))
def test_what_numpy_saves_is_read(array):
    read = read_npy(npy(array))
    assert read.dtype == array.dtype.newbyteorder("=")
    assert read.flags.c_contiguous
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_and_both_orders(version):
    array = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(read_npy(npy(array, version=version)), array)
    fortran = np.asfortranarray(array)
    assert b"'fortran_order': True" in npy(fortran)
    np.testing.assert_array_equal(read_npy(npy(fortran)), array)


def test_a_hand_written_header_is_read():
    assert read_npy(described()).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"PK\x03\x04" + bytes(40),
        b"\x93NUMPY\x04\x00" + npy([1])[8:],
        npy([1.0, 2.0])[:-1],
        npy([1.0, 2.0]) + b"\0",
        npy([1.0])[:40],
        described(shape="(3,)"),
        described(shape="(-2,)"),
        described(shape="(2.0,)"),
        described(shape="(True, 2)"),
        described(shape="[2]"),
        described(shape="(2**62, 4)"),
        described(shape=f"({2**62}, 0)", data=b""),
        described(shape=f"({2**62}, 4)"),
        described(shape="(" + "1, " * 40 + ")"),
        described(order="0"),
        described(descr="7"),
        with_header("{'descr': '<f4', 'fortran_order': False}", bytes(8)),
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", bytes(8)),
        with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\v", bytes(8)),
        with_header("__import__('os').getcwd()"),
        with_header("(" * 5000),
        with_header("[]"),
        with_header("7"),
        with_header("\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
        with_header(" " * 20_000 + "{}"),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
        described(descr="'|b1'", data=b"\1\2"),
    ],
)
def test_headers_that_lie_are_caught(data):
    with pytest.raises(CorruptFile):
        read_npy(data)


@pytest.mark.parametrize(
    "data",
    [
        npy(np.array([None, {}]), allow_pickle=True),
        npy(np.array(["text"])),
        npy(np.array([1j])),
        npy(np.zeros(2, [("a", "f4"), ("b", "i2")])),
        npy(np.array(["2020-01-01"], "M8[D]")),
        npy(np.zeros(2, "V4")),
        described(descr="'<f3'"),
        described(descr="'(2,)f4'"),
        described(descr="'f4,i4'"),
        described(descr="'<f0'"),
    ],
)
def test_what_holds_no_plain_numbers_is_refused(data):
    with pytest.raises(DataError):
        read_npy(data)


def test_files_are_named_and_bounded(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.arange(10))
    assert read_npy(path).tolist() == list(range(10))
    with pytest.raises(DataError, match=r"x\.npy"):
        read_npy(path, limit=100)
    with pytest.raises(InputError, match=r"y\.npy"):
        read_npy(tmp_path / "y.npy")


@given(st.data())
def test_mutated_npy_files_end_in_an_error_or_numbers(data):
    bad = bytearray(npy(np.arange(12, dtype=np.float32).reshape(3, 4)))
    for _ in range(data.draw(st.integers(0, 3))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            array = read_npy(bytes(bad))
        except DataError:
            return
    assert array.nbytes <= 48


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_of_numpy_are_read(tmp_path, save):
    save(tmp_path / "a.npz", x=np.eye(3), y=np.array([1, 2]), **{"a b/odd": np.zeros(1)})
    read = read_npz(tmp_path / "a.npz")
    assert sorted(read) == ["a b/odd", "x", "y"]  # names are keys, no paths
    np.testing.assert_array_equal(read["x"], np.eye(3))
    assert read["y"].tolist() == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def lying_size(data, promised):
    """The archive holds less than its directory promises."""
    size = struct.pack("<I", len(npy([1.0])))
    return data.replace(size * 2, struct.pack("<II", len(npy([1.0])), promised))


def overlapping():
    whole = archive(**{"a.npy": npy([1.0]), "b.npy": npy([2.0])})
    second = whole.index(b"PK\x03\x04", 4)
    return whole.replace(struct.pack("<I", second) + b"b.npy", bytes(4) + b"b.npy")


def duplicated():
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as target:
        warnings.simplefilter("ignore")
        target.writestr("a.npy", npy([1.0]))
        target.writestr("a.npy", npy([2.0]))
    return file.getvalue()


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a.npy", npy(np.zeros(2_000_000)))
    return file.getvalue()


def exotic():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as target:
        target.writestr("a.npy", npy([1.0]))
    return file.getvalue()


GOOD = archive(**{"a.npy": npy([1.0, 2.0])})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected an NPZ archive"),
        (b"no zip", "expected an NPZ archive"),
        (GOOD[:-30], "expected an NPZ archive"),
        (GOOD.replace(npy([1.0, 2.0]), npy([1.0, 3.0])), "CRC"),
        (archive(**{"a.txt": b"hello"}), r"no \.npy"),
        (archive(**{"a.npy": b"hello"}), "expected an NPY file"),
        (archive(**{"a.npy/": b""}), r"no \.npy"),
        (lying_size(archive(**{"a.npy": npy([1.0])}), 900_000), "no compression reaches"),
        (lying_size(archive(**{"a.npy": npy([1.0])}), 140), "expected 140 bytes, found 136"),
        (overlapping(), "overlap"),
        (duplicated(), "two members of one name"),
        (bomb(), "over 1000000 bytes"),
        (exotic(), "neither stored nor deflated"),
        (archive(**{f"{i}.npy": b"" for i in range(1001)}), "more than 1000"),
    ],
)
def test_archives_that_lie_are_caught(tmp_path, data, said):
    path = tmp_path / "hostile.npz"
    path.write_bytes(data)
    with pytest.raises(CorruptFile, match=said) as caught:
        read_npz(path, limit=1_000_000)
    assert "hostile.npz" in str(caught.value)


def test_an_encrypted_member_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    directory = GOOD.index(b"PK\x01\x02")
    path.write_bytes(GOOD[: directory + 8] + b"\x01\x00" + GOOD[directory + 10 :])
    with pytest.raises(CorruptFile, match="encrypted"):
        read_npz(path)


@settings(max_examples=300)
@given(st.data())
def test_mutated_archives_end_in_an_error_or_the_same_numbers(tmp_path_factory, data):
    bad = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    bad = bad[: data.draw(st.integers(0, len(bad)))] if data.draw(st.booleans()) else bad
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    path.write_bytes(bad)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read = read_npz(path)
        except DataError:
            return
    assert all(array.nbytes <= 16 for array in read.values())


def test_bytes_are_bounded_as_files_are():
    data = npy([1.0])
    assert read_npy(data, limit=len(data)).tolist() == [1.0]
    with pytest.raises(DataError, match=f"bytes: {len(data)} bytes; expected at most 100"):
        read_npy(data, limit=100)


def test_a_long_directory_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "hostile.npz"
    path.write_bytes(archive(**{f"{n:0100}.npy": b"" for n in range(1001)}))
    with monkeypatch.context() as patch:
        patch.setattr("groundup.data.npz.zipfile.ZipFile", pytest.fail)
        with pytest.raises(CorruptFile, match=r"hostile\.npz: an NPZ archive with more than 1000"):
            read_npz(path)
    path.write_bytes(archive(**{f"{n:0200}.npy": npy([n]) for n in range(600)}))  # long, but few
    assert len(read_npz(path)) == 600
