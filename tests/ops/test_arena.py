"""Memory that is used again from step to step."""

import threading

import numpy as np
import pytest

from groundup.ops.arena import WORTH_KEEPING, Arena, empty

LARGE = (100, 100)


def in_a_step(arena, *shapes):
    with arena.step():
        return [empty(shape) for shape in shapes]


def test_the_next_step_gets_the_same_arrays_in_the_order_of_use():
    arena = Arena()
    first = in_a_step(arena, LARGE, LARGE, (200, 50))
    again = in_a_step(arena, (200, 50), LARGE, LARGE)
    assert [array.shape for array in first] == [LARGE, LARGE, (200, 50)]
    assert all(array.dtype == np.float32 for array in first)
    assert again[0] is first[2]
    assert again[1] is first[0]
    assert again[2] is first[1]


def test_within_a_step_no_two_arrays_share_memory():
    arrays = in_a_step(Arena(), LARGE, LARGE, LARGE)
    for number, array in enumerate(arrays):
        array[:] = number
    assert [array.min() for array in arrays] == [array.max() for array in arrays] == [0, 1, 2]


def test_a_step_that_asks_for_more_than_the_one_before():
    arena = Arena()
    (first,) = in_a_step(arena, LARGE)
    again, new = in_a_step(arena, LARGE, LARGE)
    assert again is first
    assert not np.shares_memory(first, new)


def test_outside_of_a_step_every_array_is_fresh():
    arena = Arena()
    (kept,) = in_a_step(arena, LARGE)
    assert not np.shares_memory(empty(LARGE), kept)


@pytest.mark.parametrize(("bytes_", "kept"), [(WORTH_KEEPING - 4, False), (WORTH_KEEPING, True)])
def test_small_arrays_are_left_to_the_allocator(bytes_, kept):
    arena = Arena()
    (first,) = in_a_step(arena, (bytes_ // 4,))
    (again,) = in_a_step(arena, (bytes_ // 4,))
    assert (again is first) == kept


def test_two_trainings_share_nothing_even_one_inside_the_other():
    outer, inner = Arena(), Arena()
    with outer.step():
        first = empty(LARGE)
        (other,) = in_a_step(inner, LARGE)
        second = empty(LARGE)
    assert not np.shares_memory(first, other)
    assert in_a_step(outer, LARGE, LARGE)[1] is second


def test_a_step_that_fails_ends_as_well():
    arena = Arena()
    (kept,) = in_a_step(arena, LARGE)
    with pytest.raises(ZeroDivisionError), arena.step():
        raise ZeroDivisionError
    assert not np.shares_memory(empty(LARGE), kept)


def test_another_thread_is_not_in_this_step():
    arena, made = Arena(), []
    (kept,) = in_a_step(arena, LARGE)
    with arena.step():
        thread = threading.Thread(target=lambda: made.append(empty(LARGE)))
        thread.start()
        thread.join()
        assert empty(LARGE) is kept
    assert not np.shares_memory(made[0], kept)
