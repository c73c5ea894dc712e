"""RUN on the command line: a run directory or a model file."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from groundup.config import Config
from groundup.errors import InputError
from groundup.storage import shown
from groundup.train import model_file
from groundup.train.learner import Learner
from groundup.train.run_directory import RunDirectory


@dataclass(frozen=True)
class Trained:
    """A trained network, and the configuration of its run if that is known."""

    learner: Learner
    config: Config | None


def open_run(path: Path) -> Trained:
    """Read a run directory or a model file; InputError says what is missing or damaged."""
    if not path.is_dir():
        return Trained(model_file.load(path).learner, None)
    run = RunDirectory.open(path)
    if not run.model.exists():
        raise InputError(
            f"{shown(path)} has no model yet: its run did not end. Go on with: "
            f"groundup train --resume {shlex.quote(shown(path))}"
        )
    return Trained(model_file.load(run.model).learner, run.config())
