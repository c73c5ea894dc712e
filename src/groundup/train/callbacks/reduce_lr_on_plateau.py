"""Lower the learning rate when a value no longer improves."""

from dataclasses import dataclass, field

from groundup.checks import BETWEEN, NOT_NEGATIVE, check_number, check_whole
from groundup.train.callback import Answer, Context, SetLearningRate, callbacks
from groundup.train.callbacks.monitor import Monitor


@callbacks.register()
@dataclass
class ReduceLROnPlateau(Monitor):
    """Lowers the learning rate after `patience` epochs in a row without a better value

    η <- max(η · factor, min_lr)

    v is better than the best so far, b, where v < b - min_delta (mode "min") or v > b + min_delta
    ("max"). The best stays when the rate is lowered.   [semantics of Keras]

    Args:
        monitor: the value to watch.
        factor: what the learning rate is multiplied by, 0 < factor < 1.
        patience: epochs without a better value until then; 0 does as 1.
        verbose: 1 tells on stderr what it does.
        mode: "min", "max", or "auto": "max" for accuracies and the like, "min" for all else.
        min_delta: by how much a better value must be better.
        cooldown: so many epochs after a lowering are not counted.
        min_lr: the rate is not lowered further than this.

    Raises:
        InputError: an option that cannot be right, `monitor` is not among the logged values, or
            the optimizer's learning rate follows a schedule.

    >>> from types import SimpleNamespace as Context
    >>> reducer = ReduceLROnPlateau("loss", factor=0.5, patience=2)
    >>> for epoch, loss in enumerate([0.5, 0.5, 0.5]):
    ...     now = Context(epoch=epoch, logs={"loss": loss}, learning_rate=0.1)
    ...     answer = reducer.on_epoch_end(now)
    >>> answer
    SetLearningRate(value=0.05)
    """

    monitor: str = "val_loss"
    factor: float = 0.1
    patience: int = 10
    verbose: int = 0
    mode: str = "auto"
    min_delta: float = 1e-4
    cooldown: int = 0
    min_lr: float = 0.0

    wait: int = field(default=0, init=False, repr=False, compare=False)
    best: float | None = field(default=None, init=False, repr=False, compare=False)
    cooldown_counter: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "factor", BETWEEN)
        for option in ("min_delta", "min_lr"):
            check_number(self, option, NOT_NEGATIVE)
        for option in ("patience", "cooldown"):
            check_whole(self, option, 0)

    def on_epoch_end(self, context: Context) -> Answer:
        value = self.value(context)
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.better(value, self.best, self.min_delta):
            self.best = value
            self.wait = 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            # 0.1 · 0.1 is a hair above 0.01, which is no rate to lower
            above = context.learning_rate > self.min_lr * (1 + 1e-7)
            if self.wait >= self.patience and above:
                return self._reduce(context)
        return None

    def _reduce(self, context: Context) -> Answer:
        self.cooldown_counter = self.cooldown
        self.wait = 0
        rate = max(context.learning_rate * self.factor, self.min_lr)
        self.say(context, f"learning rate lowered to {rate:.6g}, {self.monitor} is on a plateau")
        return SetLearningRate(rate)
