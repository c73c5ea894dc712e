"""A study as text in columns, wherever one is shown on the terminal."""

from collections.abc import Mapping, Sequence

from groundup.cli import output
from groundup.report.numbers import THIN
from groundup.report.words import Table, wrapped
from groundup.tune.pages import words
from groundup.tune.study import Study


def in_words(study: Study, tables: Mapping[str, Table], facts: Mapping[str, str]) -> str:
    """The result, some tables by their titles, what to keep in mind, and facts."""
    cautions = " ".join(filter(None, [*words.cautions(study), words.edges(study)]))
    parts = [
        "\n".join([*wrapped(words.headline(study)), *wrapped(words.lead(study))]),
        *(_titled(title, table) for title, table in tables.items()),
        "\n".join(wrapped(cautions)),
        output.facts(facts),
    ]
    return "\n\n".join(filter(None, parts)).replace(THIN, " ")


def _titled(title: str, table: Table) -> str:
    """A table below its title; without rows nothing, unless the title is a sentence."""
    head = "\n".join(wrapped(title))
    if not table.rows:
        return head if title.endswith(".") else ""
    shown = _without_empty_columns(table)
    return f"{head}\n{output.table(shown.columns, shown.rows, left=shown.left)}"


def _without_empty_columns(table: Table) -> Table:
    """A terminal has no room for them."""
    kept = [i for i in range(len(table.columns)) if any(row[i] for row in table.rows)]
    left = sum(i < table.left for i in kept)

    def of(row: Sequence[str]) -> list[str]:
        return [row[i] for i in kept]

    return Table(of(table.columns), left, [of(row) for row in table.rows])
