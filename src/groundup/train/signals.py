"""Ctrl-C, SIGTERM or a lost terminal as a request

Finish the step, write a checkpoint, say how to go on.
"""

import signal
import threading
from types import FrameType
from typing import Any, Self

from groundup.errors import Interrupted

_HANGUP = getattr(signal, "SIGHUP", None)  # which Windows has not


class Signals:
    """While entered, the first SIGINT, SIGTERM or SIGHUP is remembered; the second ends it all.

    A SIGHUP that is ignored, as below nohup, stays so.

    Only the main thread of a process gets signals; anywhere else this does nothing.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            heard = [signal.SIGINT, signal.SIGTERM]
            if _HANGUP is not None and signal.getsignal(_HANGUP) != signal.SIG_IGN:
                heard.append(_HANGUP)
            for number in heard:
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self._restore()  # a second one takes its ordinary way, at once

    def _restore(self) -> None:
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def check(self, message: str) -> None:
        """Raise `Interrupted` if one came."""
        if self.received is not None:
            raise Interrupted(self.received, message)
