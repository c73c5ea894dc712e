"""Output sizes and paddings, by definition and by brute force."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from groundup.errors import InputError, ShapeError
from groundup.ops import Window, check_padding, check_pair, fit_window


def places(length: int, size: int, stride: int) -> int:
    """How often a window fits, by walking."""
    return sum(1 for start in range(0, length, stride) if start + size <= length)


@pytest.mark.parametrize("padding", [0, 1, 2, 3])
def test_output_size_by_walking(padding: int) -> None:
    for length, size, stride in itertools.product(range(1, 13), range(1, 6), range(1, 5)):
        padded = length + 2 * padding
        if size > padded:
            continue
        window = fit_window(
            (length, length), (size, size), (stride, stride), padding, "floor", "Conv2D"
        )
        assert window.pads == ((padding, padding), (padding, padding))
        assert window.output(length, length) == (places(padded, size, stride),) * 2


def test_same_is_the_ceiling_of_the_quotient() -> None:
    """⌈H/S⌉ for every size, with the odd row below, and no window that sees only padding."""
    for length, size, stride in itertools.product(range(1, 20), range(1, 8), range(1, 8)):
        for rounding in ("error", "floor"):
            window = fit_window((length, 1), (size, 1), (stride, 1), "same", rounding, "Conv2D")
            (before, after), _ = window.pads
            assert window.output(length, 1)[0] == -(-length // stride)
            assert 0 <= before <= after <= before + 1
            assert before < size
            last = (window.output(length, 1)[0] - 1) * stride - before
            assert last < length


def test_same_with_stride_1_keeps_the_size() -> None:
    for length, size in itertools.product(range(1, 10), range(1, 12)):
        window = fit_window((length, length), (size, size), (1, 1), "same", "error", "Conv2D")
        assert window.output(length, length) == (length, length)


@pytest.mark.parametrize(
    ("length", "size", "stride", "pads"),
    [  # by hand, from TensorFlow's documented rule
        (5, 2, 1, (0, 1)),
        (5, 3, 2, (1, 1)),
        (6, 3, 2, (0, 1)),
        (7, 4, 3, (1, 2)),
        (28, 5, 1, (2, 2)),
        (4, 1, 3, (0, 0)),
        (1, 5, 1, (2, 2)),
    ],
)
def test_same_padding_by_hand(length, size, stride, pads) -> None:
    window = fit_window((length, 9), (size, 3), (stride, 3), "same", "error", "Conv2D")
    assert window.pads[0] == pads


def test_rows_and_columns_are_not_mixed_up() -> None:
    window = fit_window((10, 7), (4, 3), (2, 1), 0, "error", "Conv2D")
    assert window == Window((4, 3), (2, 1), ((0, 0), (0, 0)))
    assert window.output(10, 7) == (4, 5)
    window = fit_window((5, 8), (2, 3), (1, 2), "same", "error", "Conv2D")
    assert window.pads == ((0, 1), (0, 1))
    assert window.output(5, 8) == (5, 4)


def test_what_does_not_divide_is_an_error_with_its_remedies() -> None:
    with pytest.raises(ShapeError) as caught:
        fit_window((28, 28), (5, 5), (3, 3), "valid", "error", "Conv2D(filters=8)")
    assert str(caught.value) == (
        "Conv2D(filters=8): a 5x5 window with strides (3, 3) and padding valid does not divide "
        "28x28: (28 + 0 - 5) / 3 is no whole number. Change padding or strides, or say "
        'rounding="floor" to leave the last 2 rows unseen.'
    )
    assert caught.value.exit_code == 2
    with pytest.raises(ShapeError, match=r"\(7 \+ 2 - 2\) / 2 is .* the last 1 columns unseen"):
        fit_window((6, 7), (2, 2), (2, 2), 1, "error", "MaxPooling2D")


def test_floor_leaves_the_rest_unseen() -> None:
    window = fit_window((28, 28), (5, 5), (3, 3), "valid", "floor", "Conv2D")
    assert window.output(28, 28) == (8, 8)


@pytest.mark.parametrize("rounding", ["error", "floor"])
def test_a_window_larger_than_its_image(rounding) -> None:
    with pytest.raises(ShapeError) as caught:
        fit_window((4, 9), (5, 5), (1, 1), 0, rounding, "Conv2D")
    assert str(caught.value) == (
        "Conv2D: a 5x5 window with strides (1, 1) and padding 0 is larger than its 4x9 input. "
        "Use a smaller window, more padding, or fewer poolings before."
    )
    assert fit_window((4, 9), (5, 5), (1, 1), 1, rounding, "Conv2D").output(4, 9) == (2, 7)


@pytest.mark.parametrize("given", [3, (3, 3), [3, 3], np.int64(3), (np.int32(3), 3)])
def test_pair(given) -> None:
    layer = SimpleNamespace(kernel_size=given)
    check_pair(layer, "kernel_size")
    assert layer.kernel_size == (3, 3)
    assert all(type(n) is int for n in layer.kernel_size)


@pytest.mark.parametrize(
    "given", [0, -1, 2.0, None, "3", "33", True, (1,), (1, 2, 3), (1, 0), (1, 2.0), (True, 1), {}]
)
def test_pair_refuses(given) -> None:
    with pytest.raises(InputError, match=r"\(strides=.* expected a whole number of at least 1, or"):
        check_pair(SimpleNamespace(strides=given), "strides")


@pytest.mark.parametrize("padding", ["valid", "same", 0, 1, 7, np.int64(7)])
def test_padding_accepted(padding) -> None:
    layer = SimpleNamespace(padding=padding)
    check_padding(layer)
    assert layer.padding == padding
    assert type(layer.padding) in (int, str)


@pytest.mark.parametrize("padding", ["Same", "full", -1, 1.0, None, True, (1, 1), [0]])
def test_padding_refused(padding) -> None:
    with pytest.raises(
        InputError, match=r'\(padding=.* expected "valid", "same" or a whole number'
    ):
        check_padding(SimpleNamespace(padding=padding))
