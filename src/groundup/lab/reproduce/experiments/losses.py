"""4-losses: what the losses say of a good and a bad guess, and why accuracy is none."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.nn.losses import CategoricalCrossentropy, SumSquaredError
from groundup.report.bars import bars
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.report.series import Series
from groundup.rng import Stream
from groundup.typing import Array

RIGHT: Final = 2
GUESSES: Final[Mapping[str, Array]] = {
    "right": np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]),
    "wrong": np.array([0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0]),
}
"""Probabilities of the ten digits: a guess that the 2 is a 2, and one that it is a 7."""
_WEIGHTS: Final = np.linspace(-3, 3, 601)
_SAMPLES: Final = 20


def run(setting: Setting) -> Result:
    squared, entropy = SumSquaredError(), CategoricalCrossentropy()
    truth = np.eye(10)[RIGHT]
    values: dict[str, float] = {}
    for name, guess in GUESSES.items():
        values |= {
            f"squared error, {name}": squared([truth], [guess]),
            f"cross-entropy, {name}": entropy([truth], [guess]),
            f"cross-entropy by label, {name}": entropy([RIGHT], [guess]),
        }
    both = np.stack(list(GUESSES.values()))
    values["cross-entropy, both"] = entropy([RIGHT, RIGHT], both)
    p = np.linspace(0.01, 1, 100)
    curves = {
        "p": p,
        "cross-entropy": [entropy([1], [[1 - one, one]]) for one in p],
        "squared error": [squared([[0.0, 1.0]], [[1 - one, one]]) for one in p],
    }
    accuracy, loss = _along_a_weight(setting.seed)
    steps = {"w": _WEIGHTS, "accuracy": accuracy, "cross-entropy": loss}
    values["share of slopes of the accuracy that are 0"] = float(np.mean(np.diff(accuracy) == 0))
    values["share of slopes of the loss that are 0"] = float(np.mean(np.diff(loss) == 0))
    guesses = {"digit": np.arange(10), **GUESSES}
    return Result({"guesses": guesses, "losses": curves, "weight": steps}, values)


def _along_a_weight(seed: int) -> tuple[Array, Array]:
    """Accuracy and loss of the classifier σ(w x - 0.5) for each w, on a few samples."""
    stream = Stream(seed, name="losses")
    x = stream.named("x").normal(_SAMPLES)
    t = (x + 0.6 * stream.named("noise").normal(_SAMPLES) > 0).astype(np.int64)
    p = 1 / (1 + np.exp(0.5 - _WEIGHTS[:, None] * x))
    entropy = CategoricalCrossentropy()
    loss = [entropy(t, np.stack([1 - one, one], axis=1)) for one in p]
    return ((p > 0.5) == t).mean(axis=1), np.array(loss)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first, digits = results[0], [str(digit) for digit in range(10)]
    guesses = []
    for name, title in (("right", "A guess that it is a 2"), ("wrong", "A guess that it is a 7")):
        losses = [first.values[f"{loss}, {name}"] for loss in ("squared error", "cross-entropy")]
        words = f"{say('squared error')} {losses[0]:.4f}, {say('cross-entropy')} {losses[1]:.4f}"
        guesses.append(
            bars(digits, first.column("guesses", name).tolist(), title=say(title), subtitle=words)
        )
    p, steps = first.column("losses", "p"), first.column("weight", "w")
    curves = line_chart(
        [Series(say(one), p, first.column("losses", one)) for one in ("cross-entropy",
         "squared error")],
        title=say("The loss by the probability of the right class"), x_label="p",
    )  # fmt: skip
    sides = line_chart(
        [Series(say(one), steps, first.column("weight", one)) for one in ("cross-entropy",
         "accuracy")],
        title=say("Loss and accuracy by a weight"), x_label="w", y_limits=(0.0, None),
    )  # fmt: skip
    return [
        Figure("guesses", panels(guesses, 2), say("The picture shows a 2.")),
        Figure(
            "losses",
            panels([curves, sides], 2),
            say("Accuracy is flat nearly everywhere: its derivative tells no way to go."),
        ),
    ]


def _is(name: str, words: str, said: float) -> Claim:
    digits = 4
    return Claim(
        f"{words} is {said:.{digits}f}.",
        lambda r: round(r.values[name], digits) == said,
        f"{said:.{digits}f}",
    )


EXPERIMENT: Final = Experiment(
    key="4-losses",
    title="Losses, and why accuracy is none",
    source="Saito 2016, 4.2",
    text="A network sees a 2 and gives a probability to each digit. The loss says how wrong that "
    "is. Below, the loss and the accuracy of a classifier as one of its weights changes.",
    run=run,
    draw=draw,
    claims=(
        _is("squared error, right", "The squared error of the right guess", 0.0975),
        _is("squared error, wrong", "That of the wrong guess", 0.5975),
        _is("cross-entropy, right", "The cross-entropy of the right guess", 0.5108),
        _is("cross-entropy, wrong", "That of the wrong guess", 2.3026),
        Claim(
            "Labels and one-hot targets give the same cross-entropy.",
            lambda r: all(
                r.values[f"cross-entropy, {one}"] == r.values[f"cross-entropy by label, {one}"]
                for one in GUESSES
            ),
            "Only the output at the right answer counts.",
        ),
        Claim(
            "The loss of a batch is the mean of its samples' losses.",
            lambda r: (
                abs(
                    r.values["cross-entropy, both"]
                    - (r.values["cross-entropy, right"] + r.values["cross-entropy, wrong"]) / 2
                )
                < 1e-12
            ),
            "Dividing by N gives the mean loss, whatever the number of data.",
        ),
        Claim(
            "The derivative of the accuracy is 0 at 95 % of the places or more, that of the "
            "cross-entropy at none.",
            lambda r: (
                r.values["share of slopes of the accuracy that are 0"] >= 0.95
                and r.values["share of slopes of the loss that are 0"] == 0
            ),
            "With accuracy as the measure the derivative would be 0 at most places.",
        ),
    ),
    deviations=(
        "The cross-entropy is the exact logarithm; the book adds 10⁻⁷ inside it.",
        "The classifier along whose weight loss and accuracy are drawn is added.",
    ),
)
