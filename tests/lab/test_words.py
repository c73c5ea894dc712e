"""What is said of a comparison follows from its numbers: here they are given by hand."""

import pytest

from groundup.config import from_mapping
from groundup.lab import words
from groundup.lab.comparison import conclude
from groundup.lab.page import comparison_page
from groundup.lab.plan import make_plan
from groundup.lab.runs import Run
from groundup.lab.survey import survey

CONFIG = from_mapping({"model": {"name": "two-layer"}, "optimizer": {"name": "sgd"}})
NOISE = (0.002, -0.001, 0.0, 0.001)


def comparison(*means, scatter=NOISE):
    """Of methods with these mean accuracies, each with a scatter of its own."""
    plan = make_plan(CONFIG, {"units": [10 + k for k in range(len(means))]}, seeds=4, tune=False)
    found = survey(plan)
    done = {}
    for k, (entrant, mean) in enumerate(zip(found.entrants, means, strict=True)):
        for place, seed in enumerate(plan.compared):
            noise = scatter[(place + k) % 4]
            scores = {} if mean is None else {"test_accuracy": mean + noise, "test_loss": 1.0}
            diverged = "NaN" if mean is None else ""
            run = Run(entrant.name, entrant.rate, seed, "comparison", scores, {}, diverged,
                      1.0, 2.0, 0.001)  # fmt: skip
            done[run.key] = run
    return conclude(plan, found, False, done)


@pytest.mark.parametrize(
    ("means", "said"),
    [
        ((0.9, 0.5), "units=10 is best, by 40.00 percentage points over units=11"),
        ((0.9, 0.901), "units=11 and units=10 cannot be told apart"),
        ((0.5, 0.9, 0.9001), "units=12 leads; units=11 cannot be told apart from it"),
        ((0.9,) * 7, "No method can be told apart from units=10, the first of 7"),
        ((0.5, *(0.9,) * 7), "leads; 6 of 7 others cannot be told apart from it"),
    ],
)
def test_the_headline(means, said) -> None:
    found = comparison(*means)
    assert words.headline(found).endswith(said), words.headline(found)
    assert words.headline(found) in comparison_page(found)


def test_groups_and_differences() -> None:
    found = comparison(0.5, 0.9, 0.9001)
    scores = words.scores(found.final, found)
    assert [(row[0], row[1]) for row in scores.rows] == [
        ("units=12", "a"), ("units=11", "a"), ("units=10", "b"),
    ]  # fmt: skip
    assert scores.rows[2][3].replace("\u202f", " ") == "50.05 %"
    near, far = words.differences(found.final, found).rows
    assert (near[0], near[1], near[2]) == ("units=11", "cannot tell", "−0.01")
    assert (far[0], far[1], far[2], far[-1]) == ("units=10", "worse", "−40.01", "–")
    assert int(near[-1].replace(",", "").replace("> ", "")) > 1000
    assert "units=12 and units=11 apart" in words.more_seeds(found)
    assert words.more_seeds(comparison(0.9, 0.5)) == ""


def test_methods_that_diverged_are_counted() -> None:
    found = comparison(0.9, None)
    scores = words.scores(found.final, found)
    place = list(scores.columns).index("diverged")
    assert [row[place] for row in scores.rows] == ["–", "4 of 4"]
    chance = found.survey.entrants[1].chance["test_accuracy"]
    assert found.final.scores[1].values == (chance,) * 4
    assert "each counts as chance" in comparison_page(found)


def test_equal_in_every_seed() -> None:
    found = comparison(0.9, 0.9, scatter=(0.0,) * 4)
    assert "no number of seeds" in words.more_seeds(found)
