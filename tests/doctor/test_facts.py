"""What the data say without a network: by data of which it is known."""

import math

import numpy as np
import pytest

from groundup.config import from_mapping
from groundup.data.dataset import Dataset
from groundup.doctor.data_facts import chance_of, neighbors_tell, scale_of, shared, told_apart
from groundup.doctor.facts import facts_of
from groundup.nn.losses import CategoricalCrossentropy, MeanAbsoluteError, MeanSquaredError
from groundup.rng import Stream
from groundup.train.learner import Examples
from groundup.train.run import assemble

NORMAL = Stream(0).normal((200, 2))
CONFIG = {"model": {"name": "two-layer"}, "train": {"batch_size": 16}}


def dataset(y=None, x=NORMAL):
    labels = (x[:, 0] > 0).astype(np.int64) if y is None else y
    return Dataset("made", x[:150], labels[:150], x[150:], labels[150:], ("no", "yes"))


def test_scales_are_those_of_inputs_that_vary():
    found = scale_of(np.stack([np.full(4, 7.0), [0, 2, 0, 2], [10, 14, 10, 14]], axis=1))
    assert found.scales == pytest.approx((1.1, 1.5, 1.9))
    assert found.offset == pytest.approx((1 / 1 + 12 / 2) / 2)
    assert found.constant == pytest.approx(1 / 3)
    assert scale_of(np.ones((3, 2))) == (1.0, 0.0, (0.0, 0.0, 0.0), 0.0, 1.0)


def test_neighbors_tell_what_can_be_told():
    x, y = NORMAL, (NORMAL[:, 0] > 0).astype(int)
    told, p = neighbors_tell(x, y, 2, Stream(0))
    assert (told > 0.9, p) == (True, 1 / 200)
    shuffled, p = neighbors_tell(x, y[Stream(1).permutation(200)], 2, Stream(0))
    assert (shuffled < 0.6, p > 0.05) == (True, True)
    r2, p = neighbors_tell(x, x[:, 1], 0, Stream(0))
    assert (r2 > 0.8, p) == (True, 1 / 200)
    assert all(map(math.isnan, neighbors_tell(x[:19], y[:19], 2, Stream(0))))


def test_sets_are_told_apart_by_what_moved():
    auc, p = told_apart(NORMAL[:100], NORMAL[100:] + 1.0, Stream(0))
    assert (auc > 0.75, p < 0.01) == (True, True)
    auc, p = told_apart(NORMAL[:100], NORMAL[100:], Stream(0))
    assert (abs(auc - 0.5) < 0.1, p > 0.05) == (True, True)
    assert math.isnan(told_apart(NORMAL, NORMAL[:9], Stream(0))[0])


def test_the_loss_by_chance_is_that_of_the_best_constant_answer():
    labels, values = np.array([0, 0, 0, 1]), np.array([[0.0], [0.0], [3.0]])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert chance_of(labels, 2, CategoricalCrossentropy()) == pytest.approx(entropy)
    assert chance_of(values, 0, MeanSquaredError()) == pytest.approx(2.0)
    assert chance_of(values, 0, MeanAbsoluteError()) == pytest.approx(1.0)  # the median


def test_samples_in_two_parts_are_counted():
    x = np.arange(8.0).reshape(4, 2)
    assert shared(x, x[1:2]) == 0.25
    assert shared(x.astype(np.float32), x) == 1.0
    assert shared(x, x + 0.5) == 0.0


def test_facts_of_a_run_in_order():
    data = dataset()
    facts = facts_of(assemble(from_mapping(CONFIG), data), test_looks=1)
    assert (facts.task, facts.samples, facts.in_shape) == ("classification", (135, 15, 50), (2,))
    assert sum(facts.counts) == 135
    assert facts.scales == pytest.approx((1.0, 1.0, 1.0), abs=0.02)  # standardized by default
    assert (facts.leaks, facts.validation_is_test, facts.test_looks) == (0.0, 0.0, 1)
    assert (facts.neighbors > 0.9, facts.neighbors_p) == (True, 1 / 200)


def test_validation_samples_are_looked_for_in_both_other_parts():
    data = dataset()
    held = Examples(
        np.concatenate([data.x_test[:15], data.x_train[:5]]),
        np.concatenate([data.y_test[:15], data.y_train[:5]]),
    )
    facts = facts_of(assemble(from_mapping(CONFIG), data, held))
    assert (facts.validation_is_test, facts.leaks) == (0.75, 0.25)


def test_facts_look_at_inputs_as_the_network_sees_them():
    raw = from_mapping(CONFIG | {"data": {"name": "wine", "preprocess": []}})
    assert facts_of(assemble(raw)).scales[2] > 10


def test_regression_has_a_spread_and_no_classes():
    facts = facts_of(assemble(from_mapping(CONFIG | {"data": {"name": "diabetes"}})))
    assert (facts.task, facts.counts) == ("regression", ())
    assert facts.chance == pytest.approx(1.0)  # in units of the targets' own variance
    assert 70 < facts.target_std < 85
