"""The comparison in a notebook: the headline, every seed as a dot, the differences."""

from markupsafe import Markup

from groundup.lab import words
from groundup.lab.comparison import Comparison
from groundup.lab.pictures import dot_plot
from groundup.report import style

_INK, _PAPER, _MUTED, _GRID = (
    style.COLORS[name].light for name in ("ink", "paper", "muted", "grid")
)


def notebook(comparison: Comparison) -> str:
    """HTML without script or style sheet, so that it looks the same in any notebook."""
    standing = comparison.final
    parts = [
        Markup('<div style="font-size:20px;font-weight:700">{}</div>').format(
            words.headline(comparison)
        ),
        _muted(words.lead(comparison)),
        Markup('<div style="margin:1em 0">{}</div>').format(dot_plot(standing, comparison, 640)),
        _table(words.differences(standing, comparison)),
        _muted(words.legend(comparison)),
    ]
    return Markup(
        '<div style="background:{};color:{};padding:1em;max-width:760px;font:14px/1.45 {}">{}</div>'
    ).format(_PAPER, _INK, style.FONT, Markup("").join(parts))


def _muted(text: str) -> Markup:
    return Markup('<div style="color:{};margin:.3em 0">{}</div>').format(_MUTED, text)


def _table(found: words.Table) -> Markup:
    lines = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<{0} style="text-align:{1};padding:.2em .9em .2em 0;'
                       'border-bottom:1px solid {2};font-weight:400">{3}</{0}>').format(
                    kind, "left" if place < found.left else "right", _GRID, cell
                )
                for place, cell in enumerate(row)
            )
        )
        for kind, row in [("th", found.columns), *(("td", row) for row in found.rows)]
    ]  # fmt: skip
    return Markup('<table style="border-collapse:collapse;font:inherit">{}</table>').format(
        Markup("").join(lines)
    )
