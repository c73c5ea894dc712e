"""The folder of a work of many trainings, of which one log tells everything that happened.

config.toml  env.json  what all trainings share, and the machine on which they began
<log>                  the plan, then all that was done: none of it is ever done again
and what is made of the log when the work has ended.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from groundup.errors import InputError
from groundup.storage import Log, is_file, make_directory, read_log, shown, sweep, write_text
from groundup.train.environment import environment, warn_of_changes


class LogFolder:
    """Such a folder, open for one writer: a context manager."""

    LOG: ClassVar[str]  # the file's name
    HOLDS: ClassVar[str]  # what its refusals call the work: "a comparison"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = Log(path / self.LOG)
        self._known_here = False

    @classmethod
    def begin(cls, path: Path, config: str, *records: Mapping[str, Any]) -> Self:
        """A new folder with the text of config.toml and the plan; InputError if it exists."""
        make_directory(path, exclusive=True)
        write_text(path / "config.toml", config)
        write_text(path / "env.json", json.dumps(environment(), indent=2) + "\n")
        folder = cls(path)
        folder._known_here = True
        for record in records:
            folder.note(record)
        return folder

    @classmethod
    def open(cls, path: Path) -> Self:
        """One that `begin` made; what dead writers left half-written is swept away."""
        cls.check(path)  # so that nothing is made in a folder that is none
        sweep(path)
        return cls(path)

    @classmethod
    def check(cls, path: Path) -> None:
        """InputError unless a work lies there; a subclass may ask for more."""
        if not is_file(path / cls.LOG) or not read_log(path / cls.LOG):
            raise InputError(
                f"{shown(path)} holds no {cls.HOLDS}: expected a folder with {cls.LOG}."
            )

    def note(self, record: Mapping[str, Any]) -> None:
        """Add a record; it is on the disk when this returns.

        The first one after `open` logs what has changed since the work began.
        """
        if not self._known_here:
            warn_of_changes(self.path / "env.json")
            self._known_here = True
        self._log.append(record, durable=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._log.close()
