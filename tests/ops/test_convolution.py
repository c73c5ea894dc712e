"""Convolution against loops, SciPy's correlation, and the adjoint identity."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import ops
from groundup.ops import Window

signal = pytest.importorskip("scipy.signal")

steady = settings(deadline=None, derandomize=True)


@st.composite
def windows_and_images(draw) -> tuple[Window, tuple[int, int, int, int]]:
    """Any window, stride and (asymmetric) padding that fits an image, and the image's shape."""

    def axis() -> tuple[int, int, tuple[int, int], int]:
        size, stride = draw(st.integers(1, 4)), draw(st.integers(1, 4))
        pad = (draw(st.integers(0, 3)), draw(st.integers(0, 3)))
        length = draw(st.integers(max(1, size - sum(pad)), 7))
        return size, stride, pad, length

    (KH, SH, rows, H), (KW, SW, columns, W) = axis(), axis()
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), H, W)
    return Window((KH, KW), (SH, SW), (rows, columns)), shape


def values(seed: int, *shape: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=seed)).normal(size=shape)


def padded(x: np.ndarray, window: Window) -> np.ndarray:
    return np.pad(x, ((0, 0), (0, 0), *window.pads))


def im2col_by_loops(x: np.ndarray, window: Window) -> np.ndarray:
    (KH, KW), (SH, SW) = window.size, window.strides
    image = padded(x, window)
    OH, OW = window.output(*x.shape[2:])
    return np.array(
        [
            image[n, :, i * SH : i * SH + KH, j * SW : j * SW + KW].ravel()
            for n, i, j in itertools.product(range(x.shape[0]), range(OH), range(OW))
        ]
    )


@steady
@given(windows_and_images())
def test_im2col_by_loops(case) -> None:
    window, shape = case
    x = values(1, *shape)
    assert (ops.im2col(x, window) == im2col_by_loops(x, window)).all()


def test_im2col_shapes_of_the_notes() -> None:
    assert ops.im2col(values(1, 1, 3, 7, 7), Window((5, 5))).shape == (9, 75)
    assert ops.im2col(values(1, 10, 3, 7, 7), Window((5, 5))).shape == (90, 75)


def test_im2col_of_a_4x4_image_by_hand() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert ops.im2col(x, Window((2, 2), (2, 2))).tolist() == [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
    ]


@steady
@given(windows_and_images(), st.integers(0, 99))
def test_col2im_is_the_adjoint_of_im2col(case, seed: int) -> None:
    """⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩ for every x and c: that is what makes it the backward."""
    window, shape = case
    x = values(seed, *shape)
    cols = ops.im2col(x, window)
    c = values(seed + 1000, *cols.shape)
    left, right = np.sum(cols * c), np.sum(x * ops.col2im(c, shape, window))
    assert abs(left - right) <= 1e-13 * (1 + np.sum(np.abs(cols * c)))


@steady
@given(windows_and_images())
def test_col2im_counts_how_often_a_pixel_is_seen(case) -> None:
    window, shape = case
    ones = ops.im2col(np.ones(shape), window)
    counts = ops.col2im(np.ones_like(ones), shape, window)
    seen = np.zeros(padded(np.ones(shape), window).shape)
    (KH, KW), (SH, SW) = window.size, window.strides
    for i, j in itertools.product(*map(range, window.output(*shape[2:]))):
        seen[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW] += 1
    (top, _), (left, _) = window.pads
    assert (counts == seen[:, :, top : top + shape[2], left : left + shape[3]]).all()


def conv_by_scipy(x: np.ndarray, W: np.ndarray, b: np.ndarray, window: Window) -> np.ndarray:
    """Correlation at every place, then every stride-th of them."""
    image, (SH, SW) = padded(x, window), window.strides
    return np.stack(
        [
            np.stack(
                [
                    signal.correlate(picture, kernel, mode="valid", method="direct")[0, ::SH, ::SW]
                    for kernel in W
                ]
            )
            for picture in image
        ]
    ) + b.reshape(-1, 1, 1)


@steady
@given(windows_and_images(), st.integers(1, 3))
def test_conv2d_against_scipy(case, F: int) -> None:
    window, shape = case
    x, W, b = values(2, *shape), values(3, F, shape[1], *window.size), values(4, F)
    y = ops.conv2d(x, W, b, window)
    assert y.shape == (shape[0], F, *window.output(*shape[2:]))
    np.testing.assert_allclose(y, conv_by_scipy(x, W, b, window), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        ops.conv2d(x, W, None, window), y - b.reshape(-1, 1, 1), rtol=1e-12, atol=1e-12
    )


def test_conv2d_of_the_book() -> None:
    """Saito 2016, figure 7-4 and 7-7: a 4x4 image, a 3x3 filter, then padding 1, then stride 2."""
    x = np.array([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1.0]])[None, None]
    W = np.array([[2, 0, 1], [0, 1, 2], [1, 0, 2.0]])[None, None]
    y = ops.conv2d(x, W, None, Window((3, 3)))
    assert y.tolist() == [[[[15, 16], [6, 15]]]]
    assert ops.conv2d(x, W, np.array([3.0]), Window((3, 3))).tolist() == [[[[18, 19], [9, 18]]]]
    y = ops.conv2d(x, W, None, Window((3, 3), (1, 1), ((1, 1), (1, 1))))
    assert y.tolist() == [[[[7, 12, 10, 2], [4, 15, 16, 10], [10, 6, 15, 6], [8, 10, 4, 3]]]]
    x = np.array(
        [
            [1, 2, 3, 0, 1, 2, 3],
            [0, 1, 2, 3, 0, 1, 2],
            [3, 0, 1, 2, 3, 0, 1],
            [2, 3, 0, 1, 2, 3, 0],
            [1, 2, 3, 0, 1, 2, 3],
            [0, 1, 2, 3, 0, 1, 2],
            [3, 0, 1, 2, 3, 0, 1.0],
        ]
    )[None, None]
    y = ops.conv2d(x, W, None, Window((3, 3), (2, 2)))
    assert y.tolist() == [[[[15, 17, 15], [17, 15, 17], [15, 17, 15]]]]


@steady
@given(windows_and_images(), st.integers(1, 3), st.integers(0, 99))
def test_conv2d_backward_is_the_adjoint_in_x_and_in_w(case, F: int, seed: int) -> None:
    """conv2d is linear in x and in W: ⟨conv(x, W), dy⟩ = ⟨x, dx⟩ = ⟨W, dW⟩."""
    window, shape = case
    x, W = values(seed, *shape), values(seed + 200, F, shape[1], *window.size)
    y = ops.conv2d(x, W, None, window)
    dy = values(seed + 400, *y.shape)
    dx, dW, db = ops.conv2d_backward(dy, x, W, window)
    assert (dx.shape, dW.shape, db.shape) == (x.shape, W.shape, (F,))
    inner = np.sum(y * dy)
    size = 1 + np.sum(np.abs(ops.im2col(np.abs(x), window))) * np.abs(W).max() * np.abs(dy).max()
    assert abs(np.sum(x * dx) - inner) <= 1e-13 * size
    assert abs(np.sum(W * dW) - inner) <= 1e-13 * size
    np.testing.assert_allclose(db, dy.sum(axis=(0, 2, 3)), rtol=1e-12, atol=1e-12)


def test_conv2d_backward_against_scipy() -> None:
    """dx is the full convolution of dy with the filters, dW the correlation of x with dy."""
    x, W, dy = values(5, 1, 2, 6, 5), values(6, 3, 2, 3, 2), values(7, 1, 3, 4, 4)
    dx, dW, _ = ops.conv2d_backward(dy, x, W, Window((3, 2)))
    for c in range(2):
        full = sum(signal.convolve2d(dy[0, f], W[f, c], mode="full") for f in range(3))
        np.testing.assert_allclose(dx[0, c], full, rtol=1e-12, atol=1e-12)
        for f in range(3):
            corr = signal.correlate2d(x[0, c], dy[0, f], mode="valid")
            np.testing.assert_allclose(dW[f, c], corr, rtol=1e-12, atol=1e-12)


def test_a_1x1_convolution_is_a_dense_layer_on_each_pixel() -> None:
    x, W, b = values(8, 2, 3, 4, 5), values(9, 6, 3, 1, 1), values(10, 6)
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, 3)
    dense = ops.affine(pixels, W[:, :, 0, 0].T, b).reshape(2, 4, 5, 6).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(ops.conv2d(x, W, b, Window((1, 1))), dense, rtol=1e-12, atol=1e-13)


def test_an_empty_batch() -> None:
    x, W = np.zeros((0, 2, 5, 5)), values(1, 3, 2, 3, 3)
    y = ops.conv2d(x, W, np.zeros(3), Window((3, 3)))
    assert y.shape == (0, 3, 3, 3)
    dx, dW, db = ops.conv2d_backward(y, x, W, Window((3, 3)))
    assert dx.shape == x.shape
    assert not dW.any()
    assert not db.any()
