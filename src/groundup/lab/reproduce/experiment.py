"""What an experiment is: a frozen setting, a run for one seed, a drawing of all, and claims."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from markupsafe import Markup

from groundup.typing import Array

Table: TypeAlias = Mapping[str, Any]
"""Columns by name, sequences or arrays of one length: what becomes a CSV file."""
Say: TypeAlias = Callable[[str], str]
"""The words of a figure in the reader's language."""


@dataclass(frozen=True)
class Setting:
    """Under what an experiment is run.

    Args:
        seed: of everything that is drawn.
        quick: fewer samples and epochs, so that it takes seconds; the claims are the same.
    """

    seed: int = 0
    quick: bool = False

    def pick(self, full: Any, quick: Any) -> Any:
        """The one value or the other."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Result:
    """What came of one run, as plain data.

    Args:
        tables: what the figures show, by name.
        values: single numbers.
    """

    tables: Mapping[str, Table] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)

    def column(self, table: str, name: str) -> Array:
        """A column of a table as an array."""
        return np.asarray(self.tables[table][name])


@dataclass(frozen=True)
class Claim:
    """Something that the book or the notes say, as a predicate of one run.

    Args:
        words: the claim, in a sentence.
        holds: whether one run bears it out.
        says: what the notes or the book say of it, numbers only where they have them.
        expected: whether it should hold; one that we know not to hold is shown all the same.
        why: why it may not.
    """

    words: str
    holds: Callable[[Result], bool]
    says: str = ""
    expected: bool = True
    why: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing: an SVG of `report/`, and a sentence that says what is to be seen."""

    name: str
    svg: Markup
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """A question with its answer, and the command that shows it."""

    question: str
    answer: str
    command: str = ""


@dataclass(frozen=True)
class Experiment:
    """One figure of the book, or some that belong together.

    Args:
        key: how it is called, such as "6-optimizer-paths"; its chapter comes first.
        title: what it shows.
        source: where it stands, such as "Saito 2016, 6.1.7".
        text: what is done and what is to be seen, in a few plain sentences.
        run: the work, for one seed; a module-level function.
        draw: the figures, from the results of all seeds, the first seed's first.
        claims: what is checked.
        seeds: how many seeds the full form takes; 1 where nothing is drawn at random.
        deviations: where we differ from the book or the notes, and why.
        answers: what is asked and answered besides.
    """

    key: str
    title: str
    source: str
    text: str
    run: Callable[[Setting], Result]
    draw: Callable[[Sequence[Result], Say], Sequence[Figure]]
    claims: tuple[Claim, ...]
    seeds: int = 5
    deviations: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


def long_table(array: Array, *axes: str) -> Table:
    """An array of any rank as a table: a column for the index along each axis, and "value".

    >>> table = long_table(np.array([[1.0, 2.0]]), "row", "column")
    >>> {name: list(map(float, column)) for name, column in table.items()}
    {'row': [0.0, 0.0], 'column': [0.0, 1.0], 'value': [1.0, 2.0]}
    """
    places = np.indices(array.shape).reshape(array.ndim, -1)
    return dict(zip(axes, places, strict=True)) | {"value": array.ravel()}
