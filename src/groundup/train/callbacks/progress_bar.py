"""What is happening, on stderr: a bar while an epoch runs, then one line for it."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groundup.checks import check_flag
from groundup.errors import Diverged, InputError
from groundup.train.callback import Answer, Callback, Context, callbacks

if TYPE_CHECKING:
    from groundup.train.callbacks.screen import Screen

_PAUSE = 0.1  # seconds between two drawings
_WIDTH = 16  # of the bar, in characters


@callbacks.register()
@dataclass
class ProgressBar(Callback):
    """Draws a bar about ten times a second, and writes a line at the end of every epoch

    Where stderr is no terminal there is no bar, and the lines are written all the same.

    Args:
        bar: False for the lines alone.
        notes: lines written once, at the beginning.

    >>> line(4, 20, {"loss": 0.2211, "val_loss": 12.5, "learning_rate": 0.1}, seconds=1.23)
    ' 5/20  loss 0.2211  val_loss 12.500  1.2 s'
    """

    bar: bool = True
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_flag(self, "bar")
        listed = isinstance(self.notes, Sequence) and not isinstance(self.notes, str)
        if not listed or not all(isinstance(note, str) for note in self.notes):
            raise InputError(f"ProgressBar(notes={self.notes!r}): expected lines of text.")
        self.notes = tuple(self.notes)
        self._screen: Screen | None = None
        self._next = math.inf  # when to draw again
        self._first: int | None = None  # the batch at which this epoch's clock began

    def on_train_begin(self, context: Context) -> Answer:
        from groundup.train.callbacks.screen import Screen

        self._screen = Screen()
        self._next = 0.0 if self.bar and self._screen.draws else math.inf
        self._first = None
        for note in self.notes:
            self._screen.tell(note)
        return None

    def on_epoch_begin(self, context: Context) -> Answer:
        self._first = 0
        return None

    def on_batch_end(self, context: Context) -> Answer:
        now = time.perf_counter()
        if now >= self._next:
            self._next = now + _PAUSE
            self._draw(context)
        return None

    def on_epoch_end(self, context: Context) -> Answer:
        if self._screen is not None:
            text = line(context.epoch, context.epochs, context.logs, context.seconds)
            self._screen.tell(text)
        return None

    def on_diverged(self, context: Context, error: Diverged) -> Answer:
        self._erase()
        return None

    def on_train_end(self, context: Context) -> Answer:
        self._erase()  # of an epoch that was stopped
        return None

    def _erase(self) -> None:
        if self._screen is not None and self._next < math.inf:
            self._screen.tell(end="")

    def _draw(self, context: Context) -> None:
        if self._screen is None:
            return
        done, steps = context.step + 1, context.steps
        if self._first is None:  # a resumed epoch, whose first batches were done before
            self._first = context.step
        left = context.seconds / (done - self._first) * (steps - done)
        filled = _WIDTH * done // steps
        text = self._screen.bar(
            f"{head(context.epoch, context.epochs)}  ",
            (filled, _WIDTH - filled),
            f"  {done:>{len(str(steps))}}/{steps}  eta {clock(left)}  {values(context.logs)}",
        )
        self._screen.tell(text, end="")


def line(epoch: int, epochs: int, logs: Mapping[str, float], seconds: float) -> str:
    """What is said of an epoch."""
    taken = f"{seconds:.1f}" if seconds < 100 else f"{seconds:.0f}"
    return f"{_count(epoch, epochs)}  {values(logs)}  {taken:>3} s"  # fits into 80 columns


def head(epoch: int, epochs: int) -> str:
    """
    >>> head(8, 20), head(9, 20)
    ('epoch  9/20', 'epoch 10/20')
    """
    return f"epoch {_count(epoch, epochs)}"


def _count(epoch: int, epochs: int) -> str:
    return f"{epoch + 1:>{len(str(epochs))}}/{epochs}"


def values(logs: Mapping[str, float]) -> str:
    """Names and values in columns that keep their width."""
    shown = {name: value for name, value in logs.items() if name != "learning_rate"}
    return "  ".join(f"{name} {number(value):>6}" for name, value in shown.items())


def number(value: float) -> str:
    """In at most 6 characters where that is possible.

    >>> [number(x) for x in (0.22114, 9.99999, 1234.5, 0.00012, 1.5e7, -0.5, 0.0, float("nan"))]
    ['0.2211', '10.000', '1234.5', '1.2e-4', '1.5e7', '-0.500', '0.0000', 'nan']
    """
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        for digits in (4, 3, 2, 1):
            if len(text := f"{value:.{digits}f}") <= 6:
                return text
        return f"{value:.0f}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def clock(seconds: float) -> str:
    """
    >>> clock(0.4), clock(65), clock(3725)
    (' 0:00', ' 1:05', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:>2}:{rest:02}"
