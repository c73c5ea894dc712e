"""What is drawn on a terminal while a search goes on: the best so far, the newest, time left."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from groundup.report import numbers
from groundup.report.measure import Measure
from groundup.report.numbers import THIN
from groundup.train.callbacks.progress_bar import clock
from groundup.train.callbacks.screen import Screen
from groundup.tune.history import State, Trial
from groundup.tune.pages.words import setting_words, shortened
from groundup.tune.progress import Progress, Tell

_BAR = 24  # characters
_NEWEST = 8  # trials that are listed
_PAUSE = 0.1  # seconds between two drawings
_STATES: tuple[State, ...] = ("finished", "stopped", "failed")
_STYLES = {"running": "dim", "failed": "red", "stopped": "yellow"}


@contextmanager
def live_table(quiet: bool) -> Iterator[Tell | None]:
    """What draws on stderr, where that is a terminal, until the block ends; else nothing."""
    screen = _Screen()
    if quiet or not screen.draws:
        yield None
        return
    drawn = 0.0
    with Live(console=screen, auto_refresh=False, transient=True) as live:

        def tell(progress: Progress) -> None:
            nonlocal drawn
            now = time.monotonic()
            if progress.final or now - drawn >= _PAUSE:
                drawn = now
                live.update(picture(progress, screen), refresh=True)

        yield tell


class _Screen(Screen):
    def show_cursor(self, show: bool = True) -> bool:
        """The cursor stays, so that there is nothing to restore if this process is killed."""
        return False


def picture(progress: Progress, screen: Screen) -> RenderableType:
    """The search as it stands, in lines that fit the screen."""
    begun = [
        trial
        for trial in progress.history.trials
        if trial.state != "running" or trial.number in progress.running
    ]
    lines = [_bar(progress, screen), _counted(progress)]
    if progress.history.best_trial:
        lines.append(_best(progress.history.best_trial, progress))
    for line in lines:
        line.truncate(screen.width - 1, overflow="ellipsis")
    table: list[RenderableType] = [Text(), _newest(begun, progress)] if begun else []
    return Group(*lines, *table)


def time_left(progress: Progress) -> float | None:
    """Seconds until the last trial ends, as far as can be told from those that have

    >>> from groundup.tune.history import History
    >>> tried = History((Trial(0, {}, "finished", 1.0), Trial(1, {}, "running")))
    >>> time_left(Progress(tried, trials=4, seconds=2.0))
    6.0
    >>> time_left(Progress(tried, trials=4, seconds=2.0, budget=5.0))
    3.0
    """
    known = [] if progress.left is None else [progress.left]
    if progress.trials is not None and progress.ended:
        known.append(progress.seconds / progress.ended * (progress.trials - progress.ended))
    return min(known, default=None)


def _bar(progress: Progress, screen: Screen) -> Text:
    taken, left = clock(progress.seconds), time_left(progress)
    if progress.final:
        return Text(f"training the network of the best settings  {taken}")
    eta = "" if left is None else f"  eta {clock(left)}"
    if progress.trials is None:
        return Text(f"{progress.ended} trials  {taken}{eta}")
    filled = min(_BAR, _BAR * progress.ended // progress.trials)
    after = f"  {progress.ended}/{progress.trials} trials  {taken}{eta}"
    return screen.bar("", (filled, _BAR - filled), after)


def _counted(progress: Progress) -> Text:
    found = Counter(trial.state for trial in progress.history.trials)
    parts = [f"{found[state]} {state}" for state in _STATES if found[state]]
    running = [] if progress.final else [f"{len(progress.running)} running"]
    return Text(", ".join(parts + running))


def _best(best: Trial, progress: Progress) -> Text:
    names = shortened(best.settings)
    settings = ", ".join(
        f"{names[path]} {setting_words(value)}" for path, value in best.settings.items()
    )
    value = _words_of(progress)(best)
    return Text.assemble("best ", (value, "bold green"), f"  trial {best.number}: {settings}")


def _newest(begun: list[Trial], progress: Progress) -> Table:
    """The newest trials, the latest first: what was tried, and what it has come to."""
    names = shortened(path for trial in begun for path in trial.settings)
    best, value = progress.history.best_trial, _words_of(progress)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for name in ("trial", *names.values(), f"val {_measure(progress).name}", "epochs", ""):
        table.add_column(name, no_wrap=True, justify="right" if name else "left")
    for trial in begun[: -_NEWEST - 1 : -1]:
        is_best = best is not None and trial.number == best.number
        settings = (setting_words(trial.settings.get(path)) for path in names)
        epochs = numbers.number(trial.epochs) if trial.epochs else "–"
        state = "best" if is_best else trial.state.replace("finished", "")
        style = "bold green" if is_best else _STYLES.get(trial.state, "")
        table.add_row(str(trial.number), *settings, value(trial), epochs, state, style=style)
    return table


def _words_of(progress: Progress) -> Callable[[Trial], str]:
    words = _measure(progress).words
    return lambda trial: "–" if trial.value is None else words(trial.value).replace(THIN, " ")


def _measure(progress: Progress) -> Measure:
    """What is searched for: of the two metrics that there are, one is to be high."""
    best = progress.history.best
    return Measure("accuracy" if best == "high" else "loss", best, 0)
