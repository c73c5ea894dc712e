"""Models and runs: what is trained goes on from its last checkpoint, to the same bits."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import groundup as gu
from groundup.config import Config, from_mapping
from groundup.formats import to_python
from groundup.report.from_run import write_run_report
from groundup.storage import is_file, read_log
from groundup.train import ensemble_run, model_file, run_directory
from groundup.train import run as runs
from groundup.train.callback import Callback, Context
from groundup.train.environment import environment
from groundup.train.run_directory import RunDirectory
from groundup.train.threads import limited_threads
from trust.crashes.tracer import untraced
from trust.crashes.writer import Found, Tell, Writer

TIMES = {"crc", "seconds", "samples_per_second", "run_dir", "update_seconds"}
SMALL = {
    "seed": 3,
    "data": {"validation": 0.2},
    "model": {"name": "two-layer", "units": 4},
    "train": {"epochs": 2, "batch_size": 600},
}


@cache
def _config(members: int = 1) -> Config:
    train = {**SMALL["train"], "ensemble": members}  # type: ignore[dict-item]
    return from_mapping({**SMALL, "train": train})


@cache
def warm() -> None:
    """Loads the data and the kernels, which every training of a child finds in memory then."""
    data, words = runs.data_of(_config()), environment()
    runs.data_of = lambda config: data  # type: ignore[assignment]
    run_directory.environment = lambda: words  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder), str)
        _told(Path(folder), str)


class _Told(Callback):
    """Acknowledges an epoch when the next begins: its checkpoint is on the disk then."""

    def __init__(self, tell: Tell, until: int = 99) -> None:
        self.tell, self.until = tell, until

    def on_epoch_begin(self, context: Context) -> None:
        if context.epoch == self.until:
            raise KeyboardInterrupt
        if context.epoch:
            self.tell(f"epoch {context.epoch}")


def _run(folder: Path, tell: Tell) -> None:
    with limited_threads(1):
        runs.run(_config(), folder / "run", [_Told(tell)])
    tell("done")


def _resumed(folder: Path, tell: Tell) -> None:
    """What a user does: begins again where nothing was begun yet, else goes on."""
    path = folder / "run"
    with limited_threads(1):
        if not is_file(RunDirectory(path).config_file):
            shutil.rmtree(path, ignore_errors=True)
            runs.run(_config(), path, [_Told(tell)])
        else:
            runs.resume(path, [_Told(tell)])
    tell("done")


def _interrupted(folder: Path) -> None:
    """A run that was killed in its second epoch."""

    def act(tell: Tell) -> None:
        with limited_threads(1):
            runs.run(_config(), folder / "run", [_Told(tell, until=1)])

    warm()
    kept = folder.parent / "kept-interrupted"
    if kept.exists():
        shutil.copytree(kept, folder / "run")
    else:
        untraced(act)
        shutil.copytree(folder / "run", kept)


def _checkpointed(found: Found) -> str:
    """No acknowledged epoch is lost, and what is under its last name is whole."""
    path = found.folder / "run"
    run, told = RunDirectory(path), found.done.told
    if not told and not run.config_file.exists():
        return ""
    run.config()
    records = read_log(run.metrics) if run.metrics.exists() else []
    newest = run.newest_checkpoint()
    reached = newest.resume.progress.epoch if newest and newest.resume else 0
    least = max((int(words.split()[1]) for words in told if words != "done"), default=0)
    if reached < least:
        return f"epoch {least} was acknowledged, the checkpoint has {reached}"
    if run.model.exists():
        model_file.load(run.model)
    kinds = [record["kind"] for record in records]
    return "" if "done" not in told or kinds[-1] == "end" else f"it was done; the log says {kinds}"


def as_in_peace(found: Found) -> str:
    """The same files; the same model to its bits; the same log but for the times."""
    now, new = found.files, found.new
    if now.keys() != new.keys():
        return f"there should be {sorted(new)}, there are {sorted(now)}"
    wrong = [name for name in new if not _alike(name, now[name], new[name])]
    for path in found.folder.rglob("checkpoints/*"):
        model_file.load(path)
    return f"{', '.join(wrong)}: not as without a fault" if wrong else ""


def _alike(name: str, now: Any, new: Any) -> bool:
    if name.endswith(".jsonl"):
        return [*_timeless(now[1])] == [*_timeless(new[1])]
    return "checkpoints" in name or now == new  # those hold times


def _timeless(log: bytes) -> Iterator[dict[str, Any]]:
    for line in log.splitlines():
        record = json.loads(line)
        yield {name: value for name, value in record.items() if name not in TIMES}


def _saved(folder: Path, tell: Tell) -> None:
    _models()[1].save(folder / "model.safetensors")
    tell("done")


def _older_model(folder: Path) -> None:
    warm()
    _models()[0].save(folder / "model.safetensors")


@cache
def _models() -> list[gu.Sequential]:
    return [gu.Sequential([gu.Dense(40, input_shape=(30,))], seed=seed) for seed in (1, 2)]


def _ensemble(folder: Path, tell: Tell) -> None:
    with limited_threads(1):
        ensemble_run.run_ensemble(_config(2), folder / "run")
    tell("done")


def _ensemble_again(folder: Path, tell: Tell) -> None:
    path = folder / "run"
    with limited_threads(1):
        if is_file(RunDirectory(path).config_file):
            ensemble_run.resume_ensemble(path)
        else:
            shutil.rmtree(path, ignore_errors=True)
            ensemble_run.run_ensemble(_config(2), path)
    tell("done")


def _finished(folder: Path) -> None:
    """A run that has ended, with older files that are written anew."""
    warm()
    kept = folder.parent / "kept-finished"
    if not kept.exists():
        untraced(lambda tell: _run(kept, tell))
        (kept / "script.py").write_text("old", "utf-8")
    shutil.copytree(kept, folder, dirs_exist_ok=True)


def _told(folder: Path, tell: Tell) -> None:
    write_run_report(RunDirectory(folder / "run"))
    to_python(folder / "run", folder / "script.py")
    tell("done")


def _kept_best(folder: Path, tell: Tell) -> None:
    """By the callback that saves the model after each epoch."""
    model = gu.Sequential([gu.Flatten(), gu.Dense(10, "softmax")], seed=1)
    model.compile("sgd", "sparse_categorical_crossentropy")
    data = runs.data_of(_config())
    keeper = gu.ModelCheckpoint(folder / "models" / "{epoch}.safetensors", save_best_only=False)
    with limited_threads(1):
        model.fit(data.x_train[:20], data.y_train[:20], epochs=2, callbacks=[keeper], verbose=0)
    tell("done")


WRITERS = (
    Writer("a model", _saved, _older_model, essential=True),
    Writer("a run", _run, lambda folder: warm(), _checkpointed, _resumed, as_in_peace,
           essential=True),
    Writer("a run gone on with", _resumed, _interrupted, _checkpointed, _resumed, as_in_peace,
           essential=True),
    Writer("ModelCheckpoint", _kept_best, lambda folder: warm()),
    Writer("a run's report and script", _told, _finished),
    Writer("an ensemble", _ensemble, lambda folder: warm(), lambda found: "", _ensemble_again,
           as_in_peace),
)  # fmt: skip
