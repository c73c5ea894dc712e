"""6-whitening: data made white; the trouble with sigmoid, and how γ and β mend it."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.data.preprocess import (
    Decorrelate,
    MinMax,
    PCAWhitening,
    Preprocessor,
    Standardize,
    ZCAWhitening,
)
from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.layers import BatchNormalization, Dense, Layer, Sigmoid
from groundup.nn.optimizers import Adam
from groundup.report import style
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.report.scatter import scatter
from groundup.report.series import Series
from groundup.rng import Stream
from groundup.train.sequential import Sequential
from groundup.typing import Array

METHODS: Final[Mapping[str, Preprocessor | None]] = {
    "as measured": None,
    "min-max": MinMax(),
    "standardized": Standardize(),
    "decorrelated": Decorrelate(),
    "PCA whitened": PCAWhitening(),
    "ZCA whitened": ZCAWhitening(),
}
AS_THEY_ARE: Final = ("as measured", "min-max")
"""Drawn over their own range; the others, all around 0, over a common one."""
NETWORKS: Final[Mapping[str, tuple[Layer, ...]]] = {
    "whitened alone": (Sigmoid(),),
    "with γ and β": (BatchNormalization(), Sigmoid()),
}


def run(setting: Setting) -> Result:
    stream = Stream(setting.seed, "split", "cloud")
    z = stream.normal((setting.pick(600, 300), 2))
    x = z @ np.array([[1.8, 0.9], [0.0, 0.5]]) + [20.0, 5.0]
    clouds: dict[str, Array] = {}
    values: dict[str, float] = {}
    for name, method in METHODS.items():
        clouds[name] = x if method is None else method.transform(method.fit(x), x)
        covariance = np.cov(clouds[name].T)
        values |= {
            f"correlation, {name}": float(np.corrcoef(clouds[name].T)[0, 1]),
            f"from whiteness, {name}": float(np.abs(covariance - np.eye(2)).max()),
            f"lowest, {name}": float(clouds[name].min()),
            f"highest, {name}": float(clouds[name].max()),
        }
    u = np.sort(stream.named("u").normal(500))
    u = (u - u.mean()) / u.std()
    target = 1 / (1 + np.exp(-6 * (u - 1)))  # a step that is not at 0
    answers = {"to be learned": target}
    for name, layers in NETWORKS.items():
        answers[name] = _learned(layers, u, target, setting)
        values[f"error, {name}"] = float(((answers[name] - target) ** 2).mean() ** 0.5)
    s = 1 / (1 + np.exp(-u))
    values["straight, sigmoid"] = float(np.corrcoef(u, s)[0, 1] ** 2)
    places = [(name, *point) for name, cloud in clouds.items() for point in cloud.tolist()]
    table = dict(zip(("method", "x1", "x2"), zip(*places, strict=True), strict=True))
    return Result({"clouds": table, "answers": curve_table(answers, u, ("who", "u", "y"))}, values)


def _learned(layers: Sequence[Layer], u: Array, target: Array, setting: Setting) -> Array:
    """What a unit answers that may scale and shift its output and, normalized, its input."""
    model = Sequential([*layers, Dense(1)], seed=setting.seed)
    model.compile(Adam(0.1), "mse")
    x = u[:, None].astype(np.float32)
    model.fit(x, target[:, None], batch_size=len(u), epochs=setting.pick(2_000, 800), verbose=0)
    answer: Array = model.predict(x)[:, 0]
    return answer


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first = results[0]
    which = first.column("clouds", "method")
    x1, x2 = first.column("clouds", "x1"), first.column("clouds", "x2")
    clouds = [
        scatter(
            x1[which == name],
            x2[which == name],
            title=say(name),
            x_label="x₁",
            y_label="x₂",
            limits=(None, None) if name in AS_THEY_ARE else (-8.0, 8.0),
            color=color,
            width=310,
            height=230,
        )
        for name, color in zip(METHODS, style.SERIES, strict=True)
    ]
    colors = {"to be learned": "muted", "whitened alone": "orange", "with γ and β": "blue"}
    lines = mean_curves(results[:1], "answers", say, colors)
    lines[0] = Series(lines[0].name, lines[0].x, lines[0].y, "muted", dashed=True)
    answers = line_chart(
        lines, title=say("One sigmoid unit learns a step away from 0"),
        x_label=say("whitened input"),
        width=640, height=320,
    )  # fmt: skip
    return [
        Figure("clouds", panels(clouds, 3), say("The same data; those around 0 on the same axes.")),
        Figure("unit", answers, say("Without γ and β a unit sees only the middle of the sigmoid.")),
    ]


def _white(name: str, r: Result) -> bool:
    return r.values[f"from whiteness, {name}"] < 0.01


EXPERIMENT: Final = Experiment(
    key="6-whitening",
    title="Normalization and whitening, and what sigmoid loses by it",
    source="the notes on batch normalization; Ioffe & Szegedy 2015",
    text="Two features that vary together, brought to one range or made white. Then whitened "
    "values go into a sigmoid, which is nearly straight there, with and without a scale γ and a "
    "shift β.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Min-max makes the least value 0 and the largest 1.",
            lambda r: bool(
                np.isclose(r.values["lowest, min-max"], 0)
                and np.isclose(r.values["highest, min-max"], 1)
            ),
            "Min-Max: least 0, largest 1.",
        ),
        Claim(
            "Standardized features still vary together; decorrelated ones do not.",
            lambda r: (
                abs(r.values["correlation, standardized"]) > 0.5
                and abs(r.values["correlation, decorrelated"]) < 0.01
            ),
            "Whitening is decorrelation and standardization.",
        ),
        Claim(
            "Whitened by PCA or ZCA the covariance is the unit matrix, to a hundredth.",
            lambda r: _white("PCA whitened", r) and _white("ZCA whitened", r),
            "Mean 0 and the unit matrix as covariance.",
        ),
        Claim(
            "On white values sigmoid is nearly a straight line: a line explains 95 % of it.",
            lambda r: r.values["straight, sigmoid"] > 0.95,
            "With mean 0 and standard deviation 1 sigmoid loses its non-linearity.",
        ),
        Claim(
            "With γ and β a unit's error is less than a third of what it is without.",
            lambda r: r.values["error, with γ and β"] < r.values["error, whitened alone"] / 3,
            "Batch normalization learns γ and β and so mends it.",
        ),
    ),
    deviations=("The notes give no data here; these are ours.",),
)
