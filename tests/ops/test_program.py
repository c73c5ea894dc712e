"""A tape made ready to run: what is left out, where things lie, what is done again and again."""

from itertools import pairwise

import numpy as np
import pytest

from groundup import ops
from groundup.ops.cpu import program as programs
from groundup.ops.cpu.crew import Crew, crew, limited
from groundup.ops.cpu.gather import gather, lay_out
from groundup.ops.cpu.program import Program, pieces_of
from groundup.ops.geometry import Window
from groundup.ops.tape import Tape

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def network(N=50):
    """Rows of a small convolutional pass, forward and backward; the values one may want."""
    tape, window = Tape(), Window((3, 3), (1, 1), ((1, 1), (1, 1)))
    rng = np.random.default_rng(1)
    images, W, b, V = (
        rng.normal(size=shape).astype(np.float32)
        for shape in ((N, 3, 8, 6), (9, 3, 3, 3), (9,), (108, 40))
    )
    x = lay_out(tape.hold(images), images.strides)
    w, v = tape.hold(W), tape.hold(V)
    y = ops.conv2d_relu(x, w, tape.hold(b), window)
    pooled, place = ops.max_pool(y, Window((2, 2), (2, 2)))
    rows = ops.flatten(pooled)
    z = ops.tanh(ops.affine(rows, v, None))
    dz, dV, db = ops.affine_backward(z, rows, v)
    back = ops.max_pool_backward(
        ops.unflatten(dz, pooled.shape), place, y.shape, Window((2, 2), (2, 2))
    )
    _, dW, _ = ops.conv2d_backward(ops.relu_backward(back, y), x, w, window, False)
    return tape, {"z": z, "dV": dV, "db": db, "dW": dW}


def made(tape, wanted):
    bound = {value: np.zeros(value.shape, np.float32) for value in wanted.values()}
    return Program(tape, bound), {name: bound[value] for name, value in wanted.items()}


def bits(arrays):
    return b"".join(array.tobytes() for array in arrays.values())


def kept(program):
    return sum(len(level) for level in program.levels())


def test_rows_that_nobody_reads_are_left_out():
    tape, values = network()
    whole, _ = made(tape, values)
    some, arrays = made(tape, {"z": values["z"]})
    # laid out, W packed, convolution, pooling, flattened, affine, tanh
    assert kept(some) == 7 < kept(whole)
    some.run()
    assert np.isfinite(arrays["z"]).all()
    assert arrays["z"].any()


def test_every_row_comes_after_those_it_reads():
    tape, values = network()
    program, _ = made(tape, values)
    place = {}
    for i, level in enumerate(program.levels()):
        for part in level:
            for value in part.row.writes:
                place[value] = i, part.row.over
            for value in part.row.reads:
                if value.maker is not None:
                    level_of, over = place[value]
                    assert level_of < i or (level_of == i and over == part.row.over)


def test_what_only_one_image_needs_lies_in_one_place_for_all():
    """Memory grows with what several levels read, here the input, not with all five layers."""
    window = Window((3, 3), (1, 1), ((1, 1), (1, 1)))

    def size(N):
        tape = Tape()
        images = np.zeros((N, 8, 10, 10), np.float32)
        x = lay_out(tape.hold(images), images.strides)
        w, b = tape.hold(normal(8, 8, 3, 3)), tape.hold(normal(8))
        for _ in range(5):
            x = ops.conv2d_relu(x, w, b, window)
        y = ops.flatten(x)
        return Program(tape, {y: np.zeros(y.shape, np.float32)}).bytes

    with_margin = 4 * 8 * 12 * 12
    assert size(200) - size(10) == 190 * with_margin


def test_a_program_reads_held_arrays_anew_in_each_run():
    tape, a = Tape(), normal(4, 3)
    y = np.zeros((4, 3), np.float32)
    program = Program(tape, {ops.leaky_relu(tape.hold(a), 0.5): y})
    for _ in range(3):
        a[...] = normal(4, 3)
        program.run()
        np.testing.assert_array_equal(y, np.where(a > 0, a, np.float32(0.5) * a))


def test_levels_can_be_run_in_parts():
    tape, x = Tape(), normal(6, 4)
    first = ops.tanh(tape.hold(x))
    between = tape.new_level()
    middle = np.zeros((6, 4), np.float32)
    second = ops.relu(first)
    last = np.zeros((6, 4), np.float32)
    program = Program(tape, {first: middle, second: last})
    program.run(0, between)
    assert middle.any()
    assert not last.any()
    middle[...] = -1
    last[...] = 5
    program.run(between)
    assert not last.any()  # read where it is, after it was changed


def test_words_set_for_one_run_hold_for_the_next():
    tape, source = Tape(), normal(9, 5)
    index = np.array([3, 8])
    y = np.zeros((2, 5), np.float32)
    program = Program(tape, {gather(tape, (2, 5), 4, 1.0): y})
    program.set("source", source.ctypes.data)
    program.set("index", index.ctypes.data)
    for chosen in ([0, 1], [8, 8]):
        index[:] = chosen
        program.run()
        np.testing.assert_array_equal(y, source[chosen])


def test_places_given_for_each_run():
    tape = Tape()
    x = tape.value((3, 4))
    y = ops.relu(x)
    program = Program(tape, fresh=[x, y])
    for _ in range(3):
        given, out = normal(3, 4), np.zeros((3, 4), np.float32)
        program.place(x, given.ctypes.data)
        program.place(y, out.ctypes.data)
        program.run()
        np.testing.assert_array_equal(out, np.maximum(given, 0))


def test_pieces_cover_every_unit_once():
    """Also as cut for a crew: no piece twice, none left out, and none without work."""
    for N in (*range(1, 40), 100, 1000, 5000):
        pieces = pieces_of(N)
        cuts = [piece * N // pieces for piece in range(pieces + 1)]
        assert cuts[0] == 0
        assert cuts[-1] == N
        assert all(a < b for a, b in pairwise(cuts))
    tape, values = network()
    program, _ = made(tape, values)
    for level in program.levels():
        for part in level:
            assert 1 <= part.pieces <= part.units


@pytest.mark.parametrize("size", [1, 2, 4, 7])
def test_any_number_of_threads_gives_the_same_bits(monkeypatch, size):
    """Also more threads than cores, each with memory of its own."""
    tape, values = network(N=200)
    with limited(1):
        program, arrays = made(tape, values)
        program.run()
        wanted = bits(arrays)
    monkeypatch.setattr(programs, "crew", Crew(size))
    monkeypatch.setattr(programs, "WORTH_SHARING", 0.0)
    monkeypatch.setattr(programs, "WORTH_FETCHING", 0.1)
    program, arrays = made(tape, values)
    for _ in range(20):
        for array in arrays.values():
            array[...] = np.nan
        program.run()
        assert bits(arrays) == wanted


def test_the_limit_holds_meanwhile():
    before = crew.limit
    with limited(1):
        assert crew.limit == 1
        with limited(5):
            assert crew.limit == 1
    assert crew.limit == before
