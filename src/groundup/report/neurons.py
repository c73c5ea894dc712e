"""A small network drawn neuron by neuron: what each gives out, and the weights between them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.report import axes, style, svg
from groundup.report.numbers import number
from groundup.typing import Array

_RADIUS = 26.0
_ACROSS, _DOWN = 190.0, 84.0  # from one neuron to the next
_WIDEST = 4.5  # of a line, in pixels


def neurons(
    values: Sequence[Array],
    weights: Sequence[Array],
    names: Sequence[str],
    *,
    title: str,
    subtitle: str = "",
) -> Markup:
    """Layers from left to right, each neuron with its value, each weight as wide as it is large

    Positive weights are blue, negative ones orange.

    Args:
        values: of each layer, the inputs first, (D,) each.
        weights: from each layer to the next, (D, M) each.
        names: of the layers.

    >>> drawing = neurons([np.ones(2), np.zeros(3)], [np.ones((2, 3))], ["x", "y"], title="Net")
    >>> drawing.count("<circle"), drawing.count('class="stroke-blue')
    (5, 6)
    """
    shapes = [(len(a), len(b)) for a, b in pairwise(values)]
    if [np.shape(W) for W in weights] != shapes or len(names) != len(values):
        raise ShapeError(
            f"neurons: layers of {[len(one) for one in values]} units need weights of shapes "
            f"{shapes} and as many names, got {[np.shape(W) for W in weights]} and {len(names)}."
        )
    left, right = (max(_RADIUS + 4, svg.text_width(name) / 2) for name in (names[0], names[-1]))
    width = max(left + _ACROSS * (len(values) - 1) + right, 300.0)
    head, top = axes.heading(title, subtitle, width)
    height = _DOWN * max(map(len, values))
    places = [
        [(x, top + 22 + height * (i + 0.5) / len(layer)) for i in range(len(layer))]
        for x, layer in zip((left + _ACROSS * n for n in range(len(values))), values, strict=True)
    ]
    largest = max((float(np.abs(W).max()) for W in weights), default=1.0) or 1.0
    body = list(head)
    for (here, there), W in zip(pairwise(places), weights, strict=True):
        for (x1, y1), row in zip(here, W.tolist(), strict=True):
            for (x2, y2), weight in zip(there, row, strict=True):
                body.append(_weight(x1, y1, x2, y2, weight, largest))
    for layer, own, name in zip(values, places, names, strict=True):
        body.append(svg.text(own[0][0], top + 12, name, color="muted", anchor="middle"))
        body += [_neuron(x, y, value) for (x, y), value in zip(own, layer.tolist(), strict=True)]
    words = f"A network of layers of {', '.join(str(len(layer)) for layer in values)} neurons."
    return svg.figure(title, words, width, top + 22 + height, body)


def _weight(x1: float, y1: float, x2: float, y2: float, weight: float, largest: float) -> Markup:
    color = style.SERIES[0] if weight > 0 else style.SERIES[1]
    width = max(_WIDEST * abs(weight) / largest, 0.4)
    return svg.tag(
        "line", svg.hint(f"weight {number(weight)}"), x1=x1, y1=y1, x2=x2, y2=y2, stroke=color,
        stroke_width=width, stroke_opacity=0.55,
    )  # fmt: skip


def _neuron(x: float, y: float, value: float) -> Markup:
    ring = svg.tag("circle", cx=x, cy=y, r=_RADIUS, fill="paper", stroke="ink", stroke_width=1.6)
    return ring + svg.text(x, y + 4.5, number(value, 4), size="small", anchor="middle")
