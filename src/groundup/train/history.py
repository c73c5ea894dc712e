"""What happened, epoch by epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class History:
    """The values of every epoch: `history["val_loss"]` is a list, one number an epoch of `epoch`.

    `loss` is the data loss; the regularizers' part of what is minimized stands in `penalty`, so
    that training and validation loss can be compared.

    >>> history = History()
    >>> history.append(0, {"loss": 2.3, "val_loss": 2.2})
    >>> history.history["val_loss"], history.epoch
    ([2.2], [0])
    """

    epoch: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)

    def append(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Add one epoch."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def _repr_html_(self) -> str:
        from groundup.report.of_training import history_shown

        return history_shown(self)
