"""groundup train: one run, from a configuration to a trained network with its report."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json, Strict, Threads, be_strict, threads

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
Profile: TypeAlias = Annotated[
    bool,
    typer.Option("--profile", help="Show what a step costs by layer, instead of training."),
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
    profile: Profile = False,
    threads_: Threads = None,
    strict: Strict = False,
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
      groundup train config.toml --profile
    """
    from groundup.cli import training

    options = {
        "--data": data, "--model": model, "--optimizer": optimizer, "--epochs": epochs,
        "--learning-rate": learning_rate, "--batch-size": batch_size, "--seed": seed,
    }  # fmt: skip
    be_strict(strict)
    with threads(threads_):
        if profile:
            from groundup.cli.profile import show_profile

            training.refuse({"--resume": resume, "--out": out}, "--profile writes no run")
            return show_profile(config, options, sets or [], json, quiet)
        if resume is None:
            finished = training.begin(config, options, sets or [], out, quiet)
        else:
            fixed = {"CONFIG.toml": config, **options, "--set": sets, "--out": out}
            training.refuse(fixed, "--resume goes on with the run as it was configured")
            finished = training.go_on(resume, quiet)
    return training.show(finished, json)
