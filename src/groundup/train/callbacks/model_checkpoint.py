"""Write the model to a file while it learns."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

from groundup.checks import check_flag, check_number, check_whole
from groundup.errors import InputError, did_you_mean
from groundup.storage import AnyPath, make_directory, shown
from groundup.storage.paths import checked
from groundup.train.callback import Answer, Context, callbacks
from groundup.train.callbacks.monitor import Monitor


@callbacks.register()
@dataclass
class ModelCheckpoint(Monitor):
    """Saves a model file after every epoch, after every n batches, or whenever a value is better

    A file is replaced whole or not at all, and a value that is NaN or infinite is never the best.
    Another fit goes on with the best of the one before, so that a better file is not written
    over.   [semantics of Keras]

    Args:
        filepath: where; {epoch} and {batch}, counted from 1, and logged values are filled in, as in
            "models/{epoch:02d}-{val_loss:.2f}.safetensors". Missing folders are made.
        monitor: the value to watch.
        verbose: 1 tells on stderr what it does.
        save_best_only: save only a model that is better than all before.
        save_weights_only: a model file always holds all that `load_model` needs; only False.
        mode: "min", "max", or "auto": "max" for accuracies and the like, "min" for all else.
        save_freq: "epoch", or a number of batches; these see the epoch's means so far.
        initial_value_threshold: the value that the first saved model must beat.

    Raises:
        InputError: an option that cannot be right, or a name that is not among the logged values.
        StorageError: the file cannot be written.

    >>> import tempfile
    >>> from types import SimpleNamespace as Context
    >>> keeper = ModelCheckpoint(tempfile.mkdtemp() + "/{epoch:02d}-{val_loss:.2f}.safetensors")
    >>> def save(path):
    ...     print(path.name)
    >>> keeper.on_epoch_end(Context(epoch=0, step=9, logs={"val_loss": 0.25}, save_model=save))
    01-0.25.safetensors
    """

    filepath: AnyPath
    monitor: str = "val_loss"
    verbose: int = 0
    save_best_only: bool = False
    save_weights_only: bool = False
    mode: str = "auto"
    save_freq: str | int = "epoch"
    initial_value_threshold: float | None = None

    best: float | None = field(default=None, init=False, repr=False, compare=False)
    batches: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.filepath = checked(self.filepath)
        _check_names(self.filepath)
        check_flag(self, "save_best_only")
        if self.save_weights_only is not False:
            raise InputError(
                f"ModelCheckpoint(save_weights_only={self.save_weights_only!r}): expected False; a "
                "model file always holds the architecture and the optimizer, too, so that "
                "load_model needs nothing else. Leave it out."
            )
        if self.save_freq != "epoch":
            check_whole(self, "save_freq", instead='"epoch"')
        if self.initial_value_threshold is not None:
            check_number(self, "initial_value_threshold")
            self.best = self.initial_value_threshold

    def on_train_begin(self, context: Context) -> Answer:
        if self.save_best_only:
            self.check_monitor(context.log_names)
        return None

    def on_batch_end(self, context: Context) -> Answer:
        if not isinstance(self.save_freq, str):
            self.batches += 1
            if self.batches >= self.save_freq:
                self.batches = 0
                self._save(context)
        return None

    def on_epoch_end(self, context: Context) -> Answer:
        if self.save_freq == "epoch":
            self._save(context)
        return None

    def _save(self, context: Context) -> None:
        path = self._path(context)
        if not self.save_best_only:
            self._write(context, path)
            self.say(context, f"saved to {shown(path)}")
            return
        value = self.value(context)
        before = "" if self.best is None else f" from {self.best:.6g}"
        if self.better(value, self.best):
            self._write(context, path)
            self.best = value
            text = f"{self.monitor} improved{before} to {value:.6g}, saved to {shown(path)}"
            self.say(context, text)
        else:
            self.say(context, f"{self.monitor} did not improve{before}")

    def _write(self, context: Context, path: Path) -> None:
        make_directory(path.parent)
        context.save_model(path)

    def _path(self, context: Context) -> Path:
        names = {"epoch": context.epoch + 1, "batch": context.step + 1, **context.logs}
        pattern = os.fspath(self.filepath)
        try:
            return Path(pattern.format_map(names))
        except KeyError as error:
            name = str(error.args[0])
            raise InputError(
                f"ModelCheckpoint(filepath={pattern!r}): no value named {name!r} is logged here, "
                f"only {', '.join(names)}. {did_you_mean(name, names)}"
            ) from None
        except ValueError as error:
            raise InputError(f"ModelCheckpoint(filepath={pattern!r}): {error}.") from None


def _check_names(pattern: str) -> None:
    try:
        names = [name for _, name, _, _ in Formatter().parse(pattern) if name is not None]
    except ValueError as error:
        raise InputError(f"ModelCheckpoint(filepath={pattern!r}): {error}.") from None
    for name in names:
        if not name.isidentifier():
            raise InputError(
                f"ModelCheckpoint(filepath={pattern!r}): expected the name of a value between the "
                f"braces, such as {{epoch}}, got {name!r}."
            )
