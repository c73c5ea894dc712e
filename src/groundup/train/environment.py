"""What the bits of a run depend on besides its configuration: versions, CPU, BLAS, threads."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from groundup.ops.dispatch import kernels_enabled

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

    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cpu": _cpu_model(),
        "cpu_features": _cpu_features(),
        "cores": os.cpu_count(),
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


def _cpu_info() -> dict[str, str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _cpu_model() -> str:
    return _cpu_info().get("model name") or platform.processor() or "unknown"


def _cpu_features() -> list[str]:
    info = _cpu_info()
    flags = set((info.get("flags") or info.get("Features") or "").split())
    return [name for name in WORTH_KNOWING if name in flags]
