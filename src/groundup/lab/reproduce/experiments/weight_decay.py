"""6-weight-decay: large weights are punished, by their squares (L2) or their sizes (L1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from markupsafe import Markup

from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.overfitting import (
    FEW,
    SEVEN_LAYERS,
    accuracy_charts,
    accuracy_table,
    follow,
    last_values,
)
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import SGD
from groundup.report.contours import Area, Landscape, Trail, contours
from groundup.report.histogram_grid import Bins, histogram_grid
from groundup.report.panels import panels
from groundup.typing import Array

EPOCHS: Final = 200
PENALTIES: Final[Mapping[str, Mapping[str, float]]] = {
    "no decay": {},
    "L2": {"l2": 0.1},
    "L1": {"l1": 0.01},
}
RANGE: Final = 0.2
BEST: Final = np.array([0.5, 1.6])
CURVED: Final = np.array([[1.0, 0.45], [0.45, 0.8]])
"""A loss of two weights, (w - BEST)ᵀ CURVED (w - BEST), for the picture of the constraints."""
STRENGTHS: Final = np.linspace(0.0, 3.0, 61)


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=FEW, test=setting.pick(10_000, 1_000))
    seen, values, counts = {}, {}, []
    for name, penalty in PENALTIES.items():
        layers = replace(SEVEN_LAYERS, **penalty).layers(data.in_shape, 10)
        model = network(layers, SGD(0.01), setting.seed)
        seen[name] = follow(model, data, EPOCHS)
        weights = [layer["W"].ravel() for layer in model.learner.params.values() if "W" in layer]
        w = np.concatenate(weights).astype(np.float64)
        values[f"length of the weights, {name}"] = float(np.linalg.norm(w))
        values[f"weights near 0, {name}"] = float((np.abs(w) < 1e-3).mean())
        counts.append(np.histogram(w, 41, (-RANGE, RANGE))[0])
    paths = {"L2": _ridge(), "L1": _lasso()}
    table = {
        "penalty": [name for name in paths for _ in STRENGTHS],
        "strength": np.tile(STRENGTHS, len(paths)),
        "w1": np.concatenate([path[:, 0] for path in paths.values()]),
        "w2": np.concatenate([path[:, 1] for path in paths.values()]),
    }
    for name, path in paths.items():
        values[f"solutions with a weight of exactly 0, {name}"] = float((path == 0).any(1).sum())
    spread = {name: count for name, count in zip(PENALTIES, counts, strict=True)}
    tables = {"accuracies": accuracy_table(seen), "weights": spread, "solutions": table}
    return Result(tables, last_values(seen) | values)


def _ridge() -> Array:
    """The minima of the loss + ½ λ Σw², (strengths, 2)."""
    return np.stack([
        np.linalg.solve(2 * CURVED + strength * np.eye(2), 2 * CURVED @ BEST)
        for strength in STRENGTHS
    ])  # fmt: skip


def _lasso() -> Array:
    """The minima of the loss + λ Σ|w|, by descent in one weight after the other."""
    w, path = BEST.copy(), []
    for strength in STRENGTHS:
        for _ in range(200):
            for i in range(2):
                pull = 2 * (CURVED[i] @ BEST - CURVED[i, 1 - i] * w[1 - i])
                w[i] = np.sign(pull) * max(abs(pull) - strength, 0.0) / (2 * CURVED[i, i])
        path.append(w.copy())
    return np.stack(path)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    charts = accuracy_charts(results, list(PENALTIES), say, width=318)
    total = {name: sum(r.column("weights", name) for r in results) for name in PENALTIES}
    cells = [
        [Bins(counts.tolist(), _near_zero(results, name, say))] for name, counts in total.items()
    ]
    spread = histogram_grid(
        cells, list(map(say, PENALTIES)), [say("weight")], (-RANGE, RANGE), most=0.15,
        title=say("Weights after the training"), cell=(420.0, 70.0),
    )  # fmt: skip
    both = panels([_constraint(results[0], name, say) for name in ("L2", "L1")], 2)
    return [
        Figure("accuracies", panels(charts, 3), say("Mean of all seeds, band least to most.")),
        Figure("weights", spread, say("All weights of all seeds; a notched bar is cut.")),
        Figure(
            "constraint", both,
            say("The loss is least at the ring. Dots: its minimum as the penalty grows. With L1 the "
                "path meets an axis, where one weight is 0, and stays there; the allowed area has "
                "corners."),
        ),
    ]  # fmt: skip


def _near_zero(results: Sequence[Result], name: str, say: Say) -> str:
    share = np.mean([r.values[f"weights near 0, {name}"] for r in results])
    return f"{say('smaller than 0.001')}: {share:.0%}"


def _constraint(result: Result, name: str, say: Say) -> Markup:
    here = result.column("solutions", "penalty") == name
    x, y = (result.column("solutions", column)[here] for column in ("w1", "w2"))
    at = int(np.argmin(np.abs(y - 0.75)))  # the area whose edge this solution lies on
    turn = np.linspace(0, 2 * np.pi, 73)
    cosine, sine = np.cos(turn), np.sin(turn)
    sizes = (lambda a, b: np.abs(a) + np.abs(b)) if name == "L1" else np.hypot
    scale = sizes(x[at], y[at]) / sizes(cosine, sine)
    across, up = np.linspace(-1.6, 1.8, 69), np.linspace(-1.3, 2.0, 67)
    points = np.stack(np.meshgrid(across, up), axis=-1) - BEST
    heights = np.einsum("hwi,ij,hwj->hw", points, CURVED, points)
    levels = sorted([*np.array([0.05, 0.2, 1.0, 2.0, 3.5, 5.5]), float(_loss(x[at], y[at]))])
    return contours(
        Landscape(across, up, heights, levels), [Trail(name, x[::2], y[::2], "orange")],
        [Area(name, scale * cosine, scale * sine)], title=name,
        subtitle="|w₁| + |w₂| ≤ c" if name == "L1" else "w₁² + w₂² ≤ c", x_label="w₁",
        y_label="w₂", width=360, height=396,
    )  # fmt: skip


def _loss(w1: float, w2: float) -> float:
    away = np.array([w1, w2]) - BEST
    return float(away @ CURVED @ away)


EXPERIMENT: Final = Experiment(
    key="6-weight-decay",
    title="Weight decay",
    source="Saito 2016, 6.4.2; the notes on L1 and L2",
    text="The seven layers and 300 images of before, with ½ λ ΣW² (λ = 0.1) or λ Σ|W| (λ = 0.01) "
    "added to the loss. Both keep weights small; L1 makes many of them 0.",
    run=run,
    draw=draw,
    claims=(
        *(
            Claim(
                f"{name} makes the gap between training and test accuracy smaller.",
                lambda r, name=name: r.values[f"gap, {name}"] < r.values["gap, no decay"],  # type: ignore[misc]
                "Large weights are punished, and overfitting is held down.",
            )
            for name in ("L2", "L1")
        ),
        Claim(
            "With L2 not all training images are told right in the end.",
            lambda r: r.values["training, L2"] < 0.995,
            "The gap has become smaller, and training accuracy does not reach 100 %.",
        ),
        Claim(
            "With L2 the weights are shorter as a vector, by a quarter or more.",
            lambda r: r.values["length of the weights, L2"]
            < 0.75 * r.values["length of the weights, no decay"],
            "Overfitting often comes with large weights.",
        ),
        Claim(
            "L1 brings far more weights near 0 than L2: five times as many.",
            lambda r: r.values["weights near 0, L1"] > 5 * r.values["weights near 0, L2"],
            "The constraint of L1 has corners on the axes.",
        ),
        Claim(
            "In the plane L1 has solutions with a weight of exactly 0, and L2 has none.",
            lambda r: r.values["solutions with a weight of exactly 0, L1"] > 0
            and r.values["solutions with a weight of exactly 0, L2"] == 0,
            "The picture of the two constraints.",
        ),
    ),
    deviations=(
        "The book has L2 alone; L1 and the picture are of the notes, with a strength of ours.",
        "The notes write the L2 penalty both with and without ½; here it is with ½, as the book.",
    ),
)
