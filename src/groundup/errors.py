"""What can go wrong, by what the reader can do about it.

Every message says what, where, what was expected, and the remedy. `exit_code` is what the command
line ends with: 2 for what the caller can put right before trying again, 1 for a run that failed.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class GroundupError(Exception):
    """Any error that groundup raises on purpose."""

    exit_code = 1


class InputError(GroundupError, ValueError):
    """An argument, a configuration or a file that cannot be right."""

    exit_code = 2


class ConfigError(InputError):
    """A configuration that names something unknown or gives a value out of range."""


class ShapeError(InputError):
    """An array whose shape does not fit the layer, loss or file it meets."""


class DataError(InputError):
    """A data set, label or foreign file with impossible content."""


class UnknownName(InputError, LookupError):
    """A name that no registry knows."""


class UnknownOption(InputError, TypeError):
    """A keyword that the called class does not take."""


class StorageError(GroundupError, OSError):
    """A file that could not be written, or is held by somebody else."""

    exit_code = 1


class CorruptFile(DataError):
    """A file whose bytes are not what their own header or checksum promises."""


class Diverged(GroundupError, ArithmeticError):
    """The loss turned NaN or infinite; says at which epoch, step and layer."""

    def __init__(self, epoch: int, step: int, where: str) -> None:
        self.epoch, self.step, self.where = epoch, step, where
        super().__init__(epoch, step, where)  # all of them, so that it can cross processes

    def __str__(self) -> str:
        return (
            f"the loss is not finite in epoch {self.epoch + 1}, step {self.step + 1}: "
            f"{self.where}. Try a smaller learning rate, another initial value, or normalized "
            "inputs."
        )


class Interrupted(GroundupError):
    """A signal stopped the run after its checkpoint was written."""

    def __init__(self, signal_number: int, message: str) -> None:
        self.signal_number, self.message = signal_number, message
        self.exit_code = 128 + signal_number
        super().__init__(signal_number, message)

    def __str__(self) -> str:
        return self.message


def did_you_mean(word: str, known: Iterable[str], listed: Iterable[str] = ()) -> str:
    """The sentence that ends an "unknown name" message

    Where nothing known is alike, it lists what is known, or `listed`, should not all stand there.

    >>> did_you_mean("adma", ["sgd", "adam"])
    "Did you mean 'adam'?"
    >>> did_you_mean("xyz", ["sgd", "adam"])
    'Known: adam, sgd.'
    """
    names = sorted(known)
    close = get_close_matches(word.lower(), [name.lower() for name in names], n=1)
    if close:
        found = next(name for name in names if name.lower() == close[0])
        return f"Did you mean {found!r}?"
    return f"Known: {', '.join(sorted(listed) or names)}."
