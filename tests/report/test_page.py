"""Pages: one file, well-formed, nothing loaded, nothing unescaped."""

import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from groundup.report import (
    Fact,
    Section,
    Series,
    beside,
    code,
    folded,
    line_chart,
    paragraph,
    render_page,
    table,
    write_page,
)

VOID = {"meta", "img", "br", "hr", "link", "input"}
NASTY = "<script>alert(1)</script>"


class Reader(HTMLParser):
    """Checks that elements are closed in order, and keeps their names and the text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.text, self.attributes = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page(**options):
    chart = line_chart([Series("a", [1, 2], [1.0, 2.0])], title="Loss")
    sections = [
        Section("Curves", beside(chart, paragraph("one")), "note"),
        Section("Files", code("a < b") + folded("more", table({"x": None}, [("y",)]))),
        Section("Text", "plain"),
    ]
    return render_page("Digits", "97.8 % right", sections, **options)


def test_page_is_well_formed_and_in_order():
    reader = Reader(page(lead="lead", facts=[Fact("Loss", "0.1", "low")], footer="foot"))
    assert reader.seen.count("h1") == 1
    assert reader.seen.count("h2") == 3
    assert ("href", "#s2") in reader.attributes
    assert ("id", "s2") in reader.attributes
    words = [text.strip() for text in reader.text if text.strip()]
    order = [
        words.index(word) for word in ("97.8 % right", "lead", "low", "Files", "a < b", "foot")
    ]
    assert order == sorted(order)


def test_page_loads_nothing_and_runs_nothing():
    html = page(lead="x", warning="y")
    assert not re.search(r"https?://|//[a-z]|@import|url\(", html)
    reader = Reader(html)
    assert not {"script", "link", "iframe", "object"} & set(reader.seen)
    loaded = [value for name, value in reader.attributes if name in ("src", "href")]
    assert all(value.startswith(("#", "data:")) for value in loaded)
    assert "default-src 'none'" in html


def test_everything_given_as_text_is_escaped():
    html = render_page(
        NASTY, NASTY, [Section(NASTY, NASTY, NASTY)] * 3, lead=NASTY, warning=NASTY,
        facts=[Fact(NASTY, NASTY, NASTY)], footer=NASTY, lang='"><script>',
    )  # fmt: skip
    assert "script" not in Reader(html).seen
    for block in (paragraph(NASTY), code(NASTY), folded(NASTY, NASTY), beside(NASTY)):
        assert "script" not in Reader(block).seen


def test_markup_given_as_body_is_kept():
    assert "<b>bold</b>" in render_page("t", "h", [Section("s", Markup("<b>bold</b>"))])


def test_short_page_has_no_empty_parts():
    seen = Reader(render_page("t", "h", [])).seen
    assert not {"nav", "dl", "footer", "section"} & set(seen)


def test_both_schemes_and_print_are_styled():
    html = page()
    assert "prefers-color-scheme:dark" in html
    assert "@media print" in html
    assert 'name="viewport"' in html


def test_characters_that_no_file_can_hold_are_replaced():
    html = render_page("a\x00b\ud800", "h", [])
    assert "<title>a\ufffdb\ufffd</title>" in html
    html.encode("utf-8")


def test_same_input_same_bytes():
    assert page() == page()


def test_table_aligns_numbers_and_shows_shares():
    html = table(
        {"layer": None, "parameters": "{:,}".format},
        [("dense_1", 3000), (NASTY, 1000), ("flatten_1", None), ("relu_1", 0)],
        total=("total", 4000),
        bars=("parameters",),
    )
    reader = Reader(html)
    assert "script" not in reader.seen
    assert [value for name, value in reader.attributes if name == "style"] == [
        "--share:75.0%",
        "--share:25.0%",
    ]
    words = [text.strip() for text in reader.text if text.strip()]
    assert words[:4] == ["layer", "parameters", "dense_1", "3,000"]
    assert words[-2:] == ["total", "4,000"]
    assert "–" in words


def test_table_of_nothing_and_of_rows_that_do_not_fit():
    assert "nothing to show" in table({"a": None}, [])
    with pytest.raises(ValueError, match="zip"):
        table({"a": None, "b": None}, [("x",)])


def test_write_page(tmp_path):
    write_page(tmp_path / "report.html", "<p>ü</p>\n")
    assert (tmp_path / "report.html").read_bytes() == "<p>ü</p>\n".encode()
