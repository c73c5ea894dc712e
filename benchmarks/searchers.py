"""Who searches: each makes a function small within a budget and returns every value that it saw."""

import importlib
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.functions import Function

BEGINNING = 10  # drawn before the first model: what Optuna and scikit-optimize do of themselves

Values = list[float]


@dataclass(frozen=True)
class Searcher:
    """One contestant.

    Args:
        label: its name in tables.
        run: from the function, the evaluations and the seed to all values, in their order.
        needs: the packages without which it cannot take part.
    """

    label: str
    run: Callable[[Function, int, int], Values]
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """Why it cannot take part; "" if it can."""
        for package in self.needs:
            try:
                importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                return f"{package} is not installed"
        return ""

    @property
    def versions(self) -> str:
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in self.needs)


def _by_method(module: str, name: str) -> Callable[[Function, int, int], Values]:
    def run(function: Function, evaluations: int, seed: int) -> Values:
        from groundup.rng import Stream
        from groundup.tune.dimensions import Uniform
        from groundup.tune.history import History, Trial
        from groundup.tune.space import Space

        method = getattr(importlib.import_module(f"groundup.tune.methods.{module}"), name)()
        space = Space({f"x{k}": Uniform(*ends) for k, ends in enumerate(function.box)})
        stream, history = Stream(seed, "search", name), History()
        for number in range(evaluations):
            settings = method.suggest(space, history, stream.at(step=number))
            value = function(list(settings.values()))
            history = history.asked(settings).told(Trial(number, settings, "finished", value))
        return [trial.value for trial in history.trials]

    return run


def _by_optuna(name: str) -> Callable[[Function, int, int], Values]:
    def run(function: Function, evaluations: int, seed: int) -> Values:
        import optuna

        if name == "GPSampler":
            import torch

            torch.set_num_threads(1)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = getattr(optuna.samplers, name)(seed=seed, n_startup_trials=BEGINNING)
        study = optuna.create_study(sampler=sampler)
        study.optimize(
            lambda trial: function(
                [trial.suggest_float(f"x{k}", *ends) for k, ends in enumerate(function.box)]
            ),
            n_trials=evaluations,
        )
        return [trial.value for trial in study.trials]

    return run


def _by_scikit_optimize(function: Function, evaluations: int, seed: int) -> Values:
    import warnings

    from skopt import gp_minimize

    box = [tuple(map(float, ends)) for ends in function.box]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a fit has not converged
        found = gp_minimize(
            function, box, n_calls=evaluations, n_initial_points=BEGINNING, random_state=seed
        )
    return [float(value) for value in found.func_vals]


OURS = "ours"
SEARCHERS = {
    OURS: Searcher("groundup, Bayesian", _by_method("bayesian", "Bayesian")),
    "gpsampler": Searcher(
        "Optuna, GPSampler", _by_optuna("GPSampler"), ("optuna", "torch", "scipy")
    ),
    "tpe": Searcher("Optuna, TPE", _by_optuna("TPESampler"), ("optuna",)),
    "skopt": Searcher(
        "scikit-optimize, gp_minimize", _by_scikit_optimize, ("scikit-optimize", "scikit-learn")
    ),
    "random": Searcher("random search", _by_method("random_search", "RandomSearch")),
}
