"""What `groundup study` does: read a study's log, and say or write what is in it."""

import shlex
from pathlib import Path

from groundup.cli import autoaugmenting, output
from groundup.cli.study_words import in_words
from groundup.errors import InputError
from groundup.report.numbers import percent
from groundup.report.page import write_page
from groundup.report.words import Table
from groundup.storage import has_writer, shown
from groundup.tune.folder import LOG
from groundup.tune.optuna_export import to_optuna
from groundup.tune.pages import words
from groundup.tune.pages.files import BEST, PAGE, plain, write_files, write_trials
from groundup.tune.pages.knowledge import Knowledge, knowledge
from groundup.tune.pages.page import study_page
from groundup.tune.pages.tables import failures
from groundup.tune.study import Study
from groundup.tune.studying import open_study


def show(folder: Path, page: Path | None, json: bool) -> None:
    """The study on stdout, and its page in a file."""
    study = _opened(folder)
    if page is not None:
        write_page(page, study_page(study, folder))
    elif _is_older(folder / PAGE, folder / LOG):
        study = _with_files(study, folder)
    page, state = page or folder / PAGE, _state(study, folder)
    if json:
        found = {"state": state, "folder": str(folder), "page": str(page)}
        return output.show_json(plain(study) | found)
    known = knowledge(study)
    tables = {
        "The best trials": words.best_trials(study),
        known.words: _importances(study, known),
        "Why trials failed": failures(study),
    }
    facts = {"state": state, "page": shown(page)}
    if study.best is not None and (folder / BEST).exists():
        facts["settings"] = shown(folder / BEST)
    if study.final is not None:
        facts["network"] = shown(study.final.folder)
    return output.show(in_words(study, tables, facts))


def show_toml(folder: Path) -> None:
    """The best settings' configuration on stdout, nothing else."""
    study = _opened(folder)
    if study.best is None:
        raise InputError(f"{shown(folder)}: no trial is finished yet, so there is no best one.")
    output.show(study.to_toml().rstrip())


def export(folder: Path, optuna: Path | None, csv: Path | None, json: bool) -> None:
    """The study as files of other programs."""
    if optuna is None and csv is None:
        raise InputError("export as what? Add --optuna study.db or --csv trials.csv.")
    study = _opened(folder)
    written = dict[str, str]()
    if optuna is not None:
        to_optuna(study, optuna)
        written["optuna"] = shown(optuna)
    if csv is not None:
        write_trials(csv, study)
        written["csv"] = shown(csv)
    if json:
        output.show_json({"trials": len(study.history), **written})
    else:
        output.show(output.facts(written))


def _opened(folder: Path) -> Study:
    if autoaugmenting.holds(folder):
        where = shlex.quote(shown(folder))
        raise InputError(
            f"{where} holds a search for a policy of augmentation. What it has found is shown by: "
            f"groundup tune --resume {where}"
        )
    return open_study(folder)


def _is_older(file: Path, log: Path) -> bool:
    return not file.exists() or file.stat().st_mtime_ns <= log.stat().st_mtime_ns


def _with_files(study: Study, folder: Path) -> Study:
    """The study, with its files; if it has ended meanwhile, its own may be overwritten: again."""
    write_files(folder, study)
    now = _opened(folder)
    return study if now.final == study.final else _with_files(now, folder)


def _importances(study: Study, known: Knowledge) -> Table:
    names = words.short_names(study)
    rows = [
        [names[one.name], percent(one.share), f"{percent(one.low)} to {percent(one.high)}"]
        for one in known.importances
    ]
    return Table(["hyper-parameter", "share", "95 % interval"], 1, rows)


def _state(study: Study, folder: Path) -> str:
    """Whether it has ended, runs, or must be gone on with."""
    if study.final is not None:
        return "finished"
    ended = sum(trial.state != "running" for trial in study.history.trials)
    of = study.plan.search.total
    done = f"{ended}{f' of {of}' if of else ''} trials done"
    if has_writer(folder / LOG):
        return f"running: {done}"
    if study.best is None and ended == of:
        return f"finished without a result: {done}"
    return f"interrupted: {done}. Go on with: groundup tune --resume {shlex.quote(shown(folder))}"
