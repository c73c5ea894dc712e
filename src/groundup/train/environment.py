"""What the bits of a run depend on besides its configuration: versions, CPU, BLAS, threads."""

import logging
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from groundup import processor
from groundup.errors import CorruptFile, GroundupError
from groundup.ops.dispatch import kernels_enabled, strict
from groundup.storage import read_bytes, read_json_bytes, shown

logger = logging.getLogger("groundup")

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
            for pool in sorted(threadpool_info(), key=_not_of_numpy)
            if pool.get("user_api") == "blas"
        ],
    }


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What the bits depend on and is another now, by its name: (how it was, how it is)

    Strictly they do not depend on how many threads there are. What an env.json of another version
    does not tell counts as unknown, and so as another.

    >>> differences(environment(), environment())
    {}
    """
    old, new = _bearing(before), _bearing(now)
    names = dict.fromkeys([*old, *new])
    if before.get("strict") is True and now.get("strict") is True:
        names = {name: None for name in names if not name.endswith("threads")}
    return {
        name: (old.get(name, "unknown"), new.get(name, "unknown"))
        for name in names
        if old.get(name) != new.get(name)
    }


def read_environment(file: Path) -> dict[str, Any]:
    """What an env.json tells; CorruptFile for one that is not as a run writes it."""
    values = read_json_bytes(read_bytes(file, 2**20), name="env.json")
    if not (isinstance(values, dict) and isinstance(values.get("blas"), list)):
        raise CorruptFile(f"{shown(file)} is not as a run writes it.")
    return values


def warn_of_changes(file: Path) -> None:
    """Warn, through the logger "groundup", of what is another now than when env.json was written.

    For a work that goes on where another process left it: its end may then differ in the last bits.
    """
    try:
        found = differences(read_environment(file), environment())
    except GroundupError as error:
        logger.warning(
            "note: where this began is not known (%s) If that was elsewhere, the result may differ "
            "in the last bits.", error,
        )  # fmt: skip
        return
    if found:
        logger.warning(
            "note: %s. This changed since the run began (see env.json), so its result may differ "
            "in the last bits.",
            "; ".join(f"{name} was {old}, now {new}" for name, (old, new) in found.items()),
        )


def _bearing(env: Mapping[str, Any]) -> dict[str, str]:
    """What bears on the bits, in words. The number of cores and the system's release do not."""
    kernels, blas = env.get("kernels") or {}, (env.get("blas") or [{}])[0]  # NumPy's
    facts = {
        "python": env.get("python"),
        **dict(env.get("packages") or {}),
        "system": str(env.get("system")).partition(" ")[0],
        "machine": env.get("machine"),
        "cpu": env.get("cpu"),
        "cpu features": " ".join(env.get("cpu_features") or ()),
        "strict": env.get("strict"),
        "kernels": kernels.get("kind"),
        "kernel tile": kernels.get("tile"),
        "kernel threads": kernels.get("threads"),
        **{f"BLAS {name}": blas.get(name) for name in ("library", "version", "core", "threads")},
    }
    return {name: str(value) for name, value in facts.items()}


def _not_of_numpy(pool: Mapping[str, Any]) -> bool:
    """A key that sorts NumPy's own library first: SciPy brings another one, loaded now or later."""
    return "numpy" not in Path(pool.get("filepath", "")).parent.name.lower()


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
