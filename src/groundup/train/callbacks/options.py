"""Checks of options that are no numbers, and of such that may be any; others: `nn.checks`."""

from groundup.errors import InputError
from groundup.nn.checks import WHOLE, Range, check_number

FINITE = Range("a finite number", lambda x: True)


def check_flag(owner: object, option: str) -> None:
    """Refuse an option that is neither True nor False."""
    value = getattr(owner, option)
    if not isinstance(value, bool):
        raise InputError(f"{type(owner).__name__}({option}={value!r}): expected True or False.")


def check_verbose(owner: object) -> None:
    """Refuse a `verbose` that is no flag and no number such as 0 and 1."""
    if not isinstance(getattr(owner, "verbose", None), bool):
        check_number(owner, "verbose", WHOLE)
