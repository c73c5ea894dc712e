"""What needs heavy packages: compiled kernels, event files, ONNX, databases of Optuna."""

import os
import struct
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import groundup as gu
from groundup.formats import to_onnx
from groundup.tune import optuna_export, search
from trust.crashes.writer import Found, Tell, Writer
from trust.crashes.writers.training import SMALL, warm


def tripled(x: float) -> float:
    return 3 * x + 1


def _compiled(folder: Path, tell: Tell) -> None:
    """A kernel kept below the folder; whatever becomes of its file, it computes what it should."""
    import numba

    from groundup.ops.cpu.memory import load_or_compile

    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    compiled = load_or_compile(numba.cfunc, tripled, numba.float64(numba.float64))
    if compiled.ctypes(2.0) == 7.0:
        tell("computed")


def _warm_compiler(folder: Path) -> None:
    import numba

    numba.cfunc(numba.float64(numba.float64))(tripled)


def _computed(found: Found) -> str:
    killed = found.done.signal == 9
    return "" if killed or found.done.told else f"nothing was computed: {found.done.error}"


@cache
def _import_events() -> None:
    from groundup.train.callbacks import event_file

    event_file.Event()


def _events(folder: Path, tell: Tell) -> None:
    board = gu.TensorBoard(folder / "board")
    board.on_train_begin(SimpleNamespace(epoch=0))  # type: ignore[arg-type]
    for epoch in range(2):
        context = SimpleNamespace(epoch=epoch, epochs=2, logs={"loss": 0.5}, learning_rate=0.1)
        board.on_epoch_end(context)  # type: ignore[arg-type]
        tell(f"{epoch}")


def _whole_events(found: Found) -> str:
    """In every file records, told ones among them; a torn one can be the last only."""
    counts = [_events_in(path.read_bytes()) for path in found.folder.rglob("*tfevents*")]
    least = 1 + len(found.done.told) if found.done.told else 0
    return "" if max(counts, default=0) >= least else f"{least} events told, found {counts}"


def _events_in(data: bytes) -> int:
    place = count = 0
    while place + 12 <= len(data):
        place += 16 + struct.unpack("<Q", data[place : place + 8])[0]
        count += place <= len(data)
    return count


@cache
def _network() -> gu.Sequential:
    return gu.Sequential([gu.Dense(4, "relu", input_shape=(6,)), gu.Dense(3, "softmax")])


@cache
def _study() -> Any:
    warm()
    return search(SMALL, {"learning_rate": [1e-3, 1e-2]}, "grid")


@cache
def _content() -> bytes:
    return optuna_export._database(_study(), "groundup")


def _exported(folder: Path, tell: Tell) -> None:
    to_onnx(_network(), folder / "model.onnx")
    tell("done")


def _old_onnx(folder: Path) -> None:
    to_onnx(_network(), folder / "model.onnx")
    (folder / "model.onnx").write_bytes(b"old")


def _database(folder: Path, tell: Tell) -> None:
    data = _content()
    optuna_export._database = lambda study, name: data  # it takes seconds, and no call on the disk
    optuna_export.to_optuna(_study(), folder / "study.db")
    tell("done")


def _new_database(folder: Path, tell: Tell) -> None:
    (folder / "study.db").unlink(missing_ok=True)  # one that exists is refused
    _database(folder, tell)


WRITERS = (
    Writer("compiled kernels", _compiled, _warm_compiler, _computed, ended=_computed,
           needs=("numba",)),
    Writer("model.onnx", _exported, _old_onnx, needs=("onnx",)),
    Writer("a database of Optuna", _database, lambda folder: _content(), again=_new_database,
           needs=("optuna",)),
    Writer("TensorBoard", _events, lambda folder: _import_events(), _whole_events,
           ended=_whole_events, needs=("tensorboardX",)),
)  # fmt: skip
