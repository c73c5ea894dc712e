"""From a configuration with `train.ensemble = K` to K networks, averaged, in one run directory.

    config.toml  env.json  metrics.jsonl  members/1 … members/K  model.safetensors  report.html

A member is an ordinary run, of the seed s, s + 1, …, with the same validation samples: it could be
repeated alone, and what interrupts the whole is for it an interrupted run. Going on, members that
ended are kept as they are; one that had begun goes on from its last checkpoint.
"""

import shlex
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from groundup.config import Config, reseeded
from groundup.errors import Diverged, Interrupted
from groundup.storage import Log, make_directory, shown
from groundup.train import model_file
from groundup.train.environment import warn_of_changes
from groundup.train.executor import ExecutorFactory, inline
from groundup.train.fan_out import fan_out
from groundup.train.learner import EVALUATION_BATCH, Learner
from groundup.train.members import compare, join
from groundup.train.regress import r2_of
from groundup.train.run import (
    ALL_DONE,
    Assembly,
    RunResult,
    assemble,
    go_on,
    model_name,
    result_of,
)
from groundup.train.run_directory import RunDirectory
from groundup.train.signals import Signals
from groundup.train.threads import limited_threads

Tell = Callable[[int, RunResult], None]


def run_ensemble(
    config: Config,
    out: Path | None = None,
    executor: ExecutorFactory | None = None,
    tell: Tell | None = None,
) -> tuple[RunResult, RunDirectory]:
    """Train what the configuration says into a new run directory

    Args:
        config: the run, with its number of members in `train.ensemble`.
        out: the folder to make; by default runs/<time>-<name>.
        executor: where members are trained, to the same bits everywhere; by default here.
        tell: is called with a member's number, from 1, and its result, as members end.

    Raises:
        InputError: a part of the configuration cannot be right; nothing was written.
        Diverged: the loss of a member turned NaN or infinite.
        Interrupted: a signal came; what members had reached is kept.
    """
    assembly = assemble(config)
    config = assembly.config
    directory = RunDirectory.create(
        out, f"{config.data.title}-{model_name(config)}-ensemble", config
    )
    return _train(assembly, directory, executor, tell), directory


def resume_ensemble(
    path: Path, executor: ExecutorFactory | None = None, tell: Tell | None = None
) -> tuple[RunResult, RunDirectory]:
    """Go on with an interrupted or killed run, to the bits that it would have ended with."""
    directory = RunDirectory.open(path)
    if (ended := directory.ended()) is not None:
        return result_of(ended, directory), directory
    warn_of_changes(directory.environment_file)
    return _train(assemble(directory.config()), directory, executor, tell), directory


def member_configs(config: Config) -> list[Config]:
    """What each member is: an ordinary run."""
    single = config.train.model_copy(update={"ensemble": 1})
    return [
        reseeded(config, config.seed + k).model_copy(update={"train": single})
        for k in range(config.train.ensemble)
    ]


def _train(
    assembly: Assembly, directory: RunDirectory, executor: ExecutorFactory | None, tell: Tell | None
) -> RunResult:
    make_directory(directory.path / "members")
    with (
        Log(directory.metrics) as log,
        _ending_well(directory) as signals,
        (executor or inline())() as pool,
    ):
        results = _members(assembly.config, directory, pool, signals, tell)
        numbers = sorted(results)
        runs = [RunDirectory(directory.member(k)) for k in numbers]
        learner = join([model_file.load(one.model).learner for one in runs])
        result = _result(assembly, directory, learner, [results[k] for k in numbers])
        model_file.save(directory.model, learner)
        place = {"epoch": result.epochs - 1, "step": 0, "seconds": result.seconds}
        log.truncate(0)
        log.append({"kind": "end", **place, **asdict(result), "reason": ALL_DONE}, durable=True)
    return result


def _members(
    config: Config, directory: RunDirectory, pool: Executor, signals: Signals, tell: Tell | None
) -> dict[int, RunResult]:
    """Train what is not trained yet; the results by the members' numbers."""
    results: dict[int, RunResult] = {}
    singles = member_configs(config)
    tasks = [(single, directory.member(k)) for k, single in enumerate(singles, start=1)]
    for place, future in fan_out(pool, _train_member, tasks, lambda: signals.check("stopped")):
        k = place + 1
        try:
            results[k] = future.result()
        except Diverged as error:
            where = f"{error.where}, in member {k}"
            raise Diverged(error.epoch, error.step, where) from error
        if tell is not None:
            tell(k, results[k])
    return results


def _train_member(config: Config, path: Path) -> RunResult:
    """The task of a worker: a member's run, or the rest of it. One thread, wherever it runs."""
    with limited_threads(1):
        return go_on(RunDirectory.open(RunDirectory.prepare(path, config).path))


def _result(
    assembly: Assembly, directory: RunDirectory, learner: Learner, members: Sequence[RunResult]
) -> RunResult:
    with limited_threads(1):
        comparison = compare(learner, assembly.test)
        held = assembly.validation
        validation = learner.evaluate(held, EVALUATION_BATCH) if held is not None else {}
    assert comparison is not None
    seconds = sum(one.seconds for one in members)
    samples = sum(one.samples_per_second * one.seconds for one in members)
    return RunResult(
        run_dir=str(directory.path),
        model=members[0].model,
        data=members[0].data,
        seed=assembly.config.seed,
        epochs=max(one.epochs for one in members),
        parameters=int(learner.vector.size),
        seconds=seconds,
        samples_per_second=samples / max(seconds, 1e-9),
        train_loss=None,
        val_loss=validation.get("loss"),
        val_accuracy=validation.get("accuracy"),
        test_loss=comparison.ensemble["loss"],
        test_accuracy=comparison.ensemble.get("accuracy"),
        test_r2=r2_of(learner, assembly.dataset),
        members=list(comparison.members),
    )


@contextmanager
def _ending_well(directory: RunDirectory) -> Iterator[Signals]:
    """Signals are looked for meanwhile; whichever process one reached, the whole can go on."""
    where = shlex.quote(shown(directory.path))
    with Signals() as signals:
        try:
            yield signals
        except Interrupted as error:
            raise Interrupted(
                error.signal_number, f"stopped. Go on with: groundup train --resume {where}"
            ) from None
