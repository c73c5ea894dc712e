"""Confusion matrices and heat maps, read back from their SVG."""

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from groundup.errors import ShapeError
from groundup.report import confusion_matrix, heatmap


def cells_of(drawing):
    """(hue, opacity, words) by the text under the pointer."""
    cells = {}
    for group in ET.fromstring(drawing).iter("g"):
        rect, words = group.find("rect"), group.find("text")
        cells[group.findtext("title")] = (
            rect.get("class"),
            float(rect.get("fill-opacity")),
            words.text if words is not None else "",
        )
    return cells


def words_of(drawing):
    return [text.text for text in ET.fromstring(drawing).iter("text")]


def test_cells_tell_count_share_and_kind():
    cells = cells_of(confusion_matrix(np.array([[8, 2], [0, 1000]]), ["cat", "dog"]))
    assert cells == {
        "cat as cat: 8 of 10 (80.0\u202f%)": ("fill-blue", 0.89, "8"),
        "cat as dog: 2 of 10 (20.0\u202f%)": ("fill-rust", 0.45, "2"),
        "dog as dog: 1,000 of 1,000 (100\u202f%)": ("fill-blue", 1.0, "1,000"),
    }


def test_rows_are_the_truth():
    drawing = confusion_matrix(np.array([[1, 3], [0, 1]]), ["a", "b"])
    assert "a as b: 3 of 4 (75.0\u202f%)" in cells_of(drawing)


def test_recall_and_precision():
    words = words_of(confusion_matrix(np.array([[199, 1, 0], [0, 0, 0], [0, 0, 3]]), list("abc")))
    after = words[words.index("recall, %") + 4 :]
    assert after[:3] == ["99", "–", "100"]  # 99.5 is not 100
    assert words[words.index("precision, %") + 1 :] == ["100", "0", "100"]


@pytest.mark.parametrize("size", [1, 2, 3, 10, 30, 100])
def test_every_size_stays_inside_its_figure(size):
    counts = np.diag(np.full(size, 12345)) + 1
    labels = [f"the class number {i}" for i in range(size)]
    drawing = ET.fromstring(confusion_matrix(counts, labels))
    width, height = float(drawing.get("width")), float(drawing.get("height"))
    for rect in drawing.iter("rect"):
        assert float(rect.get("x")) >= 0
        assert float(rect.get("x")) + float(rect.get("width")) <= width
        assert float(rect.get("y")) + float(rect.get("height")) <= height
    for text in drawing.iter("text"):
        assert 0 < float(text.get("y")) <= height
    numbers = [text for group in drawing.iter("g") for text in group.iter("text")]
    assert len(numbers) == (size * size if size <= 40 else 0)


def test_labels_lie_flat_where_there_is_room():
    flat = confusion_matrix(np.eye(3, dtype=int), ["Iris-setosa", "Iris-versicolor", "Iris-x"])
    tilted = confusion_matrix(np.eye(10, dtype=int), [f"Iris-versicolor {i}" for i in range(10)])
    assert "rotate" not in flat
    assert "rotate(-45" in tilted


def test_names_are_escaped_and_counts_checked():
    drawing = confusion_matrix(np.ones((2, 2), int), ["<script>", "&"])
    assert "<script> as &: 1 of 2 (50.0\u202f%)" in cells_of(drawing)
    with pytest.raises(ShapeError, match=r"\(3, 3\) for 3 labels, got \(2, 2\)"):
        confusion_matrix(np.ones((2, 2), int), list("abc"))


def test_heatmap_colors_by_sign_and_size():
    cells = cells_of(heatmap(np.array([[2.0, -1.0], [math.nan, 0.0]]), ["r", "s"], ["c", "d"]))
    assert cells == {
        "r, c: 2": ("fill-blue", 1.0, "2"),
        "r, d: −1": ("fill-rust", 0.5, "−1"),
        "s, c: NaN": ("fill-blue", 0.0, "NaN"),
        "s, d: 0": ("fill-blue", 0.0, "0"),
    }


def test_heatmap_of_nothing_and_of_another_shape():
    assert "no values" in words_of(heatmap(np.zeros((0, 0)), [], []))
    with pytest.raises(ShapeError, match=r"\(1, 2\), got \(2, 1\)"):
        heatmap(np.zeros((2, 1)), ["a"], ["b", "c"])
