"""A search for a policy carried out: what is trained in which order, and how it goes on.

What is drawn next is a function of the seed and of the rewards so far, and a reward is one of its
policy. So the result is the same for any number of workers, and however often the work was stopped:
who goes on has the controller learn from the log again, which takes a moment.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from groundup import config as configuration
from groundup.config import Config
from groundup.data.dataset import Dataset
from groundup.storage import shown
from groundup.train.executor import ExecutorFactory, inline
from groundup.train.run import data_of
from groundup.train.signals import Signals
from groundup.train.threads import limited_threads
from groundup.tune.autoaugment.children import (
    Child,
    Children,
    Request,
    opened,
    rewards,
    train,
)
from groundup.tune.autoaugment.controller import make_controller
from groundup.tune.autoaugment.files import write_files
from groundup.tune.autoaugment.folder import Folder
from groundup.tune.autoaugment.found import Found, Samples, Step
from groundup.tune.autoaugment.plan import ARMS, Plan, make_plan
from groundup.tune.autoaugment.reinforce import begin, learn
from groundup.tune.autoaugment.schedule import drawn, judged, place_of, seen, tries
from groundup.tune.autoaugment.small_set import SmallSet, small_set

Tell: TypeAlias = Callable[[int, int, Child | None], None]
"""Is told how many networks are trained, of how many, and the last one; at the beginning None."""


def search(
    config: Config | Mapping[str, Any],
    trials: int = 100,
    seeds: int = 5,
    *,
    batch: int = 4,
    subpolicies: int = 5,
    children: int = 1,
    images: int = 1000,
    best: int = 5,
    dataset: Dataset | None = None,
    executor: ExecutorFactory | None = None,
    out: Path | str | None = None,
    tell: Tell | None = None,
) -> Found:
    """Search for an augmentation policy by reinforcement learning, and judge what was found

    A controller draws policies; small networks learn with them from a few images; their accuracy
    on validation data is the reward by which the controller learns. As many policies are drawn at
    random. Then networks from fresh seeds learn with the best of both and without any, and the test
    data say, in pairs of one seed, which can be told apart.   [Cubuk et al. 2019]

    Args:
        config: the run of every network, as `groundup train` has it, without augmentation.
        trials: policies that the controller tries.
        seeds: networks of each kind in the verdict.
        batch, subpolicies, children, images, best: see `Plan`.
        dataset: the data; by default those of the configuration.
        executor: where networks are trained, to the same bits everywhere; by default here.
        out: a folder to make, for the log and the files; by default nothing is written.
        tell: is told of the progress.

    Raises:
        InputError: what cannot be searched; nothing was trained yet.
        Interrupted: a signal came; with `out`, `resume` goes on.

    >>> config = {"model": {"name": "two-layer"}, "train": {"epochs": 1, "batch_size": 100}}
    >>> found = search(config, trials=4, seeds=2, images=200, best=1)
    >>> len(found.children), len(found.policy.subpolicies)
    (15, 5)
    """
    config = config if isinstance(config, Config) else configuration.from_mapping(config)
    given = data_of(config) if dataset is None else dataset
    plan = make_plan(
        config, given, trials=trials, batch=batch, subpolicies=subpolicies, children=children,
        images=images, best=best, seeds=seeds,
    )  # fmt: skip
    data = _small(plan, given)
    travels = None if dataset is None else data
    if out is None:
        return _carry_out(plan, data, travels, {}, lambda child: None, executor, tell, "stopped")
    with Folder.create(Path(out), plan) as folder:
        return _in_folder(folder, plan, data, travels, executor, tell)


def resume(
    path: Path | str,
    executor: ExecutorFactory | None = None,
    tell: Tell | None = None,
    dataset: Dataset | None = None,
) -> Found:
    """Go on with an interrupted or killed search, to the same result; no training is repeated."""
    with Folder.open(Path(path)) as folder:
        plan = folder.plan()
        data = opened(plan) if dataset is None else _small(plan, dataset)
        travels = None if dataset is None else data
        return _in_folder(folder, plan, data, travels, executor, tell)


def _small(plan: Plan, dataset: Dataset) -> SmallSet:
    data = plan.config.data
    seed = plan.config.seed if data.split_seed is None else data.split_seed
    return small_set(dataset, plan.images, data.validation, seed)


def _in_folder(
    folder: Folder,
    plan: Plan,
    data: SmallSet,
    travels: SmallSet | None,
    executor: ExecutorFactory | None,
    tell: Tell | None,
) -> Found:
    go_on = f"groundup tune --resume {shlex.quote(shown(folder.path))}"
    stopped = f"stopped. Go on with: {go_on}"
    found = _carry_out(plan, data, travels, folder.children(), folder.keep, executor, tell, stopped)
    write_files(folder.path, found, data)
    return found


def _carry_out(
    plan: Plan,
    data: SmallSet,
    travels: SmallSet | None,
    done: Children,
    keep: Callable[[Child], None],
    executor: ExecutorFactory | None,
    tell: Tell | None,
    stopped: str,
) -> Found:
    """Train what is missing, update by update, then for the verdict."""
    controller, theta = make_controller(plan.menu, plan.config.seed)
    known, steps = begin(plan.how, theta), list[Step]()
    total = (2 * plan.trials + 1) * plan.children + len(ARMS) * plan.seeds

    def told(child: Child | None) -> None:
        if tell is not None:
            tell(len(done), total, child)

    def heard(child: Child) -> None:
        keep(child)
        told(child)

    told(None)
    with Signals() as signals, limited_threads(1), (executor or inline())() as pool:

        def trained(requests: Iterator[Request]) -> None:
            train(requests, plan, done, pool, heard, lambda: signals.check(stopped), travels)

        for numbers in plan.updates:
            steps.append(seen(plan, controller, known.theta, numbers[0]))
            decisions = drawn(plan, controller, known.theta, numbers)
            trained(tries(plan, numbers, decisions))
            earned = np.array(rewards(done, plan, "controller", numbers))
            known = learn(plan.how, controller, known, decisions, earned)
        steps.append(seen(plan, controller, known.theta, plan.trials))
        trained(judged(plan, done))
        signals.check(stopped)
    children = tuple(sorted(done.values(), key=place_of))
    dataset = data.dataset
    samples = Samples(len(dataset.y_train), len(data.validation), len(dataset.y_test))
    return Found(plan, children, tuple(steps), samples)
