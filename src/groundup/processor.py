"""What this CPU calls itself, and what NumPy's linear algebra has to be told about it.

NumPy's OpenBLAS knows processors by their numbers, and takes one that is newer than itself for a
Haswell, whose vectors are half as wide (OpenMathLib/OpenBLAS#6029). What it should take it for can
only be said before NumPy is imported, so nothing here imports anything heavy.
"""

import os
import sys
from collections.abc import Collection, Container, MutableMapping
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")  # of Linux; elsewhere nothing is known, and nothing set
CORE = "OPENBLAS_CORETYPE"
# All that OpenBLAS's code for the core of that name is compiled with; the first that fits is set.
_SKYLAKEX = frozenset({"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"})
CORES = (("COOPERLAKE", _SKYLAKEX | {"avx512_bf16"}), ("SKYLAKEX", _SKYLAKEX))


def information() -> dict[str, str]:
    """What the system says of its first processor, such as "model name"; {} where it does not."""
    facts: dict[str, str] = {}
    try:
        with CPUINFO.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if not line.strip():
                    break  # the next is alike, and there may be hundreds
                name, _, value = line.partition(":")
                facts[name.strip()] = value.strip()
    except OSError:
        return {}
    return facts


def features() -> frozenset[str]:
    """The names of what it can do, such as "avx2"; as x86 and as ARM tell them."""
    facts = information()
    return frozenset((facts.get("flags") or facts.get("Features") or "").split())


def tell_blas(
    environ: MutableMapping[str, str] = os.environ,
    loaded: Container[str] = sys.modules,
    able: Collection[str] | None = None,
) -> None:
    """Set the core that OpenBLAS should take this CPU for, if it has wide vectors

    Left alone: what the user has set, and a NumPy that is loaded and would not see it any more.

    Args:
        environ: where it is set; processes that are started later find it there.
        loaded: modules.
        able: what the CPU can do; by default what it says.

    >>> environ = {}
    >>> tell_blas(environ, (), {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"})
    >>> environ
    {'OPENBLAS_CORETYPE': 'SKYLAKEX'}
    """
    if CORE in environ or "numpy" in loaded:
        return
    able = features() if able is None else able
    for core, needed in CORES:
        if needed.issubset(able):
            environ[CORE] = core
            return
