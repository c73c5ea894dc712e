"""4-gradient-field: numerical derivatives, the gradient of x² + y², and a descent along it."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from markupsafe import Markup

from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.nn.optimizers import SGD
from groundup.ops.gradcheck import numerical_gradient
from groundup.report.arrows import arrows
from groundup.report.contours import Landscape, Trail, contours
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.report.series import Series
from groundup.typing import Array

POINTS: Final = ((3.0, 4.0), (0.0, 2.0), (3.0, 0.0))
START: Final = (-3.0, 4.0)
UPDATES: Final = 100
RATES: Final[Mapping[str, float]] = {"right": 0.1, "too large": 10.0, "too small": 1e-10}
_GRID: Final = np.arange(-2.0, 2.01, 0.25)


def parabola(x: Array) -> Array:
    """0.01 x² + 0.1 x"""
    return 0.01 * x**2 + 0.1 * x


def height(x: Array) -> float:
    """x₀² + x₁²"""
    return float((x**2).sum())


def descend(rate: float) -> Array:
    """The points of a gradient descent with numerical gradients, (UPDATES + 1, 2)."""
    optimizer, x = SGD(rate), np.array(START)
    state, points = optimizer.init(x), [x.copy()]
    for _ in range(UPDATES):
        x, state = optimizer.update(x, numerical_gradient(height, x), state)
        points.append(x.copy())
    return np.array(points)


def run(setting: Setting) -> Result:
    field = np.array([[numerical_gradient(height, np.array([a, b])) for a in _GRID] for b in _GRID])
    paths = {name: descend(rate) for name, rate in RATES.items()}
    values = {
        f"derivative at {x:g}": float(
            numerical_gradient(lambda one: float(parabola(one)[0]), np.array([x]))[0]
        )
        for x in (5.0, 10.0)
    }
    for point in POINTS:
        found = numerical_gradient(height, np.array(point))
        values[f"error at {point[0]:g}, {point[1]:g}"] = float(
            np.abs(found - 2 * np.array(point)).max()
        )
    for name, path in paths.items():
        values[f"distance, {name}"] = float(np.hypot(*path[-1]))
    places = np.meshgrid(_GRID, _GRID)
    table = {"x": places[0].ravel(), "y": places[1].ravel()}
    table |= {"gradient x": field[..., 0].ravel(), "gradient y": field[..., 1].ravel()}
    walked = {
        "rate": [RATES[name] for name in paths for _ in range(UPDATES + 1)],
        "update": [*range(UPDATES + 1)] * len(paths),
        "x": np.concatenate([path[:, 0] for path in paths.values()]),
        "y": np.concatenate([path[:, 1] for path in paths.values()]),
    }
    return Result({"field": table, "descent": walked}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first = results[0]
    size = (len(_GRID), len(_GRID))
    down = [-first.column("field", f"gradient {axis}").reshape(size) for axis in "xy"]
    field = arrows(
        _GRID, _GRID, *down, title=say("The negative gradient of x² + y²"), width=440, height=380
    )
    right = first.column("descent", "rate") == RATES["right"]
    trail = Trail("0.1", first.column("descent", "x")[right], first.column("descent", "y")[right])
    x = np.linspace(-5, 5, 61)
    levels = [1.0, 4.0, 9.0, 16.0, 25.0, 36.0]
    land = Landscape(x, x, x**2 + x[:, None] ** 2, levels)
    descent = contours(
        land, [trail], title=say("A descent with learning rate 0.1"), width=440, height=380
    )
    return [
        Figure("derivative", _tangents(first, say), say("Lines have the numerical derivatives.")),
        Figure(
            "gradient",
            panels([field, descent], 2),
            say(
                "Each arrow points the way down; the longer, the steeper. 100 updates from (−3, 4)."
            ),
        ),
    ]


def _tangents(result: Result, say: Say) -> Markup:
    x = np.linspace(0, 20, 81)
    lines = [Series("0.01 x² + 0.1 x", x, parabola(x))]
    for at in (5.0, 10.0):
        slope = result.values[f"derivative at {at:g}"]
        line = parabola(np.array(at)) + slope * (x - at)
        lines.append(Series(f"{say('slope')} {slope:.3g}", x, line, dashed=True))
    return line_chart(lines, title=say("A function and two tangents"), x_label="x", width=560)


EXPERIMENT: Final = Experiment(
    key="4-gradient-field",
    title="Derivatives, gradients and descent",
    source="Saito 2016, 4.3 and 4.4",
    text="The slope of a function from two of its values nearby; the gradient of x² + y² at many "
    "points; and where 100 steps against it lead, with a good, a large and a small learning rate.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "The numerical derivatives of 0.01 x² + 0.1 x at 5 and 10 are 0.2 and 0.3, to 10⁻⁹.",
            lambda r: (
                abs(r.values["derivative at 5"] - 0.2) < 1e-9
                and abs(r.values["derivative at 10"] - 0.3) < 1e-9
            ),
            "The true ones are 0.2 and 0.3; the numerical ones hardly differ.",
        ),
        Claim(
            "The gradients at (3, 4), (0, 2) and (3, 0) are (6, 8), (0, 4) and (6, 0).",
            lambda r: all(r.values[f"error at {a:g}, {b:g}"] < 1e-8 for a, b in POINTS),
            "(6, 8), (0, 4), (6, 0)",
        ),
        Claim(
            "With learning rate 0.1 the descent comes within 10⁻⁸ of the lowest point.",
            lambda r: r.values["distance, right"] < 1e-8,
            "It comes very near to (0, 0).",
        ),
        Claim(
            "With learning rate 10 it runs away.",
            lambda r: r.values["distance, too large"] > 1e6,
            "Too large a learning rate diverges.",
        ),
        Claim(
            "With learning rate 10⁻¹⁰ it hardly moves.",
            lambda r: abs(r.values["distance, too small"] - 5) < 1e-5,
            "Too small a one ends nearly without an update.",
        ),
    ),
    seeds=1,
)
