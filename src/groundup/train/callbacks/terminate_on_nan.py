"""End well, rather than with an error, when the loss is lost."""

from dataclasses import dataclass

from groundup.checks import check_flag
from groundup.errors import Diverged
from groundup.train.callback import Answer, Callback, Context, Stop, callbacks


@callbacks.register("terminate_on_nan")
@dataclass
class TerminateOnNaN(Callback):
    """Ends the training, and says so on stderr, when the loss turns NaN or infinite

    Without it `fit` raises `Diverged`. EarlyStopping(restore_best_weights=True) still puts the best
    weights back.   [semantics of Keras]

    Args:
        raise_error: True raises `Diverged` all the same, as if this callback were not there.

    >>> from groundup.errors import Diverged
    >>> answer = TerminateOnNaN().on_diverged(None, Diverged(0, 6, "NaN first in dense_1"))
    >>> answer.reason
    'the loss is not finite in epoch 1, step 7: NaN first in dense_1. Try a smaller ...'
    """

    raise_error: bool = False

    def __post_init__(self) -> None:
        check_flag(self, "raise_error")

    def on_diverged(self, context: Context, error: Diverged) -> Answer:
        if self.raise_error:
            return None
        from groundup.train.callbacks.screen import say

        say(f"training ended: {error}")
        return Stop(str(error))
