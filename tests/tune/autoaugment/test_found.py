"""The verdict: what the numbers say, in words and pictures."""

import numpy as np
import pytest

from groundup import config as configuration
from groundup.data import datasets
from groundup.tune.autoaugment import words
from groundup.tune.autoaugment.children import Child
from groundup.tune.autoaugment.files import plain
from groundup.tune.autoaugment.found import Found, Samples, Step
from groundup.tune.autoaugment.page import found_page
from groundup.tune.autoaugment.plan import make_plan
from groundup.tune.autoaugment.small_set import small_set

DATA = datasets.digits.load()
PLAN = make_plan(configuration.from_mapping({}), DATA, trials=6, best=1, seeds=4, subpolicies=2)
WAVE = np.array([0.0, 0.01, -0.01, 0.005])


def found(learned: float, random: float, none: float) -> Found:
    """As if the networks had these accuracies, and some scatter."""
    decisions = ((0, 5, 4, 1, 2, 3), (6, 0, 0, 9, 5, 1))
    children = [
        Child(arm, number, PLAN.searched_on[0], 0.8 + number / 100, decisions)
        for arm in ("controller", "random")
        for number in range(6)
    ]
    children.append(Child("none", 0, PLAN.searched_on[0], 0.75))
    for arm, mean, wave in zip(
        ("controller", "random", "none"), (learned, random, none), (1, -1, 0.5), strict=True
    ):
        children += [Child(arm, None, seed, mean + wave * WAVE[seed]) for seed in PLAN.judged_on]
    steps = [Step(trial, (1 / 11,) * 11, 1 - trial / 10) for trial in (0, 4, 6)]
    return Found(PLAN, tuple(children), tuple(steps), Samples(1000, 437, 359))


@pytest.mark.parametrize(
    ("accuracies", "headline"),
    [
        ((0.9, 0.5, 0.5), "The learned policy beats a random one and no augmentation"),
        ((0.5, 0.9, 0.8), "The learned policy is beaten by a random one and by no augmentation"),
        (
            (0.8, 0.8, 0.8),
            "The learned policy cannot be told apart from a random one, nor from no augmentation",
        ),
        (
            (0.9, 0.9, 0.5),
            "The learned policy beats no augmentation and cannot be told apart from a random one",
        ),
        (
            (0.7, 0.9, 0.5),
            "The learned policy beats no augmentation and is beaten by a random one",
        ),
    ],
)
def test_the_headline_says_what_the_tests_say(accuracies, headline):
    assert words.headline(found(*accuracies)) == headline


def test_numbers():
    one = found(0.9, 0.85, 0.5)
    assert one.accuracies("controller") == pytest.approx(0.9 + WAVE)
    assert one.mean("random").mean == pytest.approx(0.85 - WAVE.mean())
    assert one.rewards("controller") == pytest.approx([0.8, 0.81, 0.82, 0.83, 0.84, 0.85])
    assert one.ranking.names == ("learned policy", "random policy", "no augmentation")
    told = plain(one)
    assert told["verdicts"]["learned policy, no augmentation"] == "beats"
    first = told["differences"][0]
    assert (first["a"], first["b"]) == ("learned policy", "random policy")
    assert first["mean"] == pytest.approx(-0.05 - 2 * WAVE.mean())
    rows = words.differences(one).rows
    assert rows[0][3] == "+5.25"
    assert words.as_rows(one.policy).rows[0][1:] == [
        "rotation", "100\u202f%", "45 degrees", "shift", "40\u202f%", "1.6 pixels",
    ]  # fmt: skip


def test_the_page_tells_all():
    one = found(0.9, 0.85, 0.5)
    page = found_page(one, small_set(DATA, 1000, 0.1, 0))
    assert f"<h1>{words.headline(one)}</h1>" in page
    for told in ("learned policy", "random policy", "no augmentation", "salt and pepper",
                 "How undecided", "45 degrees", "108,900"):  # fmt: skip
        assert told in page
    assert page.count("<image") == 9 * 10
