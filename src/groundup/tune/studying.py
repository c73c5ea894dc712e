"""A study carried out: the search, then the network of the best settings, judged once.

All that happens is in the log before the next step is taken, and what comes out is read from it. So
whatever dies, and whenever, `resume` goes on from there, to the same study.
"""

import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from groundup.config import Config
from groundup.errors import ConfigError, InputError, Interrupted
from groundup.storage import shown
from groundup.train.executor import ExecutorFactory, inline, local_pool
from groundup.train.run import data_of
from groundup.train.signals import Signals
from groundup.tune.conduct import Note, conduct
from groundup.tune.folder import BEST, Folder, Story, final_of, read_story
from groundup.tune.history import History
from groundup.tune.method import Method
from groundup.tune.pages.files import write_files
from groundup.tune.plan import Plan
from groundup.tune.planning import make_plan
from groundup.tune.progress import Progress, Tell
from groundup.tune.records import Begun, Terms, terms_record
from groundup.tune.search import Search
from groundup.tune.space import Space
from groundup.tune.stopping import Stopping
from groundup.tune.study import Final, Study
from groundup.tune.training import Training, train_best

Workers: TypeAlias = ExecutorFactory | int | None
_WARM_UP = 60.0  # seconds that the first trial of a process has more, for its imports and kernels


def search(
    config: Config | Mapping[str, Any],
    space: Space | Mapping[str, Any],
    method: Method | str | Mapping[str, Any] = "random",
    trials: int | None = None,
    stopping: Stopping | str | Mapping[str, Any] = "none",
    metric: str | None = None,
    batch: int = 4,
    budget: float | None = None,
    timeout: float | None = None,
    asynchronous: bool = False,
    executor: Workers = None,
    out: Path | str | None = None,
    tell: Tell | None = None,
) -> Study:
    """Search for the settings with which a network does best on validation data

    All trials train from the same seed and are judged on the same validation samples. In the end
    the network of the best settings is trained once more, and that one alone is judged on the test
    data. The study is the same for any number of workers, unless a budget, a timeout or
    `asynchronous` makes it depend on their speed.   [Bergstra & Bengio 2012; Saito 2016, 6.5]

    Args:
        config: what all trials share, as `groundup train` has it.
        space: by key the values, such as {"learning_rate": "log:1e-6..1e-2", "units": [50, 100]};
            keys as short as is clear.
        method: how to search.
        trials: how many; by default all that the method has, or 100.
        stopping: when a trial is given up.
        metric: what is judged, "accuracy" or "loss"; by default as the data ask.
        batch: how many trials are suggested from the same history, by methods that look at it.
        budget: seconds after which no trial begins.
        timeout: seconds after which a trial is given up; needs processes of our own.
        asynchronous: suggest a trial as soon as another ended, so that `batch` are always running.
        executor: where trials run: a factory, or in so many processes; by default here, where one
            that runs out of memory may end the search as well.
        out: a folder to make, for the log, the network and the files; by default nothing is kept.
        tell: is told of the progress.

    Returns:
        all trials and the final network's scores; none of these, if no trial was finished.

    Raises:
        InputError: what cannot be searched, before anything was trained.
        Interrupted: a signal came; with `out`, `resume` goes on.

    >>> config = {"model": {"name": "two-layer"}, "train": {"epochs": 1, "batch_size": 100}}
    >>> study = search(config, {"learning_rate": "log:1e-5..1e-1"}, trials=4)
    >>> len(study.history), study.final.scores["test_accuracy"] > 0.5
    (4, True)
    """
    terms = Terms(budget, timeout, asynchronous)
    factory = _factory(executor, timeout)
    plan = make_plan(config, space, method, trials, stopping, metric, batch)
    story = Story(plan, terms, Begun(plan.search.nothing))
    if out is None:
        return _Course(factory, tell).to_the_end(story)
    with Folder.create(Path(out), plan, terms) as folder:
        return _Course(factory, tell, folder.path, folder.note).to_the_end(story)


def resume(
    path: Path | str,
    trials: int | None = None,
    budget: float | None = None,
    timeout: float | None = None,
    executor: Workers = None,
    tell: Tell | None = None,
) -> Study:
    """Go on with an interrupted or killed study, to the same result; no finished trial is repeated

    Args:
        path: its folder.
        trials: how many there shall be in all; by default as before.
        budget, timeout: as `search` has them; by default as before.
        executor, tell: as `search` has them.

    Raises:
        InputError: the data are gone; fewer trials are asked for than there are; or others than
            before, but the best are chosen already, for the test data to judge.
    """
    with Folder.open(Path(path)) as folder:
        story = folder.story()
        terms = replace(
            story.terms,
            budget=story.terms.budget if budget is None else budget,
            timeout=story.terms.timeout if timeout is None else timeout,
        )
        search = _with_trials(story, trials, folder.path)
        ours = executor is None or isinstance(executor, int)
        factory = _factory(executor, terms.timeout if ours else timeout)
        if story.chosen is None:
            data_of(story.plan.config)  # were they gone, every trial that is left would fail
            if (terms, search) != (story.terms, story.plan.search):
                folder.note(terms_record(terms, search.trials, story.begun.seconds))
                story = folder.story()
        return _Course(factory, tell, folder.path, folder.note).to_the_end(story)


def open_study(path: Path | str) -> Study:
    """What a study has found so far; it may be running meanwhile, nothing is written."""
    return read_story(Path(path)).study


def _with_trials(story: Story, trials: int | None, path: Path) -> Search:
    """The search with so many trials in all; not once the test data may have been seen."""
    search, begun = story.plan.search, len(story.begun.history)
    if trials is None or trials == search.trials:
        return search
    if story.chosen is not None:
        raise InputError(
            f"{shown(path)}: the best settings are chosen, and the network made of them is for the "
            "test data to judge; the search cannot go on after that. Begin another study, with "
            "as many trials as are wanted."
        )
    if trials < begun:
        raise InputError(
            f"trials={trials}: {shown(path)} has {begun} already. Expected at least as many."
        )
    return replace(search, trials=trials)


def _factory(executor: Workers, timeout: float | None) -> ExecutorFactory:
    if executor is None and timeout is None:
        return inline()
    if executor is None or isinstance(executor, int):
        return local_pool(1 if executor is None else executor, timeout=timeout, warm_up=_WARM_UP)
    if timeout is not None:
        raise ConfigError(
            f"timeout = {timeout:g}: only processes of our own can be ended. Say how many as "
            "executor, such as executor=2."
        )
    return executor


@dataclass(frozen=True)
class _Course:
    """How a study goes on: where trials run, who is told, and where it is kept."""

    factory: ExecutorFactory
    tell: Tell | None
    path: Path | None = None
    note: Note = lambda record: None

    def to_the_end(self, story: Story) -> Study:
        """The rest of the search, the final network, and the files."""
        with Signals() as signals:
            if story.chosen is None:
                story = self._choose(self._search(story, signals))
            if story.chosen is not None and story.final is None:
                story = replace(story, final=self._train_best(story, story.chosen, signals))
        if self.path is not None:
            write_files(self.path, story.study)
        return story.study

    def _search(self, story: Story, signals: Signals) -> Story:
        """All trials that there will be."""
        plan, began = story.plan, time.monotonic() - story.begun.seconds
        with self.factory() as pool:
            history = conduct(
                plan.search, story.begun, story.terms, pool, Training(plan), self.note, self.tell,
                lambda history: signals.check(self._stopped(plan, history)), (Exception,),
            )  # fmt: skip
        return replace(story, begun=Begun(history, (), time.monotonic() - began))

    def _choose(self, story: Story) -> Story:
        """The best settings, for good: they stand in the log before their test scores are taken."""
        best = story.study.best
        if best is None:
            return story
        self.note({"kind": "chosen", "at": story.begun.seconds, "number": best.number})
        return replace(story, chosen=best.number)

    def _train_best(self, story: Story, chosen: int, signals: Signals) -> Final:
        """The network of the chosen settings, and the only look at the test data."""
        history, seconds = story.begun.history, story.begun.seconds
        if self.tell is not None:
            budget = story.terms.budget
            self.tell(Progress(history, (), len(history), seconds, budget, final=True))
        config = story.plan.configured(history.trials[chosen].settings)
        folder = None if self.path is None else self.path / BEST
        stopped = self._stopped(story.plan, history)
        signals.check(stopped)
        try:
            scores = train_best(config, folder)
        except Interrupted as error:
            raise Interrupted(error.signal_number, stopped) from None
        signals.check(stopped)
        record = {"kind": "final", "at": seconds, "number": chosen, "scores": scores}
        self.note(record)
        return final_of(record, self.path)

    def _stopped(self, plan: Plan, history: History) -> str:
        """What somebody is told who stopped the study."""
        ended = sum(trial.state != "running" for trial in history.trials)
        best = history.best_trial
        found = ""
        if best is not None and best.value is not None:
            value = plan.measure.words(best.value)
            found = f", best so far {value} validation {plan.metric} (trial {best.number})"
        how = "Give a folder, out=, to be able to go on."
        if self.path is not None:
            how = f"Go on with: groundup tune --resume {shlex.quote(shown(self.path))}"
        return f"stopped after {ended} {'trial' if ended == 1 else 'trials'}{found}. {how}"
