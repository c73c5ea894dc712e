"""The one look of all figures and pages: colors, type and sizes, each stated here and nowhere else.

A color has a name and two values, for light and for dark paper. Figures carry the light value as a
plain SVG attribute, so that they also live alone, and a class (``fill-blue``) by which the page's
style sheet puts the custom property (``--blue``) of the reader's color scheme in its place.

The six series colors were found by search: as far apart as possible for normal sight and for
protanopia, deuteranopia and tritanopia [Machado et al. 2009], while each is also legible as text
(contrast of 4.5 or more with the paper), since lines are labeled directly in their own color.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Color:
    """One color on light and on dark paper."""

    light: str
    dark: str


COLORS: Final[Mapping[str, Color]] = {
    "paper": Color("#ffffff", "#15181c"),
    "panel": Color("#f5f6f8", "#1e2329"),
    "grid": Color("#e4e7eb", "#2e353d"),
    "muted": Color("#5a6370", "#a3acb8"),
    "ink": Color("#1a1e23", "#e9ebee"),
    "blue": Color("#256fcf", "#4588d5"),
    "orange": Color("#b75e00", "#fe9653"),
    "teal": Color("#005c59", "#67e7c2"),
    "violet": Color("#651798", "#cca5ff"),
    "ochre": Color("#715100", "#f2cb4a"),
    "wine": Color("#70002c", "#e8618e"),
    "rust": Color("#ad5800", "#d2691e"),
}
SERIES: Final = ("blue", "orange", "teal", "violet", "ochre", "wine")
"""Colors of lines and bars, in the order in which they are given out."""
RIGHT: Final = "blue"
WRONG: Final = "rust"
"""Colors of cells, for right or positive and for wrong or negative; numbers stand on them."""

FONT: Final = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", '
    '"Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", Arial, sans-serif'
)
MONO: Final = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'
SIZES: Final[Mapping[str, float]] = {"title": 15, "text": 13, "small": 12, "tiny": 9.5}
"""Font sizes in pixels."""

CHART: Final = (480, 280)
"""Width and height of a chart in pixels; two stand side by side on a page."""
PAGE_WIDTH: Final = 1000
DASHES: Final = "5 3"


def css() -> str:
    """The palette as a style sheet: custom properties per color scheme, and the SVG classes.

    >>> ":root{--paper:#ffffff;" in css() and ".fill-ink{fill:var(--ink)}" in css()
    True
    """
    light = "".join(f"--{name}:{color.light};" for name, color in COLORS.items())
    dark = "".join(f"--{name}:{color.dark};" for name, color in COLORS.items())
    classes = "".join(
        f".fill-{name}{{fill:var(--{name})}}.stroke-{name}{{stroke:var(--{name})}}"
        for name in COLORS
    )
    return (
        f":root{{{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        f"{classes}\n.hint{{opacity:0}}.hint:hover{{opacity:1}}"
    )
