"""Scores of whole arrays, beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.errors import DataError, ShapeError
from groundup.nn.scores import classification_scores, r2_score, roc_auc
from sklearn import metrics as peer


@given(st.integers(2, 6), st.integers(1, 60), st.integers(0, 2**32))
def test_per_class_scores_agree_with_scikit_learn(classes, count, seed):
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, classes, count)
    p = draw.integers(1, 5, (count, classes)).astype(float)  # few values, so many ties
    p /= p.sum(axis=1, keepdims=True)
    scores, said = classification_scores(labels, p), p.argmax(axis=1)
    expected = peer.precision_recall_fscore_support(
        labels, said, labels=range(classes), zero_division=np.nan
    )
    for name, values in zip(("precision", "recall", "f1", "samples"), expected, strict=True):
        np.testing.assert_allclose(getattr(scores, name), values, rtol=1e-12, err_msg=name)
    assert scores.right.tolist() == [np.sum((labels == k) & (said == k)) for k in range(classes)]
    macro = peer.precision_recall_fscore_support(labels, said, average="macro", zero_division=0)
    ours = [scores.macro[name] for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(ours, macro[:3], rtol=1e-12)


def test_auc_agrees_with_scikit_learn():
    draw = np.random.default_rng(0)
    labels = np.arange(300) % 3
    p = draw.dirichlet(np.ones(3), 300).round(1) + np.eye(3)[labels] / 5  # ties
    p /= p.sum(axis=1, keepdims=True)
    scores = classification_scores(labels, p)
    for k in range(3):
        assert scores.auc[k] == pytest.approx(peer.roc_auc_score(labels == k, p[:, k]), rel=1e-12)
    expected = peer.roc_auc_score(labels, p, multi_class="ovr", average="macro")
    assert scores.macro["auc"] == pytest.approx(expected, rel=1e-12)


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=1, max_size=40))
def test_auc_counts_pairs(samples):
    positive, score = (np.array(column) for column in zip(*samples, strict=True))
    above, below = score[positive][:, None], score[~positive][None]
    pairs = (above > below) + (above == below) / 2
    expected = pairs.mean() if pairs.size else np.nan
    np.testing.assert_allclose(roc_auc(positive, score), expected, rtol=1e-12)


def test_what_divides_by_nothing_is_nan():
    scores = classification_scores([0, 1, 1], [[0.9, 0.1, 0], [0.8, 0.2, 0], [0.7, 0.3, 0]])
    assert np.isnan(scores.precision).tolist() == [False, True, True]
    assert np.isnan(scores.recall).tolist() == [False, False, True]
    assert scores.f1[1] == 0  # never found, and it is there
    assert np.isnan(scores.f1[2])  # neither there nor named
    assert np.isnan(scores.auc).tolist() == [False, False, True]
    assert scores.macro["precision"] == pytest.approx((1 / 3 + 0) / 2)
    assert np.isnan(classification_scores([0], [[1.0, 0.0]]).macro["auc"])


@given(st.integers(2, 30), st.integers(1, 3), st.integers(0, 2**32))
def test_r2_agrees_with_scikit_learn(count, outputs, seed):
    draw = np.random.default_rng(seed)
    t, y = draw.normal(1e3, 5, (count, outputs)), draw.normal(1e3, 5, (count, outputs))
    if seed % 2:
        t[:, 0] = 7.0  # a target that never varies
    assert r2_score(t, y) == pytest.approx(peer.r2_score(t, y), rel=1e-9)
    assert r2_score(t, t) == peer.r2_score(t, t) == 1
    assert r2_score(t[:, -1], y[:, -1:]) == pytest.approx(peer.r2_score(t[:, -1], y[:, -1]))


def test_the_mean_explains_nothing():
    assert r2_score([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]) == 0
    assert r2_score(np.array([1, 2, 3]), np.array([1, 2, 3], np.float32)) == 1


def test_impossible_input():
    p = np.full((3, 2), 0.5)
    for labels, error in (
        ([0, 1], ShapeError),
        ([0, 1, 2], DataError),
        ([0.0, 1.0, 1.0], DataError),
    ):
        with pytest.raises(error):
            classification_scores(labels, p)
    with pytest.raises(ShapeError, match=r"not \(N, C\)"):
        classification_scores([0, 1, 0], [0.1, 0.2, 0.3])
    with pytest.raises(DataError, match="sample 1 is NaN"):
        classification_scores([0, 1], [[1.0, 0.0], [np.nan, 0.0]])
    with pytest.raises(DataError, match="sample 1 is NaN"):
        roc_auc([0, 1], [0.5, np.nan])
    with pytest.raises(ShapeError, match="for 2 samples"):
        roc_auc([0, 1], [0.5])
    with pytest.raises(ShapeError):
        r2_score([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match="expected"):
        r2_score([], [])
