"""What is written on a tape: rows, their levels, and what a value refuses."""

import numpy as np
import pytest

from groundup import ops
from groundup.layers import Mode
from groundup.ops.geometry import Window
from groundup.ops.tape import Tape, Untraceable


def chain(tape, *overs):
    """Rows one after the other, each of which reads what the one before wrote; their levels."""
    value = tape.hold(np.zeros((6, 2), np.float32))
    for over in overs:
        made = tape.value((6, 2), images=over == "images")
        tape.emit(None, [value], [made], over=over)
        value = made
    return [row.level for row in tape.rows]


@pytest.mark.parametrize(
    ("overs", "levels"),
    [
        (["samples"] * 3, [0, 0, 0]),  # sample by sample: no need to wait for the others
        (["images"] * 2, [0, 0]),
        (["images", "samples"], [0, 1]),
        (["samples", 3, "samples"], [0, 1, 2]),
        ([3, 3], [0, 1]),  # units of rows' own have nothing to do with each other
        ([3, "samples", "samples", 1, 1], [0, 1, 1, 2, 3]),
    ],
)
def test_a_row_comes_after_what_it_reads(overs, levels):
    assert chain(Tape(), *overs) == levels


def test_a_row_comes_after_the_last_of_what_it_reads():
    tape = Tape()
    x = tape.hold(np.zeros((6, 2), np.float32))
    a, b, c = (tape.value((6, 2)) for _ in range(3))
    tape.emit(None, [x], [a], over=2)
    tape.emit(None, [a], [b], over=2)
    tape.emit(None, [a, b, x], [c], over="samples")
    tape.emit(None, [x], [tape.value((6, 2))], over="samples")
    assert [row.level for row in tape.rows] == [0, 1, 2, 0]


def test_a_new_level_comes_after_all():
    tape = Tape()
    assert tape.new_level() == 0
    assert chain(tape, "samples", 2, "samples") == [0, 1, 2]
    assert tape.new_level() == 3
    assert chain(tape, "samples", "samples")[-2:] == [3, 3]


def test_rows_know_whose_they_are_and_what_they_cost():
    tape = Tape(layer="dense_1 forward")
    x, W = tape.hold(np.zeros((6, 20), np.float32)), tape.hold(np.zeros((20, 5), np.float32))
    ops.affine(x, W, None)
    (row,) = tape.rows
    assert (row.layer, row.samples, row.multiply_adds) == ("dense_1 forward", 6, 600)
    assert row.cost > 0
    assert [value.array is not None for value in row.reads] == [True, True, True]


def test_shapes_are_those_of_the_arrays_to_come():
    tape = Tape()
    window = Window((3, 3), (2, 2), ((1, 1), (1, 1)))
    x = tape.value((4, 3, 9, 8), images=True)
    W, b = tape.hold(np.zeros((5, 3, 3, 3), np.float32)), tape.hold(np.zeros(5, np.float32))
    y = ops.conv2d(x, W, b, window)
    assert (y.shape, y.ndim, y.size, y.dtype) == ((4, 5, 5, 4), 4, 400, np.float32)
    dx, dW, db = ops.conv2d_backward(y, x, W, window)
    assert (dx.shape, dW.shape, db.shape) == (x.shape, W.shape, b.shape)
    assert ops.conv2d_backward(y, x, W, window, need_dx=False)[0] is None
    assert ops.flatten(y).shape == (4, 100)
    assert ops.unflatten(ops.flatten(y), y.shape).shape == y.shape
    assert ops.flatten(ops.flatten(y)).shape == (4, 100)


@pytest.mark.parametrize(
    "use",
    [
        lambda v: v * 2,
        lambda v: v + v,
        lambda v: -v,
        lambda v: v @ v,
        lambda v: v > 0,
        lambda v: v[0],
        lambda v: len(v),
        lambda v: list(v),
        lambda v: float(v),
        lambda v: 1 if v else 0,
        lambda v: v and 1,
        lambda v: v.T,
        lambda v: v.reshape(-1),
        lambda v: v.astype(np.float64),
        lambda v: np.exp(v),
        lambda v: np.maximum(v, 0),
        lambda v: np.ones((2, 2)) * v,
        lambda v: np.asarray(v, np.float32),
        lambda v: ops.elu(v, 1.0),
        lambda v: ops.prelu(v, v),
        lambda v: ops.softmax_backward(v, v),
        lambda v: ops.softmax(v.tape.value((2, 3, 4, 5), images=True)),
        lambda v: ops.dropout_backward(v, 1, 2.0),
        lambda v: ops.relu_backward(v, v.tape.value((2, 2, 1, 1), images=True)),
        lambda v: ops.unflatten(v, (2, 1, 2)),
        lambda v: ops.dropout(v, v, 0.5, 2.0),
    ],
)
def test_what_cannot_be_written_down_is_refused(use):
    """By an error that sends the step the slow way, never by a wrong answer."""
    with pytest.raises((TypeError, AttributeError)):
        use(Tape().hold(np.ones((2, 2), np.float32)))


def test_a_value_is_neither_true_nor_false():
    with pytest.raises(Untraceable, match="neither true nor false"):
        bool(Tape().value((1,)))
    assert issubclass(Untraceable, TypeError)


def test_windows_that_kernels_do_not_know():
    x = Tape().value((2, 3, 40, 40), images=True)
    beyond = Window((2, 2), (1, 1), ((2, 0), (0, 0)))
    for pool in (ops.max_pool, ops.average_pool):
        with pytest.raises(Untraceable, match="nothing but padding"):
            pool(x, beyond)
    with pytest.raises(Untraceable, match="into a byte"):
        ops.max_pool(x, Window((17, 16)))
    assert ops.max_pool(x, Window((16, 16)))[1].item == 1


def test_margins_grow_to_what_is_asked_for():
    value = Tape().value((1, 1, 2, 2), images=True)
    assert value.with_margin(1, 0, 2, 0) is value
    value.with_margin(0, 3, -5, 0)
    assert value.margin == [1, 3, 2, 0]


def test_dropout_without_a_layer_still_draws():
    """The tape needs nothing of a mode but its stream's key."""
    tape = Tape()
    y, keep = ops.dropout(tape.value((3, 5)), Mode().rng.of("dropout"), 0.5, 2.0)
    assert (y.shape, y.item, keep.shape, keep.item) == ((3, 5), 4, (3, 5), 1)
