"""Elements, escaping, and text that must fit."""

import xml.etree.ElementTree as ET

import pytest
from markupsafe import Markup

from groundup.report import style, svg

NASTY = "<script>alert('1')</script> & \"quotes\""


def test_content_and_attributes_are_escaped():
    element = ET.fromstring(svg.tag("text", NASTY, aria_label=NASTY))
    assert element.text == NASTY
    assert element.get("aria-label") == NASTY


def test_markup_is_not_escaped_twice():
    assert svg.tag("g", svg.tag("text", "a < b")) == "<g><text>a &lt; b</text></g>"


def test_a_named_color_becomes_value_and_class():
    element = ET.fromstring(svg.tag("rect", fill="blue", stroke="none", class_="hint"))
    assert element.get("fill") == style.COLORS["blue"].light
    assert element.get("stroke") == "none"
    assert element.get("class") == "hint fill-blue"


def test_characters_that_no_file_can_hold_are_replaced():
    drawing = svg.figure("a\x00b\ud800", "\x1b", 10, 10, [])
    assert ET.fromstring(drawing).findtext("title") == "a\ufffdb\ufffd"
    drawing.encode("utf-8")


def test_figure_says_what_it_is():
    drawing = ET.fromstring(svg.figure("Loss", "Falls.", 480, 280, [svg.text(1, 2, "x")]))
    assert drawing.get("role") == "img"
    assert drawing.get("viewBox") == "0 0 480 280"
    assert (drawing.findtext("title"), drawing.findtext("desc")) == ("Loss", "Falls.")


def test_standalone_file_has_namespace_paper_and_both_schemes():
    alone = svg.standalone(svg.figure("a > b", "", 10, 10, []))
    root = ET.fromstring(alone)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.find("{*}rect").get("class") == "fill-paper"
    assert "prefers-color-scheme" in root.findtext("{*}style")
    assert root.findtext("{*}title") == "a > b"


@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_shortened_words_fit(width):
    words = svg.shorten("momentum with a coefficient", width)
    assert svg.text_width(words) <= max(width, svg.text_width("…")) + 0.02


def test_what_fits_exactly_is_not_shortened():
    for words in ("a", "adam", "early stop", "경사하강법"):
        assert svg.shorten(words, svg.text_width(words)) == words


def test_wrapped_lines_fit_and_hold_all_words():
    words = "everything that there is to say about the learning rate"
    lines = svg.wrap(words, 150, "title", bold=True)
    assert " ".join(lines) == words
    assert len(lines) > 1
    assert all(svg.text_width(line, "title", bold=True) <= 150 for line in lines)


def test_text_is_placed_and_turned():
    element = ET.fromstring(svg.text(3, 4, "x", anchor="end", rotate=-45, bold=True))
    assert element.get("text-anchor") == "end"
    assert element.get("transform") == "rotate(-45 3 4)"
    assert element.get("font-weight") == "600"
    assert isinstance(svg.text(0, 0, ""), Markup)


def test_a_figure_shows_itself_in_a_notebook():
    drawing = svg.figure("Title", "words", 20, 10, [svg.text(0, 0, "a < b")])
    shown = drawing._repr_html_()
    assert shown.startswith("<div")
    assert str(drawing) in shown
    assert repr(drawing) == f"<figure of {len(drawing):,} characters>"
    assert f"{Markup('{}').format(drawing)}" == str(drawing)  # as safe as any Markup
