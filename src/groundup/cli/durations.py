"""Durations as they are typed: 60s, 2m, 1h30m."""

import re

from groundup.errors import InputError

_FORM = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


def seconds(text: str, option: str) -> float:
    """The seconds that an option says; InputError for what is no duration above 0.

    >>> seconds("60s", "--budget"), seconds("1h30m", "--budget"), seconds("0.5s", "--budget")
    (60.0, 5400.0, 0.5)
    >>> seconds("5", "--budget")
    Traceback (most recent call last):
    groundup.errors.InputError: --budget 5: expected a duration with its units, such as 60s, 2m \
or 1h30m.
    """
    found = _FORM.fullmatch(text.strip())
    hours, minutes, rest = (float(part or 0) for part in found.groups()) if found else (0.0,) * 3
    total = 3600 * hours + 60 * minutes + rest
    if not total:
        raise InputError(
            f"{option} {text}: expected a duration with its units, such as 60s, 2m or 1h30m."
        )
    return total
