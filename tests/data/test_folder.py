"""Folders of pictures: classes in a fixed order, and what cannot be used told by its file."""

import errno
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from groundup.data.folder import read_folder
from groundup.data.picture import decode, look
from groundup.errors import CorruptFile, DataError, InputError

rng = np.random.default_rng(0)
grey = rng.integers(0, 256, (4, 6), np.uint8)
color = rng.integers(0, 256, (4, 6, 3), np.uint8)


def encoded(pixels, kind="PNG", **options):
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, kind, **options)
    return file.getvalue()


def header_only(kind, height, width):
    """The first bytes of a picture of any size."""
    if kind == "png":
        body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n\0\0\0\r" + body + struct.pack(">I", zlib.crc32(body))
    if kind == "bmp":
        return b"BM" + bytes(12) + struct.pack("<IiiHH", 40, width, -height, 1, 24) + bytes(30)
    frame = struct.pack(">BBHBHHB", 0xFF, 0xC0, 11, 8, height, width, 1)
    return b"\xff\xd8\xff\xe0\0\x04ab" + frame + bytes(50)


@pytest.fixture
def save(tmp_path):
    def write(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else encoded(content))
        return tmp_path

    return write


def test_classes_and_files_are_in_the_order_of_their_bytes(save):
    names = ["b/2.png", "b/10.png", "a/x.png", "B/y.png", "é/z.png"]
    read = read_folder(save({name: np.full((2, 2), k, np.uint8) for k, name in enumerate(names)}))
    assert read.y.tolist() == ["B", "a", "b", "b", "é"]
    assert read.x[:, 0, 0, 0].tolist() == [3, 2, 1, 0, 4]
    assert (read.x.dtype, read.x.shape) == (np.uint8, (5, 1, 2, 2))
    assert read.place(3).endswith("b/2.png")


@pytest.mark.parametrize("kind", ["png", "bmp"])
def test_pixels_are_kept(save, kind):
    read = read_folder(
        save({f"a/1.{kind}": encoded(color, kind), f"b/2.{kind}": encoded(grey, kind)})
    )
    np.testing.assert_array_equal(read.x[0], color.transpose(2, 0, 1))
    np.testing.assert_array_equal(read.x[1], np.broadcast_to(grey, (3, 4, 6)))  # one is in color


def test_jpeg_is_near(save):
    smooth = np.add.outer(np.arange(16) * 8, np.arange(24) * 4).astype(np.uint8)
    read = read_folder(
        save({"a/1.JPEG": encoded(smooth, "JPEG", quality=95), "b/2.jpg": encoded(smooth, "JPEG")})
    )
    assert read.x.shape == (2, 1, 16, 24)
    assert np.abs(read.x[0, 0].astype(int) - smooth).max() < 8


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_pictures_stand_upright_as_exif_says(turn, kind):
    corner = np.zeros((16, 32), np.uint8)
    corner[:8, :8] = 255  # white where row 0 and column 0 meet
    exif = Image.Exif()
    exif[0x0112] = turn
    data = encoded(corner, kind, exif=exif)
    seen = look(data, "a")
    assert (seen.height, seen.width) == ((32, 16) if turn >= 5 else (16, 32))
    shown = decode(data, "a", True, (seen.height, seen.width))
    # EXIF 2.3, 4.6.4: where the 0th row and the 0th column are to be seen.
    row, column = {
        1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0),
        5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0),
    }[turn]  # fmt: skip
    assert shown[row, column] > 200
    assert shown.sum() < 255 * 100


def test_a_train_and_a_test_folder(save):
    files = {f"{part}/{c}/1.png": grey for part in ("train", "test") for c in "ab"}
    read = read_folder(save({**files, "train/b/2.png": grey}))
    assert read.y.tolist() == ["a", "b", "b"]
    assert read.test is not None
    assert read.test.y.tolist() == ["a", "b"]


def test_several_sizes_need_to_be_told_one(save):
    folder = save({"a/1.png": grey, "b/2.png": np.zeros((5, 6), np.uint8)})
    with pytest.raises(
        DataError, match=r"b/2\.png: 5 × 6 pixels, but .*a/1\.png has 4 × 6.*--image-size"
    ):
        read_folder(folder)
    assert read_folder(folder, (8, 3)).x.shape == (2, 1, 8, 3)


def test_what_is_no_picture_is_left_out_and_said(save):
    read = read_folder(
        save({"a/1.png": grey, "a/notes.txt": b"x", "b/2.png": grey, ".DS_Store": b"", "b/.x": b""})
    )
    assert len(read.x) == 2
    assert len(read.notes) == 1
    assert "left out 1 that are no pictures, such as" in read.notes[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "begins with nothing"),
        (b"<html>", "begins with 3c 68"),
        (encoded(color)[:-40], "cut short"),
        (encoded(color, "JPEG")[:-40], "cannot be decoded"),
        (encoded(color, "BMP")[:-40], "cannot be decoded"),
        (encoded(Image.fromarray(color).convert("CMYK"), "JPEG"), "its colors are CMYK"),
        (encoded(np.dstack([color, grey])), "transparent"),
        (header_only("png", 10_000, 10_000), "10000 × 10000 pixels; expected at most"),
        (header_only("bmp", 10_000, 10_000), "10000 × 10000 pixels; expected at most"),
        (header_only("jpeg", 10_000, 10_000), "10000 × 10000 pixels; expected at most"),
        (header_only("png", 2**31, 2**31), "pixels; expected at most"),
    ],
)
def test_pictures_that_cannot_be_used_are_named(save, content, said):
    with pytest.raises(DataError, match=rf"b/bad\.png: .*{said}"):
        read_folder(save({"a/1.png": grey, "b/bad.png": content}), (4, 6))


def test_a_bomb_costs_its_header_alone(save):
    """100 megapixels in 100 kB: refused by size; 16 megapixels of zeros are what they say."""
    file = io.BytesIO()
    Image.new("L", (10_000, 10_000)).save(file, "PNG")
    with pytest.raises(DataError, match="10000 × 10000 pixels"):
        read_folder(save({"a/1.png": file.getvalue(), "b/2.png": grey}))


def test_a_picture_that_unpacks_to_more_than_it_says(save):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 6, 4, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    data += chunk(b"IDAT", zlib.compress(bytes(2**26))) + chunk(b"IEND", b"")
    try:
        read = read_folder(save({"a/1.png": data, "b/2.png": grey}))
    except CorruptFile:
        return
    assert not read.x[0].any()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"1.png": grey}, "holds no sub-folders: expected one for each class"),
        ({"a/1.png": grey, "b/notes.txt": b"x"}, "b holds no picture .*of the class 'b'"),
        ({"a/1.png": grey, "b/c/1.png": grey}, "b holds no picture"),
        ({"train/a/1.png": grey, "test/1.png": grey}, "test holds no sub-folders"),
    ],
)
def test_folders_that_are_none_of_classes(save, files, said):
    with pytest.raises(DataError, match=said):
        read_folder(save(files))


def test_more_pixels_than_memory_should_hold(save, monkeypatch):
    monkeypatch.setattr("groundup.data.folder.LIMIT", 100)
    with pytest.raises(DataError, match="2 pictures of 8 × 8 take 128 bytes: expected at most 100"):
        read_folder(save({"a/1.png": grey, "b/2.png": grey}), (8, 8))


@given(st.data())
def test_what_pillow_wrote_is_read_back(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("pictures")
    height, width = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    shape = (height, width, 3) if data.draw(st.booleans()) else (height, width)
    count = data.draw(st.integers(1, 3))
    drawn = np.frombuffer(
        data.draw(
            st.binary(min_size=count * int(np.prod(shape)), max_size=count * int(np.prod(shape)))
        ),
        np.uint8,
    ).reshape(count, *shape)
    for k, pixels in enumerate(drawn):
        (folder / f"c{k}").mkdir()
        Image.fromarray(pixels).save(folder / f"c{k}" / "a.png")
    read = read_folder(folder)
    expected = drawn.transpose(0, 3, 1, 2) if len(shape) == 3 else drawn[:, None]
    np.testing.assert_array_equal(read.x, expected)


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=f"cannot read {tmp_path}: Permission denied. Choose"):
        read_folder(tmp_path)
