"""Curves and histograms for TensorBoard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from groundup.checks import check_whole
from groundup.errors import InputError
from groundup.storage import AnyPath
from groundup.storage.paths import checked
from groundup.train.callback import Answer, Callback, Context, callbacks
from groundup.train.callbacks import exam_events
from groundup.train.probes.exam import Exam

if TYPE_CHECKING:
    from groundup.train.callbacks.event_file import EventFile

_WORDS = {"epoch": 0, "batch": 1}


@callbacks.register("tensorboard")
@dataclass
class TensorBoard(Callback):
    """Writes event files that `tensorboard --logdir log_dir` shows

    Training and validation go to the folders `train` and `validation` under the same names, so that
    TensorBoard lays one curve over the other: epoch_loss, epoch_accuracy, …, epoch_learning_rate
    by epoch from 0; batch_loss, … by update; evaluation_loss_vs_iterations, …. With `Probes` beside
    it also what layers give out, gradients and updates by layer, as curves, histograms and
    pictures, by update: gradient/dense_1, activations/dense_1, filters/conv2d_1/W, ….
    Needs `pip install 'groundup[tensorboard]'`.   [semantics of Keras]

    Args:
        log_dir: the folder; made if it is missing.
        histogram_freq: every so many epochs, histograms of all parameters and of the gradients of
            the epoch's last batch; 0 for none.
        update_freq: "epoch"; or a number of updates, or "batch" for 1, after which to write the
            means of the epoch so far, too.

    Raises:
        InputError: an option that cannot be right, or tensorboardX is not installed.
        StorageError: a file cannot be written.

    >>> import os, tempfile
    >>> from types import SimpleNamespace as Context
    >>> board = TensorBoard(tempfile.mkdtemp())
    >>> board.on_train_begin(None)
    >>> logs = {"loss": 0.25, "val_loss": 0.5}
    >>> board.on_epoch_end(Context(epoch=0, updates=100, logs=logs))
    >>> sorted(os.listdir(board.log_dir))
    ['train', 'validation']
    """

    log_dir: AnyPath = "logs"
    histogram_freq: int = 0
    update_freq: str | int = field(default="epoch", kw_only=True)  # the sixth of Keras's

    def __post_init__(self) -> None:
        self.log_dir = checked(self.log_dir)
        check_whole(self, "histogram_freq", 0)
        if str(self.update_freq) not in _WORDS:
            check_whole(self, "update_freq", instead='"epoch", "batch"')
        self._every = int(_WORDS.get(str(self.update_freq), self.update_freq))
        self._files: dict[str, EventFile] = {}
        self._exams: list[Exam] = []

    def on_train_begin(self, context: Context) -> Answer:
        self._files, self._exams = {}, []
        self._file("train")
        return None

    def on_batch_end(self, context: Context) -> Answer:
        if self._every and context.updates % self._every == 0:
            self._scalars("train", "batch_{}", context.logs, context.updates)
        return None

    def on_epoch_end(self, context: Context) -> Answer:
        logs = context.logs
        validation = {n.removeprefix("val_"): x for n, x in logs.items() if n.startswith("val_")}
        training = {name: x for name, x in logs.items() if not name.startswith("val_")}
        self._scalars("train", "epoch_{}", training, context.epoch)
        if validation:
            self._scalars("validation", "epoch_{}", validation, context.epoch)
            self._scalars("validation", "evaluation_{}_vs_iterations", validation, context.updates)
        if self.histogram_freq and context.epoch % self.histogram_freq == 0:
            arrays = {}
            for path, parameter, gradient in context.named_arrays():
                arrays[f"{path}/histogram"] = parameter
                arrays[f"{path}/gradient/histogram"] = gradient
            self._file("train").histograms(arrays, context.epoch)
        return None

    def on_exam(self, context: Context, exam: Exam) -> Answer:
        self._exams.append(exam)
        file, step = self._file("train"), exam.updates
        file.scalars(exam_events.curves(exam), step)
        file.counted(exam_events.histograms(exam), step)
        file.images(exam_events.pictures(self._exams, context.named_arrays()), step)
        return None

    def _scalars(self, run: str, tag: str, values: Mapping[str, float], step: int) -> None:
        self._file(run).scalars({tag.format(name): x for name, x in values.items()}, step)

    def _file(self, run: str) -> "EventFile":
        """The event file of "train" or "validation", made when first asked for."""
        if run not in self._files:
            try:
                from groundup.train.callbacks.event_file import EventFile
            except ImportError as error:
                raise InputError(
                    f"TensorBoard needs tensorboardX ({error}). Install it: "
                    "pip install 'groundup[tensorboard]'"
                ) from error
            self._files[run] = EventFile(Path(self.log_dir, run))
        return self._files[run]
