"""A table of the epochs in a CSV file, one row each."""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.checks import check_flag
from groundup.errors import InputError
from groundup.storage import AnyPath, shown
from groundup.storage.paths import checked, storage_error
from groundup.train.callback import Answer, Callback, Context, callbacks


@callbacks.register()
@dataclass
class CSVLogger(Callback):
    """Writes a row an epoch: the epoch, counted from 0, then the values in alphabetical order

    The columns are those of the first epoch; a value that is missing later is "NA". Each row is on
    its way to the disk when its epoch ends, and the file is not kept open. Text is UTF-8, numbers
    have all their digits, lines end in a newline.   [semantics of Keras]

    Args:
        filename: the file; its folder must exist.
        separator: one character between the cells.
        append: True adds rows to a file that exists and has these columns; False replaces it, when
            the first epoch ends.

    Raises:
        InputError: an option that cannot be right, or a file with other columns to append to.
        StorageError: the file cannot be written.

    >>> import tempfile
    >>> from types import SimpleNamespace as Context
    >>> logger = CSVLogger(tempfile.mkdtemp() + "/log.csv")
    >>> logger.on_train_begin(None)
    >>> logger.on_epoch_end(Context(epoch=0, logs={"val_loss": 0.5, "loss": 0.25}))
    >>> print(Path(logger.filename).read_text(encoding="utf-8"), end="")
    epoch,loss,val_loss
    0,0.25,0.5
    """

    filename: AnyPath
    separator: str = ","
    append: bool = False

    size: int | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.filename = checked(self.filename)
        check_flag(self, "append")
        one = isinstance(self.separator, str) and len(self.separator) == 1
        if not one or self.separator in '"\r\n\0':
            raise InputError(
                f"CSVLogger(separator={self.separator!r}): expected one character, no quotation "
                "mark and no end of a line."
            )
        self._columns: list[str] | None = None

    def on_train_begin(self, context: Context) -> Answer:
        self.size, self._columns = None, None
        self._write("", "ab")  # an hour later would be late to hear that it cannot be written
        return None

    def on_epoch_end(self, context: Context) -> Answer:
        if self._columns is None:
            self._columns = self._begin(context.logs)
        values = [context.logs.get(name, "NA") for name in self._columns]
        self.size = self._write(self._row([context.epoch, *values]), "ab")
        return None

    def state(self) -> dict[str, Any]:
        return {"size": self.size}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Later rows belong to epochs that are done again."""
        self.size = state["size"]
        if self.size is not None and self._length() > self.size:
            try:
                os.truncate(self.filename, self.size)
            except OSError as error:
                raise storage_error("shorten", self.filename, error) from error

    def _begin(self, logs: Mapping[str, float]) -> list[str]:
        """The columns: of the file that is gone on with, or of a new one."""
        names = sorted(logs)
        goes_on = self.append or self.size is not None
        if not goes_on or self._length() == 0:
            self._write(self._row(["epoch", *names]), "wb")
            return names
        found = self._header()
        if sorted(found) != sorted(["epoch", *names]) or found[0] != "epoch":
            raise InputError(
                f"CSVLogger: {shown(self.filename)} has the columns {', '.join(found)}: expected "
                f"epoch, {', '.join(names)}. Choose another file, or append=False to replace it."
            )
        return found[1:]

    def _header(self) -> list[str]:
        """The first row; ends a last row that has no newline."""
        path = Path(self.filename)
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                found = next(csv.reader(file, delimiter=self.separator), [])
            with path.open("rb") as raw:
                raw.seek(-1, os.SEEK_END)
                whole = raw.read() in b"\r\n"
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"CSVLogger: {shown(path)} is no CSV file: {error}.") from None
        except OSError as error:
            raise storage_error("read", path, error) from error
        if not whole:
            self._write("\n", "ab")
        return found or [""]

    def _row(self, cells: Iterable[Any]) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator, lineterminator="\n").writerow(cells)
        return text.getvalue()

    def _length(self) -> int:
        try:
            return Path(self.filename).stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise storage_error("read", self.filename, error) from error

    def _write(self, text: str, mode: str) -> int:
        """Add to the file, or with "wb" replace it; its length then. A half row is taken back."""
        path = Path(self.filename)
        try:
            with path.open(mode, buffering=0) as file:
                before = file.tell()
                data = text.encode("utf-8")
                try:
                    while data:  # a disk that is nearly full takes a part
                        data = data[file.write(data) :]
                except OSError:
                    file.truncate(before)
                    raise
                return file.tell()
        except OSError as error:
            raise storage_error("write", path, error) from error
