"""The controller: what it is shown, what it makes likely, and that it draws so."""

from dataclasses import replace

import numpy as np
import pytest

from groundup.rng import Stream
from groundup.tune.autoaugment.controller import make_controller
from groundup.tune.autoaugment.menu import usual_menu

MENU = usual_menu((1, 28, 28))
TINY = replace(
    MENU, operations=MENU.operations[:3], probabilities=(0.0, 1.0), magnitudes=(0.5, 1.0)
)
CONTROLLER, BEGINNING = make_controller(TINY, seed=0, units=16)
THETA = 0.7 * Stream(1, "search").normal(BEGINNING.shape)


def test_in_the_beginning_every_option_is_equally_likely():
    pi = CONTROLLER.policy_of(BEGINNING, np.zeros((1, 6), np.int64))[0]
    expected = np.zeros((6, 7))
    for t, (first, size) in enumerate([(0, 3), (3, 2), (5, 2)] * 2):
        expected[t, first : first + size] = 1 / size
    np.testing.assert_allclose(pi, expected, atol=1e-15)


def test_a_decision_sees_its_position_and_what_was_decided_before():
    x = CONTROLLER.encode(np.array([[2, 1, 0, 1, 0, 1]]))[0]
    assert x.shape == (6, 6 + 14)
    np.testing.assert_array_equal(x[:, :6], np.eye(6))
    before = x[:, 6:]
    assert [np.flatnonzero(row).tolist() for row in before] == [
        [], [2], [2, 4], [2, 4, 5], [2, 4, 5, 8], [2, 4, 5, 8, 10],
    ]  # fmt: skip


def test_what_comes_later_changes_nothing():
    one, other = np.array([[2, 1, 0, 1, 0, 1]]), np.array([[2, 1, 0, 0, 1, 0]])
    p, q = (CONTROLLER.policy_of(THETA, given)[0] for given in (one, other))
    np.testing.assert_array_equal(p[:4], q[:4])
    assert (np.abs(p[4:] - q[4:]).max(axis=1) > 1e-3).all()


def test_it_draws_as_likely_as_it_says():
    drawn = CONTROLLER.draw(THETA, Stream(5, "search"), 8_000)
    spelled, counts = np.unique(drawn, axis=0, return_counts=True)
    pi = CONTROLLER.policy_of(THETA, spelled)
    place = spelled + np.array(CONTROLLER.first_of)
    likely = np.take_along_axis(pi, place[:, :, np.newaxis], axis=2)[:, :, 0].prod(axis=1)
    assert likely.sum() == pytest.approx(1, abs=0.03)  # of 144 those that were drawn
    assert counts / 8_000 == pytest.approx(likely, abs=0.02)
    assert likely.max() > 3 / 144


def test_draws_are_their_stream_s_alone():
    drawn = CONTROLLER.draw(THETA, Stream(5, "search"), 10)
    np.testing.assert_array_equal(drawn, CONTROLLER.draw(THETA, Stream(5, "search"), 10))
    np.testing.assert_array_equal(drawn[:4], CONTROLLER.draw(THETA, Stream(5, "search"), 4))
    assert (drawn != CONTROLLER.draw(THETA, Stream(6, "search"), 10)).any()
