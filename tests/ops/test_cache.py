"""Where compiled kernels are kept, and what happens where they cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from groundup import ops
from groundup.ops.cpu.host import tile_shape

OTHER = "8" if tile_shape().lanes == 4 else "4"
RUN = """
import numpy as np
from groundup import ops
params, g = np.ones(5000, np.float32), np.full(5000, 2, np.float32)
ops.sgd_step(params, g, 0.25)
assert params.tolist() == [0.5] * 5000
from groundup.ops.cpu.host import fingerprint
print(fingerprint())
"""


def started(cache: Path, code: str = RUN, **settings: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **settings}
    environment.pop("NUMBA_CACHE_DIR", None)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, text=True, **pipes)


def finished(process: "subprocess.Popen[str]") -> str:
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return out.strip()


def kernels(cache: Path) -> dict[Path, int]:
    """The files of compiled code, and when each was written."""
    return {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb[ci]")}


def test_kernels_are_kept_in_the_user_s_cache(tmp_path: Path) -> None:
    name = finished(started(tmp_path))
    first = kernels(tmp_path)
    folder = tmp_path / "groundup" / "kernels" / name
    assert first
    assert all(path.is_relative_to(folder) for path in first)
    assert any("_sgd" in path.name for path in first)
    assert not any("_adam" in path.name for path in first)  # only what is called
    assert finished(started(tmp_path)) == name
    assert kernels(tmp_path) == first  # loaded, not compiled anew


@pytest.mark.parametrize("length", [0, 100])
def test_damaged_files_are_made_anew(tmp_path: Path, length: int) -> None:
    finished(started(tmp_path))
    whole = {path: path.stat().st_size for path in kernels(tmp_path)}
    for path in whole:
        os.truncate(path, length)
    finished(started(tmp_path))
    assert all(path.stat().st_size > length for path in kernels(tmp_path))


@pytest.mark.parametrize("below", ["", "groundup", "groundup/kernels"])
def test_a_cache_that_cannot_be_written(tmp_path: Path, below: str) -> None:
    """A file stands where a folder should be: for root, no folder is read-only."""
    place = tmp_path / "cache" / below
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("in the way")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    finished(started(tmp_path / "cache", TMPDIR=str(scratch)))
    assert place.read_text() == "in the way"
    assert kernels(scratch)


def test_two_processes_compile_at_once(tmp_path: Path) -> None:
    both = [started(tmp_path), started(tmp_path)]
    assert len({finished(process) for process in both}) == 1
    before = kernels(tmp_path)
    assert before
    finished(started(tmp_path))
    assert kernels(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_that_is_full_keeps_nothing_and_harms_nothing(tmp_path: Path) -> None:
    """A kernel has more bytes than a file may: so it fares where the last of a disk is used up."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))"
    finished(started(tmp_path, f"{limit}\n{RUN}"))
    assert not any(path.stat().st_size > 2048 for path in kernels(tmp_path))


def test_an_edited_source_is_never_answered_by_an_old_kernel(tmp_path: Path) -> None:
    """The cache's folder changes with the sources, the CPU and the forced vector width."""
    code = "from groundup.ops.cpu.host import fingerprint; print(fingerprint())"
    here = finished(started(tmp_path, code))
    assert finished(started(tmp_path, code)) == here
    assert finished(started(tmp_path, code, GROUNDUP_LANES=OTHER)) != here
    source = Path(ops.__file__).parent / "cpu"
    package = tmp_path / "groundup_copy"
    package.mkdir()
    edited = code.replace("groundup.ops.cpu.host", "host")
    for file in source.glob("*.py"):
        (package / file.name).write_bytes(file.read_bytes())
    path = {"PYTHONPATH": os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")])}
    copied = finished(started(tmp_path, edited, **path))
    (package / "tile.py").write_text("# edited\n" + (package / "tile.py").read_text())
    assert finished(started(tmp_path, edited, **path)) != copied
