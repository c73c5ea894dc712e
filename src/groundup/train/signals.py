"""Ctrl-C and SIGTERM as a request: finish the step, write a checkpoint, say how to go on."""

import signal
import threading
from types import FrameType
from typing import Any, Self

from groundup.errors import Interrupted


class Signals:
    """While entered, the first SIGINT or SIGTERM is remembered, the second ends the process.

    Only the main thread of a process gets signals; anywhere else this does nothing.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
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
