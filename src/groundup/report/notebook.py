"""The frame of what notebooks show: HTML without script or style sheet, the same in any of them."""

from collections.abc import Iterable

from markupsafe import Markup

from groundup.report import style
from groundup.report.words import Table

INK, PAPER, PANEL, MUTED, GRID = (
    style.COLORS[name].light for name in ("ink", "paper", "panel", "muted", "grid")
)


def framed(headline: str, parts: Iterable[Markup]) -> str:
    """A headline with what stands below it."""
    return str(
        Markup(
            '<div style="background:{};color:{};padding:1em;max-width:760px;font:14px/1.45 {}">'
            '<div style="font-size:20px;font-weight:700">{}</div>{}</div>'
        ).format(PAPER, INK, style.FONT, headline, Markup("").join(parts))
    )


def muted(text: str) -> Markup:
    """A paragraph in gray."""
    return Markup('<div style="color:{};margin:.3em 0">{}</div>').format(MUTED, text)


def as_table(found: Table) -> Markup:
    """Rows of words as a table."""
    lines = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<{0} style="text-align:{1};padding:.2em .9em .2em 0;'
                       'border-bottom:1px solid {2};font-weight:400">{3}</{0}>').format(
                    kind, "left" if place < found.left else "right", GRID, cell
                )
                for place, cell in enumerate(row)
            )
        )
        for kind, row in [("th", found.columns), *(("td", row) for row in found.rows)]
    ]  # fmt: skip
    return Markup(
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;font:inherit">{}'
        "</table></div>"
    ).format(Markup("").join(lines))
