"""Words as a reader wants to see them: lists in sentences, lines that fit a terminal, tables."""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 80  # columns of a terminal


class Table(NamedTuple):
    """Columns, how many of them are flush left, and rows: for the terminal, pages and notebooks."""

    columns: Sequence[str]
    left: int
    rows: Sequence[Sequence[str]]


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a sentence, a few of them.

    >>> listed(["sgd"]), listed(["a", "b", "c"]), listed(["a", "b", "c"], most=2)
    ('sgd', 'a, b and c', 'a, b and 1 more')
    """
    shown = [*names[:most], f"{len(names) - most} more"] if len(names) > most else [*names]
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def wrapped(text: str, beside: int = 0) -> list[str]:
    """The lines of a text on a terminal, where so many columns are taken; no word is cut.

    >>> wrapped("The loss fell. " * 4, beside=WIDTH - 30)
    ['The loss fell. The loss fell.', 'The loss fell. The loss fell.']
    """
    return textwrap.wrap(text, WIDTH - beside, break_long_words=False, break_on_hyphens=False)
