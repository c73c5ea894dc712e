"""6-batch-size: descent by all images at once, by mini-batches, and by single images."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.data.dataset import Dataset
from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting, Table
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import SGD
from groundup.nn.zoo import TwoLayer
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.train.callback import Callback, Context
from groundup.train.sequential import Sequential

RATE: Final = 0.03
LOOKS: Final = 10
"""How often in an epoch the loss of all images is taken, where there are so many updates."""
BATCHES: Final[Mapping[str, int | None]] = {"full batch": None, "mini-batch": 100, "single": 1}


class _Looks(Callback):
    """Takes the loss of all training images now and then: (epochs made, loss)."""

    def __init__(self, model: Sequential, data: Dataset) -> None:
        self.model, self.data = model, data
        self.seen: list[tuple[float, float]] = []

    def on_batch_end(self, context: Context) -> None:
        every = max(1, context.steps // LOOKS)
        if (context.step + 1) % every == 0:
            loss = self.model.evaluate(self.data.x_train, self.data.y_train)["loss"]
            self.seen.append((context.epoch + (context.step + 1) / context.steps, loss))


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(2_000, 1_000), test=setting.pick(10_000, 1_000))
    tables: dict[str, Table] = {}
    values: dict[str, float] = {}
    for name, size in BATCHES.items():
        layers = TwoLayer(init="he").layers(data.in_shape, 10)
        model = network(layers, SGD(RATE), setting.seed)
        looks = _Looks(model, data)
        model.fit(
            data.x_train,
            data.y_train,
            batch_size=size or len(data.x_train),
            epochs=10,
            verbose=0,
            callbacks=[looks],
        )
        epochs, losses = np.transpose(looks.seen)
        tables[name] = curve_table({name: losses}, epochs, ("batch", "epoch", "loss"))
        values |= {
            f"loss, {name}": float(losses[-1]),
            f"share of rises, {name}": float((np.diff(losses) > 0).mean()),
            f"test accuracy, {name}": model.evaluate(data.x_test, data.y_test)["accuracy"],
        }
    return Result(tables, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    lines = [line for name in BATCHES for line in mean_curves(results, name, say)]
    one = [line for name in BATCHES for line in mean_curves(results[:1], name, say)]
    titled = {"Loss of all training images": lines, "The same of one seed": one}
    charts = [
        line_chart(shown, title=say(title), x_label=say("epoch"), whole_x=True, y_log=True)
        for title, shown in titled.items()
    ]
    note = say("As many images seen at every place of the axis. Left the mean of all seeds, bands "
               "from the least to the most; right the ups and downs of a single path.")  # fmt: skip
    return [Figure("losses", panels(charts, 2), note)]


def _below(one: str, other: str) -> Claim:
    return Claim(
        f"After as many images the loss is lower with {one} than with {other}.",
        lambda r: r.values[f"loss, {one}"] < r.values[f"loss, {other}"],
        "A step takes less time, so that it converges faster.",
    )


EXPERIMENT: Final = Experiment(
    key="6-batch-size",
    title="All images at once, a hundred, or one",
    source="the notes on full-batch, mini-batch and stochastic gradient descent",
    text="A network with 50 hidden units learns ten epochs with rate 0.03: it updates once an "
    "epoch, after every 100 images, or after every one.",
    run=run,
    draw=draw,
    claims=(
        _below("mini-batch", "full batch"),
        _below("single", "mini-batch"),
        Claim(
            "With the full batch the loss never rises.",
            lambda r: r.values["share of rises, full batch"] == 0,
            "Its gradient is that of the loss itself.",
        ),
        Claim(
            "With single images it rises in one of ten looks or more.",
            lambda r: r.values["share of rises, single"] >= 0.1,
            "Its path shoots to and fro, so that there is less risk of a local minimum.",
        ),
    ),
    deviations=("The notes have a sketch; the experiment is ours.",),
)
