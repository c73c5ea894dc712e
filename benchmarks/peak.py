"""The fastest float32 matrix product of this machine: what no training can be faster than.

Every library that is installed multiplies, each in a process of its own, and the best time of all
is the measure. OpenBLAS is also told to use AVX-512, since some versions take a new CPU for an old.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from benchmarks.worker import use_cores

SIZE, REPEATS = 1536, 12
TRIES: dict[str, tuple[str, dict[str, str]]] = {
    "NumPy": ("numpy", {}),
    "NumPy, SKYLAKEX": ("numpy", {"OPENBLAS_CORETYPE": "SKYLAKEX"}),
    "PyTorch": ("torch", {}),
    "JAX": ("jax", {}),
}


def measure(threads: int | None = None, tries: Sequence[str] = tuple(TRIES)) -> dict[str, Any]:
    """{"gflops": the most that was reached, "by": whom, "all": {who: GFLOP/s}}"""
    reached = {}
    for name in tries:
        package, environment = TRIES[name]
        if find_spec(package) is None:
            continue
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.peak", package, str(threads or 0)],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:  # an old CPU dies of instructions that it does not have
            reached[name] = json.loads(done.stdout)
    best = max(reached, key=reached.__getitem__)
    return {"gflops": reached[best], "by": best, "all": reached}


def _product(package: str) -> Callable[[], Any]:
    import numpy as np

    A, B = np.random.default_rng(0).random((2, SIZE, SIZE), np.float32)
    if package == "torch":
        import torch

        a, b = torch.from_numpy(A), torch.from_numpy(B)
        return lambda: a @ b
    if package == "jax":
        import jax

        multiply = jax.jit(lambda a, b: a @ b)
        a, b = jax.numpy.asarray(A), jax.numpy.asarray(B)
        return lambda: multiply(a, b).block_until_ready()
    return lambda: A @ B


def _gflops(package: str) -> float:
    product, seconds = _product(package), []
    for _ in range(REPEATS):
        began = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - began)
    return 2e-9 * SIZE**3 / min(seconds)


if __name__ == "__main__":
    use_cores(int(sys.argv[2]))
    print(json.dumps(_gflops(sys.argv[1])))
