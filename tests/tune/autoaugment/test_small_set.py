"""The small set: few samples to learn from, others to judge, and none of the test part."""

import numpy as np
import pytest

from groundup.data.dataset import Dataset
from groundup.errors import DataError
from groundup.tune.autoaugment import small_set as module
from groundup.tune.autoaugment.small_set import small_set

y = np.arange(300) % 3
x = np.arange(300, dtype=np.float64).reshape(300, 1, 1, 1)
DATA = Dataset("numbers", x, y, -x[:9] - 1, y[:9], ("a", "b", "c"))


@pytest.mark.parametrize(
    ("images", "kept", "held"), [(60, 60, 240), (1000, 270, 30), (290, 270, 30)]
)
def test_parts_are_apart_and_in_proportion(images, kept, held):
    few = small_set(DATA, images, 0.1, seed=1)
    learned, judging = few.dataset.x_train.ravel(), few.validation.x.ravel()
    assert (len(learned), len(judging)) == (kept, held)
    assert not set(learned) & set(judging)
    for values, labels in ((learned, few.dataset.y_train), (judging, few.validation.y)):
        np.testing.assert_array_equal(labels, values.astype(int) % 3)
        assert np.ptp(np.bincount(labels)) <= 1


def test_no_more_validate_than_are_needed(monkeypatch):
    monkeypatch.setattr(module, "MOST", 50)
    assert len(small_set(DATA, 60, 0.1, seed=1).validation) == 50


def test_the_seed_decides():
    one, same, other = (small_set(DATA, 60, 0.1, seed).dataset.x_train for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_the_search_never_sees_the_test_part():
    few = small_set(DATA, 60, 0.1, seed=1)
    assert (few.without_test.x_test >= 0).all()
    np.testing.assert_array_equal(few.dataset.x_test, DATA.x_test)


def test_too_few_samples_are_refused():
    tiny = Dataset("tiny", x[:4], y[:4], x[:2], y[:2], ("a", "b", "c"))
    with pytest.raises(DataError, match="tiny has 4 training samples of 3 classes"):
        small_set(tiny, 1000, 0.1, seed=0)
