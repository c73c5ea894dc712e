"""The callbacks that come with groundup: one file each, with Keras's names and semantics.

Where Keras warns and goes on (a monitored value that does not exist, an unknown mode), these stop.
Give them to `fit` as objects, or to a configuration as `{ kind = "EarlyStopping", patience = 5 }`.
"""

from groundup.train.callbacks.csv_logger import CSVLogger
from groundup.train.callbacks.early_stopping import EarlyStopping
from groundup.train.callbacks.learning_rate_scheduler import LearningRateScheduler
from groundup.train.callbacks.model_checkpoint import ModelCheckpoint
from groundup.train.callbacks.progress_bar import ProgressBar
from groundup.train.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from groundup.train.callbacks.tensorboard import TensorBoard
from groundup.train.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "CSVLogger",
    "EarlyStopping",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgressBar",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]
