"""The runs that are killed: small, and with everything that has a state."""

import functools
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import groundup as gu
from groundup.train.run_directory import RunDirectory

PLAIN = """
[model]
name = "two-layer"
[train]
epochs = 8
batch_size = 100
"""
RICH = """
[data]
path = "digits.npz"
validation = 0.2
augment = ["shift:0.1"]
[model]
layers = [
  { name = "flatten" },
  { name = "dense", units = 20 },
  { name = "batch_normalization" },
  { name = "activation", activation = "relu" },
  { name = "dropout", rate = 0.2 },
  { name = "dense", units = 10, activation = "softmax" },
]
[optimizer]
name = "adam"
learning_rate = 0.03
[train]
epochs = 14
batch_size = 100
callbacks = [
  { name = "reduce_lr_on_plateau", patience = 1, factor = 0.5, min_delta = 0.05 },
  { name = "early_stopping", patience = 3, min_delta = 0.01, restore_best_weights = true },
  { name = "model_checkpoint", filepath = "best.safetensors", save_best_only = true },
  { name = "csv_logger", filename = "log.csv" },
]
"""
STRICT = PLAIN.replace("[model]", '[data]\npath = "digits.npz"\n[model]')
MEMBERS = STRICT.replace("epochs = 8", "epochs = 4")


@dataclass(frozen=True)
class Variant:
    """A configuration, and the options that it is trained with."""

    name: str
    config: str
    options: tuple[str, ...] = ()
    only_first: tuple[str, ...] = ()
    members: int = 0

    def write(self, folder: Path) -> None:
        """The configuration, where the commands expect it."""
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text(self.config, "utf-8")
        if "digits.npz" in self.config:
            (folder / "digits.npz").write_bytes(digits())

    @property
    def begin(self) -> list[str]:
        return ["train", "config.toml", "--out", "run", *self.options, *self.only_first]

    @property
    def resume(self) -> list[str]:
        return ["train", "--resume", "run", *self.options]

    def runs(self, folder: Path) -> list[RunDirectory]:
        """Those with epochs: the run, or the members of one."""
        run = RunDirectory(folder / "run")
        members = [RunDirectory(run.member(k + 1)) for k in range(self.members)]
        return members or [run]

    def has_begun(self, folder: Path) -> bool:
        return any(run.metrics.exists() for run in self.runs(folder))


VARIANTS = (
    Variant("plain", PLAIN),
    Variant("rich", RICH),
    Variant("ensemble", MEMBERS, ("--workers", "2"), ("--ensemble", "2", "--bagging"), 2),
    Variant("strict", STRICT, ("--strict",)),
)


@functools.cache
def digits() -> bytes:
    """The built-in digits as a file, which is read without importing what they come from."""
    (x_train, y_train), (x_test, y_test) = gu.datasets.digits.load_data()
    file = io.BytesIO()
    np.savez(file, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return file.getvalue()
