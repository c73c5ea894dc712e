"""2-gates: the decision regions of AND, NAND and OR, and XOR, which takes two layers."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.layers.perceptron import AND, INPUTS, NAND, OR, Gate, Perceptron, two_layers
from groundup.report.decision_regions import decision_regions
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.report.series import Series

GATES: Final[Mapping[str, Gate]] = {"AND": AND, "NAND": NAND, "OR": OR}
TABLES: Final[Mapping[str, tuple[int, ...]]] = {
    "AND": (0, 0, 0, 1),
    "NAND": (1, 1, 1, 0),
    "OR": (0, 1, 1, 1),
    "XOR": (0, 1, 1, 0),
}
"""The answers to (0, 0), (1, 0), (0, 1) and (1, 1)."""
EPOCHS: Final = 30


def run(setting: Setting) -> Result:
    told = {name: gate.table() for name, gate in GATES.items()}
    told["XOR"] = tuple(two_layers(INPUTS).astype(int).tolist())
    errors = {}
    for name, right in TABLES.items():
        learned = Perceptron(epochs=EPOCHS).fit(INPUTS, right)
        errors[name] = [epoch.errors for epoch in learned.history]
    answers = {
        "gate": [name for name in told for _ in INPUTS],
        "x1": np.tile(INPUTS[:, 0], len(told)),
        "x2": np.tile(INPUTS[:, 1], len(told)),
        "y": [y for ys in told.values() for y in ys],
    }
    learning = {
        "gate": [name for name, own in errors.items() for _ in own],
        "epoch": [epoch + 1 for own in errors.values() for epoch in range(len(own))],
        "errors": [count for own in errors.values() for count in own],
    }
    forms = [gate.by_bias(INPUTS) == gate.by_threshold(INPUTS) for gate in GATES.values()]
    values = {f"{name} is right": float(told[name] == right) for name, right in TABLES.items()}
    values |= {f"last errors, {name}": float(own[-1]) for name, own in errors.items()}
    return Result(
        {"answers": answers, "learning": learning},
        values | {"forms agree": float(np.all(forms))},
    )


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    answers = results[0].column("answers", "y").reshape(len(TABLES), len(INPUTS))
    ys = dict(zip(TABLES, answers, strict=True))
    single = [
        decision_regions(
            gate.by_bias, [gate], INPUTS, ys[name], title=name,
            subtitle=f"{gate.bias:g} {gate.w[0]:+g} x₁ {gate.w[1]:+g} x₂ > 0".replace("-", "−"),
        )
        for name, gate in GATES.items()
    ]  # fmt: skip
    double = decision_regions(
        two_layers, [NAND, OR], INPUTS, ys["XOR"], title="XOR", subtitle="AND(NAND(x), OR(x))"
    )
    names = results[0].column("learning", "gate")
    lines = [
        Series(
            name,
            results[0].column("learning", "epoch")[names == name],
            results[0].column("learning", "errors")[names == name],
        )
        for name in TABLES
    ]
    learning = line_chart(
        lines, title=say("A perceptron learns the gates"), y_label=say("errors in the epoch"),
        x_label=say("epoch"), whole_x=True,
    )  # fmt: skip
    return [
        Figure(
            "regions",
            panels([*single, double], 4, gap=8),
            say("Blue is 1, orange is 0. A single perceptron cuts the plane along one line."),
        ),
        Figure("learning", learning, say("No line separates XOR, so its errors never end.")),
    ]


def _is_right(name: str) -> Claim:
    return Claim(
        f"{name} answers all four inputs as its truth table does.",
        lambda r: r.values[f"{name} is right"] == 1,
        f"The truth table of {name}.",
    )


EXPERIMENT: Final = Experiment(
    key="2-gates",
    title="Gates, and the limit of a perceptron",
    source="Saito 2016, chapter 2",
    text="A perceptron with two inputs is 1 on one side of a line. That makes AND, NAND and OR; "
    "XOR needs a second layer. The weights are those of the book.",
    run=run,
    draw=draw,
    claims=(
        *map(_is_right, ("AND", "NAND", "OR")),
        Claim(
            "With a bias b = −θ or with a threshold θ, the gates are the same.",
            lambda r: r.values["forms agree"] == 1,
            "The threshold may be written as a bias.",
        ),
        Claim(
            "A perceptron learns AND, NAND and OR without an error.",
            lambda r: all(r.values[f"last errors, {name}"] == 0 for name in GATES),
        ),
        Claim(
            "XOR it never learns: no line separates the classes.",
            lambda r: r.values["last errors, XOR"] > 0,
            "A perceptron alone cannot make XOR.",
        ),
        Claim(
            "Two layers, AND(NAND(x), OR(x)), answer as XOR does.",
            lambda r: r.values["XOR is right"] == 1,
            "By stacking layers a perceptron can make XOR.",
        ),
    ),
    seeds=1,
    deviations=("The book's gates do not learn; Rosenblatt's rule is added.",),
)
