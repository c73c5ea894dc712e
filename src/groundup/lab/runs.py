"""The trainings of a comparison, each done once: what is asked for, what came of it, the log."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from groundup.lab.survey import Entrant
from groundup.train.trials import Outcome, Trial, run_trials

Purpose: TypeAlias = Literal["tuning", "comparison"]
Key: TypeAlias = tuple[str, float | None, int]
"""Which run: method, learning rate (None: its schedule) and seed."""


@dataclass(frozen=True)
class Request:
    """A run that is wanted; the seeds of the tuning and of the comparison are others."""

    entrant: Entrant
    rate: float | None
    seed: int
    purpose: Purpose

    @property
    def key(self) -> Key:
        return self.entrant.name, self.rate, self.seed

    @property
    def trial(self) -> Trial:
        """Rates are tuned on validation data; only what is compared is judged on the test data."""
        config = self.entrant.method.seeded(self.seed, self.rate)
        return Trial(config, judged=("val",) if self.purpose == "tuning" else ("test",))


@dataclass(frozen=True)
class Run:
    """What came of a run: a row of results.csv.

    Args:
        method, rate, seed, purpose: which it is.
        scores: of the network in the end, such as "test_accuracy"; none if it diverged.
        curves: of its epochs, as `fit` has them.
        diverged: where, in words; "" if it did not.
        epochs: passes over the training data that were made.
        seconds: what it took.
        update_seconds: what an update took, the median.
    """

    method: str
    rate: float | None
    seed: int
    purpose: Purpose
    scores: Mapping[str, float]
    curves: Mapping[str, Sequence[float]]
    diverged: str
    epochs: float
    seconds: float = field(compare=False)
    update_seconds: float = field(compare=False)

    @property
    def key(self) -> Key:
        return self.method, self.rate, self.seed

    @classmethod
    def of(cls, request: Request, outcome: Outcome) -> "Run":
        return cls(
            *request.key, request.purpose, dict(outcome.scores),
            {name: list(values) for name, values in outcome.history.items()}, outcome.diverged,
            outcome.epochs, outcome.seconds, outcome.update_seconds,
        )  # fmt: skip

    def record(self) -> dict[str, Any]:
        """As it stands in the log."""
        return {"kind": "run", **asdict(self)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Run":
        return cls(**{name: value for name, value in record.items() if name != "kind"})


Runs: TypeAlias = dict[Key, Run]


def train(
    requests: Iterable[Request],
    done: Runs,
    pool: Executor,
    keep: Callable[[Run], None],
    check: Callable[[], None],
) -> None:
    """Train what is not done yet

    Args:
        requests: what is wanted.
        done: the runs so far; new ones are added.
        pool: where.
        keep: is called with each new run.
        check: is called now and then; what it raises ends the waiting.
    """
    wanted = [request for request in requests if request.key not in done]
    for place, outcome in run_trials([one.trial for one in wanted], pool, check=check):
        run = Run.of(wanted[place], outcome)
        done[run.key] = run
        keep(run)
