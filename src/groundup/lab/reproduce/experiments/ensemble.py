"""6-ensemble: five networks that differ in their seeds alone, and the average of what they say."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.overfitting import SEVEN_LAYERS
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import Adam
from groundup.report.bars import bars
from groundup.report.lines import line_chart
from groundup.report.numbers import percent
from groundup.report.panels import panels
from groundup.report.series import Series
from groundup.train.ensemble import Ensemble

MEMBERS: Final = 5
EPOCHS: Final = 30


def run(setting: Setting) -> Result:
    images = setting.pick(5_000, 1_000)
    data = handwriting(setting, train=images, test=setting.pick(10_000, 2_000))
    model = network(SEVEN_LAYERS.layers(data.in_shape, 10), Adam(), MEMBERS * setting.seed)
    ensemble = Ensemble(model, MEMBERS)
    ensemble.fit(data.x_train, data.y_train, batch_size=100, epochs=EPOCHS)
    said = np.stack([member.predict(data.x_test) for member in ensemble.members])
    # The mean of the first k members' probabilities, for k = 1, 2, ….
    means = said.cumsum(axis=0) / np.arange(1, MEMBERS + 1)[:, None, None]
    alone, together = (
        (probabilities.argmax(axis=2) == data.y_test).mean(axis=1)
        for probabilities in (said, means)
    )
    table = {"members": np.arange(1, MEMBERS + 1), "alone": alone, "together": together}
    values = {
        "mean of the members": float(alone.mean()),
        "best member": float(alone.max()),
        "ensemble": float(ensemble.evaluate(data.x_test, data.y_test)["accuracy"]),
    }
    return Result({"accuracies": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    names = ("mean of the members", "best member", "ensemble")
    every = np.array([[1 - r.values[name] for name in names] for r in results])
    both = bars(
        list(map(say, names)), every.mean(axis=0).tolist(), title=say("Mistakes on test images"),
        intervals=list(zip(every.min(axis=0), every.max(axis=0), strict=True)), words=percent,
    )  # fmt: skip
    grown = np.stack([r.column("accuracies", "together") for r in results])
    count = results[0].column("accuracies", "members")
    band = {"lower": grown.min(axis=0), "upper": grown.max(axis=0)} if len(results) > 1 else {}
    line = line_chart(
        [Series(say("ensemble"), count, grown.mean(axis=0), **band)], unit="%", whole_x=True,
        title=say("Accuracy by the number of members"), x_label=say("members"),
    )  # fmt: skip
    note = say("Mean of all seeds, ranges and bands from the least to the most.")
    return [Figure("accuracies", panels([both, line], 2), note)]


EXPERIMENT: Final = Experiment(
    key="6-ensemble",
    title="An ensemble of five",
    source="Saito 2016, 6.4.3",
    text="Five networks of one kind learn apart, from other first weights and in another order. "
    "The average of their outputs is right more often than they are.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "The ensemble is better than its members on average.",
            lambda r: r.values["ensemble"] > r.values["mean of the members"],
            "Five networks learn apart, and the average of their outputs answers.",
        ),
        Claim(
            "It makes fewer mistakes than they on average, by a tenth or more.",
            lambda r: 1 - r.values["ensemble"] < 0.9 * (1 - r.values["mean of the members"]),
            "Ensembles are known to be better by some percent.",
        ),
        Claim(
            "It is better by at least a whole point of accuracy.",
            lambda r: r.values["ensemble"] > r.values["mean of the members"] + 0.01,
            "Ensembles are known to be better by some percent.",
            expected=False,
            why="It depends on how much there is to be gained: of 95 % right answers an eighth of "
            "the mistakes is less than a point.",
        ),
    ),
    deviations=("The book tells of ensembles and has no experiment; network and data are ours.",),
)
