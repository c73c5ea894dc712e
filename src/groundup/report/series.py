"""A series of points, and its parts in pixels: line, band, dots, and crosses where values fail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import style, svg
from groundup.report.numbers import number, percent
from groundup.report.scales import Linear
from groundup.typing import Array

Unit = Literal["", "%"]
Point = tuple[float, float]
Values: TypeAlias = Sequence[float] | Array
_MOST_HINTS = 200
_FAR = 1e4  # pixels; what lies farther outside is drawn as if it lay here


@dataclass(frozen=True)
class Series:
    """One line: a name, its points, and perhaps a band around it (`lower` to `upper`).

    `color` is a name of `style.COLORS`; None takes the next of `style.SERIES`.
    """

    name: str
    x: Values
    y: Values
    color: str | None = None
    dashed: bool = False
    lower: Values | None = None
    upper: Values | None = None

    def __post_init__(self) -> None:
        for field in ("x", "lower", "upper"):
            values = getattr(self, field)
            if values is not None and len(values) != len(self.y):
                raise InputError(
                    f"Series({self.name!r}): {field} has {len(values)} values and y {len(self.y)}; "
                    "expected as many."
                )
        if (self.lower is None) != (self.upper is None):
            raise InputError(f"Series({self.name!r}): a band needs both lower and upper.")
        if self.color is not None and self.color not in style.COLORS:
            raise InputError(
                f"Series({self.name!r}): unknown color {self.color!r}. "
                f"Known: {', '.join(style.COLORS)}."
            )


@dataclass(frozen=True)
class Drawing:
    """A series with its color, on the scales of its chart."""

    series: Series
    color: str
    x: Linear
    y: Linear

    def place(self, x: float, y: float) -> Point | None:
        """The point in pixels, or None where it has no place on the scales."""
        if not (self.x.drawable(x) and self.y.drawable(y)):
            return None
        return _near(self.x(x)), _near(self.y(y))

    def shows(self, x: float, y: float) -> Point | None:
        """The point in pixels if it lies between the axes' ends."""
        inside = self.x.low <= x <= self.x.high and self.y.low <= y <= self.y.high
        return self.place(x, y) if inside else None

    def segments(self, heights: Values) -> Iterator[list[Point]]:
        """The points in pixels, in pieces between the gaps."""
        piece: list[Point] = []
        for x, y in zip(self.series.x, heights, strict=True):
            point = self.place(x, y)
            if point:
                piece.append(point)
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece

    def end(self) -> Point | None:
        """Where the line ends, in pixels."""
        pieces = list(self.segments(self.series.y))
        return pieces[-1][-1] if pieces else None

    def lines(self) -> Iterator[Markup]:
        """The band and the line: what may reach beyond the axes and is cut off there."""
        if self.series.lower is not None and self.series.upper is not None:
            yield from self._band(self.series.lower, self.series.upper)
        for piece in self.segments(self.series.y):
            yield svg.tag(
                "path", d=_path(_thin(piece)), fill="none", stroke=self.color, stroke_width=2,
                stroke_linejoin="round", stroke_linecap="round",
                stroke_dasharray=style.DASHES if self.series.dashed else None,
            )  # fmt: skip

    def _band(self, lower: Values, upper: Values) -> Iterator[Markup]:
        # Both edges get the gaps of either, so that their pieces are pairs.
        pairs = [
            (low, high) if self.y.drawable(low) and self.y.drawable(high) else (float("nan"),) * 2
            for low, high in zip(lower, upper, strict=True)
        ]
        low_edge, high_edge = [low for low, _ in pairs], [high for _, high in pairs]
        for below, above in zip(self.segments(low_edge), self.segments(high_edge), strict=True):
            outline = [*_thin(below), *reversed(_thin(above))]
            yield svg.tag("path", d=_path(outline) + "Z", fill=self.color, fill_opacity=0.16)

    def dots(self, x_label: str, unit: Unit) -> Iterator[Markup]:
        """A dot for a point that stands alone; for others one that shows itself to the pointer."""
        alone = {piece[0] for piece in self.segments(self.series.y) if len(piece) == 1}
        hinted = len(self.series.y) <= _MOST_HINTS
        for x, y in zip(self.series.x, self.series.y, strict=True):
            point = self.shows(x, y)
            if point and (hinted or point in alone):
                words = f"{self.series.name}, {x_label or 'x'} {number(x)}: {value(y, unit)}"
                hidden: dict[str, float | str] = {"opacity": 0, "class_": "hint"}
                yield svg.tag(
                    "circle", svg.hint(words), cx=point[0], cy=point[1],
                    r=3 if point in alone else 5, fill=self.color,
                    **({} if point in alone else hidden),
                )  # fmt: skip

    def crosses(self, bottom: float, x_label: str) -> Iterator[Markup]:
        """A cross on the base line where values begin to have no place on the scale."""
        before = True
        for x, y in zip(self.series.x, self.series.y, strict=True):
            drawable = self.y.drawable(y)
            if before and not drawable and self.x.drawable(x):
                at = self.x(x)
                words = f"{self.series.name}, {x_label or 'x'} {number(x)}: {number(y)}"
                strokes = ([(at - 3, bottom + end), (at + 3, bottom - end)] for end in (-3, 3))
                yield svg.tag(
                    "path", svg.hint(words), d="".join(map(_path, strokes)),
                    stroke=self.color, stroke_width=1.5,
                )  # fmt: skip
            before = drawable


def value(y: float, unit: Unit) -> str:
    """A value in words, to three digits or as percent."""
    return percent(y) if unit == "%" else number(y)


def _near(pixel: float) -> float:
    return min(max(pixel, -_FAR), _FAR)


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{svg.num(x)} {svg.num(y)}" for x, y in points)


def _thin(points: list[Point]) -> list[Point]:
    """Of the points in one column of pixels only the first, lowest, highest and last.

    Nothing of the drawing changes, but a million steps fit into one page.
    """
    columns: dict[int, list[Point]] = {}
    for point in points:
        columns.setdefault(int(point[0]), []).append(point)
    if len(points) <= 4 * len(columns):
        return points
    kept = []
    for column in columns.values():
        heights = [point[1] for point in column]
        wanted = {0, heights.index(min(heights)), heights.index(max(heights)), len(column) - 1}
        kept += [column[index] for index in sorted(wanted)]
    return kept
