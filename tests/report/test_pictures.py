"""Pictures: the PNG is what another reader reads back."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from groundup.errors import InputError, ShapeError
from groundup.report import image_grid
from groundup.report.pictures import png, to_bytes


def read(data):
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (28, 17)])
def test_gray_comes_back(shape):
    image = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
    assert (read(png(image)) == image).all()
    assert (read(png(image[None])) == image).all()


def test_color_comes_back():
    image = np.random.default_rng(0).integers(0, 256, (3, 5, 4)).astype(np.uint8)
    assert (read(png(image)) == image.transpose(1, 2, 0)).all()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[0.0, 0.5, 1.0]], [[0, 128, 255]]),
        ([[0.25, 0.25]], [[64, 64]]),
        ([[0, 8, 16]], [[0, 128, 255]]),
        ([[-1.0, np.nan, 1.0]], [[0, 0, 255]]),
        ([[-1e308, 0.0, 1e308]], [[0, 128, 255]]),
        ([[np.nan, np.inf]], [[0, 0]]),
        ([[7.0, 7.0]], [[0, 0]]),
        ([[True, False]], [[255, 0]]),
    ],
)
def test_range_of_numbers(values, expected):
    assert to_bytes(np.array(values)).tolist() == expected


def test_the_given_image_is_left_alone():
    image = np.array([[-1.0, 1.0]])
    image.setflags(write=False)
    to_bytes(image)


@pytest.mark.parametrize("shape", [(5,), (2, 4, 4), (4, 4, 3), (0, 4), (1, 1, 4, 4)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ShapeError, match="expected \\(H, W\\)"):
        png(np.zeros(shape))


def test_grid_holds_each_picture_with_its_caption():
    images = [np.eye(3), np.zeros((2, 2))]
    html = image_grid(images, ["<one>", "two"])
    sources = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert [read(base64.b64decode(source)).shape for source in sources] == [(3, 3), (2, 2)]
    assert "<figcaption>&lt;one&gt;</figcaption>" in html
    assert 'alt="two"' in html


def test_grid_without_pictures_and_with_too_few_captions():
    assert "No pictures" in image_grid([], [])
    with pytest.raises(InputError, match="1 images and 0 captions"):
        image_grid([np.eye(2)], [])
