"""What can be drawn over two axes: dots, lines, bands, boxes, tiles, each one that draws itself.

What has no place on the axes is left out; what lies beyond their ends the chart cuts off.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from markupsafe import Markup

from groundup.report import style, svg
from groundup.report.scales import Linear
from groundup.typing import Array

Shape: TypeAlias = Literal["dot", "ring", "cross"]
Values: TypeAlias = Sequence[float] | Array
_SWATCH: Final = 22.0  # pixels of a line in the key


@dataclass(frozen=True)
class Part(ABC):
    """The base of all parts.

    Args:
        name: in the key above the chart; "" for none.
        color: a name of `style.COLORS`.
    """

    name: str
    color: str

    @abstractmethod
    def draw(self, x: Linear, y: Linear) -> Iterator[Markup]:
        """The part on the scales of its chart."""

    @abstractmethod
    def sample(self, x: float, y: float) -> Markup:
        """What stands in the key, from x on around y."""


@dataclass(frozen=True)
class Dots(Part):
    """A mark at each point; `hints` say more of each to the pointer."""

    x: Values
    y: Values
    shape: Shape = "dot"
    hints: Sequence[str] = ()
    radius: float = 3.2
    opacity: float = 0.75

    def draw(self, x: Linear, y: Linear) -> Iterator[Markup]:
        hints = self.hints or [""] * len(self.x)
        for a, b, hint in zip(self.x, self.y, hints, strict=True):
            if x.drawable(a) and y.drawable(b):
                yield self._mark(x(a), y(b), hint)

    def sample(self, x: float, y: float) -> Markup:
        return self._mark(x + 6, y, "")

    def _mark(self, x: float, y: float, hint: str) -> Markup:
        r = self.radius
        about = svg.hint(hint) if hint else ""
        if self.shape == "cross":
            d = f"M{svg.num(x - r)} {svg.num(y - r)}l{svg.num(2 * r)} {svg.num(2 * r)}m0 " \
                f"{svg.num(-2 * r)}l{svg.num(-2 * r)} {svg.num(2 * r)}"  # fmt: skip
            return svg.tag("path", about, d=d, stroke=self.color, stroke_width=1.6, fill="none")
        if self.shape == "ring":
            return svg.tag("circle", about, cx=x, cy=y, r=r, fill="paper", stroke=self.color,
                           stroke_width=1.4)  # fmt: skip
        return svg.tag("circle", about, cx=x, cy=y, r=r, fill=self.color, fill_opacity=self.opacity)


@dataclass(frozen=True)
class Line(Part):
    """A line through the points, in pieces where one has no place; of many lines, each is thin."""

    x: Values
    y: Values
    width: float = 2.0
    opacity: float = 1.0
    dashed: bool = False
    hint: str = ""

    def draw(self, x: Linear, y: Linear) -> Iterator[Markup]:
        pieces: list[list[str]] = [[]]
        for a, b in zip(self.x, self.y, strict=True):
            if x.drawable(a) and y.drawable(b):
                pieces[-1].append(f"{svg.num(x(a))} {svg.num(y(b))}")
            else:
                pieces.append([])
        d = "".join("M" + "L".join(piece) for piece in pieces if piece)
        if d:
            yield self._stroke(d, self.hint)

    def sample(self, x: float, y: float) -> Markup:
        return self._stroke(f"M{svg.num(x)} {svg.num(y)}h{svg.num(_SWATCH)}", "")

    def _stroke(self, d: str, hint: str) -> Markup:
        return svg.tag(
            "path", svg.hint(hint) if hint else "", d=d, fill="none", stroke=self.color,
            stroke_width=self.width, stroke_opacity=self.opacity if self.opacity < 1 else None,
            stroke_dasharray=style.DASHES if self.dashed else None, stroke_linejoin="round",
        )  # fmt: skip


@dataclass(frozen=True)
class Band(Part):
    """The room between two lines; all values have a place."""

    x: Values
    low: Values
    high: Values
    opacity: float = 0.16

    def draw(self, x: Linear, y: Linear) -> Iterator[Markup]:
        there = [(x(a), y(b)) for a, b in zip(self.x, self.low, strict=True)]
        back = [(x(a), y(b)) for a, b in zip(self.x, self.high, strict=True)]
        points = (f"{svg.num(a)} {svg.num(b)}" for a, b in [*there, *reversed(back)])
        yield svg.tag("path", d=f"M{'L'.join(points)}Z", fill=self.color, fill_opacity=self.opacity)

    def sample(self, x: float, y: float) -> Markup:
        look = {"width": _SWATCH, "height": 10.0, "fill_opacity": self.opacity}
        return svg.tag("rect", x=x, y=y - 5, fill=self.color, **look)


@dataclass(frozen=True)
class Box(Part):
    """The rectangle between two values of x and two of y."""

    x: tuple[float, float]
    y: tuple[float, float]
    hint: str = ""
    opacity: float = 0.1

    def draw(self, x: Linear, y: Linear) -> Iterator[Markup]:
        (left, right), (bottom, top) = map(x, self.x), map(y, self.y)
        yield self._rectangle(left, top, right - left, bottom - top, self.hint)

    def sample(self, x: float, y: float) -> Markup:
        return self._rectangle(x, y - 5, 12, 10, "")

    def _rectangle(self, x: float, y: float, width: float, height: float, hint: str) -> Markup:
        return svg.tag(
            "rect", svg.hint(hint) if hint else "", x=x, y=y, width=width, height=height,
            fill=self.color, fill_opacity=self.opacity, stroke=self.color, stroke_width=1.4,
        )  # fmt: skip


@dataclass(frozen=True)
class Tiles(Part):
    """A plane of values: the larger, the darker

    Args:
        x, y: (M + 1,) and (N + 1,) the tiles' edges.
        z: (N, M) how dark each is, from 0 to 1.
    """

    x: Values
    y: Values
    z: Array

    def draw(self, x: Linear, y: Linear) -> Iterator[Markup]:
        across, up = [x(edge) for edge in self.x], [y(edge) for edge in self.y]
        for j, row in enumerate(self.z.tolist()):
            for i, share in enumerate(row):
                yield svg.tag(  # with crisp edges, so that no paper shines through between two
                    "rect", x=across[i], y=up[j + 1], width=across[i + 1] - across[i],
                    height=up[j] - up[j + 1], fill=self.color,
                    fill_opacity=round(0.04 + 0.8 * share, 2), shape_rendering="crispEdges",
                )  # fmt: skip

    def sample(self, x: float, y: float) -> Markup:
        look = {"y": y - 5, "width": 7.0, "height": 10.0}
        shades = (0.1, 0.4, 0.8)
        return Markup("").join(
            svg.tag("rect", x=x + 7 * k, fill=self.color, fill_opacity=shade, **look)
            for k, shade in enumerate(shades)
        )
