"""OpenBLAS is told which core to take this CPU for: where that helps, and only there."""

import os
import subprocess
import sys

import pytest

from groundup import processor
from groundup.processor import CORE, tell_blas

AVX512 = {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}
CPUINFO = "processor\t: 0\nflags\t\t: {}\n\nprocessor\t: 1\nflags\t\t: avx512f none\n"


@pytest.mark.parametrize(
    ("able", "core"),
    [
        (AVX512, "SKYLAKEX"),
        (AVX512 | {"avx512_bf16", "fma"}, "COOPERLAKE"),
        ({"avx512f", "avx512cd", "avx512er", "avx512pf"}, None),  # a Xeon Phi runs neither's code
        ({"avx2", "fma"}, None),
        (set(), None),
    ],
)
def test_the_core_for_what_the_cpu_can_do(able, core):
    environ = {}
    tell_blas(environ, {"sys"}, able)
    assert environ == ({} if core is None else {CORE: core})


def test_what_the_user_set_stays():
    for given in ("HASWELL", ""):
        environ = {CORE: given}
        tell_blas(environ, {}, AVX512)
        assert environ == {CORE: given}


def test_numpy_was_first():
    environ = {}
    tell_blas(environ, {"numpy": None}, AVX512)
    assert environ == {}


def test_what_the_first_processor_says(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    assert processor.features() == set()
    processor.CPUINFO.write_text(CPUINFO.format(" ".join(sorted(AVX512))), encoding="utf-8")
    assert processor.features() == AVX512
    assert processor.information()["processor"] == "0"
    environ = {}
    tell_blas(environ, {})
    assert environ == {CORE: "SKYLAKEX"}


def python(code, **environ):
    """What a fresh process prints that runs this code with this in its environment."""
    clean = {name: value for name, value in os.environ.items() if name != CORE}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | environ,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()


def expected():
    environ = {}
    tell_blas(environ, {})
    return environ.get(CORE, "none")


SAY = f"; import os; print(os.environ.get({CORE!r}, 'none'))"


def test_importing_groundup_tells():
    assert python("import groundup" + SAY) == [expected()]
    assert python("import groundup" + SAY, **{CORE: "HASWELL"}) == ["HASWELL"]
    assert python("import numpy, groundup" + SAY) == ["none"]


WORKER = """
import os
from groundup.train.executor import local_pool
with local_pool(1)() as pool:
    print(pool.submit(os.getenv, "OPENBLAS_CORETYPE", "none").result() or "none")
"""


def test_a_worker_is_told_what_its_parent_was_told():
    assert python(WORKER) == [expected()]
    assert python(WORKER, **{CORE: "HASWELL"}) == ["HASWELL"]
    assert python("import numpy" + WORKER) == ["none"]
