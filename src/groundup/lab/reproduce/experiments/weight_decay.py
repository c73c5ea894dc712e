"""6-weight-decay: large weights are punished, by their squares (L2) or their sizes (L1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

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
from groundup.lab.reproduce.two_weights import constraint, solutions
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import MultiLayer
from groundup.report.histogram_grid import Bins, histogram_grid
from groundup.report.panels import panels

EPOCHS: Final = 200
NETWORKS: Final[Mapping[str, MultiLayer]] = {
    "no decay": SEVEN_LAYERS,
    "L2": replace(SEVEN_LAYERS, l2=0.1),
    "L1": replace(SEVEN_LAYERS, l1=0.01),
}
RANGE: Final = 0.2


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=FEW, test=setting.pick(10_000, 1_000))
    seen, values, counts = {}, {}, []
    for name, layered in NETWORKS.items():
        model = network(layered.layers(data.in_shape, 10), SGD(0.01), setting.seed)
        seen[name] = follow(model, data, EPOCHS)
        weights = [layer["W"].ravel() for layer in model.learner.params.values() if "W" in layer]
        w = np.concatenate(weights).astype(np.float64)
        values[f"length of the weights, {name}"] = float(np.linalg.norm(w))
        values[f"weights near 0, {name}"] = float((np.abs(w) < 1e-3).mean())
        counts.append(np.histogram(w, 41, (-RANGE, RANGE))[0])
    plane, zeros = solutions()
    values |= {f"solutions with a weight of 0, {name}": count for name, count in zeros.items()}
    spread = dict(zip(NETWORKS, counts, strict=True))
    tables = {"accuracies": accuracy_table(seen), "weights": spread, "solutions": plane}
    return Result(tables, last_values(seen) | values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    charts = accuracy_charts(results, list(NETWORKS), say, width=318)
    cells = []
    for name in NETWORKS:
        counts = np.sum([r.column("weights", name) for r in results], axis=0)
        cells.append([Bins(counts.tolist(), _near_zero(results, name, say))])
    spread = histogram_grid(
        cells, list(map(say, NETWORKS)), [say("weight")], (-RANGE, RANGE), most=0.15,
        title=say("Weights after the training"), cell=(420.0, 70.0),
    )  # fmt: skip
    both = panels([constraint(results[0].tables["solutions"], name) for name in ("L2", "L1")], 2)
    seeds = say("Mean of all seeds, bands from the least to the most.")
    return [
        Figure("accuracies", panels(charts, 3), seeds),
        Figure("weights", spread, say("All weights of all seeds; a notched bar is cut.")),
        Figure(
            "constraint", both,
            say("The loss is least at the ring. Dots: its minimum as the penalty grows. With L1 "
                "the path meets an axis, where one weight is 0, and stays there; the allowed area "
                "has corners."),
        ),
    ]  # fmt: skip


def _near_zero(results: Sequence[Result], name: str, say: Say) -> str:
    share = np.mean([r.values[f"weights near 0, {name}"] for r in results])
    return f"{say('smaller than 0.001')}: {share:.0%}"


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
            lambda r: (
                r.values["length of the weights, L2"]
                < 0.75 * r.values["length of the weights, no decay"]
            ),
            "Overfitting often comes with large weights.",
        ),
        Claim(
            "L1 brings far more weights near 0 than L2: five times as many.",
            lambda r: r.values["weights near 0, L1"] > 5 * r.values["weights near 0, L2"],
            "The constraint of L1 has corners on the axes.",
        ),
        Claim(
            "In the plane L1 has solutions with a weight of 0, and L2 has none.",
            lambda r: (
                r.values["solutions with a weight of 0, L1"] > 0
                and r.values["solutions with a weight of 0, L2"] == 0
            ),
            "The picture of the two constraints.",
        ),
    ),
    deviations=(
        "The book has L2 alone; L1 and the picture are of the notes, with a strength of ours.",
        "The notes write the L2 penalty both with and without ½; here it is with ½, as the book.",
    ),
)
