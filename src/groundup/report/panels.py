"""Several drawings as one figure, in rows and columns."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from groundup.report import axes, svg

_GAP = 22.0
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def panels(
    drawings: Sequence[Markup],
    columns: int,
    *,
    title: str = "",
    subtitle: str = "",
    gap: float = _GAP,
) -> Markup:
    """Drawings of `report/` side by side and one below the other, as one drawing

    >>> from groundup.report import histogram
    >>> both = panels([histogram([0.0, 1.0], title=name) for name in "AB"], 2, title="Two")
    >>> both.count("<svg"), ">Two</title>" in both
    (1, True)
    """
    rows = [drawings[i : i + columns] for i in range(0, len(drawings), columns)]
    sizes = [[_size(one) for one in row] for row in rows]
    across = [
        max(sizes[r][c][0] for r in range(len(rows)) if c < len(sizes[r]))
        for c in range(min(columns, len(drawings)))
    ]
    width = sum(across) + gap * (len(across) - 1)
    head, top = axes.heading(title, subtitle, width) if title or subtitle else ([], 0.0)
    body = list(head)
    for row, heights in zip(rows, sizes, strict=True):
        for c, one in enumerate(row):
            body.append(_moved(one, sum(across[:c]) + gap * c, top))
        top += max(height for _, height in heights) + gap
    words = f"{len(drawings)} panels."
    return svg.figure(title or words, words, width, max(top - gap, 1.0), body)


def _size(drawing: Markup) -> tuple[float, float]:
    found = _SIZE.search(drawing)
    assert found, "a drawing of report/ begins with its size"
    return float(found[1]), float(found[2])


def _moved(drawing: Markup, x: float, y: float) -> Markup:
    """The inside of a drawing as a group at another place."""
    inside = Markup(drawing[drawing.index(">") + 1 :].removesuffix("</svg>"))
    return svg.tag("g", inside, transform=f"translate({svg.num(x)} {svg.num(y)})")
