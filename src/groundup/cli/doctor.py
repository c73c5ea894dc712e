"""groundup doctor: what is wrong with a training, what would help, and the proof."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json, Strict, Threads, be_strict, threads
from groundup.cli.run_options import (
    BatchSize,
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

Patient: TypeAlias = Annotated[
    Path | None,
    typer.Argument(metavar="RUN|CONFIG.toml", help="A run directory, or what to train."),
]
Preflight: TypeAlias = Annotated[
    bool, typer.Option("--preflight", help="Only check what can be checked before any training.")
]
Prove: TypeAlias = Annotated[
    bool,
    typer.Option("--prove", help="Try each prescription in pairs of runs, with and without it."),
]
Budget: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Of --prove, such as 60s, 2m or 1h30m; by default 60s."),
]
Pairs: TypeAlias = Annotated[
    int | None,
    typer.Option(metavar="N", help="5, 10 or 20: the most pairs of --prove, whatever the time."),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Runs of --prove at a time; by default one a processor core."
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Run directory to make; by default runs/<time>-<name>. With --preflight the folder "
        "for its page.",
    ),
]


def doctor(
    patient: Patient = None,
    preflight: Preflight = False,
    prove: Prove = False,
    budget: Budget = None,
    pairs: Pairs = None,
    workers: Workers = None,
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
    out: Out = None,
    threads_: Threads = None,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what keeps a network from learning, what would help, and prove it.

    Of a run directory its files are read, also if it diverged or was interrupted. What a
    configuration or options say, as those of `groundup train`, is trained first. The story with its
    pictures is doctor.html in the run directory.

    \b
    Exit codes:
      0    nothing stands out, or hints only
      1    it could not be done
      2    usage, configuration or input
      3    a finding is fatal or harmful, or a check of --preflight failed
      130  interrupted after a checkpoint

    \b
    Examples:
      groundup doctor runs/first
      groundup doctor config.toml --prove --budget 2m
      groundup doctor --model multi-layer --set depth=5 --set init=std:0.01
      groundup doctor config.toml --preflight --out checks
    """
    from groundup.cli import diagnosing
    from groundup.cli.training import refuse

    options = {
        "--data": data, "--target": target, "--task": task, "--image-size": image_size,
        "--model": model, "--optimizer": optimizer, "--epochs": epochs,
        "--learning-rate": learning_rate, "--batch-size": batch_size, "--seed": seed,
    }  # fmt: skip
    of_prove = {"--budget": budget, "--pairs": pairs, "--workers": workers}
    be_strict(strict)
    with threads(threads_):
        asked = diagnosing.asked_for(patient, options, sets or [], out)
        if preflight:
            refuse({"--prove": prove or None, **of_prove}, "--preflight trains nothing")
            grave = diagnosing.check(asked, json, quiet)
        else:
            trying = diagnosing.trying_of(prove, budget, pairs, workers)
            grave = diagnosing.examine(asked, trying, json, quiet)
    if grave:
        raise typer.Exit(3)
