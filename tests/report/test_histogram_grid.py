"""Small histograms in rows and columns."""

import re

import pytest

from groundup.errors import ShapeError
from groundup.report.histogram_grid import Bins, histogram_grid


def heights(drawing):
    """Of the bars of each histogram, in pixels."""
    return [
        [float(tall) for tall in re.findall(r"v-([\d.]+)", d)]
        for d in re.findall(r'd="([^"]*)"[^>]*class="bars', str(drawing))
    ]


def one(counts, **options):
    return histogram_grid([[Bins(counts)]], ["row"], ["column"], (0, 1), title="x", **options)


def test_bars_are_as_tall_as_counts_say():
    ((low, high),) = heights(one([1, 4]))
    assert high == pytest.approx(4 * low)


def test_an_empty_bin_has_no_bar():
    assert len(heights(one([3, 0, 1]))[0]) == 2


def test_a_bar_above_the_most_is_cut_and_notched():
    counts = [90, 6, 4]
    assert 'stroke-width="2"' not in one(counts)
    cut = one(counts, most=0.12)
    ((first, second, _),) = heights(cut)
    assert second == pytest.approx(first / 2)  # 6 % beside a bar cut at 12 %
    assert re.search(r'd="M[^"]+l[^"]+" stroke="#ffffff"', cut)


def test_without_limits_there_is_no_axis():
    grid = histogram_grid([[Bins([1])]], ["row"], ["column"], None, title="x")
    assert ">0.5<" in one([1])
    assert ">0.5<" not in grid


def test_labels_and_histograms_must_be_as_many():
    with pytest.raises(ShapeError, match="one for each label"):
        histogram_grid([[Bins([1])]], ["a", "b"], ["c"], (0, 1), title="x")
