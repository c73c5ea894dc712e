"""Decorrelation and whitening: covariances, agreement with scikit-learn, and what is degenerate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data import digits
from groundup.data.preprocess import Decorrelate, PCAWhitening, ZCAWhitening, preprocessors, whiten
from groundup.errors import DataError, InputError, ShapeError

rng = np.random.default_rng(0)
mixed = rng.normal(size=(5000, 6)) @ rng.normal(size=(6, 6)) * 3 + [1, -50, 0, 9, 1e3, 2]


def prepared(preprocessor, x):
    return preprocessor.transform(preprocessor.fit(x), x)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("preprocessor", [PCAWhitening(), ZCAWhitening()], ids=repr)
def test_whitened_data_have_the_identity_as_covariance(preprocessor, dtype):
    y = prepared(preprocessor, mixed.astype(dtype))
    np.testing.assert_allclose(np.cov(y.T), np.eye(6), atol=1e-3)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-3)


def test_it_holds_for_real_data_of_small_values():
    from sklearn.datasets import load_diabetes

    x = load_diabetes().data  # each column of length 1, so of variance 0.002
    for preprocessor in (PCAWhitening(), ZCAWhitening()):
        np.testing.assert_allclose(np.cov(prepared(preprocessor, x).T), np.eye(10), atol=1e-3)


def test_decorrelation_turns_and_does_nothing_else():
    y = prepared(Decorrelate(), mixed).astype(np.float64)
    covariance = np.cov(y.T)
    np.testing.assert_allclose(covariance - np.diag(np.diagonal(covariance)), 0, atol=1e-3)
    assert (np.diff(np.diagonal(covariance)) < 0).all()
    distance = np.linalg.norm(mixed[1:] - mixed[:-1], axis=1)
    np.testing.assert_allclose(np.linalg.norm(y[1:] - y[:-1], axis=1), distance, rtol=1e-5)


@pytest.mark.parametrize("components", [None, 3, 0.8, 0.999])
def test_pca_agrees_with_scikit_learn(components):
    from sklearn.decomposition import PCA

    for ours, whitened in ((PCAWhitening(components, 0.0), True), (Decorrelate(components), False)):
        peer = PCA(components, whiten=whitened, svd_solver="full")
        expected = peer.fit_transform(mixed)
        y = prepared(ours, mixed)
        assert y.shape == expected.shape
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
        back = ours.inverse(ours.fit(mixed), y)
        np.testing.assert_allclose(back, peer.inverse_transform(expected), rtol=1e-5, atol=1e-4)


def test_zca_is_the_symmetric_root_and_nearest_to_the_data():
    epsilon = 0.5
    parameters = ZCAWhitening(epsilon=epsilon).fit(mixed)
    W = parameters["W"]
    np.testing.assert_allclose(W, W.T, atol=1e-12)
    np.testing.assert_allclose(
        np.linalg.inv(W @ W), np.cov(mixed.T) + epsilon * np.eye(6), rtol=1e-9, atol=1e-9
    )
    centered = mixed - mixed.mean(axis=0)
    near = np.square(prepared(ZCAWhitening(), mixed) - centered).sum()
    assert near < np.square(prepared(PCAWhitening(), mixed) - centered).sum()


def test_epsilon_is_added_to_the_variances():
    y = prepared(PCAWhitening(epsilon=2.0), mixed)
    variance = np.linalg.eigvalsh(np.cov(mixed.T))[::-1]
    np.testing.assert_allclose(np.var(y, axis=0, ddof=1), variance / (variance + 2), rtol=1e-4)


def test_images_come_back_in_shape():
    x = digits.load().x_train
    for preprocessor in (Decorrelate(), PCAWhitening(epsilon=1e-3), ZCAWhitening(epsilon=1e-3)):
        assert prepared(preprocessor, x).shape == x.shape
    flat = prepared(ZCAWhitening(), x).reshape(len(x), -1)
    varied = x.reshape(len(x), -1).std(axis=0) > 0
    np.testing.assert_allclose(np.cov(flat[:, varied].T), np.eye(varied.sum()), atol=1e-3)
    assert np.abs(flat[:, ~varied]).max() < 1e-6  # pixels that are never inked


def test_truncated():
    x = digits.load().x_train
    pca, zca = PCAWhitening(components=20), ZCAWhitening(components=20)
    assert pca.out_shape(x.shape[1:]) == prepared(pca, x).shape[1:] == (20,)
    assert zca.out_shape(x.shape[1:]) == prepared(zca, x).shape[1:] == x.shape[1:]
    rank = np.linalg.matrix_rank(prepared(zca, x).reshape(len(x), -1), tol=1e-2)
    assert rank == 20
    parameters = pca.fit(x)
    assert pca.inverse(parameters, pca.transform(parameters, x)).shape == x.shape
    assert pca.raw_shape(parameters, (20,)) == x.shape[1:]
    assert PCAWhitening(components=0.9).out_shape((64,)) is None
    assert prepared(PCAWhitening(components=0.9), x).shape[1] == 21  # as scikit-learn's PCA(0.9)


@pytest.mark.parametrize("preprocessor", [PCAWhitening(), ZCAWhitening(), Decorrelate()], ids=repr)
def test_constant_and_repeated_columns_do_no_harm(preprocessor):
    x = np.column_stack([mixed, np.full(5000, 0.1), mixed[:, 0], mixed[:, 1] * 3])
    parameters = preprocessor.fit(x)
    y = preprocessor.transform(parameters, x)
    assert np.abs(y).max() < 1e3
    np.testing.assert_allclose(preprocessor.inverse(parameters, y), x, rtol=1e-5, atol=1e-3)
    assert np.linalg.matrix_rank(y - y.mean(axis=0), tol=1e-2) == 6


def test_fewer_samples_than_features():
    x = mixed[:4]
    y = prepared(PCAWhitening(), x)
    np.testing.assert_allclose(np.cov(y.T), np.diag([1, 1, 1, 0, 0, 0]), atol=1e-3)


def test_the_axes_do_not_depend_on_the_sign_of_chance():
    """Turned by its mirror image the data keep their axes, each with its largest entry above 0."""
    U = Decorrelate().fit(mixed)["W"]
    np.testing.assert_allclose(Decorrelate().fit(-mixed)["W"], U, atol=1e-10)
    assert (np.take_along_axis(U, np.abs(U).argmax(axis=0)[None], axis=0) > 0).all()
    square = np.array([[1.0, -1.0], [-1.0, 1.0], [2.0, -2.0], [0.5, 0.5], [-0.5, -0.5]])
    assert (Decorrelate().fit(square)["W"][0] > 0).all()  # entries of one size: the first


def test_chunks_change_only_rounding(monkeypatch):
    whole = ZCAWhitening().fit(mixed)["W"]
    monkeypatch.setattr("groundup.data.preprocess.base._CHUNK_VALUES", 60)
    np.testing.assert_allclose(ZCAWhitening().fit(mixed)["W"], whole, rtol=1e-9, atol=1e-12)


@given(st.integers(2, 40), st.integers(1, 6), st.integers(0, 2**32))
def test_any_data_of_full_rank_become_white(extra, features, seed):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(features + extra, features)) * np.logspace(-2, 2, features)
    np.testing.assert_allclose(
        np.atleast_2d(np.cov(prepared(ZCAWhitening(epsilon=0), x).T)), np.eye(features), atol=1e-3
    )


@pytest.mark.parametrize("components", [0, -1, 1.0, 0.0, 1.5, True, "3", np.nan])
def test_impossible_components(components):
    with pytest.raises(InputError, match="PCAWhitening\\(components="):
        PCAWhitening(components)


def test_impossible_data(monkeypatch):
    with pytest.raises(InputError, match="has only 6 features"):
        PCAWhitening(components=7).fit(mixed)
    with pytest.raises(InputError, match="epsilon=-1"):
        ZCAWhitening(epsilon=-1)
    with pytest.raises(DataError, match="beyond float64"):
        ZCAWhitening().fit(np.array([[1e200, 1.0], [-1e200, 2.0]]))
    parameters = PCAWhitening(components=2).fit(mixed)
    with pytest.raises(ShapeError, match=r"had \(N, 6\)"):
        PCAWhitening(components=2).transform(parameters, mixed[:, :5])
    with pytest.raises(ShapeError, match=r"gives \(N, 2\)"):
        PCAWhitening(components=2).inverse(parameters, mixed)
    monkeypatch.setattr(whiten, "_MOST_FEATURES", 5)
    with pytest.raises(DataError, match="x has 6 features"):
        ZCAWhitening().fit(mixed)


def test_names():
    assert preprocessors.resolve({"name": "zca", "epsilon": 1e-5}) == ZCAWhitening(epsilon=1e-5)
    assert preprocessors.resolve("pca") == PCAWhitening()
    assert preprocessors.resolve("decorrelate") == Decorrelate()
