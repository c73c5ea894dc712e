"""The threads: the same bits whoever does the work, no hanging, also after a fork."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from groundup import ops
from groundup.errors import InputError
from groundup.ops.cpu import crew as crews
from groundup.ops.cpu import program as programs
from groundup.ops.cpu.crew import Crew, count, crew, limited
from groundup.ops.cpu.program import Program
from groundup.ops.tape import Tape

FORKS = "fork" in multiprocessing.get_all_start_methods()
# Python warns of a fork while there are threads; that it works is what is tested.
forking = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def four(monkeypatch):
    """A crew of four, more than there may be cores; every level is shared, in small pieces."""
    team = Crew(4)
    monkeypatch.setattr(crews, "crew", team)
    monkeypatch.setattr(programs, "crew", team)
    monkeypatch.setattr(programs, "WORTH_SHARING", 0.0)
    monkeypatch.setattr(programs, "WORTH_FETCHING", 0.05)
    return team


def layers(seed=0, N=64):
    """A program of dense layers with their derivatives, what it fills, and what it should."""
    rng = np.random.default_rng(seed)
    x, W, V = (rng.normal(size=s).astype(np.float32) for s in ((N, 40), (40, 30), (30, 20)))
    tape = Tape()
    X, w, v = tape.hold(x), tape.hold(W), tape.hold(V)
    y = ops.affine_relu(X, w, None)
    z = ops.tanh(ops.affine(y, v, None))
    dy, dV, db = ops.affine_backward(z, y, v)
    _, dW, _ = ops.affine_backward(ops.relu_backward(dy, y), X, w, False)
    bound = {value: np.zeros(value.shape, np.float32) for value in (z, dV, db, dW)}
    program = Program(tape, bound)
    with limited(1):
        program.run()
    wanted = [array.copy() for array in bound.values()]
    np.testing.assert_allclose(wanted[0], np.tanh(np.maximum(x @ W, 0) @ V), rtol=1e-4, atol=1e-5)
    return program, list(bound.values()), wanted


def check(program, arrays, wanted, times):
    for _ in range(times):
        for array in arrays:
            array[...] = np.nan
        program.run()
        for array, exact in zip(arrays, wanted, strict=True):
            assert array.tobytes() == exact.tobytes()


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_a_thousand_runs_on_any_number_of_threads(four, limit):
    made = layers()
    four.limit = limit
    check(*made, times=1000)
    assert len(four._beds) == limit - 1  # no more were started than are asked for


def test_followers_that_fell_asleep_are_woken(four):
    made = layers()
    for pause in (0, 0.0002, 0.001, 0.01, 0.05):
        check(*made, times=3)
        time.sleep(pause)
    deadline = time.monotonic() + 10
    while not all(four._asleep) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert all(four._asleep)  # nobody watches for ever
    check(*made, times=3)


@pytest.mark.parametrize("programs_each", [1, 2])
def test_python_threads_at_the_same_time(four, programs_each):
    """One leads the crew, the others meanwhile do their programs alone."""

    def work(seed):
        for i in range(programs_each):
            check(*layers(seed + i), times=200)
        return True

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(work, range(3), timeout=120))


def test_one_program_from_two_python_threads(four):
    """They take turns: it has one memory."""
    program, arrays, wanted = layers()

    def work():
        for _ in range(300):
            program.run()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert all(done.result(timeout=120) for done in [pool.submit(work) for _ in range(2)])
    for array, exact in zip(arrays, wanted, strict=True):
        assert array.tobytes() == exact.tobytes()


def test_ops_from_many_python_threads():
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(50, 60)).astype("f"), rng.normal(size=(60, 70)).astype("f")
    wanted = ops.affine(x, W, None).tobytes()
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(ops.affine, x, W, None) for _ in range(400)]
        assert {done.result(timeout=60).tobytes() for done in made} == {wanted}


def _in_child(connection):
    connection.send((threading.active_count(), count()))
    check(*layers(seed=3), times=50)
    connection.send("done")


def _child_runs(target, *arguments):
    """What a forked process sends; fails if it sends nothing for a minute."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there, *arguments))
    process.start()
    received = []
    try:
        while "done" not in received:
            assert here.poll(60), "the forked process hangs"
            received.append(here.recv())
        process.join(60)
        assert process.exitcode == 0
    finally:
        process.kill()
    return received


@pytest.mark.skipif(not FORKS, reason="no fork here")
@forking
def test_a_forked_process_has_threads_of_its_own(four):
    made = layers()
    check(*made, times=50)
    threads, limit = _child_runs(_in_child)[0]
    assert threads == 1
    assert limit == 4
    check(*made, times=50)  # and here all goes on


@pytest.mark.skipif(not FORKS, reason="no fork here")
@forking
def test_a_limit_outlives_a_fork():
    with limited(1):
        assert _child_runs(_in_child)[0][1] == 1
    assert _child_runs(_in_child)[0][1] == crew.limit


def _run_inherited(connection, program, arrays, wanted):
    check(program, arrays, wanted, times=5)
    connection.send("done")


@pytest.mark.skipif(not FORKS, reason="no fork here")
@forking
def test_a_fork_while_another_thread_runs_the_same_program(four):
    """The child must not wait for a thread that did not come along."""
    made = layers(N=2000)
    over = threading.Event()

    def work():
        while not over.is_set():
            made[0].run()

    runner = threading.Thread(target=work)
    runner.start()
    try:
        for _ in range(8):
            time.sleep(0.003)
            _child_runs(_run_inherited, *made)
    finally:
        over.set()
        runner.join(60)
    assert not runner.is_alive()


def in_a_fresh_process(code, **settings):
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


COUNT = "from groundup.ops.cpu.crew import count; print(count())"
ALL_BITS = """
import hashlib, numpy as np
from groundup import ops
from groundup.ops.geometry import Window
rng = np.random.default_rng(0)
x, W, b = (rng.normal(size=s).astype('f') for s in ((37, 5, 11, 9), (19, 5, 3, 3), 19))
w = Window((3, 3))
y = ops.conv2d(x, W, b, w)
parts = ops.conv2d_backward(y, x, W, w)
z, V = x.reshape(37, -1), rng.normal(size=(495, 33)).astype('f')
d = ops.affine(z, V, None)
parts += ops.affine_backward(d, z, V)
print(hashlib.sha256(b''.join(p.tobytes() for p in (y, d, *parts))).hexdigest())
"""


def test_the_environment_sets_the_most_threads():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert in_a_fresh_process(COUNT, GROUNDUP_THREADS="1") == "1"
    assert in_a_fresh_process(COUNT, GROUNDUP_THREADS="1000") == str(cores)


@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5", ""])
def test_an_unknown_number_of_threads_is_refused(value):
    with pytest.raises(AssertionError, match="expected a whole number of at least 1"):
        in_a_fresh_process(COUNT, GROUNDUP_THREADS=value)


def test_one_and_two_threads_give_the_same_bits():
    one = in_a_fresh_process(ALL_BITS, GROUNDUP_THREADS="1")
    assert len(one) == 64
    assert one == in_a_fresh_process(ALL_BITS, GROUNDUP_THREADS="2")


def test_a_process_ends_while_followers_watch():
    """They sleep or watch when the interpreter goes: neither may keep or crash it."""
    assert in_a_fresh_process(ALL_BITS + "print('end')").endswith("end")


def test_the_environment_is_read_by_the_process_itself(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2}, raising=False)
    for asked, allowed in (("1", 1), ("2", 2), ("64", 3)):
        monkeypatch.setenv("GROUNDUP_THREADS", asked)
        assert crews._allowed() == allowed
    monkeypatch.setenv("GROUNDUP_THREADS", "0")
    with pytest.raises(InputError, match="GROUNDUP_THREADS='0': expected a whole number of at"):
        crews._allowed()
    monkeypatch.delenv("GROUNDUP_THREADS")
    assert crews._allowed() == 3


def test_what_a_forked_child_forgets(monkeypatch):
    """Done here, with a crew that has not worked yet: followers stay behind, the limit does not."""
    team = Crew(3)
    team.limit = 2
    team._hire()
    monkeypatch.setattr(crews, "crew", team)
    crews._forget()
    assert (team.size, team.limit, team._beds, team._asleep) == (3, 2, [], [])
    assert team._busy.acquire(blocking=False)
