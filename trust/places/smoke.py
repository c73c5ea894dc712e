"""What runs in a place: `python smoke.py COMMANDS BASE TOLD [SIGNAL]`, a user's first minutes.

Every command goes through groundup's own way in, one after the other in one process. What came of
it goes to TOLD, a file that was opened before anything was unusual. Nothing of `trust` is imported,
so that any Python that has groundup can run this file.

Args:
    COMMANDS: names, with commas between them.
    BASE: what the names of files begin with: "", or "there/" or "/over/there/".
    TOLD: the number of an open file, for one line of JSON.
    SIGNAL: the number of what interrupts the training.
"""

import hashlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

RUN = (
    "--data", "digits", "--model", "two-layer", "--set", "units=8", "--epochs", "2",
    "--set", "log_every=7",
)  # fmt: skip
SPACE = ["--space", "learning_rate=log:1e-3..1e-1", "--space", "units=int:4..8"]
SEARCH = (
    "tune", "--model", "two-layer", "--epochs", "1", "--trials", "3", "--batch", "1",
    "--workers", "1",
)  # fmt: skip
FILES = {  # what is left, and by which of the commands
    "run/model.safetensors": {"whole", "resume"},
    "run/metrics.jsonl": {"train", "whole", "resume"},
    "run/report.html": {"whole", "resume"},
    "model.onnx": {"export"},
    "search/best.toml": {"tune"},
    "search/best/model.safetensors": {"tune"},
    "search/study.html": {"tune"},
}
UPDATES = 50  # after so many a signal comes, in the second epoch
TIMES = ("seconds", "samples_per_second", "run_dir")


def commands(base: str) -> dict[str, list[str]]:
    """Their arguments by name, in the order of a smoke run."""
    run, search = f"{base}run", f"{base}search"
    return {
        "train": ["train", *RUN, "--out", run],
        "whole": ["train", *RUN, "--out", run],  # nothing interrupts it
        "resume": ["train", "--resume", run],
        "evaluate": ["evaluate", run, "--json"],
        "predict": ["predict", run, f"{base}samples.npy", "--json"],
        "export": ["export", run, "--onnx", f"{base}model.onnx"],
        "script": ["export", run, "--python", f"{base}train.py"],
        "tune": [*SEARCH, *SPACE, "--out", search],
        "study": ["study", "show", search],
    }


def main(names: Sequence[str], base: str, told: int, number: int = signal.SIGINT) -> int:
    if sys.flags.warn_default_encoding:  # others' files are theirs
        warnings.simplefilter("ignore", EncodingWarning)
        warnings.filterwarnings("error", category=EncodingWarning, module=r"groundup\b")
    from groundup.cli import main as groundup

    codes = {}
    for name in names:
        _prepare(name, base, number)
        codes[name] = groundup(commands(base)[name])
    os.write(told, json.dumps({"codes": codes, "left": left(base)}).encode() + b"\n")
    return 0 if len(names) > 1 else codes[names[0]]


def left(base: str) -> dict[str, str]:
    """What the commands have left, by hash; of a log and a page what is the same every time."""
    readers: dict[str, Callable[[Path], bytes]] = {
        "run/model.safetensors": Path.read_bytes,
        "run/metrics.jsonl": _untimed,
        "run/report.html": _whole_page,
        "model.onnx": Path.read_bytes,
        "search/best.toml": Path.read_bytes,
        "search/best/model.safetensors": Path.read_bytes,
        "search/study.html": _whole_page,
    }
    found = {name: (Path(base + name), readers[name]) for name in FILES}
    return {
        name: hashlib.sha256(read(path)).hexdigest()[:16]
        for name, (path, read) in found.items()
        if path.exists()
    }


def _prepare(name: str, base: str, number: int) -> None:
    from groundup.train.run_directory import Recorder

    if name == "predict":
        import numpy as np

        from groundup.data import datasets

        np.save(f"{base}samples.npy", datasets.digits.load_data()[1][0][:20])
    seen = vars(Recorder).get("undisturbed", Recorder.on_batch_end)

    def interrupted(self, context):
        if name == "train" and context.updates == UPDATES:
            signal.raise_signal(number)
        return seen(self, context)

    Recorder.undisturbed, Recorder.on_batch_end = seen, interrupted


def _untimed(path: Path) -> bytes:
    from groundup.storage import read_log

    records = [
        {key: value for key, value in record.items() if key not in TIMES}
        for record in read_log(path)
    ]
    return repr(records).encode()


def _whole_page(path: Path) -> bytes:
    """Times and folders stand in it; that it is all there, in UTF-8, can be told."""
    page = path.read_text(encoding="utf-8")
    return repr((page[:15].lower(), page.rstrip()[-7:], page.count("<svg"))).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].split(","), sys.argv[2], *map(int, sys.argv[3:])))
