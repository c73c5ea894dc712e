"""groundup train: one run, from a configuration to a trained network with its report."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json, Strict, Threads, be_strict, threads
from groundup.cli.run_options import (
    BatchSize,
    Config,
    Data,
    Epochs,
    ImageSize,
    LearningRate,
    Model,
    Optimizer,
    Out,
    Quiet,
    Seed,
    Sets,
    Target,
    Task,
)

Ensemble: TypeAlias = Annotated[
    int | None,
    typer.Option(metavar="K", help="Train K networks from seeds of their own, and average them."),
]
Bagging: TypeAlias = Annotated[
    bool, typer.Option("--bagging", help="Each network learns from a bootstrap resample.")
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Members trained at a time; by default one a processor core."
    ),
]
Resume: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.")
]
Profile: TypeAlias = Annotated[
    bool,
    typer.Option("--profile", help="Show what a step costs by layer, instead of training."),
]


def train(
    config: Config = None,
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
    ensemble: Ensemble = None,
    bagging: Bagging = False,
    workers: Workers = None,
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
    Data:        digits, mnist, iris, wine, breast-cancer, diabetes; or a path:
                 a table (CSV), NPZ, NPY and IDX pairs, a folder with pictures of each class in one
    Models:      two-layer, multi-layer, keras-dnn, simple-convnet, deep-convnet
    Optimizers:  sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw

    \b
    Examples:
      groundup train
      groundup train --data mnist --model multi-layer --set depth=3 --set init=he
      groundup train --data flowers.csv --target species
      groundup train config.toml --set learning_rate=1e-3 --out runs/first
      groundup train --ensemble 5 --bagging
      groundup train --resume runs/first
      groundup train config.toml --profile
    """
    from groundup.cli import training

    options = {
        "--data": data, "--target": target, "--task": task, "--image-size": image_size,
        "--model": model, "--optimizer": optimizer, "--epochs": epochs,
        "--learning-rate": learning_rate, "--batch-size": batch_size, "--seed": seed,
        "--ensemble": ensemble, "--bagging": bagging or None,
    }  # fmt: skip
    be_strict(strict)
    with threads(threads_):
        if profile:
            from groundup.cli.profile import show_profile

            training.refuse({"--resume": resume, "--out": out}, "--profile writes no run")
            return show_profile(config, options, sets or [], json, quiet)
        if resume is None:
            finished = training.begin(config, options, sets or [], out, quiet, workers)
        else:
            fixed = {"CONFIG.toml": config, **options, "--set": sets, "--out": out}
            training.refuse(fixed, "--resume goes on with the run as it was configured")
            finished = training.go_on(resume, quiet, workers)
    return training.show(finished, json)
