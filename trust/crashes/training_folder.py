"""What the folder of a run tells after a kill, and in the end, beside one that nobody disturbed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.errors import GroundupError
from groundup.report.from_run import summary_of
from groundup.train import model_file
from groundup.train.run_directory import RunDirectory
from trust.crashes.processes import said
from trust.crashes.training_variants import Variant
from trust.crashes.whole_files import (
    differences,
    digest,
    digest_of_log,
    files,
    half_written,
    untimed,
)

WHY_NOT = ("Go on with: groundup train --resume", "remove the folder and begin again")
TOLD_EPOCH = re.compile(r"^ *(\d+)/\d+  loss ", re.MULTILINE)
TOLD_MEMBER = re.compile(r"^member (\d+) of ", re.MULTILINE)
Record = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """The undisturbed run: when its log began and when it ended, in seconds, and what it left."""

    begun: float
    seconds: float
    epochs: list[list[Record]]
    left: dict[str, str]


def reference(variant: Variant, folder: Path, begun: float, seconds: float) -> Reference:
    """Of a run that has ended."""
    epochs = [_epochs(run) for run in variant.runs(folder)]
    return Reference(begun, seconds, epochs, what_is_left(variant, folder))


def what_is_left(variant: Variant, folder: Path) -> dict[str, str]:
    """Every file by name, with the SHA-256 of those that must not depend on any disturbance."""
    left = {path.relative_to(folder).as_posix(): "" for path in files(folder / "run")}
    weights = [name for name in left if name.endswith("model.safetensors")]
    for name in (*weights, "best.safetensors", "log.csv"):
        if (folder / name).is_file():
            left[name] = digest(folder.joinpath(name).read_bytes())
    for run in (RunDirectory(folder / "run"), *variant.runs(folder)):
        name = run.metrics.relative_to(folder).as_posix()
        left[name] = digest_of_log(run.metrics)
    return left


def at_the_end(variant: Variant, folder: Path, whole: Reference) -> list[str]:
    """How a run that has ended differs from the undisturbed one."""
    again = said("train", "--resume", str(folder / "run"), "--quiet")
    read = said("evaluate", str(folder / "run"), "--json")
    faults = [
        f"{command} ends with {answer.code}: {answer.text[-300:]!r}"
        for command, answer in (("to resume it once more", again), ("groundup evaluate", read))
        if answer.code != 0
    ]
    return [*faults, *differences(what_is_left(variant, folder), whole.left)]


@dataclass
class State:
    """What was acknowledged by the processes of a life so far."""

    epochs: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    best: int = 0  # epochs that the network in the best model's file had learned

    def faults_after(
        self, variant: Variant, folder: Path, whole: Reference, told: str
    ) -> list[str]:
        """What the last process left wrong; `told` is what it told."""
        faults = [*half_written(folder / "run"), *_unreadable(folder / "run")]
        if not faults:
            for run, epochs in zip(variant.runs(folder), whole.epochs, strict=True):
                faults += self._lost(run, epochs)
            faults += self._told_too_much(variant, folder, told)
            faults += self._worse(folder, whole.epochs[0])
        return faults

    def _lost(self, run: RunDirectory, whole: Sequence[Record]) -> Iterator[str]:
        """Epochs that were in the log must be there, once each and as in the undisturbed run."""
        name, found = run.path.name, _epochs(run)
        if found != whole[: len(found)]:
            numbers = [record["epoch"] for record in found]
            yield f"{name}: its log tells of epochs {numbers}, not as the undisturbed run"
        before = self.epochs.get(name, 0)
        if len(found) < before:
            yield f"{name}: {before} epochs were in its log, and now {len(found)}"
        self.epochs[name] = len(found)
        if run.records("end"):
            self.ended.add(name)
        elif name in self.ended:
            yield f"{name}: it had ended, and its end is no longer in its log"

    def _told_too_much(self, variant: Variant, folder: Path, told: str) -> Iterator[str]:
        if variant.members:
            for number in map(int, TOLD_MEMBER.findall(told)):
                if str(number) not in self.ended:
                    yield f"the end of member {number} was told, and is not in its log"
            return
        most = max(map(int, TOLD_EPOCH.findall(told)), default=0)
        if most > self.epochs["run"]:
            yield f"epoch {most} was told, and the log has {self.epochs['run']} epochs"

    def _worse(self, folder: Path, whole: Sequence[Record]) -> Iterator[str]:
        """The best model's file must be there once an epoch was the best, and never go back."""
        path = folder / "best.safetensors"
        epochs = self.epochs.get("run", 0)
        values = [record["val_loss"] for record in whole[:epochs]]
        expected = values.index(min(values)) + 1 if values else 0
        if "best.safetensors" not in (folder / "config.toml").read_text("utf-8"):
            return
        learned = model_file.load(path).learner.epochs_trained if path.is_file() else 0
        if learned < max(expected, self.best):
            yield f"the best model is of epoch {learned}, and was of {max(expected, self.best)}"
        self.best = learned

    def share_done(self, whole: Reference) -> float:
        """How far the life is, from 0 to 1, by its epochs."""
        return sum(self.epochs.values()) / sum(len(epochs) for epochs in whole.epochs)


def _unreadable(run: Path) -> Iterator[str]:
    """Commands that only read: they answer, or say why there is nothing yet and what helps."""
    if not run.is_dir():
        return
    answer = said("evaluate", str(run), "--json")
    has_model = (run / "model.safetensors").is_file()
    clear = answer.code == 2 and any(words in answer.text for words in WHY_NOT)
    if answer.code != 0 if has_model else not clear:
        yield f"groundup evaluate ends with {answer.code}: {answer.text[-300:]!r}"
    if not (run / "config.toml").is_file():
        return
    directory = RunDirectory(run)
    try:
        directory.newest_checkpoint()
        summary_of(directory)
    except GroundupError as error:
        if directory.records("end") or WHY_NOT[0] not in str(error):
            yield f"its report cannot be made: {error}"


def _epochs(run: RunDirectory) -> list[Record]:
    return [untimed(record) for record in run.records("epoch")]
