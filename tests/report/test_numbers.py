"""Numbers in words."""

import math

import pytest

from groundup.report import numbers
from groundup.report.numbers import THIN


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"), (-0.0, "0"), (1, "1"), (0.1 + 0.2, "0.3"), (99.95, "100"),
        (0.00012345, "0.000123"), (0.0000999, "9.99×10⁻⁵"), (123456, "123,456"),
        (1e7, "10⁷"), (-1.5e-9, "−1.5×10⁻⁹"), (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_number(value, words):
    assert numbers.number(value) == words


@pytest.mark.parametrize(
    ("share", "of", "words"),
    [
        (1.0, 10, "100"), (0.0, 10, "0"), (0.9999, 1000, "99.9"), (0.99999, 10_000, "99.99"),
        (0.9756, 100, "97.6"), (1 - 1e-16, 10, "100"),
    ],
)  # fmt: skip
def test_percent_is_100_only_for_all(share, of, words):
    assert numbers.percent(share, of) == f"{words}{THIN}%"


def test_percent_of_nothing():
    assert numbers.percent(math.nan) == "NaN"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599.6, "1 h 0 min"), (math.nan, "NaN")],
)
def test_duration(seconds, words):
    assert numbers.duration(seconds).replace(THIN, " ") == words


def test_size_of_large_files():
    assert numbers.size(5 * 1024**4).replace(THIN, " ") == "5 TiB"
    assert numbers.size(1536).replace(THIN, " ") == "1.5 KiB"
