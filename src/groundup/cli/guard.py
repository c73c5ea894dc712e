"""What becomes of errors, in one place: a message on stderr and an exit code.

Only errors that groundup raises on purpose are caught. Anything else is a bug, and its traceback is
what the report of it needs.
"""

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from groundup.cli.output import discard_unwritable
from groundup.errors import GroundupError, InputError, Interrupted

INTERRUPTED, BROKEN_PIPE = 130, 141  # 128 + SIGINT, 128 + SIGPIPE
FULL = (errno.ENOSPC, errno.EDQUOT)  # of a disk, wherever it is met: never a bug


class Guarded(TyperGroup):
    """The group of all commands, each run under `exit_codes`; also what shows help and version."""

    def make_context(self, *args: Any, **named: Any) -> Any:
        with exit_codes():
            return super().make_context(*args, **named)

    def invoke(self, ctx: Any) -> Any:
        with exit_codes():
            _see_where_we_are()
            return super().invoke(ctx)


def _see_where_we_are() -> None:
    """Names of files mean nothing in a folder that is gone, and many a package fails there."""
    try:
        Path.cwd()
    except OSError as error:
        raise InputError(
            f"the working folder cannot be seen: {error.strerror}. Change to another one (cd)."
        ) from error


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn errors into messages and exit codes; GROUNDUP_DEBUG=1 shows where they came from."""
    try:
        yield
    except GroundupError as error:
        if os.environ.get("GROUNDUP_DEBUG", "0") not in ("", "0"):
            traceback.print_exc()
        _complain(str(error) if isinstance(error, Interrupted) else f"error: {error}")
        discard_unwritable()
        raise typer.Exit(error.exit_code) from None
    except MemoryError as error:
        _complain(f"error: not enough memory: {error}. Try smaller batches or a smaller network.")
        raise typer.Exit(GroundupError.exit_code) from None
    except KeyboardInterrupt:  # before or after training, which catches it itself
        _complain("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # whoever read the output has seen enough
        discard_unwritable()
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        if error.errno not in FULL:
            raise
        _complain(f"error: {error.strerror}: something could not be written. Make room for it.")
        discard_unwritable()
        raise typer.Exit(GroundupError.exit_code) from None


def _complain(message: str) -> None:
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)
