"""What `groundup tune --method autoaugment` does: begin or go on, and say what came of it."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from groundup.cli import output
from groundup.cli.settings import configure
from groundup.cli.training import PATHS
from groundup.report.numbers import THIN
from groundup.report.words import wrapped
from groundup.storage import shown
from groundup.train.callbacks.progress_bar import clock
from groundup.train.executor import ExecutorFactory
from groundup.tune import autoaugment
from groundup.tune.autoaugment import Found, words
from groundup.tune.autoaugment.children import Child
from groundup.tune.autoaugment.files import BEST, POLICY, REPORT, plain
from groundup.tune.autoaugment.folder import LOG
from groundup.tune.autoaugment.found import NAMES
from groundup.tune.autoaugment.searching import Tell

TRIALS, SEEDS = 100, 5
# Where nobody says otherwise: networks that are trained by the hundred should be small, and learn
# long enough for augmentation to matter.
_CHILD = {"model.name": "multi-layer", "train.epochs": 30, "train.batch_size": 100}
_PAUSE = 0.1  # seconds between two drawings
_WIDTH = 24  # of the bar, in characters


def begin(
    file: Path | None,
    options: Mapping[str, Any],
    sets: Sequence[str],
    trials: int | None,
    seeds: int | None,
    where: ExecutorFactory,
    out: Path | None,
    quiet: bool,
) -> tuple[Found, Path]:
    """A new search, and its folder."""
    said = {PATHS[name]: value for name, value in options.items() if value is not None}
    config = configure(file, said if file else _CHILD | said, sets)
    output.show_notes(quiet)
    out = out or Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-autoaugment-{config.data.title}"
    found = autoaugment.search(
        config, trials or TRIALS, seeds or SEEDS, executor=where, out=out, tell=teller(quiet)
    )
    return found, out


def go_on(folder: Path, where: ExecutorFactory, quiet: bool) -> tuple[Found, Path]:
    """The rest of an interrupted search."""
    output.show_notes(quiet)
    return autoaugment.resume(folder, where, teller(quiet)), folder


def holds(folder: Path) -> bool:
    """Whether the folder is that of a search for a policy."""
    return (folder / LOG).is_file()


def show(found: Found, folder: Path, json: bool) -> None:
    """The result on stdout."""
    if json:
        output.show_json(plain(found) | {"folder": str(folder)})
    else:
        output.show(in_words(found, folder).replace(THIN, " "))


def in_words(found: Found, folder: Path) -> str:
    """The result as text in columns."""
    tables = (words.scores(found), words.differences(found))
    parts = [output.table(one.columns, one.rows, left=one.left) for one in tables]
    files = output.facts({
        "folder": shown(folder), "policy": shown(folder / POLICY),
        "report": shown(folder / REPORT), "train with it": f"groundup train {shown(folder / BEST)}",
    })  # fmt: skip
    head = "\n".join([*wrapped(words.headline(found)), *wrapped(words.lead(found))])
    return "\n\n".join([head, *parts, "\n".join(wrapped(words.LEGEND)), files])


def teller(quiet: bool) -> Tell | None:
    """What draws the bar on stderr, where that is a terminal."""
    from groundup.train.callbacks.screen import Screen

    screen = Screen()
    if quiet or not screen.draws:
        return None
    began, drawn, before, best = time.monotonic(), 0.0, 0, 0.0

    def tell(done: int, total: int, child: Child | None) -> None:
        nonlocal drawn, before, best
        now = time.monotonic()
        if child is not None and child.number is not None:
            best = max(best, child.accuracy)
        if done == total:
            screen.tell(end="")
        elif child is None or now - drawn >= _PAUSE:
            drawn, filled = now, _WIDTH * done // total
            told = f"  {done}/{total} networks"
            if child is None:
                before = done  # of an earlier try
            else:
                left = (now - began) / (done - before) * (total - done)
                stage = "verdict" if child.number is None else f"best so far {best:.1%}"
                told += f"  eta {clock(left)}  {NAMES[child.arm]}, {stage}"
            screen.tell(screen.bar("", (filled, _WIDTH - filled), told), end="")

    return tell
