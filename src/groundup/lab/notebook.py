"""The comparison in a notebook: the headline, every seed as a dot, the differences."""

from markupsafe import Markup

from groundup.lab import words
from groundup.lab.comparison import Comparison
from groundup.lab.pictures import dot_plot
from groundup.report.notebook import GRID, framed, muted


def notebook(comparison: Comparison) -> str:
    """The headline, the dots and the differences at the rates that count."""
    standing = comparison.final
    parts = [
        muted(words.lead(comparison)),
        Markup('<div style="margin:1em 0">{}</div>').format(dot_plot(standing, comparison, 640)),
        _table(words.differences(standing, comparison)),
        muted(words.legend(comparison)),
    ]
    return framed(words.headline(comparison), parts)


def _table(found: words.Table) -> Markup:
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
    return Markup('<table style="border-collapse:collapse;font:inherit">{}</table>').format(
        Markup("").join(lines)
    )
