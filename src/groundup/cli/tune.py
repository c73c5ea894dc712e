"""groundup tune: which settings are best here?"""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json, Strict, be_strict
from groundup.cli.run_options import (
    BatchSize,
    Config,
    Data,
    Epochs,
    ImageSize,
    LearningRate,
    Model,
    Optimizer,
    Quiet,
    Seed,
    Sets,
    Target,
    Task,
)

Method: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[:OPTION=VALUE,…]", help="How to search, as random or narrowing:samples=20."
    ),
]
Ranges: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--space",
        metavar="KEY=RANGE",
        help="Where to search, as learning_rate=log:1e-6..1e-2 or optimizer=sgd,adam; repeatable.",
    ),
]
Trials: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="How many; by default 100, or all that the method has."),
]
Budget: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Begin no trial after 60s, 10m or 1h30m; by default no end."),
]
StoppingRule: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--stopping",
        metavar="NAME[:OPTION=VALUE,…]",
        help="When to give a trial up, as none, median or hyperband:reduction=3.",
    ),
]
Metric: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="accuracy or loss on the validation data; by default as the data ask."
    ),
]
Batch: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Trials that are suggested together; by default 4."),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Trials at a time; by default one a processor core."),
]
Dask: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Train on a Dask cluster, as tcp://head:8786."),
]
Async: TypeAlias = Annotated[
    bool,
    typer.Option("--async", help="Never wait for a batch: faster, but the result is not the same."),
]
Timeout: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Give a trial up that takes longer, as 5m; it has failed."),
]
Seeds: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=2, metavar="N", help="Of autoaugment: over how many its policies are compared."
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder to make; by default runs/<time>-tune-<name>."),
]
Resume: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Go on with an interrupted study.")
]

_PLANNED = "--resume goes on with the study as it was planned"


def tune(
    config: Config = None,
    method: Method = None,
    space: Ranges = None,
    trials: Trials = None,
    budget: Budget = None,
    stopping: StoppingRule = None,
    metric: Metric = None,
    batch: Batch = None,
    data: Data = None,
    target: Target = None,
    task: Task = None,
    image_size: ImageSize = None,
    model: Model = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    optimizer: Optimizer = None,
    learning_rate: LearningRate = None,
    seed: Seed = None,
    sets: Sets = None,
    seeds: Seeds = None,
    workers: Workers = None,
    dask: Dask = None,
    asynchronous: Async = False,
    timeout: Timeout = None,
    out: Out = None,
    resume: Resume = None,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search for the settings with which the network does best on validation data.

    Where to search is said by --space, or by the table [search] of the configuration file, which
    takes the same options; by default it is the learning rate, a penalty, dropout and the width, as
    far as the model has them. The network of the best settings alone is judged on the test data, in
    the end. DIR holds every trial, the best settings as best.toml, the network, and study.html.
    Ctrl-C stops; no finished trial is lost or repeated.

    \b
    Methods:   manual, grid, random, narrowing, bayesian, tpe; autoaugment for [data] augment
    Stopping:  none, median, halving, hyperband
    Ranges:    log:1e-6..1e-2  uniform:0..0.5  int:1..9  int-log:16..256  sgd,adam
               '{ kind = "log", low = 1e-3, high = 1.0, when = { optimizer = "sgd" } }'

    \b
    Examples:
      groundup tune
      groundup tune --space learning_rate=log:1e-6..1e-2 --space optimizer=sgd,adam --epochs 5
      groundup tune config.toml --method bayesian --stopping median --trials 50 --out runs/search
      groundup tune --method grid:points=3 --space learning_rate=log:1e-4..1e-1 --budget 10m
      groundup tune --resume runs/search
    """
    from groundup.cli import training, tuning

    options = {
        "--data": data, "--target": target, "--task": task, "--image-size": image_size,
        "--model": model, "--optimizer": optimizer, "--epochs": epochs,
        "--learning-rate": learning_rate, "--batch-size": batch_size, "--seed": seed,
    }  # fmt: skip
    search = {
        "--method": method, "--space": space, "--trials": trials, "--stopping": stopping,
        "--metric": metric, "--batch": batch,
    }  # fmt: skip
    fixed = {"CONFIG.toml": config, **options, "--set": sets, "--out": out}
    waiting = {"--async": asynchronous or None, "--timeout": timeout, "--budget": budget}
    be_strict(strict)
    if tuning.is_for_policy(method, resume):
        from groundup.cli import autoaugmenting, comparing

        rest = {**search, "--method": None, "--trials": None, **waiting}
        training.refuse(rest, "a search for a policy of augmentation has trials and seeds alone")
        where = comparing.executor(workers, dask)
        if resume is None:
            found = autoaugmenting.begin(
                config, options, sets or [], trials, seeds, where, out, quiet
            )
        else:
            training.refuse({**fixed, "--trials": trials, "--seeds": seeds}, _PLANNED)
            found = autoaugmenting.go_on(resume, where, quiet)
        return autoaugmenting.show(*found, json)
    training.refuse({"--seeds": seeds}, "--seeds is of --method autoaugment")
    way = tuning.way_of(workers, dask, budget, timeout)
    if resume is None:
        finished = tuning.begin(config, options, sets or [], search, way, asynchronous, out, quiet)
    else:
        rest = {**search, "--trials": None, "--async": asynchronous or None}
        training.refuse({**fixed, **rest}, _PLANNED)
        finished = tuning.go_on(resume, trials, way, quiet)
    return tuning.show(*finished, json)
