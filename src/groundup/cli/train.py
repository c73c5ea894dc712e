"""groundup train: one run, from a configuration to a trained network with its report."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json, Threads, threads

Config: TypeAlias = Annotated[
    Path | None, typer.Argument(metavar="CONFIG.toml", help="What the run is.")
]
Data: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NAME", help="What to learn; see the names above.")
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The network."),
]
Epochs: TypeAlias = Annotated[int | None, typer.Option(metavar="N", help="Passes over the data.")]
BatchSize: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", help="Samples in an update.")
]
Optimizer: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="How it learns."),
]
LearningRate: TypeAlias = Annotated[
    float | None, typer.Option(metavar="X", help="Of the optimizer.")
]
Seed: TypeAlias = Annotated[int | None, typer.Option(metavar="N", help="Of every random draw.")]
Sets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Any other setting, such as units=100; repeatable."
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Run directory to make; by default runs/<time>-<name>."),
]
Resume: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.")
]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


def train(
    config: Config = None,
    data: Data = None,
    model: Model = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    optimizer: Optimizer = None,
    learning_rate: LearningRate = None,
    seed: Seed = None,
    sets: Sets = None,
    out: Out = None,
    resume: Resume = None,
    threads_: Threads = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a network and write a report of it.

    Without options: the built-in handwritten digits. An option overrides the configuration file.
    What comes of it lies in the run directory: model, log, checkpoints and report.html.
    Ctrl-C stops after a checkpoint.

    \b
    Data:        digits, mnist
    Models:      two-layer, multi-layer, keras-dnn, simple-convnet, deep-convnet
    Optimizers:  sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw

    \b
    Examples:
      groundup train
      groundup train --data mnist --model multi-layer --set depth=3 --set init=he
      groundup train config.toml --set learning_rate=1e-3 --out runs/first
      groundup train --resume runs/first
    """
    from groundup.cli import training

    options = {
        "--data": data, "--model": model, "--optimizer": optimizer, "--epochs": epochs,
        "--learning-rate": learning_rate, "--batch-size": batch_size, "--seed": seed,
    }  # fmt: skip
    with threads(threads_):
        if resume is None:
            finished = training.begin(config, options, sets or [], out, quiet)
        else:
            training.refuse({"CONFIG.toml": config, **options, "--set": sets, "--out": out})
            finished = training.go_on(resume, quiet)
    training.show(finished, json)
