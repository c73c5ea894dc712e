"""What becomes of errors, in one place: a message on stderr and an exit code.

Only errors that groundup raises on purpose are caught. Anything else is a bug, and its traceback is
what the report of it needs.
"""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer
from typer.core import TyperGroup

from groundup.errors import GroundupError, Interrupted

INTERRUPTED, BROKEN_PIPE = 130, 141  # 128 + SIGINT, 128 + SIGPIPE


class Guarded(TyperGroup):
    """The group of all commands, each run under `exit_codes`."""

    def invoke(self, ctx: Any) -> Any:
        with exit_codes():
            return super().invoke(ctx)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn errors into messages and exit codes; GROUNDUP_DEBUG=1 shows where they came from."""
    try:
        yield
    except GroundupError as error:
        if os.environ.get("GROUNDUP_DEBUG", "0") not in ("", "0"):
            traceback.print_exc()
        _complain(str(error) if isinstance(error, Interrupted) else f"error: {error}")
        _discard_stdout()
        raise typer.Exit(error.exit_code) from None
    except MemoryError as error:
        _complain(f"error: not enough memory: {error}. Try smaller batches or a smaller network.")
        raise typer.Exit(GroundupError.exit_code) from None
    except KeyboardInterrupt:  # before or after training, which catches it itself
        _complain("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # whoever read the output has seen enough
        _discard_stdout()
        raise typer.Exit(BROKEN_PIPE) from None


def _complain(message: str) -> None:
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)


def _discard_stdout() -> None:
    """Have what could not be written flushed to nowhere, or Python complains when it ends."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
        return
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
