"""Pages of experiments: figures, claims with their verdicts, and how we deviate."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from groundup.lab.reproduce.conduct import Reproduction
from groundup.lab.reproduce.experiment import Answer
from groundup.lab.reproduce.verdict import Verdict
from groundup.report.numbers import THIN
from groundup.report.page import Section, chart_box, code, paragraph, render_page, table

_HANDWRITING = {
    "mnist": "Handwriting, if any, is of MNIST.",
    "digits": "Handwriting, if any, is of the built-in digits, since MNIST is not on this machine.",
}
_LOOKS = {"holds": "is-hint", "mixed": "is-harmful", "does not hold": "is-harmful"}


def experiment_page(done: Reproduction, note: str = "") -> str:
    """The page of one experiment as HTML."""
    experiment = done.experiment
    sections = [
        *_answered(experiment.answers),
        Section("Figures", figures(done)),
        Section("Claims", claims(done.verdicts), over(done)),
    ]
    if experiment.deviations:
        sections.append(Section("How this differs", deviations(experiment.deviations)))
    sections.append(Section("Again", code(command([experiment.key], quick=done.quick))))
    return render_page(
        f"{experiment.key} · {experiment.source}",
        experiment.title,
        sections,
        lead=experiment.text,
        warning=note,
        footer=held(done.verdicts),
    )


def figures(done: Reproduction) -> Markup:
    """All figures, each with its sentence."""
    parts = [
        Markup("<figure>{}{}</figure>").format(
            chart_box(figure.svg), paragraph(figure.note) if figure.note else ""
        )
        for figure in done.figures
    ]
    return Markup('<div class="figures">{}</div>').format(Markup("").join(parts))


def claims(verdicts: Sequence[Verdict]) -> Markup:
    """The claims of an experiment as a table."""
    rows = [(claimed(one), one.claim.says or None, *checked(one)) for one in verdicts]
    return table({"claim": None, "the notes say": None, **CHECKED}, rows)


CHECKED = {"held": str, "interval": str, "verdict": None}


def checked(verdict: Verdict) -> tuple[str, str, Markup]:
    """In how many seeds a claim held, the interval, and the verdict as a badge."""
    return f"{verdict.held} of {verdict.seeds}", interval(verdict), badge(verdict)


def claimed(verdict: Verdict) -> Markup:
    """A claim, and below it why it may not hold."""
    words, why = verdict.claim.words, verdict.claim.why
    return Markup("{}").format(words) + (paragraph(why) if why else Markup(""))


def interval(verdict: Verdict) -> str:
    """Of the share of seeds in percent; of a single seed there is none.

    >>> from groundup.lab.reproduce.experiment import Claim
    >>> interval(Verdict(Claim("", bool), 4, 5)).replace(THIN, " "), interval(
    ...     Verdict(Claim("", bool), 1, 1))
    ('38 … 96 %', '–')
    """
    if verdict.seeds == 1:
        return "–"
    low, high = (f"{100 * end:.0f}" for end in verdict.interval)
    return f"{low} … {high}{THIN}%"


def badge(verdict: Verdict) -> Markup:
    """The verdict in a word; colored where it should be otherwise."""
    look = _LOOKS[verdict.word] if verdict.claim.expected else ""
    return Markup('<span class="severity {}">{}</span>').format(look, verdict.word)


def deviations(items: Sequence[str]) -> Markup:
    """Where we differ from the book and the notes, as a list."""
    points = Markup("").join(Markup("<li>{}</li>").format(one) for one in items)
    return Markup('<ul class="text">{}</ul>').format(points)


def over(done: Reproduction) -> str:
    """Over how many seeds and in which form, and what the handwriting was."""
    count = len(done.results)
    seeds = f"{count} seeds" if count > 1 else "one seed"
    form = "the quick form: less data and fewer updates" if done.quick else "the full form"
    return f"Checked in {seeds}, {form}. {_HANDWRITING[done.handwriting]}"


def held(verdicts: Sequence[Verdict]) -> str:
    """How many claims hold, and whether those that do not were expected to

    >>> held([])
    'no claims'
    """
    if not verdicts:
        return "no claims"
    holding = sum(one.word == "holds" for one in verdicts)
    failed = sum(one.failed for one in verdicts)
    others = len(verdicts) - holding - failed
    parts = [f"{holding} of {len(verdicts)} claims hold"]
    parts += [f"{failed} should and {'do' if failed > 1 else 'does'} not"] if failed else []
    parts += [f"{others} {'were' if others > 1 else 'was'} not expected to"] if others else []
    return "; ".join(parts)


def command(keys: Sequence[str], *, quick: bool) -> str:
    """What makes the figures again."""
    return " ".join(["groundup", "reproduce", *keys, *["--quick"] * quick])


def answered(answers: Sequence[Answer]) -> Markup:
    """Questions with their answers, each with the command that shows it."""
    parts = [
        Markup("<h3>{}</h3>").format(one.question)
        + paragraph(one.answer, "text")
        + (code(one.command) if one.command else Markup(""))
        for one in answers
    ]
    return Markup("").join(parts)


def _answered(answers: Sequence[Answer]) -> Iterator[Section]:
    if answers:
        yield Section("Questions and answers", answered(answers))
