"""Pooling against loops in pure Python: ties, padding, NaN and infinities included."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import ops
from groundup.ops import Window

FEW = st.integers(-2, 2).map(float)

steady = settings(deadline=None, derandomize=True)


@st.composite
def cases(draw, elements=FEW) -> tuple[np.ndarray, Window]:
    """An image of few different values (so that ties abound), and a window that never sees only
    padding."""

    def axis() -> tuple[int, int, tuple[int, int], int]:
        size, stride = draw(st.integers(1, 4)), draw(st.integers(1, 4))
        pad = (draw(st.integers(0, size - 1)), draw(st.integers(0, size - 1)))
        length = draw(st.integers(max(1, size - sum(pad)), 6))
        return size, stride, pad, length

    (KH, SH, rows, H), (KW, SW, columns, W) = axis(), axis()
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 3)), H, W)
    count = math.prod(shape)
    x = np.array(draw(st.lists(elements, min_size=count, max_size=count))).reshape(shape)
    return x, Window((KH, KW), (SH, SW), (rows, columns))


def seen(x: np.ndarray, window: Window):
    """For each output: its index, and [(row, column, value), …] under the window, in order."""
    (KH, KW), (SH, SW), ((top, _), (left, _)) = window.size, window.strides, window.pads
    N, C, H, W = x.shape
    for n, c, i, j in itertools.product(range(N), range(C), *map(range, window.output(H, W))):
        places = itertools.product(range(KH), range(KW))
        at = [(i * SH + k - top, j * SW + m - left) for k, m in places]
        yield (n, c, i, j), [(r, s, x[n, c, r, s]) for r, s in at if 0 <= r < H and 0 <= s < W]


@steady
@given(cases())
def test_max_pool_by_loops(case) -> None:
    x, window = case
    y, place = ops.max_pool(x, window)
    dy = np.arange(1.0, y.size + 1).reshape(y.shape)
    expected_dx = np.zeros_like(x)
    for (n, c, i, j), under in seen(x, window):
        row, column, value = max(under, key=lambda rsv: rsv[2])  # Python's max: first of equals
        assert y[n, c, i, j] == value
        expected_dx[n, c, row, column] += dy[n, c, i, j]
    assert (ops.max_pool_backward(dy, place, x.shape, window) == expected_dx).all()


@pytest.mark.parametrize("count_padding", [False, True])
@steady
@given(cases())
def test_average_pool_by_loops(count_padding: bool, case) -> None:
    x, window = case
    y = ops.average_pool(x, window, count_padding)
    dy = np.arange(1.0, y.size + 1).reshape(y.shape)
    expected_dx = np.zeros_like(x)
    for (n, c, i, j), under in seen(x, window):
        count = math.prod(window.size) if count_padding else len(under)
        mean = math.fsum(value for _, _, value in under) / count
        assert y[n, c, i, j] == pytest.approx(mean, rel=1e-14, abs=1e-15)
        for row, column, _ in under:
            expected_dx[n, c, row, column] += dy[n, c, i, j] / count
    dx = ops.average_pool_backward(dy, x.shape, window, count_padding)
    np.testing.assert_allclose(dx, expected_dx, rtol=1e-13)


@steady
@given(cases(st.sampled_from([0.0, 1.0, math.nan, -math.inf, math.inf])))
def test_max_pool_with_nan_and_infinity(case) -> None:
    """A window that sees a NaN gives NaN: a broken number never hides."""
    x, window = case
    y, _ = ops.max_pool(x, window)
    for index, under in seen(x, window):
        numbers = [value for _, _, value in under]
        if any(map(math.isnan, numbers)):
            assert math.isnan(y[index])
        else:
            assert y[index] == max(numbers)


def test_max_pool_of_the_book() -> None:
    """Saito 2016, figure 7-14."""
    x = np.array([[1, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1.0]])[None, None]
    y, place = ops.max_pool(x, Window((2, 2), (2, 2)))
    assert y.tolist() == [[[[2, 3], [4, 2]]]]
    assert place.tolist() == [[[[1, 3], [3, 1]]]]
    assert ops.average_pool(x, Window((2, 2), (2, 2))).tolist() == [[[[1, 1.5], [2.25, 1]]]]


def test_padding_never_wins() -> None:
    x = np.full((1, 1, 2, 2), -5.0)
    window = Window((2, 2), (1, 1), ((1, 1), (1, 1)))
    y, place = ops.max_pool(x, window)
    assert (y == -5).all()
    dx = ops.max_pool_backward(np.ones_like(y), place, x.shape, window)
    assert dx.sum() == 9  # none of the nine gradients went into the padding


def test_of_equals_the_first_wins() -> None:
    x = np.zeros((1, 1, 4, 4))
    window = Window((2, 2), (2, 2))
    y, place = ops.max_pool(x, window)
    assert not place.any()
    dx = ops.max_pool_backward(np.ones_like(y), place, x.shape, window)
    assert dx[0, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_a_nan_gets_the_gradient_of_its_window() -> None:
    x = np.array([[1.0, np.nan], [2.0, np.nan]])[None, None]
    y, place = ops.max_pool(x, Window((2, 2)))
    dx = ops.max_pool_backward(np.ones_like(y), place, x.shape, Window((2, 2)))
    assert dx[0, 0].tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_infinite_gradient_goes_to_the_winner_alone(dtype) -> None:
    x = np.array([[1, 2], [3, 0]], dtype)[None, None]
    y, place = ops.max_pool(x, Window((2, 2)))
    dx = ops.max_pool_backward(np.full_like(y, np.inf), place, x.shape, Window((2, 2)))
    assert dx[0, 0].tolist() == [[0, 0], [np.inf, 0]]


def test_channels_do_not_mix() -> None:
    x = np.zeros((2, 3, 4, 4))
    x[1, 2, 3, 3] = 1
    y, _ = ops.max_pool(x, Window((2, 2), (2, 2)))
    assert np.argwhere(y).tolist() == [[1, 2, 1, 1]]


def test_an_empty_batch() -> None:
    x = np.zeros((0, 2, 4, 4))
    assert ops.max_pool(x, Window((2, 2), (2, 2)))[0].shape == (0, 2, 2, 2)
    assert ops.average_pool(x, Window((2, 2), (2, 2))).shape == (0, 2, 2, 2)
