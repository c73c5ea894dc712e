"""Galleries: whose pictures stand where, and what becomes a file."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from groundup.data import Dataset, digits
from groundup.data.augment import Augment, RandomNoise, RandomShift, augmentations
from groundup.errors import InputError, ShapeError
from groundup.report.gallery import (
    MAGNITUDES,
    Gallery,
    draw,
    magnitudes,
    mosaic,
    variants,
    write_gallery,
)
from groundup.report.pictures import png
from groundup.rng import Stream

DIGITS = digits.load()
SVG = "{http://www.w3.org/2000/svg}"


def test_a_row_for_each_class_and_a_column_for_each_epoch():
    augment = Augment([RandomShift(2)])
    gallery = variants(DIGITS, augment, seed=3, columns=2)
    assert gallery.columns == ["original", "epoch 1", "epoch 2"]
    assert [name for name, _ in gallery.rows] == [str(n) for n in range(10)]
    assert gallery.subtitle == "shift(pixels=2); seed 3"
    n = int(np.flatnonzero(DIGITS.y_train == 7)[0])
    x = DIGITS.x_train[n : n + 1]
    _, (original, _, second) = gallery.rows[7]
    np.testing.assert_allclose(original, x[0] / 16)
    shown = augment.fit(DIGITS.x_train)(x, [n], Stream(3).at(epoch=1))
    np.testing.assert_allclose(second, shown[0] / 16)
    assert len(variants(DIGITS, augment, rows=3).rows) == 3


def test_magnitudes_grow_from_nothing():
    operations = [augmentations[name]() for name in augmentations.names()]
    gallery = magnitudes(DIGITS, operations)
    assert len(gallery.rows) == len(operations)
    for name, images in gallery.rows:
        change = [float(np.abs(image - images[0]).sum()) for image in images]
        assert len(images) == len(MAGNITUDES)
        assert change == sorted(change) or name in ("shift", "zoom"), name
        assert change[-1] > 0
        np.testing.assert_allclose(images[0], DIGITS.x_train[0] / 16)


def test_values_without_classes():
    x = np.zeros((4, 3, 5, 5), np.float32)
    x[2] = 1
    data = Dataset("heights", x, np.arange(4.0), x, np.arange(4.0), ())
    gallery = variants(data, Augment([RandomNoise(0.1)]), rows=2, columns=1)
    assert [name for name, _ in gallery.rows] == ["sample 0", "sample 1"]
    assert mosaic(gallery).shape[0] == 3


def test_features_are_no_pictures():
    x = np.zeros((4, 6))
    data = Dataset("flat", x, np.arange(4) % 2, x, np.arange(4) % 2, ("a", "b"))
    with pytest.raises(ShapeError, match="expected images"):
        variants(data, Augment(["shift"]))


PAIR = Gallery("a < b", "x & y", ["one", "two"], [("row", [np.eye(2), np.zeros((1, 2, 2))])])


def test_the_figure_holds_every_picture_with_its_words():
    figure = ET.fromstring(f'<svg xmlns="{SVG[1:-1]}">{draw(PAIR)}</svg>')
    images = figure.findall(f".//{SVG}image")
    assert len(images) == 2
    assert float(images[0].get("x")) < float(images[1].get("x"))
    assert images[0].get("y") == images[1].get("y")
    words = [text.text for text in figure.iter(f"{SVG}text")]
    assert words == ["a < b", "x & y", "one", "two", "row"]
    bare = [text.text for text in ET.fromstring(str(draw(PAIR, headed=False))).iter("text")]
    assert bare == ["one", "two", "row"]


def test_the_mosaic_is_made_of_enlarged_pixels():
    picture = np.asarray(Image.open(io.BytesIO(png(mosaic(PAIR)))))
    zoom, gap = 34, 5
    assert picture.shape == (2 * zoom + 2 * gap, 2 * 2 * zoom + 3 * gap, 3)
    assert (picture[:gap] == 255).all()
    assert (picture[gap : gap + zoom, gap : gap + zoom] == 255).all()
    assert (picture[gap : gap + zoom, gap + zoom : gap + 2 * zoom] == 0).all()


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.svg", b"<svg xmlns"), ("a.HTML", b"<!doctype html"), ("a.png", b"\x89PNG")],
)  # fmt: skip
def test_files(tmp_path, name, begins):
    write_gallery(tmp_path / name, PAIR)
    assert (tmp_path / name).read_bytes().lower().startswith(begins.lower())


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.svg or \.html or \.png"):
        write_gallery(tmp_path / "a.gif", PAIR)
    assert not list(tmp_path.iterdir())
