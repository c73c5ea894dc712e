"""One page in one file: a headline that says the result, then sections of text, tables and figures.

Nothing is loaded from elsewhere and no script runs, so a page can be mailed, archived and printed.
What is `Markup` is HTML; any other string is text and will be escaped.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from groundup.report import style
from groundup.report.svg import clean
from groundup.report.templates import render
from groundup.report.words import Table
from groundup.storage import write_text

Columns = Mapping[str, Callable[[Any], str] | None]
"""A table's columns by name; one with a number format is right-aligned, one with None is text."""


@dataclass(frozen=True)
class Section:
    """A part of a page, with a sentence or two that say what is to be seen."""

    title: str
    body: str
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """A number of the page's head."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class _Cell:
    words: str
    numeric: bool
    share: str | None = None


def render_page(
    title: str,
    headline: str,
    sections: Sequence[Section],
    *,
    lead: str = "",
    warning: str = "",
    facts: Sequence[Fact] = (),
    footer: str = "",
    lang: str = "en",
) -> str:
    """The whole page: `title` names the matter, `headline` says the main result in words.

    >>> page = render_page("Digits", "97.8 % right", [Section("Curves", "a < b")])
    >>> "<h1>97.8 % right</h1>" in page, "a &lt; b" in page
    (True, True)
    """
    page = render(
        "page.html", title=title, headline=headline, sections=sections, lead=lead,
        warning=warning, facts=facts, footer=footer, lang=lang,
        palette=Markup(style.css()), font=style.FONT, mono=style.MONO,
        page_width=style.PAGE_WIDTH,
    )  # fmt: skip
    return clean(str(page))


def write_page(path: Path | str, page: str) -> None:
    """Write the page, whole or not at all; raises StorageError where that fails."""
    write_text(Path(path), page)


def table(
    columns: Columns,
    rows: Iterable[Sequence[Any]],
    *,
    total: Sequence[Any] | None = None,
    bars: Sequence[str] = (),
) -> Markup:
    """A table; None is shown as a dash. In the columns named by `bars` a line shows the share.

    >>> html = table({"layer": None, "parameters": "{:,}".format}, [("dense_1", 1000)])
    >>> '<td class="n">1,000</td>' in html
    True
    """
    rows = [tuple(row) for row in rows]
    sums = {
        place: sum(row[place] for row in rows if row[place])
        for place, name in enumerate(columns)
        if name in bars
    }
    return render(
        "table.html",
        columns=[(name, form is not None) for name, form in columns.items()],
        rows=[_cells(columns, row, sums) for row in rows],
        total=_cells(columns, total, {}) if total else None,
    )


def as_table(found: Table) -> Markup:
    """Rows of words as a table of the page."""
    sides = {name: str if place >= found.left else None for place, name in enumerate(found.columns)}
    return table(sides, found.rows)


def _cells(columns: Columns, row: Sequence[Any], sums: Mapping[int, float]) -> list[_Cell]:
    cells = []
    for place, (value, form) in enumerate(zip(row, columns.values(), strict=True)):
        numeric = form is not None
        if value is None:
            cells.append(_Cell("–", numeric))
            continue
        words = value if isinstance(value, str) else form(value) if form else str(value)
        share = 100 * value / sums[place] if sums.get(place) else math.nan
        cells.append(_Cell(words, numeric, f"{share:.1f}" if share >= 0.05 else None))
    return cells


def beside(*blocks: str) -> Markup:
    """Blocks side by side where the page is wide enough, else one below the other."""
    parts = Markup("").join(chart_box(block) if "<svg" in block[:4] else block for block in blocks)
    return Markup('<div class="beside">{}</div>').format(parts)


def chart_box(drawing: str) -> Markup:
    """A drawing that can be moved sideways where it is wider than the screen."""
    return Markup('<div class="chart-box">{}</div>').format(drawing)


def code(text: str) -> Markup:
    """Text as it is typed."""
    return Markup("<pre><code>{}</code></pre>").format(text.strip("\n"))


def paragraph(text: str, kind: str = "note") -> Markup:
    """A paragraph in one of the style sheet's classes."""
    return Markup('<p class="{}">{}</p>').format(kind, text)


def folded(summary: str, body: str) -> Markup:
    """Something that the reader may open."""
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, escape(body))
