"""A file of 400 MB trains in a few megabytes, since it stays on the disk."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.long

N, LIMIT = 510_000, 200  # samples of 784 bytes, megabytes
# What trains on a small file of the same kind is the baseline: modules, kernels, arenas.
CHILD = """
import sys
from groundup.config import from_mapping
from groundup.train.run import run
def megabytes(name):
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name))
def train(path, out):
    run(from_mapping({
        "data": {"path": path, "validation": 0.1},
        "model": {"name": "two-layer"},
        "train": {"epochs": 1, "batch_size": 500},
    }), out)
from pathlib import Path
train(sys.argv[1], Path(sys.argv[3]) / "small")
before = megabytes("VmHWM")
train(sys.argv[2], Path(sys.argv[3]) / "large")
print(megabytes("VmHWM") - before, megabytes("RssAnon"), before)
"""


def write(folder: Path, count: int, kind: str) -> Path:
    """Pictures whose brightness tells the class, and their labels, a piece at a time."""
    folder.mkdir()
    y = np.arange(count, dtype=np.uint8) % 3
    path = folder / ("x.npy" if kind == "npy" else "train-images-idx3-ubyte")
    with path.open("wb") as file:
        if kind == "npy":
            head = {"descr": "|u1", "fortran_order": False, "shape": (count, 28, 28)}
            np.lib.format.write_array_header_1_0(file, head)
        else:
            file.write(bytes([0, 0, 8, 3]) + np.array([count, 28, 28], ">u4").tobytes())
        for begin in range(0, count, 10_000):
            part = y[begin : begin + 10_000]
            file.write(np.repeat(part * 80 + 20, 784).tobytes())
    if kind == "npy":
        np.save(folder / "y.npy", y)
    else:
        head = bytes([0, 0, 8, 1]) + np.array([count], ">u4").tobytes()
        (folder / "train-labels-idx1-ubyte").write_bytes(head + y.tobytes())
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells its peaks")
@pytest.mark.parametrize("kind", ["npy", "idx"])
def test_400_megabytes_train_within_200_over_the_baseline(tmp_path: Path, kind: str) -> None:
    small, large = write(tmp_path / "a", 3_000, kind), write(tmp_path / "b", N, kind)
    assert large.stat().st_size > 399 * 10**6
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(small), str(large), str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    more, _, _ = map(float, done.stdout.split()[-3:])
    assert more < LIMIT, done.stdout
