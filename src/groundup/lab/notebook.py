"""The comparison in a notebook: the headline, every seed as a dot, the differences."""

from markupsafe import Markup

from groundup.lab import words
from groundup.lab.comparison import Comparison
from groundup.lab.pictures import dot_plot
from groundup.report.notebook import as_table, framed, muted


def notebook(comparison: Comparison) -> str:
    """The headline, the dots and the differences at the rates that count."""
    standing = comparison.final
    parts = [
        muted(words.lead(comparison)),
        Markup('<div style="margin:1em 0">{}</div>').format(dot_plot(standing, comparison, 640)),
        as_table(words.differences(standing, comparison)),
        muted(words.legend(comparison)),
    ]
    return framed(words.headline(comparison), parts)
