"""Strictly, one hash however a run is carried out; by default, one hash for each number of threads.

A cell differs from others in the network, in whether it is the first run or a repetition, in
PYTHONHASHSEED, in the number of threads, in time zone, language and names of folders, and in
where it was interrupted: it then goes on in a new process that is set up otherwise.
"""

import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice, product

from trust.bits.cells import Setting
from trust.bits.comparing import Cell, compared, made
from trust.bits.networks import NETWORKS, UPDATES
from trust.claim import Outcome, Tell

STRICT = {"GROUNDUP_STRICT": "1"}
REFERENCE = {"GROUNDUP_KERNELS": "reference"}
_EVERY = [
    Setting(threads, seed, place)
    for place, (threads, seed) in enumerate(
        [(1, "0"), (2, "1"), (4, "random"), (2, "0"), (4, "1"), (1, "random"), (4, "0"), (1, "1"),
         (2, "random")]
    )
]  # fmt: skip
# A core whose vectors have another width adds in another order, on x86 at least.
OTHER_BLAS = {"OPENBLAS_CORETYPE": "NEHALEM"} if platform.machine() == "x86_64" else {}
_BUSY = "import os; mine = os.getppid()\nwhile os.getppid() == mine: sum(range(10**6))"


def strict(size: int, tell: Tell) -> Outcome:
    """One hash for each network."""
    outcome = Outcome()
    cells = list(islice(strict_cells(), size))
    compared(cells, made(cells, tell), outcome)
    outcome.expect(len(cells) == size, f"there are only {len(cells)} cells")
    return outcome


def strict_cells() -> Iterator[Cell]:
    """The most telling first; every kind begins with one undisturbed run."""
    settings = [replace(one, environ=STRICT) for one in _EVERY]
    other = Setting(2, "random", 1, {**STRICT, **OTHER_BLAS})
    quick = [*settings[:3], other]
    (dense, *few), rest = list(NETWORKS)[:3], list(NETWORKS)[3:]
    for setting in quick:
        yield Cell(dense, setting)
    yield from _resumed(dense, range(1, UPDATES + 1), settings)
    yield Cell(dense, settings[1], each=1)
    for network, setting in product(few, quick):
        yield Cell(network, setting)
    yield from chain.from_iterable(_resumed(one, (15, 37), settings) for one in few)
    # The long form alone.
    for network, setting in product([dense, *few], settings[3:]):
        yield Cell(network, setting)
    for network, setting in product(rest, [*settings, other]):
        yield Cell(network, setting)
    for network, setting in product(("dense", "convnet"), [*settings[:3], other]):
        yield Cell(network, _by_reference(setting), alike="reference")
    for step in range(2, UPDATES + 1, 3):
        for network in [*few, *rest]:
            yield from _resumed(network, (step,), settings)
    for setting, network in product(settings, NETWORKS):  # once more
        yield Cell(network, setting)


def _by_reference(setting: Setting) -> Setting:
    return replace(setting, environ={**setting.environ, **REFERENCE})


def _resumed(network: str, steps: Iterator[int] | range | tuple[int, ...], settings: list[Setting]):
    """Runs that begin in one setting and end in another."""
    for step in steps:
        begun, ended = settings[step % 3], settings[(step + 1) % 3]
        yield Cell(network, ended, begun, step)


def default(size: int, tell: Tell) -> Outcome:
    """One hash for each network and number of threads; a third of the cells on a busy machine."""
    outcome = Outcome()
    cells = list(islice(default_cells(), size))
    quiet = 2 * len(cells) // 3
    ladders = [*made(cells[:quiet], tell), *made(cells[quiet:], tell, _busy)]
    compared(cells, ladders, outcome)
    outcome.expect(len(cells) == size, f"there are only {len(cells)} cells")
    outcome.facts["networks whose bits depend on the threads"] = _dependent(cells, ladders)
    return outcome


def default_cells() -> Iterator[Cell]:
    """Networks of which BLAS computes a part: with few weights, with many, without our kernels."""
    ways = [("dense", {}), ("wide", {}), ("dense", REFERENCE), ("convnet", {}), ("whitened", {})]
    for times, (network, environ), threads in product(range(99), ways, (1, 2, 4)):
        seeds = ("1", "random", "0")
        begun, ended = (
            Setting(threads, seeds[(times + k) % 3], times + k, environ) for k in (0, 1)
        )
        step = None if times == 0 else 7 * times % UPDATES + 1
        alike = (threads, *environ)
        yield Cell(network, ended, begun if step else None, step, alike=alike)


@contextmanager
def _busy() -> Iterator[None]:
    """Others compute meanwhile, one for each core of a small machine."""
    others = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(2)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def _dependent(cells: list[Cell], ladders: list[object]) -> str:
    """Those with more than one hash, if the number of threads is let free."""
    found = dict[str, set[str]]()
    for cell, ladder in zip(cells, ladders, strict=True):
        name = " ".join([cell.network, *map(str, cell.setting.environ.values())])
        found.setdefault(name, set()).add(str(ladder))
    return ", ".join(sorted(name for name, one in found.items() if len(one) > 1)) or "none"
