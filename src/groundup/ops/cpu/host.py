"""What this CPU can do, and where the kernels compiled for it are kept.

Numba's own cache would load an old kernel after an edited tile or on another CPU: its key knows
only the file of the calling function. So the folder's name is a hash of everything that matters.
"""

# mypy: disable-error-code="attr-defined"

import contextlib
import hashlib
import importlib
import importlib.util
import logging
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import llvmlite
import llvmlite.binding
import numba
from numba.core import config as numba_config
from numba.np import linalg

from groundup.errors import InputError
from groundup.storage.paths import cache_folder

logger = logging.getLogger("groundup")


class TileShape(NamedTuple):
    """Lanes of a vector register, and the largest tile that fits into the registers."""

    lanes: int
    columns: int  # in vectors
    rows: int


# 32 registers hold 14x2 sums, 2 vectors of B and a broadcast; 16 registers hold 6x2.
SHAPES = {16: TileShape(16, 2, 14), 8: TileShape(8, 2, 6), 4: TileShape(4, 2, 6)}


@cache
def tile_shape() -> TileShape:
    """The tile for this CPU; GROUNDUP_LANES=16, 8 or 4 forces one, for tests."""
    forced = os.environ.get("GROUNDUP_LANES")
    if forced is not None:
        if forced not in {str(lanes) for lanes in SHAPES}:
            raise InputError(f"GROUNDUP_LANES={forced!r}: expected 16, 8 or 4.")
        return SHAPES[int(forced)]
    features = llvmlite.binding.get_host_cpu_features()
    if features.get("avx512f"):
        return SHAPES[16]
    return SHAPES[8 if features.get("avx2") and features.get("fma") else 4]


@cache
def fingerprint() -> str:
    """A hash of the kernels' sources, this CPU and the compiler: equal means exchangeable."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    features = llvmlite.binding.get_host_cpu_features().flatten()
    facts = (tile_shape(), llvmlite.binding.get_host_cpu_name(), features)
    digest.update(repr((*facts, numba.__version__, llvmlite.__version__)).encode())
    return digest.hexdigest()[:32]


@contextlib.contextmanager
def kernel_cache() -> Iterator[None]:
    """Kernels declared inside are kept in our folder; other users of Numba keep theirs."""
    before = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(_folder())
    try:
        yield
    finally:
        numba_config.CACHE_DIR = before


def forget_kernels() -> None:
    """Remove what is kept for this processor, as when half of a file is gone after a power cut."""
    with contextlib.suppress(OSError):  # a disk that cannot read them cannot do harm with them
        for file in _folder().rglob("*.nb?"):
            file.unlink(missing_ok=True)


def _folder() -> Path:
    return _writable(cache_folder() / "kernels" / fingerprint())


@cache
def _writable(folder: Path) -> Path:
    """The folder, or one for this process alone where it cannot be written (a read-only home)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        is_empty = not any(folder.iterdir())
    except OSError:
        folder, is_empty = Path(tempfile.mkdtemp(prefix="groundup-kernels-")), True
    if is_empty:
        logger.info("compiling kernels for this processor; once, it takes some seconds")
    return folder


def _load_array_functions() -> None:
    """Have Numba load its array functions without SciPy's linear algebra, which no kernel calls.

    It is imported only to see whether it is there, and takes a fifth of a cold start. Who needs it
    in a function of their own gets it when that is compiled.
    """
    ask = getattr(linalg, "ensure_blas", None)
    if ask is None or importlib.util.find_spec("scipy") is None:
        return
    linalg.ensure_blas = lambda: None
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = ask


_load_array_functions()
