"""6-batchnorm-inference: by which mean and variance a trained network normalizes."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network, train
from groundup.layers import BatchNormalization, Dense, Flatten, Mode, ReLU
from groundup.nn.optimizers import SGD
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.train.inputs import examples_for
from groundup.typing import Array

VARIANCE: Final = 4.0
SIZES: Final = (2, 4, 8, 16, 32, 64, 128)
LAYERS: Final = {
    "population": BatchNormalization(statistics="population"),
    "moving average": BatchNormalization(momentum=0.99),
}
OF_DEVIATION: Final = "moving average of σ"
BATCH: Final = "the batch's own"


def run(setting: Setting) -> Result:
    stream = Stream(setting.seed, "shuffle", "batches")
    estimates: dict[str, list[float]] = {name: [] for name in (*LAYERS, OF_DEVIATION)}
    for m in SIZES:
        shape = (setting.pick(1_000, 600), m, 20)
        batches = stream.named(str(m)).normal(shape, mean=3.0, stddev=VARIANCE**0.5)
        for name, layer in LAYERS.items():
            estimates[name].append(_variance(layer, batches))
        estimates[OF_DEVIATION].append(float((batches.std(axis=1).mean(axis=0) ** 2).mean()))
    known = {name: np.array(found) for name, found in estimates.items()}
    accuracies = {name: _accuracies(name, setting) for name in LAYERS}
    accuracies[BATCH] = _accuracies("moving average", setting, Mode(train=True))
    tables = {
        "variance": curve_table(known, np.array(SIZES), ("statistics", "size", "variance")),
        "accuracy": curve_table(accuracies, np.array(SIZES), ("statistics", "size", "accuracy")),
    }
    values = {f"variance, {name}, {m}": v for name, found in known.items()
              for m, v in zip(SIZES, found.tolist(), strict=True)}  # fmt: skip
    values |= {f"accuracy, {name}, {m}": a for name, found in accuracies.items()
               for m, a in zip(SIZES, found.tolist(), strict=True)}  # fmt: skip
    return Result(tables, values)


def _variance(layer: BatchNormalization, batches: Array) -> float:
    """What the layer takes for the variance after batches (B, m, D), its mean over the features."""
    params, state, _, _ = layer.init(Stream(0), batches.shape[2:])
    for step, x in enumerate(batches):
        mode = Mode(train=True, rng=Stream(0, "dropout").at(step=step))
        _, _, state = layer.forward(params, state, x, mode)
    return float(np.mean(state["var"]))


def _accuracies(name: str, setting: Setting, mode: Mode | None = None) -> Array:
    """On test images in batches of each size, by a network with these statistics."""
    data = handwriting(setting, train=setting.pick(10_000, 1_400), test=setting.pick(2_048, 256))
    norm = BatchNormalization(statistics="population") if name == "population" else None
    hidden = [
        layer for _ in range(2) for layer in (Dense(100), norm or BatchNormalization(), ReLU())
    ]
    model = network([Flatten(), *hidden, Dense(10, "softmax")], SGD(0.1), setting.seed)
    train(model, data, setting.pick(500, 140), 100)
    learner = model.learner
    examples = examples_for(learner, data.x_test, data.y_test)
    given = (mode,) if mode else ()
    return np.array([learner.evaluate(examples, m, *given)["accuracy"] for m in SIZES])


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    variance = line_chart(
        mean_curves(results, "variance", say), title=say("Variance as it is estimated"),
        y_label=say("it is 4"), x_label=say("samples in a batch"), x_log=True,
        y_limits=(0.0, VARIANCE + 1),
    )  # fmt: skip
    accuracy = line_chart(
        mean_curves(results, "accuracy", say), title=say("Accuracy on test data"), unit="%",
        y_label=say("normalized by these statistics"), x_label=say("samples in a batch"),
        x_log=True,
    )  # fmt: skip
    note = say("Left known random numbers, right a network with two normalized layers.")
    return [Figure("statistics", panels([variance, accuracy], 2), note)]


def _near(name: str, of: float, m: int, r: Result) -> bool:
    return abs(r.values[f"variance, {name}, {m}"] / of - 1) < 0.1


EXPERIMENT: Final = Experiment(
    key="6-batchnorm-inference",
    title="Batch normalization after the training",
    source="Ioffe & Szegedy 2015, algorithm 2; the notes on batch normalization",
    text="While it learns, a network normalizes by the mean and variance of each batch. Afterwards "
    "it needs others: those of the population, or moving averages gathered on the way.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "With m/(m - 1) the population's variance is right to a tenth, in batches of any size.",
            lambda r: all(_near("population", VARIANCE, m, r) for m in SIZES),
            "Var[x] = m/(m - 1) E[σ²].",
        ),
        Claim(
            "A moving average of σ² is (m - 1)/m of it, half for batches of 2.",
            lambda r: all(_near("moving average", VARIANCE * (m - 1) / m, m, r) for m in SIZES),
        ),
        Claim(
            "One of σ instead of σ², as the notes have it, is smaller still in small batches.",
            lambda r: all(
                r.values[f"variance, {OF_DEVIATION}, {m}"]
                < 0.95 * r.values[f"variance, moving average, {m}"]
                for m in (2, 4, 8)
            ),
            "The notes write a moving average of σ.",
        ),
        Claim(
            "A network does as well with either, to 3 points of accuracy.",
            lambda r: abs(
                r.values[f"accuracy, population, {SIZES[-1]}"]
                - r.values[f"accuracy, moving average, {SIZES[-1]}"]
            )
            < 0.03,
            "Both are given as ways of inference.",
        ),
        Claim(
            "Normalized by a batch of 2 test images it does worse, by 5 points or more.",
            lambda r: r.values[f"accuracy, {BATCH}, 2"]
            < r.values["accuracy, moving average, 2"] - 0.05,
        ),
    ),
    deviations=("The notes give the formulas; the experiment is ours.",),
)  # fmt: skip
