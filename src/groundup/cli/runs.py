"""RUN on the command line: a run directory or a model file."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from groundup.config import Config, from_mapping
from groundup.data import load
from groundup.data.dataset import Dataset, Task
from groundup.data.files import is_path, judged
from groundup.errors import DataError, InputError
from groundup.nn.losses import CategoricalCrossentropy
from groundup.storage import shown
from groundup.train import model_file
from groundup.train.classify import class_names
from groundup.train.inputs import raw_shape
from groundup.train.learner import Learner
from groundup.train.run import data_of
from groundup.train.run_directory import RunDirectory


@dataclass(frozen=True)
class Trained:
    """A trained network, and the configuration of its run if that is known."""

    learner: Learner
    config: Config | None


def data_for(trained: Trained, given: str | None, target: str | None) -> Dataset:
    """What to judge a network by: the test part of its own or of another data set, or a whole file

    Args:
        trained: the network.
        given: a name or a path; by default the data of the run.
        target: the column or file of the labels at a path; by default as in the run.

    Raises:
        InputError, DataError: there are no such data, or the network knows other labels or columns.
    """
    config, learner = trained.config, trained.learner
    own = config.data if config else None
    if given is None and config is None:
        raise InputError("a model file names no data: add --data, as in digits.")
    if given is not None and not is_path(given):
        dataset = load(given)
    elif config and own and (given is None or _is_same(given, own.path)):
        dataset = data_of(config)
    else:
        options = own.model_dump(include={"target", "image_size"}) if own and own.path else {}
        options |= {"path": given} | ({"target": target} if target else {})
        task: Task = "regression"
        if isinstance(learner.loss, CategoricalCrossentropy):
            task = "classification"
        names, shape = class_names(learner), raw_shape(learner) or learner.network.in_shape
        data = from_mapping({"data": options}, "command line").data
        return judged(data, task, names, learner.features, shape[0])
    if dataset.classes and learner.labels and dataset.classes != learner.labels:
        raise DataError(
            f"{dataset.name}: its classes are {', '.join(dataset.classes)}; the network knows "
            f"{', '.join(learner.labels)}."
        )
    return dataset


def _is_same(given: str, path: str | None) -> bool:
    return path is not None and Path(given).resolve() == Path(path).resolve()


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
