import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from groundup.data import read_images, read_samples
from groundup.errors import CorruptFile, DataError, InputError, ShapeError

rng = np.random.default_rng(0)
grey = rng.integers(0, 256, (5, 7), np.uint8)
color = rng.integers(0, 256, (5, 7, 3), np.uint8)


def png(pixels, **options):
    file = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(
        file, "PNG", **options
    )
    return file.getvalue()


@pytest.fixture
def save(tmp_path):
    def write(content, name="a.png"):
        path = tmp_path / name
        if name.endswith(".npy"):
            np.save(path, content)
        elif name.endswith(".npz"):
            np.savez(path, **content)
        else:
            path.write_bytes(content if isinstance(content, bytes) else png(content))
        return path

    return write


def test_a_grey_picture(save):
    x = read_samples(save(grey), (1, 5, 7))
    assert x.dtype == np.uint8
    np.testing.assert_array_equal(x, grey[np.newaxis, np.newaxis])


def test_a_color_picture_is_channels_first_or_turned_grey(save):
    path = save(color)
    np.testing.assert_array_equal(read_samples(path, (3, 5, 7))[0], color.transpose(2, 0, 1))
    expected = np.asarray(Image.fromarray(color).convert("L"))
    np.testing.assert_array_equal(read_samples(path, (1, 5, 7))[0, 0], expected)


def test_a_grey_picture_for_a_color_network(save):
    x = read_samples(save(grey), (3, 5, 7))
    np.testing.assert_array_equal(x, np.broadcast_to(grey, (1, 3, 5, 7)))


def test_sixteen_bits_are_scaled_not_cut_off(save):
    deep = grey.astype(np.uint16) * 257
    np.testing.assert_array_equal(read_samples(save(deep), (1, 5, 7))[0, 0], grey)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA"])
def test_other_kinds_of_pixels(save, mode):
    black_and_white = Image.fromarray((grey > 127).astype(np.uint8) * 255)
    x = read_samples(save(png(black_and_white.convert(mode))), (1, 5, 7))
    np.testing.assert_array_equal(x[0, 0], (grey > 127) * 255)


def test_a_picture_that_one_can_see_through_is_refused(save):
    see_through = np.dstack([color, np.full((5, 7), 100, np.uint8)])
    with pytest.raises(DataError, match=r"a\.png: parts of the picture are transparent"):
        read_samples(save(see_through), (1, 5, 7))
    palette = Image.fromarray(grey).convert("P")
    with pytest.raises(DataError, match="transparent"):
        read_samples(save(png(palette, transparency=int(np.asarray(palette)[0, 0]))), (1, 5, 7))


def test_a_network_of_features_sees_the_pixels_in_rows(save):
    np.testing.assert_array_equal(read_samples(save(grey), (35,)), grey.reshape(1, 35))
    assert read_samples(save(grey), (16,), resize=True).shape == (1, 16)
    with pytest.raises(ShapeError, match="5 × 7 pixels; the network takes 4 × 4"):
        read_samples(save(grey), (16,))
    with pytest.raises(ShapeError, match="cannot be shown a picture"):
        read_samples(save(grey), (13,))


@pytest.mark.parametrize("in_shape", [(2, 5, 7), (5, 7), (1, 1, 5, 7), ()])
def test_a_network_that_takes_no_pictures_is_not_shown_one(save, in_shape):
    with pytest.raises(ShapeError, match="cannot be shown a picture; give it an NPY file"):
        read_samples(save(grey), in_shape)


def test_another_size_is_refused_unless_scaling_is_asked_for(save):
    path = save(np.kron(grey, np.ones((4, 4), np.uint8)))
    with pytest.raises(ShapeError, match=r"20 × 28 pixels; the network takes 5 × 7.*resize=True"):
        read_samples(path, (1, 5, 7))
    x = read_samples(path, (1, 5, 7), resize=True).astype(float)
    assert abs(x.mean() - grey.mean()) < 3  # averaged, not sampled
    assert read_samples(path, (3, 2, 3), resize=True).shape == (1, 3, 2, 3)


def test_thin_strokes_survive_the_scaling(save):
    line = np.zeros((280, 280), np.uint8)
    line[:, 145] = 255
    x = read_samples(save(line), (1, 28, 28), resize=True)
    assert (x[0, 0, :, 14] > 10).all()


def test_white_is_what_the_training_data_says(save):
    x = read_samples(save(grey), (1, 5, 7), white=16)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[0, 0], grey / 255 * 16, rtol=1e-6)


@pytest.mark.parametrize("shape", [(4, 1, 5, 7), (4, 5, 7), (1, 5, 7), (5, 7)])
def test_arrays_of_one_or_many_samples(save, shape):
    array = rng.normal(size=shape).astype(np.float32)
    x = read_samples(save(array, "a.npy"), (1, 5, 7))
    np.testing.assert_array_equal(x, array.reshape(-1, 1, 5, 7))


def test_rows_of_features(save):
    assert read_samples(save(np.zeros((4, 3)), "a.npy"), (3,)).shape == (4, 3)
    assert read_samples(save(np.zeros(3), "a.npy"), (3,)).shape == (1, 3)


@pytest.mark.parametrize("shape", [(35,), (4, 3, 5, 7), (4, 7, 5), (2, 2, 1, 5, 7), ()])
def test_arrays_of_other_shapes_are_refused(save, shape):
    with pytest.raises(ShapeError, match=r"a\.npy: an array of shape"):
        read_samples(save(np.zeros(shape), "a.npy"), (1, 5, 7))


def test_archives_with_one_array_or_one_named_x(save):
    one, both = {"anything": grey}, {"x": grey, "y": np.arange(3)}
    for content in (one, both):
        np.testing.assert_array_equal(read_samples(save(content, "a.npz"), (1, 5, 7))[0, 0], grey)
    with pytest.raises(DataError, match="holds p, q; expected one array"):
        read_samples(save({"p": grey, "q": grey}, "a.npz"), (1, 5, 7))
    with pytest.raises(DataError, match="holds nothing"):
        read_samples(save({}, "a.npz"), (1, 5, 7))


def test_several_files_in_a_row(save):
    paths = [save(grey, "b.png"), save(np.stack([grey, grey, grey]), "a.npy")]
    x = read_images(paths, (1, 5, 7))
    assert x.dtype == np.uint8
    np.testing.assert_array_equal(x, np.broadcast_to(grey, (4, 1, 5, 7)))
    with pytest.raises(DataError, match="no file"):
        read_images([], (1, 5, 7))


def test_files_that_are_not_there_or_of_no_known_kind(save, tmp_path):
    with pytest.raises(InputError, match=r"b\.png"):
        read_samples(tmp_path / "b.png", (1, 5, 7))
    with pytest.raises(DataError, match=r"a\.txt: expected a file ending in"):
        read_samples(save(b"hello", "a.txt"), (1, 5, 7))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected a PNG, JPEG or BMP picture; it begins with nothing"),
        (b"<!doctype html>", "expected a PNG, JPEG or BMP picture; it begins with 3c 21"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "cannot be decoded"),
        (png(grey)[:30], "cut short after 8 bytes"),
        (png(grey)[:-30], "cut short after 33 bytes"),
        (png(grey).replace(b"IDAT", b"IDAX"), "fails its checksum"),
    ],
)
def test_damaged_pictures_are_named(save, data, said):
    with pytest.raises(CorruptFile, match=rf"a\.png: .*{said}"):
        read_samples(save(data), (1, 5, 7))


def test_a_huge_picture_is_refused_before_it_is_decoded(save):
    header = b"IHDR" + struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header))
    with pytest.raises(DataError, match="10000 × 10000 pixels; expected at most"):
        read_samples(save(data), (1, 28, 28), resize=True)


def test_a_moving_picture_is_refused(save):
    frames = [Image.fromarray(grey), Image.fromarray(255 - grey)]
    data = png(frames[0], save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match="animated"):
        read_samples(save(data), (1, 5, 7))


def test_a_photograph_of_two_lenses_is_refused(save):
    """A JPEG by its first bytes, with another picture behind: which of them is meant?"""
    file = io.BytesIO()
    Image.fromarray(color).save(
        file, "MPO", save_all=True, append_images=[Image.fromarray(255 - color)]
    )
    with pytest.raises(DataError, match=r"a\.jpg: 2 pictures in one file; expected one"):
        read_samples(save(file.getvalue(), "a.jpg"), (3, 5, 7))


@settings(max_examples=200)
@given(st.data())
def test_mutated_pictures_end_in_an_error_or_pixels(tmp_path_factory, data):
    bad = bytearray(png(data.draw(st.sampled_from([grey, color, grey > 100]))))
    for _ in range(data.draw(st.integers(1, 3))):
        bad[data.draw(st.integers(8, len(bad) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("png") / "a.png"
    path.write_bytes(
        bad[: data.draw(st.integers(0, len(bad)))] if data.draw(st.booleans()) else bad
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            x = read_samples(path, (1, 5, 7), resize=True)
        except DataError:
            return
    assert (x.shape, x.dtype) == ((1, 1, 5, 7), np.uint8)
