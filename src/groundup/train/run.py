"""From a configuration to a trained network in a run directory.

`assemble` checks everything and writes nothing; `run` and `resume` do the work. What a run leaves
is a pure function of its configuration: a resumed one ends with the same bits.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import groundup.train.callbacks  # noqa: F401  # a configuration may name them
from groundup import config as configuration
from groundup.config import Config
from groundup.data.augment import Augment
from groundup.data.dataset import Dataset
from groundup.data.files import open_dataset
from groundup.data.order import check_order
from groundup.errors import ConfigError, InputError
from groundup.nn.optimizers import optimizers
from groundup.nn.zoo import zoo
from groundup.storage import Log, shown
from groundup.train import model_file
from groundup.train.callback import Callback, callbacks
from groundup.train.defaults import complete
from groundup.train.environment import warn_of_changes
from groundup.train.inputs import as_augment, examples_for
from groundup.train.learner import EVALUATION_BATCH, Examples, Learner
from groundup.train.loop import Plan, Training
from groundup.train.members import bootstrap
from groundup.train.prepare import prepare
from groundup.train.probes.probes import probes_for
from groundup.train.progress import Resume
from groundup.train.regress import r2_of
from groundup.train.run_directory import Recorder, RunDirectory, history_of
from groundup.train.signals import Signals
from groundup.train.task import make_model

ALL_DONE = "all epochs done"


@dataclass(frozen=True)
class RunResult:
    """What came of a run. Losses are means over samples, accuracies shares of 1, times seconds.

    members: the scores of each member of an ensemble on the test data; for one network, none.
    """

    run_dir: str
    model: str
    data: str
    seed: int
    epochs: int
    parameters: int
    seconds: float
    samples_per_second: float
    train_loss: float | None
    val_loss: float | None
    val_accuracy: float | None
    test_loss: float
    test_accuracy: float | None
    members: list[Mapping[str, float]] = field(default_factory=list)
    test_r2: float | None = None


@dataclass(frozen=True)
class Assembly:
    """Everything that a configuration names, made and checked; nothing is written yet."""

    config: Config
    dataset: Dataset
    learner: Learner
    train: Examples
    validation: Examples | None
    test: Examples
    plan: Plan
    callbacks: tuple[Callback, ...]


def model_name(config: Config) -> str:
    """How a run's model is called: the zoo's name, or "layers" for a list of them."""
    return "layers" if config.model.layers is not None else config.model.name


def known_paths(config: Config) -> list[str]:
    """Every path that a short key can mean, the chosen model's and optimizer's options included."""
    options: dict[str, type[Any]] = {"optimizer": optimizers[config.optimizer.name]}
    if config.model.layers is None:
        options["model"] = zoo[config.model.name]
    return configuration.fixed_paths() + [
        f"{table}.{field.name}"
        for table, cls in options.items()
        for field in fields(cls)
        if field.init
    ]


def data_of(config: Config) -> Dataset:
    """The data of a run; a test part is drawn by its seed where the data have none."""
    split_seed = config.data.split_seed
    return open_dataset(config.data, config.seed if split_seed is None else split_seed)


def assemble(
    config: Config, dataset: Dataset | None = None, validation: Examples | None = None
) -> Assembly:
    """Load the data, make the model, check that they fit; ConfigError and others say what does not.

    Args:
        config: the run.
        dataset: the data, if loaded already.
        validation: what to validate with, instead of a share of the training data.
    """
    known_paths(config)  # names first: a typing error should not wait for a download
    _callbacks(config)
    augment = Augment(config.data.augment)
    dataset = dataset or data_of(config)
    config = complete(config, dataset.in_shape, dataset.task)
    if validation is not None:  # then all of the training data train
        data = config.data.model_copy(update={"validation": 0.0})
        config = config.model_copy(update={"data": data})
    learner = make_model(config, dataset).learner
    learner.labels, learner.features = dataset.classes, dataset.features
    train = examples_for(learner, dataset.x_train, dataset.y_train)
    test = examples_for(learner, dataset.x_test, dataset.y_test)
    judges: Examples | float = config.data.validation
    if validation is not None:
        judges = examples_for(learner, validation.x, validation.y, validation.weight)
    train, validation, _ = prepare(
        learner, train, judges, config.train.class_weight, config.train.batch_size,
        config.data.split_seed,
    )  # fmt: skip
    check_order(train.y, config.train.shuffle)
    variants = as_augment(augment, train.x)
    plan = Plan(
        config.train.epochs, config.train.batch_size, shuffle=config.train.shuffle, augment=variants
    )
    if config.train.bagging:
        train = bootstrap(train, learner.seed)
    chosen = _callbacks(config)
    return Assembly(config, dataset, learner, train, validation, test, plan, chosen)


def _callbacks(config: Config) -> tuple[Callback, ...]:
    return tuple(callbacks.resolve(given) for given in config.train.callbacks or ())


def run(
    config: Config,
    out: Path | None = None,
    onlookers: Sequence[Callback] = (),
    dataset: Dataset | None = None,
) -> tuple[RunResult, RunDirectory]:
    """Train what the configuration says into a new run directory

    Args:
        config: the run.
        out: the folder to make; by default runs/<time>-<name>.
        onlookers: callbacks that are no part of the result, such as a progress bar.
        dataset: the data, if loaded already.

    Raises:
        InputError: a part of the configuration cannot be right; nothing was written.
        Diverged: the loss turned NaN or infinite.
        Interrupted: a signal came; the checkpoint is written.
    """
    assembly, directory = begin(config, out, dataset)
    return train_into(assembly, directory, onlookers), directory


def begin(
    config: Config, out: Path | None = None, dataset: Dataset | None = None
) -> tuple[Assembly, RunDirectory]:
    """The first half of `run`: all is checked and made, nothing is trained yet."""
    assembly = assemble(check_single(config), dataset)
    config = assembly.config
    directory = RunDirectory.create(out, f"{config.data.title}-{model_name(config)}", config)
    return assembly, directory


def resume(path: Path, onlookers: Sequence[Callback] = ()) -> tuple[RunResult, RunDirectory]:
    """Go on with an interrupted or killed run, to the bits that it would have ended with.

    Where they may be others, since the CPU, a library or a version changed, that is logged.
    """
    directory = RunDirectory.open(path)
    if directory.ended() is None:
        warn_of_changes(directory.environment_file)
    return go_on(directory, onlookers), directory


def go_on(directory: RunDirectory, onlookers: Sequence[Callback] = ()) -> RunResult:
    """The rest of a run, wherever it began."""
    if (ended := directory.ended()) is not None:
        return result_of(ended, directory)
    assembly = assemble(check_single(directory.config()))
    found = directory.newest_checkpoint()
    if found is not None:
        _take_over(assembly.learner, found.learner)
    resumed = found.resume if found else None
    return train_into(assembly, directory, onlookers, resumed)


def check_single(config: Config) -> Config:
    """The configuration of one network; ConfigError for that of an ensemble."""
    if config.train.ensemble > 1:
        raise ConfigError(
            f"train.ensemble = {config.train.ensemble}: one network is trained here. Use "
            "groundup.train.ensemble_run, or the command line."
        )
    return config


def result_of(record: Mapping[str, Any], directory: RunDirectory) -> RunResult:
    """What the end record of a run in this directory tells."""
    names = {field.name for field in fields(RunResult)}
    values = {name: value for name, value in record.items() if name in names}
    return RunResult(**values | {"run_dir": str(directory.path)})


def train_into(
    assembly: Assembly,
    directory: RunDirectory,
    onlookers: Sequence[Callback] = (),
    resumed: Resume | None = None,
) -> RunResult:
    """The second half of `run`; what it raises stands there."""
    learner, config = assembly.learner, assembly.config
    with Signals() as signals, Log(directory.metrics) as log:
        recorder = Recorder(directory, log, config.train.log_every, signals)
        if resumed is None:
            log.truncate(0)
        else:
            recorder.restore(resumed.callbacks[-1])  # now, so that the log has its whole history
        training = Training(
            learner,
            assembly.train,
            assembly.validation,
            assembly.plan,
            [*assembly.callbacks, *probes_for(config.train.probes), recorder],
            onlookers=onlookers,
            resume=resumed,
            history=history_of(directory.records(), resumed.progress.epoch) if resumed else None,
        )
        history = training.run()
        where = shlex.quote(shown(directory.path))
        signals.check(f"stopped. Go on with: groundup train --resume {where}")
        seconds = recorder.seconds
        scores = learner.evaluate(assembly.test, EVALUATION_BATCH)
        last = {name: values[-1] for name, values in history.history.items()}
        if assembly.validation is not None and last:  # a callback may have restored other weights
            values = learner.evaluate(assembly.validation, EVALUATION_BATCH)
            last |= {f"val_{name}": value for name, value in values.items()}
        result = RunResult(
            run_dir=str(directory.path),
            model=model_name(config),
            data=config.data.title,
            seed=config.seed,
            epochs=len(history.epoch),
            parameters=int(learner.vector.size),
            seconds=seconds,
            samples_per_second=len(assembly.train) * len(history.epoch) / max(seconds, 1e-9),
            train_loss=last.get("loss"),
            val_loss=last.get("val_loss"),
            val_accuracy=last.get("val_accuracy"),
            test_loss=scores["loss"],
            test_accuracy=scores.get("accuracy"),
            test_r2=r2_of(learner, assembly.dataset),
        )
        model_file.save(directory.model, learner)
        recorder.write("end", _end_record(result, training), durable=True)
    return result


def _end_record(result: RunResult, training: Training) -> Mapping[str, Any]:
    place = {"epoch": training.epoch, "step": training.step, "seconds": result.seconds}
    reason = training.stopped.reason if training.stopped else ALL_DONE
    return place | asdict(result) | {"reason": reason}


def _take_over(learner: Learner, found: Learner) -> None:
    """The checkpoint's arrays into the learner that was just made from the same configuration."""
    for part in ("network", "loss", "optimizer", "metrics", "seed"):
        if getattr(found, part) != getattr(learner, part):
            raise InputError(
                f"the checkpoint holds another {part} than config.toml says: expected the "
                "config.toml that the run began with."
            )
    learner.vector[...], learner.running[...] = found.vector, found.running
    learner.slots, learner.epochs_trained = found.slots, found.epochs_trained
