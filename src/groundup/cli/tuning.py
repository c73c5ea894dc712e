"""What `groundup tune` does: begin or go on with a study, and say what came of it."""

import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from groundup.cli import durations, output
from groundup.cli.live_table import live_table
from groundup.cli.search_options import search_table
from groundup.cli.settings import configure
from groundup.cli.study_words import in_words
from groundup.cli.training import PATHS, refuse
from groundup.config import Config
from groundup.storage import shown
from groundup.train.cluster import dask_cluster
from groundup.train.defaults import complete
from groundup.train.executor import ExecutorFactory, usable_cores
from groundup.train.run import data_of
from groundup.tune import studying
from groundup.tune.method import methods
from groundup.tune.methods import Manual
from groundup.tune.pages import words
from groundup.tune.pages.files import BEST, PAGE, plain
from groundup.tune.pages.tables import failures
from groundup.tune.study import Study
from groundup.tune.usual import listed_space, usual_space


@dataclass(frozen=True)
class Way:
    """How a search is carried out, which is no part of what is searched.

    Args:
        executor: a cluster, or in how many processes of our own.
        budget: seconds after which no trial begins.
        timeout: seconds after which a trial is given up.
    """

    executor: ExecutorFactory | int
    budget: float | None
    timeout: float | None


def is_for_policy(method: str | None, resume: Path | None) -> bool:
    """Whether a policy of augmentation is searched for, which is a matter of its own."""
    if resume is None:
        return method == "autoaugment"
    from groundup.cli import autoaugmenting

    return autoaugmenting.holds(resume)


def way_of(workers: int | None, dask: str | None, budget: str | None, timeout: str | None) -> Way:
    """What the options say of it."""
    limits = {"--budget": budget, "--timeout": timeout}
    times = [
        None if text is None else durations.seconds(text, option) for option, text in limits.items()
    ]
    if dask is not None:
        refuse({"--workers": workers}, "the cluster at --dask has its own workers")
        refuse({"--timeout": timeout}, "the processes of the cluster at --dask cannot be ended")
        return Way(dask_cluster(dask), *times)
    return Way(workers or usable_cores(), *times)  # a trial that takes all memory ends no search


def begin(
    file: Path | None,
    options: Mapping[str, Any],
    sets: Sequence[str],
    search: Mapping[str, Any],
    way: Way,
    asynchronous: bool,
    out: Path | None,
    quiet: bool,
) -> tuple[Study, Path]:
    """A new study, and its folder."""
    table = search_table(file, search)
    config = configure(file, {PATHS[name]: value for name, value in options.items()}, sets)
    output.show_notes(quiet)
    method = methods.resolve(table.method)
    listed = listed_space(method.trials) if isinstance(method, Manual) else {}
    space = table.space or listed or _usual(config, quiet)
    out = out or Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S')}-tune-{config.data.title}"
    with live_table(quiet) as tell:
        study = studying.search(
            config, space, method, table.trials, table.stopping, table.metric, table.batch,
            way.budget, way.timeout, asynchronous, way.executor, out, tell,
        )  # fmt: skip
    return study, out


def go_on(path: Path, trials: int | None, way: Way, quiet: bool) -> tuple[Study, Path]:
    """The rest of an interrupted study."""
    output.show_notes(quiet)
    with live_table(quiet) as tell:
        study = studying.resume(path, trials, way.budget, way.timeout, way.executor, tell)
    return study, path


def show(study: Study, folder: Path, json: bool) -> None:
    """The result on stdout; exit code 1 where there is none."""
    if json:
        output.show_json(plain(study) | {"folder": str(folder)})
    else:
        output.show(_in_words(study, folder))
    if study.best is None:
        raise typer.Exit(1)


def _in_words(study: Study, folder: Path) -> str:
    files = {"folder": folder, "page": folder / PAGE}
    if study.final is not None:
        files |= {"settings": folder / BEST, "network": Path(study.final.folder)}
    told = in_words(
        study,
        {"The space": words.space(study), "Why trials failed": failures(study)},
        {name: shown(path) for name, path in files.items()},
    )
    following = [f"groundup study show {shlex.quote(shown(folder))}"]
    if study.final is not None:
        following.insert(0, f"groundup train {shlex.quote(shown(folder / BEST))}")
    return "\n  ".join([f"{told}\n\nNext, for example:", *following])


def _usual(config: Config, quiet: bool) -> dict[str, str]:
    """Where to search when nobody says, which is said."""
    dataset = data_of(config)
    space = usual_space(complete(config, dataset.in_shape, dataset.task))
    if not quiet:
        output.note("searched, as neither --space nor [search.space] says where:")
        output.note(output.facts({f"  {path}": where for path, where in space.items()}))
    return space
