"""Tree-structured Parzen estimator: what good trials have in common and bad ones have not."""

import math
from dataclasses import dataclass, replace
from typing import Any

from groundup.checks import check_whole
from groundup.rng import Stream
from groundup.tune.history import History, Trial
from groundup.tune.method import Method, methods
from groundup.tune.optuna_trials import check_optuna, direction, optuna_trial, parameters, silent
from groundup.tune.space import Settings, Space, is_there


@methods.register(name="tpe")
@dataclass(frozen=True)
class TPE(Method):
    """Optuna's TPE: of some draws from l the one with the highest l(x) / g(x)

    l is the density of the best tenth of the trials, g that of all others, each a sum of Gaussian
    bumps on the dimension's own scale, one a trial.   [Bergstra et al. 2011; Optuna's TPESampler]

    Trials that run count as bad, so that those beside them keep away (constant liar); so do failed
    ones, which Optuna itself would forget and try again. Trials that were stopped rank behind all
    finished ones. Nothing is kept between two calls: each tells a fresh study all that is known.

    Args:
        random_trials: how many trials are fair draws, before there are densities.
        candidates: how many draws from l are compared.

    Raises:
        InputError: from `suggest`, if optuna is not installed; its studies can be read without.

    >>> from groundup.tune.space import make_space
    >>> space = make_space({"learning_rate": "log:1e-6..1e-2"})
    >>> first = TPE().suggest(space, History(), Stream(0, "search").at(step=0))
    >>> 1e-6 <= first["learning_rate"] <= 1e-2
    True
    """

    looks = True

    random_trials: int = 10
    candidates: int = 24

    def __post_init__(self) -> None:
        check_whole(self, "random_trials")
        check_whole(self, "candidates")

    def suggest(self, space: Space, history: History, stream: Stream) -> Settings:
        check_optuna()
        import optuna

        known = parameters(space)
        with silent():
            sampler = optuna.samplers.TPESampler(
                seed=int(stream.halves(1)[0]),
                n_startup_trials=self.random_trials,
                n_ei_candidates=self.candidates,
            )
            study = optuna.create_study(direction=direction(history), sampler=sampler)
            told = (_told(trial, history) for trial in history.trials)
            study.add_trials(optuna_trial(known, trial) for trial in told)
            asked = study.ask({name: one.distribution for name, one in known.items()}).params
        found: dict[str, Any] = {}
        for name, dimension in space.dimensions.items():
            if is_there(dimension, found):
                found[name] = known[name].taken(asked[name])
        return found


def _told(trial: Trial, history: History) -> Trial:
    """A failed trial as one that was stopped before its first epoch: of all the worst."""
    failed = history.loss(trial) == math.inf
    return replace(trial, state="stopped", value=None, curve=()) if failed else trial
