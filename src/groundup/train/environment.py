"""What the bits of a run depend on besides its configuration: versions, CPU, BLAS, threads."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from groundup import processor
from groundup.ops.dispatch import kernels_enabled, strict

PACKAGES = (
    "groundup",
    "numpy",
    "scipy",
    "scikit-learn",
    "numba",
    "llvmlite",
    "safetensors",
    "pydantic",
)
WORTH_KNOWING = ("avx2", "avx512f", "fma", "neon", "asimd", "sve")


def environment() -> dict[str, Any]:
    """Plain data for env.json and `groundup info`."""
    import numpy  # noqa: F401  # threadpoolctl sees only the libraries that are loaded
    from threadpoolctl import threadpool_info

    able = processor.features()
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cpu": processor.information().get("model name") or platform.processor() or "unknown",
        "cpu_features": [name for name in WORTH_KNOWING if name in able],
        "cores": os.cpu_count(),
        "strict": strict(),
        "kernels": _kernels(),
        "blas": [
            {
                "library": pool.get("internal_api"),
                "version": pool.get("version"),
                "core": pool.get("architecture"),
                "threads": pool.get("num_threads"),
            }
            for pool in threadpool_info()
            if pool.get("user_api") == "blas"
        ],
    }


def _kernels() -> dict[str, Any]:
    """How the ops are computed."""
    if not kernels_enabled():
        return {"kind": "reference"}
    from groundup.ops.cpu import crew, host

    return {"kind": "cpu", "tile": list(host.tile_shape()), "threads": crew.count()}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
