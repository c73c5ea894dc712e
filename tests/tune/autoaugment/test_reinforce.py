"""REINFORCE: its gradient is the derivative, and it makes what is rewarded likely."""

from dataclasses import replace

import numpy as np
import pytest

from groundup.nn.optimizers import Adam
from groundup.ops.gradcheck import directional_error
from groundup.rng import Stream
from groundup.tune.autoaugment.controller import make_controller
from groundup.tune.autoaugment.menu import usual_menu
from groundup.tune.autoaugment.reinforce import Reinforce, begin, learn, objective

MENU = usual_menu((1, 28, 28))
CONTROLLER, BEGINNING = make_controller(MENU, seed=0, units=12)
THETA = 0.4 * Stream(1, "search").normal(BEGINNING.shape)
DECISIONS = MENU.draw(Stream(2, "search"), 12).reshape(4, 3, 6)
HOW = Reinforce()


@pytest.mark.parametrize("advantages", [[1.3, -0.7, 0.2, -2.0], [0.0] * 4])
@pytest.mark.parametrize("entropy", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_the_derivative(advantages, entropy, seed):
    A, v = np.array(advantages), Stream(seed, "search", "direction").normal(THETA.shape)

    def J(theta):
        return objective(CONTROLLER, theta, DECISIONS, A, entropy)[0]

    gradient = objective(CONTROLLER, THETA, DECISIONS, A, entropy)[1]
    assert directional_error(J, THETA, gradient, v) < 1e-6
    assert (abs(gradient @ v) > 0.01) == bool(A.any() or entropy)


def test_the_objective_is_the_sum_it_says():
    A = np.array([1.0, 0.0, 0.0, 0.0])
    pi = CONTROLLER.policy_of(THETA, DECISIONS[0])
    place = DECISIONS[0] + np.array(CONTROLLER.first_of)
    chosen = np.take_along_axis(pi, place[:, :, np.newaxis], axis=2)
    J = objective(CONTROLLER, THETA, DECISIONS, A, 0.0)[0]
    assert pytest.approx(np.log(chosen).sum() / 4) == J
    even = objective(CONTROLLER, BEGINNING, DECISIONS, np.zeros(4), 1.0)[0]
    assert even == pytest.approx(3 * np.log(MENU.sizes).sum())  # nats of 3 sub-policies


def test_nothing_given_is_changed_and_the_averages_move():
    known = begin(HOW, BEGINNING.copy())
    first = learn(HOW, CONTROLLER, known, DECISIONS, np.array([0.9, 0.8, 0.7, 0.8]))
    assert first.baseline == pytest.approx(0.8)
    assert first.variance == pytest.approx(0.005)
    second = learn(HOW, CONTROLLER, first, DECISIONS, np.full(4, 0.9))
    assert second.baseline == pytest.approx(0.8 * 0.8 + 0.2 * 0.9)
    assert second.variance == pytest.approx(0.8 * 0.005 + 0.2 * 0.01)
    np.testing.assert_array_equal(known.theta, BEGINNING)
    assert known.state["step"] == 0
    assert not known.state["m"].any()
    again = learn(HOW, CONTROLLER, known, DECISIONS, np.array([0.9, 0.8, 0.7, 0.8]))
    np.testing.assert_array_equal(again.theta, first.theta)
    assert np.abs(first.theta - BEGINNING).max() > 0.01


def test_rewards_that_are_all_equal_teach_nothing():
    how = replace(HOW, entropy=0.0)
    known = learn(how, CONTROLLER, begin(how, THETA), DECISIONS, np.full(4, 0.5))
    np.testing.assert_array_equal(known.theta, THETA)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_finds_what_is_rewarded(seed):
    """Rotation is good, a vertical flip is bad, each as much as it is likely; with noise."""
    good = np.zeros(11)
    good[[0, 4]] = 1.0, -1.0
    controller, theta = make_controller(MENU, seed)
    how = Reinforce(Adam(0.05, global_clipnorm=1.0))
    known = begin(how, theta)
    for update in range(40):
        stream = Stream(seed, "search").at(step=update)
        decisions = controller.draw(known.theta, stream, 20).reshape(4, 5, 6)
        operations, often = decisions[:, :, ::3], decisions[:, :, 1::3] / 5
        rewards = 0.9 + 0.05 * (good[operations] * often).mean(axis=(1, 2))
        rewards += stream.named("noise").normal(4, 0.0, 0.002)
        known = learn(how, controller, known, decisions, rewards)
    drawn = controller.draw(known.theta, Stream(9, "search"), 1000)
    shares = np.bincount(drawn[:, ::3].ravel(), minlength=11) / 2000
    assert shares[0] > 0.6
    assert shares[4] < 0.02
    rotated = drawn[drawn[:, 0] == 0]
    assert rotated[:, 1].mean() > 3.2  # 2.5 in the beginning: often, too
