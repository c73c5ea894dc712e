"""The menu: whole numbers spell policies."""

import numpy as np
import pytest

import groundup as gu
from groundup.data.augment import augmentations
from groundup.rng import Stream
from groundup.tune.autoaugment.menu import usual_menu

MENU = usual_menu((1, 28, 28))


def test_everything_that_is_no_policy_is_on_it():
    assert set(MENU.names) == set(augmentations.names()) - {"policy"}
    assert MENU.sizes == (11, 6, 5, 11, 6, 5)


def test_decisions_spell_a_policy():
    policy = MENU.policy(np.array([[0, 4, 1, 8, 0, 4], [3, 5, 2, 1, 1, 0]]))
    assert policy == gu.Policy([
        [
            gu.RandomRotation(45, probability=0.8, magnitude=0.4),
            gu.Cutout(14, probability=0.0, magnitude=1.0),
        ],
        [
            gu.RandomHorizontalFlip(probability=1.0, magnitude=0.6),
            gu.RandomShift(7, probability=0.2, magnitude=0.2),
        ],
    ])  # fmt: skip


def test_strengths_follow_the_size_of_the_images():
    small, large = usual_menu((1, 8, 8)), usual_menu((3, 32, 64))
    pixels = [next(one.pixels for one in menu.operations if isinstance(one, gu.RandomShift))
              for menu in (small, large)]  # fmt: skip
    assert pixels == [2.0, 8.0]


def test_draws_are_even_and_their_stream_s():
    drawn = MENU.draw(Stream(3, "search"), 6000)
    for place, size in enumerate(MENU.sizes):
        shares = np.bincount(drawn[:, place], minlength=size) / len(drawn)
        assert len(shares) == size
        assert shares == pytest.approx(1 / size, abs=0.03)
    np.testing.assert_array_equal(drawn, MENU.draw(Stream(3, "search"), 6000))
    assert (drawn != MENU.draw(Stream(4, "search"), 6000)).any()
