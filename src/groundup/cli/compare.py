"""groundup compare: which technique is better here, or can they not be told apart?"""

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

Vary: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=A,B,…", help="What is compared, as optimizer=sgd,adam; repeat for a product."
    ),
]
Seeds: TypeAlias = Annotated[
    int, typer.Option(min=2, metavar="N", help="Over how many seeds, from --seed on.")
]
NoTune: TypeAlias = Annotated[
    bool, typer.Option("--no-tune", help="Default learning rates only: fewer runs.")
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Runs at a time; by default one a processor core."),
]
Dask: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Train on a Dask cluster, as tcp://head:8786."),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder to make; by default runs/<time>-compare-<name>."),
]
Resume: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Go on with an interrupted comparison.")
]


def compare(
    config: Config = None,
    vary: Vary = None,
    seeds: Seeds = 10,
    no_tune: NoTune = False,
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
    workers: Workers = None,
    dask: Dask = None,
    out: Out = None,
    resume: Resume = None,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say which technique is better here, how sure that is, or that it cannot be told.

    Every combination of what varies is a method. All are trained from the same seeds, at their
    default learning rates and, unless --no-tune, also at rates of their own, each chosen on
    validation data with equally many trials. The last networks are judged on the test data and
    compared by paired t-tests, corrected for their number. Report, tables and log lie in DIR.
    Ctrl-C stops; no finished run is lost or repeated.

    \b
    Examples:
      groundup compare --vary optimizer=sgd,momentum,adagrad,rmsprop,adam
      groundup compare --vary batch_norm=true,false --vary init=he,xavier,std:0.01
        --data mnist --model multi-layer --epochs 5 --no-tune
      groundup compare config.toml --vary model.dropout=0.0,0.15,0.5 --seeds 20
      groundup compare --resume runs/first
    """
    from groundup.cli import comparing, training

    options = {
        "--data": data, "--target": target, "--task": task, "--image-size": image_size,
        "--model": model, "--optimizer": optimizer, "--epochs": epochs,
        "--learning-rate": learning_rate, "--batch-size": batch_size, "--seed": seed,
    }  # fmt: skip
    be_strict(strict)
    executor = comparing.executor(workers, dask)
    if resume is None:
        finished = comparing.begin(
            config, options, sets or [], vary or [], seeds, not no_tune, executor, out, quiet
        )
    else:
        fixed = {"CONFIG.toml": config, **options, "--set": sets, "--vary": vary, "--out": out}
        training.refuse(fixed, "--resume goes on with the comparison as it was planned")
        finished = comparing.go_on(resume, executor, quiet)
    comparing.show(*finished, json)
