"""The book's functions give the book's numbers."""

import numpy as np
import pytest

from groundup.book.common import functions as F  # noqa: N812
from groundup.book.common import util
from groundup.book.common.gradient import numerical_gradient, numerical_gradient_2d

Y = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])


def test_losses_of_the_textbooks_example():
    right, wrong = np.eye(10)[2], np.eye(10)[7]
    assert F.sum_squared_error(Y, right) == pytest.approx(0.0975)
    assert F.mean_squared_error(Y, np.eye(10)[7]) == pytest.approx(0.5975)
    assert F.cross_entropy_error(Y, right) == pytest.approx(0.510826, abs=1e-6)
    assert F.cross_entropy_error(Y, wrong) == pytest.approx(2.302585, abs=1e-6)


def test_labels_and_one_hot_are_the_same_to_the_cross_entropy():
    y = F.softmax(np.random.default_rng(0).normal(size=(5, 10)))
    t = np.array([3, 1, 4, 1, 5])
    by_hand = -np.mean([np.log(y[n, label]) for n, label in enumerate(t)])
    for target in (t, t.reshape(5, 1), np.eye(10)[t]):
        assert F.cross_entropy_error(y, target) == pytest.approx(by_hand, rel=1e-12)


def test_activations_at_their_edges():
    x = np.array([-1000.0, -1.0, 0.0, 1.0, 1000.0])
    np.testing.assert_allclose(F.sigmoid(x), [0, 0.26894142, 0.5, 0.73105858, 1])
    np.testing.assert_allclose(F.sigmoid_grad(x)[2:4], [0.25, 0.19661193])
    assert F.relu(x).tolist() == [0, 0, 0, 1, 1000]
    assert F.relu_grad(x).tolist() == [0, 0, 1, 1, 1]
    assert F.step_function(x).tolist() == [0, 0, 0, 1, 1]
    assert F.sigmoid(0) == 0.5
    np.testing.assert_allclose(F.softmax(np.array([1010, 1000, 990])).sum(), 1)
    assert F.identity_function(x) is x


def test_a_star_import_brings_numpy():
    from groundup.book.common import layers, optimizer

    for module in (F, layers, optimizer, util):
        assert "np" in module.__all__
        assert set(module.__all__) <= set(vars(module))


def test_the_numerical_gradient_moves_the_array_that_others_hold():
    weights = {"W": np.array([[1.0, 2.0], [3.0, 4.0]])}
    before = weights["W"].copy()
    gradient = numerical_gradient(lambda _: (weights["W"] ** 3).sum(), weights["W"])
    np.testing.assert_allclose(gradient, 3 * before**2, rtol=1e-7)
    assert (weights["W"] == before).all()


def test_a_float32_array_has_a_numerical_gradient_too():
    x = np.array([3.0, 0.1, 70.0], np.float32)
    gradient = numerical_gradient(lambda x: (x.astype(float) ** 2).sum(), x)
    np.testing.assert_allclose(gradient, 2 * x.astype(float), rtol=1e-4)
    assert gradient.dtype == np.float64


def test_the_numerical_gradient_of_rows():
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(numerical_gradient_2d(lambda x: (x**2).sum(), X), 2 * X)
    np.testing.assert_allclose(numerical_gradient_2d(lambda x: (x**2).sum(), X[0]), 2 * X[0])


def test_im2col_and_back():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 6))
    col = util.im2col(x, 3, 2, stride=1, pad=1)
    assert col.shape == (2 * 5 * 7, 3 * 3 * 2)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    np.testing.assert_array_equal(col[8], padded[0, :, 1:4, 1:3].reshape(-1))  # row 1, column 1
    # The two are each other's adjoint: <im2col(x), c> = <x, col2im(c)>.
    c = np.random.default_rng(1).normal(size=col.shape)
    back = util.col2im(c, x.shape, 3, 2, stride=1, pad=1)
    assert (col * c).sum() == pytest.approx((x * back).sum())
    assert util.conv_output_size(7, 5, stride=2, pad=1) == 3.0


def test_smoothing_keeps_the_length_and_calms():
    noisy = np.sin(np.linspace(0, 3, 200)) + np.random.default_rng(0).normal(0, 0.1, 200)
    smooth = util.smooth_curve(noisy)
    assert len(smooth) == 200
    assert np.abs(np.diff(smooth)).mean() < 0.25 * np.abs(np.diff(noisy)).mean()
    assert np.abs(smooth - np.sin(np.linspace(0, 3, 200)))[10:-10].max() < 0.12


def test_shuffling_keeps_pairs_together():
    x, t = np.arange(60).reshape(20, 3), np.arange(20)
    for images in (x, x.reshape(20, 1, 3, 1)):
        shuffled, labels = util.shuffle_dataset(images, t)
        assert sorted(labels) == list(range(20)) and labels.tolist() != list(range(20))
        assert (shuffled.reshape(20, 3)[:, 0] == 3 * labels).all()


def test_load_mnist_has_the_books_forms(small_mnist):
    from groundup.book.dataset.mnist import init_mnist, load_mnist

    init_mnist()
    (x, t), (x_test, t_test) = load_mnist()
    assert (x.shape, x.dtype, t.shape, t.dtype) == ((1000, 784), np.float32, (1000,), np.uint8)
    assert (x_test.shape, t_test.shape) == ((200, 784), (200,))
    assert 0.9 < x.max() <= 1
    (raw, one_hot), _ = load_mnist(normalize=False, flatten=False, one_hot_label=True)
    assert (raw.shape, raw.dtype, one_hot.shape) == ((1000, 1, 28, 28), np.uint8, (1000, 10))
    assert (one_hot.argmax(axis=1) == t).all() and (one_hot.sum(axis=1) == 1).all()
    np.testing.assert_allclose(raw.reshape(1000, -1) / 255, x, rtol=1e-6)
