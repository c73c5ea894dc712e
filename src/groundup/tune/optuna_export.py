"""A study as a database of Optuna's, for its dashboard and its functions."""

import math
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from groundup import config as configuration
from groundup.errors import ConfigError, InputError
from groundup.storage import AnyPath, exists, finite, shown, write_bytes
from groundup.storage.paths import checked
from groundup.tune.history import State, Trial
from groundup.tune.optuna_trials import check_optuna, direction, optuna_trial, parameters, silent
from groundup.tune.study import Study


def to_optuna(study: Study, path: AnyPath, name: str = "groundup") -> None:
    """Write an SQLite file that Optuna and its dashboard read

        optuna-dashboard sqlite:///study.db
        optuna.load_study(study_name="groundup", storage="sqlite:///study.db")

    Every trial has its number, settings, value and state, its curve as intermediate values of the
    epochs 1, 2, …, and as user attributes the reason, epochs, seconds, the curve on the training
    data, and the run that its settings mean ("configuration", a TOML). The plan and what came of
    the best settings are the study's own.

    - A trial that was interrupted has failed there: nobody will ever end it, and Optuna would wait
      for it. Its reason says so.
    - Optuna wants moments of time, and of the trials only seconds are known: they stand as though
      the last had ended now.
    - Choices that Optuna has no values for, such as lists, are their text.

    Args:
        study: finished or not.
        path: of the new file.
        name: the study's name there.

    Raises:
        InputError: optuna is not installed, or the file exists.
        StorageError: it cannot be written.
    """
    check_optuna()
    if exists(checked(path)):
        raise InputError(f"{shown(path)} already exists. Choose another name, or remove it.")
    write_bytes(path, _database(study, name))


def _database(study: Study, name: str) -> bytes:
    """The file's content, made in memory: no trial waits for the disk, and no half file is left."""
    import optuna

    with silent():
        storage = optuna.storages.RDBStorage("sqlite:///:memory:")
        try:
            made = optuna.create_study(
                storage=storage, study_name=name, direction=direction(study.history)
            )
            for key, value in _attributes(study).items():
                made.set_user_attr(key, value)
            made.add_trials(_trials(study))
            with closing(storage.engine.raw_connection()) as connection:
                return bytes(connection.driver_connection.serialize())
        finally:
            storage.remove_session()
            storage.engine.dispose()


def _trials(study: Study) -> Iterator[Any]:
    known = parameters(study.plan.search.space)
    trials = study.history.trials
    begun = datetime.now() - timedelta(seconds=max((trial.at for trial in trials), default=0.0))
    for trial in trials:
        ended = _ended(trial)
        made = optuna_trial(known, ended, **_attributes_of(ended, study))
        made.datetime_complete = begun + timedelta(seconds=trial.at)
        made.datetime_start = made.datetime_complete - timedelta(seconds=trial.seconds)
        yield made


def _ended(trial: Trial) -> Trial:
    """The same with an end, and with a value only where it is a number."""
    if trial.state == "running":
        return replace(trial, state="failed", reason="it was interrupted")
    if trial.value is None or math.isfinite(trial.value):
        return trial
    state: State = "failed" if trial.state == "finished" else trial.state
    return replace(trial, state=state, value=None, reason=f"its value is {trial.value}")


def _attributes_of(trial: Trial, study: Study) -> dict[str, Any]:
    attributes = {
        "reason": trial.reason,
        "epochs": trial.epochs,
        "seconds": trial.seconds,
        "train_curve": trial.train_curve,
    }
    with suppress(ConfigError):  # of settings that mean no run, and failed for that reason
        config = study.plan.configured(trial.settings)
        attributes["configuration"] = configuration.to_toml(config)
    return finite(attributes)


def _attributes(study: Study) -> dict[str, Any]:
    plan = study.plan.record()
    attributes = {"metric": plan["metric"], **plan["search"]}
    if study.final:
        attributes |= {"chosen": study.final.number, **study.final.scores}
    return finite(attributes)
