"""The files of a study, each made from its data alone.

trials.csv   what was tried and what came of it, the same bytes for any number of workers
curves.csv   every trial's values after each epoch
times.csv    what each trial took
result.json  all of it but the curves and times, as plain data
best.toml    the configuration of the best settings, once there are any
study.html   the page
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from groundup.report.page import write_page
from groundup.storage import finite, write_csv, write_json, write_text
from groundup.tune.history import Trial
from groundup.tune.pages import words
from groundup.tune.pages.page import study_page
from groundup.tune.study import Final, Study

PAGE, RESULT, BEST = "study.html", "result.json", "best.toml"


def write_files(folder: Path, study: Study) -> None:
    """Write them all, also of a study that goes on; StorageError if that fails."""
    write_trials(folder / "trials.csv", study)
    curve = ["trial", "epoch", f"val_{study.plan.metric}", study.plan.metric]
    write_csv(folder / "curves.csv", _curves(study), curve)
    write_csv(folder / "times.csv", _times(study), ["trial", "seconds"])
    write_json(folder / RESULT, plain(study))
    if study.best is not None:
        write_text(folder / BEST, study.to_toml())
    write_page(folder / PAGE, study_page(study, folder))


def write_trials(path: Path, study: Study) -> None:
    """What was tried and what came of it; StorageError if that fails."""
    names = list(study.plan.search.space.dimensions)
    columns = ["trial", "state", f"val_{study.plan.metric}", *names, "epochs", "reason"]
    write_csv(path, _trials(study), columns)


def plain(study: Study) -> dict[str, Any]:
    """The study as plain data for JSON, without times; what is not finite is None."""
    record = study.plan.record()
    return finite({
        "headline": words.headline(study),
        "metric": f"val_{study.plan.metric}",
        "best_is": study.plan.search.best,
        "data": study.plan.config.data.title,
        "search": record["search"],
        "states": words.counts(study),
        "best": None if study.best is None else _plain(study.best),
        "final": None if study.final is None else _final(study.final),
        "cautions": words.cautions(study),
        "trials": [_plain(trial) for trial in study.history.trials],
    })  # fmt: skip


def _final(final: Final) -> dict[str, Any]:
    """Without the place of its folder: the same wherever the study lies."""
    return {"trial": final.number, "scores": final.scores}


def _plain(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial.number, "state": trial.state, "value": trial.value,
        "settings": dict(trial.settings), "epochs": trial.epochs, "reason": trial.reason,
    }  # fmt: skip


def _trials(study: Study) -> Iterator[Mapping[str, Any]]:
    for trial in study.history.trials:
        settings = {name: trial.settings.get(name) for name in study.plan.search.space.dimensions}
        yield {
            "trial": trial.number, "state": trial.state,
            f"val_{study.plan.metric}": trial.value, **settings,
            "epochs": trial.epochs, "reason": trial.reason,
        }  # fmt: skip


def _curves(study: Study) -> Iterator[Mapping[str, Any]]:
    for trial in study.history.trials:
        both = zip_longest(trial.curve, trial.train_curve)
        for epoch, (value, training) in enumerate(both, start=1):
            yield {
                "trial": trial.number, "epoch": epoch,
                f"val_{study.plan.metric}": value, study.plan.metric: training,
            }  # fmt: skip


def _times(study: Study) -> Iterator[Mapping[str, Any]]:
    for trial in study.history.trials:
        yield {"trial": trial.number, "seconds": trial.seconds}
