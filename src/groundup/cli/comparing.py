"""What `groundup compare` does: begin or go on with a comparison, and say what came of it."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from groundup import lab
from groundup.cli import output
from groundup.cli.settings import configure, listed
from groundup.cli.training import PATHS, refuse
from groundup.errors import ConfigError
from groundup.lab import Comparison, words
from groundup.lab.comparing import Tell
from groundup.lab.files import REPORT, plain
from groundup.lab.runs import Run
from groundup.report.numbers import THIN
from groundup.report.words import wrapped
from groundup.storage import shown
from groundup.train.callbacks.progress_bar import clock
from groundup.train.cluster import dask_cluster
from groundup.train.executor import ExecutorFactory, inline, local_pool, usable_cores

_PAUSE = 0.1  # seconds between two drawings
_WIDTH = 24  # of the bar, in characters


def executor(workers: int | None, dask: str | None) -> ExecutorFactory:
    """Where runs are made: here, in so many processes, or on a cluster."""
    if dask is not None:
        refuse({"--workers": workers}, "the cluster at --dask has its own workers")
        return dask_cluster(dask)
    count = workers or usable_cores()
    return inline() if count == 1 else local_pool(count)


def choices(texts: Sequence[str]) -> dict[str, list[Any]]:
    """What --vary says, by its keys

    >>> choices(["optimizer=sgd,adam", "units=[50, 50],[100]", "init=std:0.01,he"])
    {'optimizer': ['sgd', 'adam'], 'units': [[50, 50], [100]], 'init': ['std:0.01', 'he']}
    """
    found: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not values:
            raise ConfigError(f"--vary {text}: expected KEY=A,B, as in --vary optimizer=sgd,adam.")
        if key in found:
            raise ConfigError(f"--vary {key} stands there twice: name all its values at once.")
        found[key] = listed(values)
    if not found:
        raise ConfigError("what is to be compared? As in --vary optimizer=sgd,adam.")
    return found


def begin(
    file: Path | None,
    options: Mapping[str, Any],
    sets: Sequence[str],
    vary: Sequence[str],
    seeds: int,
    tune: bool,
    where: ExecutorFactory,
    out: Path | None,
    quiet: bool,
) -> tuple[Comparison, Path]:
    """A new comparison, and its folder."""
    varied = choices(vary)
    config = configure(file, {PATHS[name]: value for name, value in options.items()}, sets)
    output.show_notes(quiet)
    out = out or Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-compare-{config.data.title}"
    return lab.compare(config, varied, seeds, tune, where, out, teller(quiet)), out


def go_on(path: Path, where: ExecutorFactory, quiet: bool) -> tuple[Comparison, Path]:
    """The rest of an interrupted comparison."""
    output.show_notes(quiet)
    return lab.resume(path, where, teller(quiet)), path


def show(comparison: Comparison, folder: Path, json: bool) -> None:
    """The result on stdout."""
    if json:
        output.show_json(plain(comparison) | {"folder": str(folder)})
    else:
        output.show(in_words(comparison, folder).replace(THIN, " "))


def in_words(comparison: Comparison, folder: Path) -> str:
    """The result as text in columns."""
    parts = []
    for standing in comparison.standings:
        tables = (words.scores(standing, comparison), words.differences(standing, comparison))
        shown_as = [output.table(one.columns, one.rows, left=one.left) for one in tables]
        parts += [f"At the {standing.rates} learning rates", *shown_as]
    notes = [
        words.LETTERS,
        words.legend(comparison),
        words.more_seeds(comparison),
        words.edges(comparison),
    ]
    files = output.facts({"folder": shown(folder), "report": shown(folder / REPORT)})
    head = "\n".join([words.headline(comparison), *wrapped(words.lead(comparison))])
    told = "\n".join(wrapped(" ".join(filter(None, notes))))
    return "\n\n".join([head, *parts, told, files])


def teller(quiet: bool) -> Tell | None:
    """What draws the bar on stderr, where that is a terminal."""
    from groundup.train.callbacks.screen import Screen

    screen = Screen()
    if quiet or not screen.draws:
        return None
    began, drawn, before = time.monotonic(), 0.0, 0

    def tell(done: int, total: int, run: Run | None) -> None:
        nonlocal drawn, before
        now = time.monotonic()
        if done == total:
            screen.tell(end="")
        elif run is None or now - drawn >= _PAUSE:
            drawn, filled = now, _WIDTH * done // total
            told = f"  {done}/{total} runs"
            if run is None:
                before = done  # of an earlier try
            else:
                left = (now - began) / (done - before) * (total - done)
                told += f"  eta {clock(left)}  {run.method}, {run.purpose}"
            screen.tell(screen.bar("", (filled, _WIDTH - filled), told), end="")

    return tell
