"""The folder of a run: its files, and the callback that writes them while the run goes on.

    config.toml  env.json  metrics.jsonl  checkpoints/  model.safetensors  report.html

and of an ensemble also members/, with a run directory for each.

`metrics.jsonl` is the one source of every curve and table: the records of `train.recording`, and
at last one of kind "end".
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup import config as configuration
from groundup.config import Config
from groundup.errors import InputError
from groundup.storage import (
    Log,
    exists,
    has_writer,
    is_file,
    make_directory,
    read_log,
    rename,
    sweep,
    understood,
    write_text,
)
from groundup.train import model_file
from groundup.train.callback import Answer, Context, Stop
from groundup.train.environment import environment
from groundup.train.history import History
from groundup.train.recording import Recording
from groundup.train.signals import Signals

_UNTOLD = "epoch/"  # before the names of an epoch's values in a checkpoint


@dataclass(frozen=True)
class RunDirectory:
    """Where each file of a run lies."""

    path: Path

    @classmethod
    def create(cls, out: Path | None, name: str, config: Config) -> "RunDirectory":
        """A new folder, `runs/<time>-<name>` or exactly `out`; one that exists is refused."""
        path = make_directory(out, exclusive=True) if out else _numbered(name)
        return cls.prepare(path, config)

    @classmethod
    def prepare(cls, path: Path, config: Config) -> "RunDirectory":
        """The folder of a run at its beginning; one that a killed process left is made whole."""
        run = cls(path)
        make_directory(run.checkpoints)
        sweep(path)
        texts = {
            run.environment_file: json.dumps(environment(), indent=2) + "\n",
            run.config_file: configuration.to_toml(config),  # the last: with it the run has begun
        }
        for file, text in texts.items():
            if not is_file(file):
                write_text(file, text)
        return run

    @classmethod
    def open(cls, path: Path) -> "RunDirectory":
        """A folder that a run has made; what dead writers left half-written is swept away."""
        run = cls(Path(path))
        if not is_file(run.config_file):
            raise InputError(
                f"{path} is no run directory: it holds no config.toml. If a run was stopped before "
                "it began, remove the folder and begin again."
            )
        sweep(run.path)
        sweep(run.checkpoints)
        return run

    @property
    def config_file(self) -> Path:
        return self.path / "config.toml"

    @property
    def environment_file(self) -> Path:
        return self.path / "env.json"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        return self.path / "model.safetensors"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    def member(self, number: int) -> Path:
        """The run directory of a member of an ensemble, counted from 1."""
        return self.path / "members" / str(number)

    def config(self) -> Config:
        """What the run is."""
        return configuration.load(self.config_file)

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Everything logged, or one kind of it."""
        records = read_log(self.metrics) if exists(self.metrics) else []
        with understood(self.metrics):
            return [record for record in records if kind in (None, record["kind"])]

    def ended(self) -> dict[str, Any] | None:
        """The end record, if the run has ended; a lease that its killed writer left is removed."""
        ends = self.records("end")
        if ends:
            has_writer(self.metrics)  # asks for the lease, and gives it back
        return ends[-1] if ends else None

    def newest_checkpoint(self) -> model_file.Loaded | None:
        """The last checkpoint that is whole; the one before it if the last is damaged."""
        damage: InputError | None = None
        for path in (
            self.checkpoints / "last.safetensors",
            self.checkpoints / "previous.safetensors",
        ):
            if exists(path):
                try:
                    return model_file.load(path)
                except InputError as error:
                    damage = error
        if damage is not None:
            raise damage
        return None


class Recorder(Recording):
    """Writes a run's log and checkpoints. Stands last, so that it saves what the others decided."""

    def __init__(self, run: RunDirectory, log: Log, log_every: int, signals: Signals) -> None:
        super().__init__(log, log_every)
        self.run, self.run_log, self.signals = run, log, signals
        self.untold: dict[str, Any] = {}  # the epoch that has ended, until it is in the log

    def on_batch_end(self, context: Context) -> Answer:
        super().on_batch_end(context)
        if self.signals.received is not None:
            self._checkpoint(context)
            return Stop("interrupted")
        return None

    def on_epoch_end(self, context: Context) -> Answer:
        # The checkpoint first, with the epoch's record in it: no epoch is told that a crash undoes.
        self.untold = self._place(context) | dict(context.logs)
        self._checkpoint(context)
        self.write("epoch", self.untold)
        self.untold = {}
        return Stop("interrupted") if self.signals.received is not None else None

    def state(self) -> dict[str, Any]:
        untold = {f"{_UNTOLD}{name}": value for name, value in self.untold.items()}
        return {"records": self.records, "seconds": self.seconds, **untold}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where the checkpoint was written: later records belong to steps done again.

        A second call changes nothing.
        """
        self.records, self.seconds_before = state["records"], state["seconds"]
        self.began = time.perf_counter()
        untold = {
            name.removeprefix(_UNTOLD): value
            for name, value in state.items()
            if name.startswith(_UNTOLD)
        }
        if untold and _is_told(untold, self.run_log.read()[self.records :]):
            self.records, untold = self.records + 1, {}
        self.run_log.truncate(self.records)
        if untold:
            self.write("epoch", untold, durable=True)

    def _checkpoint(self, context: Context) -> None:
        self.run_log.sync()  # the checkpoint counts on these records
        last = self.run.checkpoints / "last.safetensors"
        if exists(last):
            rename(last, self.run.checkpoints / "previous.safetensors")
        context.save_checkpoint(last)


def _is_told(epoch: Mapping[str, Any], later: list[dict[str, Any]]) -> bool:
    """Whether the first of the later records tells of this epoch."""
    return [(one["kind"], one["epoch"]) for one in later[:1]] == [("epoch", epoch["epoch"])]


def history_of(records: list[dict[str, Any]], before: int) -> History:
    """The history that a run's records tell of the epochs before epoch `before`."""
    history = History()
    for record in records:
        if record["kind"] == "epoch" and record["epoch"] < before:
            logs = {
                k: v for k, v in record.items() if k not in ("kind", "epoch", "step", "seconds")
            }
            history.append(record["epoch"], logs)
    return history


def _numbered(name: str) -> Path:
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    for suffix in ("", *(f"-{i}" for i in range(2, 100))):
        try:
            return make_directory(Path("runs") / f"{stem}{suffix}", exclusive=True)
        except InputError:
            continue
    raise InputError(f"runs/{stem}: a hundred runs began in this second. Name one with --out.")
