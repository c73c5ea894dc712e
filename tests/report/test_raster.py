"""Drawings as PNG."""

import io

import numpy as np
import pytest
from markupsafe import Markup
from PIL import Image

from groundup.report import svg
from groundup.report.bars import bars
from groundup.report.raster import as_png, hangul_font


def pixels(drawing: Markup) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(as_png(drawing))).convert("RGB"))


def test_colors_and_places() -> None:
    square = svg.tag("rect", x=10, y=5, width=10, height=10, fill="blue")
    image = pixels(svg.figure("A square", "", 40, 20, [square]))
    assert image.shape == (2 * (20 + 24), 2 * (40 + 24), 3)  # two pixels for each, and a margin
    assert image[24 + 20, 24 + 30].tolist() == [0x25, 0x6F, 0xCF]
    assert image[2, 2].tolist() == [255, 255, 255]


def test_words_are_drawn() -> None:
    named, bare = (pixels(bars([name], [1.0], title="")) for name in ("a name", " "))
    assert (named != bare).any()


def test_the_same_bytes_again() -> None:
    drawing = bars(["a", "b"], [1.0, 2.0], title="Twice")
    assert as_png(drawing) == as_png(drawing)


@pytest.mark.skipif(hangul_font() is None, reason="the system has no font with Korean letters")
def test_korean_words_are_drawn() -> None:
    """Letters that no font has would all be the same box, or nothing."""
    pictures = [as_png(bars([name], [1.0], title="")) for name in ("손", "실", "뷁", " ")]
    assert len(set(pictures)) == 4
