"""Reports: pages of one self-contained HTML file, with figures drawn in SVG in one style.

`style` holds the look; `scales`, `svg`, `axes`, `labels`, `series` and `cells` the parts of a
drawing; `lines`, `bars`, `matrix` and `pictures` the figures; `chart` lays `parts` over `rulers`;
`page` the page around them; and `run_report` the report of a training run.
"""

from groundup.report.bars import bars, histogram
from groundup.report.decision_regions import decision_regions
from groundup.report.graph_picture import graph_picture
from groundup.report.graph_steps import graph_steps, write_graph
from groundup.report.internal_shift import internal_shift_page
from groundup.report.lines import Mark, line_chart
from groundup.report.matrix import confusion_matrix, heatmap
from groundup.report.page import (
    Fact,
    Section,
    beside,
    chart_box,
    code,
    folded,
    paragraph,
    render_page,
    table,
    write_page,
)
from groundup.report.pictures import image_grid
from groundup.report.run_report import run_report
from groundup.report.run_summary import LayerRow, Mistake, RunSummary
from groundup.report.series import Series
from groundup.report.svg import standalone

__all__ = [
    "Fact",
    "LayerRow",
    "Mark",
    "Mistake",
    "RunSummary",
    "Section",
    "Series",
    "bars",
    "beside",
    "chart_box",
    "code",
    "confusion_matrix",
    "decision_regions",
    "folded",
    "graph_picture",
    "graph_steps",
    "heatmap",
    "histogram",
    "image_grid",
    "internal_shift_page",
    "line_chart",
    "paragraph",
    "render_page",
    "run_report",
    "standalone",
    "table",
    "write_graph",
    "write_page",
]
