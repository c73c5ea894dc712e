"""A run as a short Python script: the same data, network and training, in the public API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from groundup.config import Config
from groundup.config_data import FILE_OPTIONS
from groundup.data.augment import Augment
from groundup.errors import InputError
from groundup.formats.python_source import (
    Source,
    call,
    class_name,
    listed,
    literal,
    option,
    source,
    text,
)
from groundup.nn.scaled_loss import ScaledLoss
from groundup.storage import AnyPath, exists, shown, write_text
from groundup.train import model_file
from groundup.train.callback import callbacks
from groundup.train.inputs import prepared_shape
from groundup.train.learner import Learner
from groundup.train.run import model_name
from groundup.train.run_directory import RunDirectory

_ANY = (1, 1, 1)
_SCORES = {"test_accuracy": "test accuracy", "test_loss": "test loss"}


def to_python(run: AnyPath, path: AnyPath) -> None:
    """Write a script that builds and trains the network of a finished run again

    With the versions and the processor of the run it comes to the same bits: the script has the
    run's seeds, its data by name or path, and all its options. A file that exists is replaced.

    Args:
        run: the run directory.
        path: of the script, such as "train.py".

    Raises:
        InputError: there is no finished run, or it has classes that are not groundup's.
        StorageError: the file cannot be written.

    >>> import groundup as gu
    >>> gu.formats.to_python("runs/first", "train.py")  # doctest: +SKIP
    """
    write_text(path, script_of(RunDirectory.open(Path(run))))


def script_of(run: RunDirectory) -> str:
    """The text of the script."""
    config = run.config()
    several = config.train.ensemble > 1
    model = (RunDirectory(run.member(1)) if several else run).model
    if not exists(model):
        raise InputError(f"{shown(run.path)} has no model yet: its run did not end.")
    learner = model_file.load(model).learner
    paragraphs = [
        _head(config, run),
        _imports(config),
        _data(config),
        "\n".join([*_network(config, learner), *_training(config)]),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _head(config: Config, run: RunDirectory) -> str:
    """The docstring: what this is, and what the run came to."""
    end = (run.records("end") or [{}])[-1]
    found = next((name for name in _SCORES if isinstance(end.get(name), float)), None)
    came = f"\n\nIts {_SCORES[found]} was {end[found]:.4f}.\n" if found else ""
    what = f"{model_name(config)} on {config.data.title}".replace("\\", "/").replace('"', "'")
    return f'"""The network {what}, built and trained again.{came}"""'


def _imports(config: Config) -> str:
    own = "\nfrom groundup.config_data import DataConfig" if config.data.path else ""
    return f"import groundup as gu{own}"


def _data(config: Config) -> str:
    data = config.data
    if data.path is None:
        opened = call("gu.data.load", [literal(data.name)])
    else:
        named = {name: getattr(data, name) for name in ("path", *FILE_OPTIONS)}
        options = {name: source(value) for name, value in named.items() if value is not None}
        which = call("DataConfig", options=options)
        opened = call("gu.data.open_dataset", [which], {"seed": literal(_split_seed(config))})
    return _assigned("data", opened)


def _network(config: Config, learner: Learner) -> Iterator[str]:
    """The lines that make and compile the model."""
    chosen = learner.preparation.preprocessors
    options: dict[str, Source] = {"seed": literal(config.seed)}
    if chosen:
        options["preprocess"] = listed(map(option, chosen))
    layers = source(list(learner.network.chain.layers))
    if isinstance(learner.loss, ScaledLoss):
        yield "# Rescaling gives outputs the spread and the mean of the targets that train."
    yield _assigned("model", call("gu.Sequential", [layers], options))
    judged = [source(learner.optimizer, always=["learning_rate"]), option(learner.loss)]
    metrics = {"metrics": source(list(config.train.metrics))} if config.train.metrics else {}
    yield text(call("model.compile", judged, metrics))
    if prepared_shape(chosen, _ANY) is None:  # only the data could tell
        yield f"model.build({literal(learner.network.in_shape)})  # what the preprocessing leaves"


def _training(config: Config) -> Iterator[str]:
    """The lines that train and judge it."""
    train, who, x, y = config.train, "model", "data.x_train", "data.y_train"
    share, seed = config.data.validation, _split_seed(config)
    judges: dict[str, Source] = {"validation_split": literal(share)} if share else {}
    if share and seed != config.seed:
        drawn = call("gu.data.train_validation_split", [y, literal(share), f"gu.Stream({seed})"])
        yield _assigned("train, held", drawn)
        judges = {"validation_data": f"({x}[held], {y}[held])"}
        x, y = f"{x}[train]", f"{y}[train]"
    if train.ensemble > 1:
        who, options = "ensemble", {"members": literal(train.ensemble)}
        options |= {"bagging": "True"} if train.bagging else {}
        yield _assigned(who, call("gu.Ensemble", ["model"], options))
    yield text(call(f"{who}.fit", [x, y], judges | _fit_options(config)))
    yield f"print({who}.evaluate(data.x_test, data.y_test))"


def _fit_options(config: Config) -> dict[str, Source]:
    """What `fit` is told besides the data; nothing that it does by itself."""
    train, operations = config.train, Augment(config.data.augment).operations
    options: dict[str, Source | None] = {
        "batch_size": literal(train.batch_size),
        "epochs": literal(train.epochs),
        "callbacks": listed(map(_callback, train.callbacks)) if train.callbacks else None,
        "shuffle": None if train.shuffle is True else literal(train.shuffle),
        "class_weight": None if train.class_weight is None else source(train.class_weight),
        "augment": source(list(operations)) if operations else None,
    }
    return {name: said for name, said in options.items() if said is not None}


def _split_seed(config: Config) -> int:
    return config.seed if config.data.split_seed is None else config.data.split_seed


def _callback(table: dict[str, Any]) -> Source:
    options = dict(table)
    cls: type[Any] = callbacks[options.pop("kind", None) or options.pop("name", "")]
    return call(class_name(cls), options={key: source(v) for key, v in options.items()})


def _assigned(name: str, what: Source) -> str:
    return f"{name} = {text(what, before=len(name) + 3)}"
