"""What `groundup reproduce` does: choose experiments, carry them out, and say what held."""

import time
from collections.abc import Sequence
from pathlib import Path

import typer

from groundup.cli import output
from groundup.cli.comparing import executor
from groundup.errors import InputError, UnknownName, did_you_mean
from groundup.lab.reproduce import experiments as found
from groundup.lab.reproduce.book import BOOK, book
from groundup.lab.reproduce.conduct import Reproduction, Tell, conduct
from groundup.lab.reproduce.experiment import Experiment
from groundup.lab.reproduce.files import PAGE, plain, write_reproduction
from groundup.lab.reproduce.korean import speaker
from groundup.lab.reproduce.pages import held
from groundup.lab.reproduce.verdict import Verdict
from groundup.report.page import write_page
from groundup.storage import make_directory, shown
from groundup.train.callbacks.progress_bar import clock

FAILED = 3  # a claim that should hold does not
_WIDTH = 24  # of the bar, in characters


def check_choice(keys: Sequence[str], every: bool, listed: bool) -> None:
    """InputError unless it is said in one way which experiments are meant."""
    if bool(keys) + every + listed != 1:
        raise InputError(
            "which experiments? Name them, as in `groundup reproduce 6-optimizer-paths`, or give "
            "--all, or --list to see which there are."
        )


def chosen(keys: Sequence[str]) -> list[Experiment]:
    """The experiments that are named, or all, in the order of the book."""
    known = found.experiments()
    wanted = {full_key(key, list(known)) for key in keys} or set(known)
    return [one for key, one in known.items() if key in wanted]


def full_key(key: str, known: Sequence[str]) -> str:
    """The only key that begins with the word, or, if none does, that has it in it

    >>> full_key("gates", ["2-gates", "4-losses"])
    '2-gates'
    >>> full_key("6-batch", ["6-batchnorm-effects", "6-batch-size", "6-dropout"])
    Traceback (most recent call last):
    groundup.errors.UnknownName: '6-batch' may be 6-batchnorm-effects or 6-batch-size. Say more \
of it.
    """
    ways = (key.__eq__, lambda one: one.startswith(key), lambda one: key in one)
    fits: list[str] = next(filter(None, (list(filter(way, known)) for way in ways)), [])
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise UnknownName(f"{key!r} may be {' or '.join(fits)}. Say more of it.")
    raise UnknownName(f"unknown experiment {key!r}. {did_you_mean(key, known)}")


def folder(out: Path | None) -> Path:
    """Where the files go."""
    return out or Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-reproduce"


def show_list(json: bool) -> None:
    """Every experiment on stdout."""
    rows = list(found.experiments().values())
    if json:
        output.show_json(
            {"experiments": [
                {"key": one.key, "title": one.title, "source": one.source,
                 "claims": [claim.words for claim in one.claims], "seeds": one.seeds}
                for one in rows
            ]}
        )  # fmt: skip
        return
    cells = [[one.key, one.title, str(len(one.claims))] for one in rows]
    output.show(output.table(["key", "title", "claims"], cells, left=2))


def reproduce(
    experiments: Sequence[Experiment],
    whole: bool,
    quick: bool,
    seeds: int | None,
    workers: int | None,
    language: str,
    out: Path,
    json: bool,
    quiet: bool,
) -> None:
    """Carry them out, write their files, tell the result, and exit with 3 if a claim failed."""
    say, note = speaker(language)
    make_directory(out)
    output.show_notes(quiet)
    if note and not quiet:
        output.note(f"note: {note}")

    def keep(one: Reproduction) -> None:
        write_reproduction(out, one, note)

    done = conduct(
        experiments, quick=quick, seeds=seeds, say=say, executor=executor(workers, None), keep=keep,
        tell=teller(quiet),
    )  # fmt: skip
    if whole:
        write_page(out / BOOK, book(done, note))
    _show(done, out, whole, json)
    if any(verdict.failed for one in done for verdict in one.verdicts):
        raise typer.Exit(FAILED)


def _show(done: Sequence[Reproduction], out: Path, whole: bool, json: bool) -> None:
    page = out / BOOK if whole else out / done[0].experiment.key / PAGE
    verdicts = [verdict for one in done for verdict in one.verdicts]
    if json:
        output.show_json(
            {"headline": held(verdicts), "experiments": [plain(one) for one in done],
             "folder": str(out), "page": str(page)}
        )  # fmt: skip
        return
    parts = [held(verdicts)[0].upper() + held(verdicts)[1:], *map(_in_words, done)]
    parts.append(output.facts({"folder": shown(out), "page": shown(page)}))
    output.show("\n\n".join(parts))


def _in_words(done: Reproduction) -> str:
    head = f"{done.experiment.key}  {done.experiment.title}"
    return "\n".join([head, *map(_line, done.verdicts)])


def _line(verdict: Verdict) -> str:
    """The verdict and the claim, wrapped."""
    import textwrap

    beyond = "" if verdict.claim.expected else " (as known)" * (verdict.word != "holds")
    head = f"  {verdict.held} of {verdict.seeds}  {verdict.word + beyond:<24}  "
    return textwrap.fill(
        verdict.claim.words, 100, initial_indent=head, subsequent_indent=" " * len(head)
    )


def teller(quiet: bool) -> Tell:
    """What draws the bar on stderr, where that is a terminal."""
    from groundup.train.callbacks.screen import Screen

    screen = Screen()
    draws, began = screen.draws and not quiet, time.monotonic()

    def tell(done: int, total: int, key: str) -> None:
        if not draws:
            return
        filled = _WIDTH * done // total
        told = f"  {done}/{total} runs  {clock(time.monotonic() - began)}  {key}"
        screen.tell(screen.bar("", (filled, _WIDTH - filled), told) if done < total else "", end="")

    return tell
