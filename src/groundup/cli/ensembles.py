"""Ensembles on the command line: where members are trained, and members beside their average."""

from groundup.cli import output
from groundup.config import Config
from groundup.train.ensemble_run import Tell
from groundup.train.executor import ExecutorFactory, inline, local_pool, usable_cores
from groundup.train.members import Comparison
from groundup.train.run import RunResult


def fan_out(config: Config, workers: int | None) -> ExecutorFactory:
    """Where the members are trained: here, or in so many processes."""
    count = min(workers or usable_cores(), config.train.ensemble)
    return inline() if count == 1 else local_pool(count)


def teller(config: Config, quiet: bool) -> Tell | None:
    """What says a line as each member ends."""

    def tell(k: int, result: RunResult) -> None:
        scores = {"loss": result.val_loss, "accuracy": result.val_accuracy}
        words = [f"{name} {_value(name, x)}" for name, x in scores.items() if x is not None]
        validation = f"validation {', '.join(words)}; " if words else ""
        output.note(f"member {k} of {config.train.ensemble}: {validation}{result.seconds:.1f} s")

    return None if quiet else tell


def comparison_of(result: RunResult) -> Comparison | None:
    """Members beside the average on the test data; None for a single network."""
    ensemble = {"loss": result.test_loss, "accuracy": result.test_accuracy}
    known = {name: value for name, value in ensemble.items() if value is not None}
    return Comparison(tuple(result.members), known) if result.members else None


def members_table(comparison: Comparison) -> str:
    """The comparison as a table."""
    names = list(comparison.ensemble)
    rows = [
        [name, *(_value(*pair) for pair in zip(names, values, strict=True))]
        for name, values in comparison.rows()
    ]
    return output.table(["network", *(name.replace("_", " ") for name in names)], rows)


def _value(name: str, value: float) -> str:
    return output.percent(value) if name.endswith("accuracy") else f"{value:.4f}"
