"""The palette keeps what it promises: legible as text, told apart by color-blind readers."""

import itertools

import numpy as np
import pytest

from groundup.report import cells, style

# Severe color blindness as a matrix on linear RGB.   [Machado, Oliveira & Fernandes 2009]
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
SCHEMES = ("light", "dark")


def coded(name, scheme):
    value = getattr(style.COLORS[name], scheme)
    return np.array([int(value[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def to_linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Of two coded colors, after WCAG 2."""
    low, high = sorted(float(to_linear(rgb) @ [0.2126, 0.7152, 0.0722]) for rgb in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(rgb):
    cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    axes = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(axes) @ np.cbrt(np.array(cones) @ np.clip(rgb, 0, 1))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["ink", "muted", *style.SERIES])
def test_every_color_of_words_is_legible_on_paper(name, scheme):
    assert contrast(coded(name, scheme), coded("paper", scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("sight", SIGHT)
def test_series_colors_differ_for_every_sight(sight, scheme):
    seen = [oklab(np.array(SIGHT[sight]) @ to_linear(coded(name, scheme))) for name in style.SERIES]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 0.08


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("hue", [style.RIGHT, style.WRONG])
def test_numbers_in_cells_are_legible_at_every_strength(hue, scheme):
    ground, color = coded("panel", scheme), coded(hue, scheme)
    for strength in np.linspace(0, 1, 101):
        words = coded("paper" if strength > cells.INK_UNTIL else "ink", scheme)
        assert contrast(ground + strength * (color - ground), words) > 3.7


def test_style_sheet_has_every_color_in_both_schemes():
    sheet = style.css()
    for name, color in style.COLORS.items():
        assert f"--{name}:{color.light};" in sheet
        assert f"--{name}:{color.dark};" in sheet
        assert f".stroke-{name}{{stroke:var(--{name})}}" in sheet
