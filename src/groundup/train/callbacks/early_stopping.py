"""Stop when a value no longer improves."""

from dataclasses import dataclass, field

from groundup.checks import NOT_NEGATIVE, check_flag, check_number, check_whole
from groundup.train.callback import Answer, Context, RestoreWeights, Stop, Weights, callbacks
from groundup.train.callbacks.monitor import Monitor
from groundup.typing import Array


@callbacks.register()
@dataclass
class EarlyStopping(Monitor):
    """Ends the training after `patience` epochs in a row without a better value

    v is better than the best so far, b, where v < b - min_delta (mode "min") or v > b + min_delta
    ("max").   [Prechelt 1998, Early stopping: but when?; semantics of Keras]

    Args:
        monitor: the value to watch.
        min_delta: by how much a better value must be better.
        patience: epochs without a better value until the end; 0 does as 1.
        verbose: 1 tells on stderr what it does.
        mode: "min", "max", or "auto": "max" for accuracies and the like, "min" for all else.
        baseline: a better value starts the counting anew only if it beats this one, too.
        restore_best_weights: at the end, however it comes, put the best epoch's weights back.
        start_from_epoch: so many epochs at the beginning are not looked at.

    Afterwards `best`, `best_epoch` and `stopped_epoch` tell what happened; epochs count from 0.

    Raises:
        InputError: an option that cannot be right, or `monitor` is not among the logged values.

    >>> from types import SimpleNamespace as Context
    >>> stopper = EarlyStopping("val_loss", patience=2)
    >>> for epoch, loss in enumerate([0.5, 0.4, 0.41, 0.45]):
    ...     answer = stopper.on_epoch_end(Context(epoch=epoch, logs={"val_loss": loss}))
    >>> answer
    Stop(reason='val_loss has not improved for 2 epochs: its best is 0.4, in epoch 2')
    """

    monitor: str = "val_loss"
    min_delta: float = 0
    patience: int = 0
    verbose: int = 0
    mode: str = "auto"
    baseline: float | None = None
    restore_best_weights: bool = False
    start_from_epoch: int = 0

    wait: int = field(default=0, init=False, repr=False, compare=False)
    best: float | None = field(default=None, init=False, repr=False, compare=False)
    best_epoch: int | None = field(default=None, init=False, repr=False, compare=False)
    stopped_epoch: int = field(default=0, init=False, repr=False, compare=False)
    best_params: Array | None = field(default=None, init=False, repr=False, compare=False)
    best_state: Array | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "min_delta", NOT_NEGATIVE)
        check_whole(self, "patience", 0)
        check_whole(self, "start_from_epoch", 0)
        check_flag(self, "restore_best_weights")
        if self.baseline is not None:
            check_number(self, "baseline")

    def on_epoch_end(self, context: Context) -> Answer:
        value = self.value(context)
        if context.epoch < self.start_from_epoch:
            return None
        improved = self.better(value, self.best, self.min_delta)
        if improved or self.best_epoch is None:  # the first epoch even if its value is NaN
            self._keep(context)
        self.wait += 1
        if improved:
            self.best = value
            if self.better(value, self.baseline, self.min_delta):
                self.wait = 0
            return None
        if self.wait < self.patience or context.epoch == 0:
            return None
        self.stopped_epoch = context.epoch
        stop = Stop(self._reason())
        self.say(context, stop.reason)
        return stop

    def on_train_end(self, context: Context) -> Answer:
        if self.best_params is None or self.best_state is None or self.best_epoch is None:
            return None
        self.say(context, f"going back to the weights of epoch {self.best_epoch + 1}")
        return RestoreWeights(Weights(self.best_params, self.best_state))

    def _keep(self, context: Context) -> None:
        self.best_epoch = context.epoch
        if self.restore_best_weights:
            weights = context.weights()
            self.best_params, self.best_state = weights.params, weights.state

    def _reason(self) -> str:
        if self.best is None or self.best_epoch is None:
            return f"{self.monitor} was never a finite number"
        goal = "" if self.baseline is None else f" beyond the baseline {self.baseline:.6g}"
        epochs = "an epoch" if self.wait == 1 else f"{self.wait} epochs"
        return (
            f"{self.monitor} has not improved{goal} for {epochs}: its best is "
            f"{self.best:.6g}, in epoch {self.best_epoch + 1}"
        )
