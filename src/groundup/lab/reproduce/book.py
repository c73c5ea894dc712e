"""All experiments in one page: the claims in a table, then every figure, chapter by chapter."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from groundup.lab.reproduce.conduct import Reproduction
from groundup.lab.reproduce.pages import (
    CHECKED,
    answered,
    checked,
    claimed,
    claims,
    command,
    deviations,
    figures,
    held,
    over,
)
from groundup.report.page import Section, code, paragraph, render_page, table

BOOK: Final = "book.html"


def book(done: Sequence[Reproduction], note: str = "") -> str:
    """The book as HTML, in one file

    Args:
        done: the experiments, in the order of the book.
        note: what else is to be said at its head.
    """
    verdicts = [verdict for one in done for verdict in one.verdicts]
    sections = [Section("Claims", _claims(done), _HOW), *map(_section, done)]
    return render_page(
        "The figures of the textbook, made again",
        f"{held(verdicts)[0].upper()}{held(verdicts)[1:]}",
        sections,
        lead="Every figure of “Deep Learning from Scratch” (Saito 2016) and of the notes on it, "
        "computed anew, and each of their claims checked over seeds.",
        warning=note,
        footer=command(["--all"], quick=any(one.quick for one in done)),
    )


_HOW: Final = (
    "A claim is checked in one run a seed: it holds if it does in at least 80 % of them. The "
    "interval is that of the share among all seeds (Wilson, 95 %)."
)


def _claims(done: Sequence[Reproduction]) -> Markup:
    """All claims, each with a link to its experiment's section."""
    rows = []
    for place, one in enumerate(done, start=2):
        key = Markup('<a class="key" href="#s{}">{}</a>').format(place, one.experiment.key)
        for n, verdict in enumerate(one.verdicts):
            says = verdict.claim.says or None
            rows.append(("" if n else key, claimed(verdict), says, *checked(verdict)))
    return table({"experiment": None, "claim": None, "the notes say": None, **CHECKED}, rows)


def _section(done: Reproduction) -> Section:
    one = done.experiment
    parts = [
        paragraph(one.text, "text"),
        answered(one.answers),
        figures(done),
        claims(done.verdicts),
        paragraph(over(done), "fine"),
    ]
    if one.deviations:
        parts += [paragraph("How this differs:", "fine"), deviations(one.deviations)]
    parts.append(code(command([one.key], quick=done.quick)))
    return Section(one.title, Markup("").join(parts), f"{one.key} · {one.source}")
