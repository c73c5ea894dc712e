"""The log of a search, record by record, and what it tells when it is read again.

    asked       trials that are about to run: number, settings, what they must reach; several that
                were suggested at once stand together. "unknown": without waiting for a batch,
                those that still ran, and were not known
    trial       what came of one
    withdrawn   from this number on, none began before the budget was spent
    terms       from here on, so many trials, and so long
    chosen      the trial whose settings are trained for good: from here on no more trials
    final       the scores of that network, the only ones on the test data

Each record has `at`, the seconds that the search had taken when it was written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from groundup.checks import POSITIVE, check_flag, check_number
from groundup.tune.history import History, Trial
from groundup.tune.space import Settings
from groundup.tune.stopping import Bars

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Terms:
    """How a search is carried out, which is no part of what is searched.

    Args:
        budget: seconds after which no trial begins; those that run are heard, but for a cluster's,
            which are given up. What comes out then depends on the machine's speed.
        timeout: seconds after which a trial is given up, when it was tried three times.
        asynchronous: each trial is suggested as soon as another ended, from what is known at that
            moment; so what comes out is not the same each time.
    """

    budget: float | None = None
    timeout: float | None = None
    asynchronous: bool = False

    def __post_init__(self) -> None:
        for name in ("budget", "timeout"):
            if getattr(self, name) is not None:
                check_number(self, name, POSITIVE)
        check_flag(self, "asynchronous")


@dataclass(frozen=True)
class Order:
    """A trial that is to be run.

    Args:
        number: its place in the search.
        settings: what to try.
        bars: what it must have reached, by epoch.
    """

    number: int
    settings: Settings
    bars: Bars = field(default_factory=dict)

    def failed(self, reason: str, seconds: float = 0.0) -> Trial:
        """What came of it, if nothing did."""
        return Trial(self.number, self.settings, "failed", reason=reason, seconds=seconds)

    def record(self) -> dict[str, Any]:
        """As it stands among those asked for; keys of JSON are text, so bars are pairs."""
        bars = {"bars": [list(pair) for pair in self.bars.items()]} if self.bars else {}
        return {"number": self.number, "settings": dict(self.settings), **bars}

    @classmethod
    def from_record(cls, record: Record) -> "Order":
        bars = {int(epoch): bar for epoch, bar in record.get("bars", ())}
        return cls(record["number"], record["settings"], bars)


@dataclass(frozen=True)
class Begun:
    """What a log tells of the trials.

    Args:
        history: all of them.
        orders: those that were asked for and have not ended, in order.
        seconds: what the search has taken.
    """

    history: History
    orders: tuple[Order, ...] = ()
    seconds: float = 0.0

    def after(self, record: Record) -> "Begun":
        """The same with one more record."""
        history, orders = self.history, self.orders
        if record["kind"] == "asked":
            orders = (*orders, *map(Order.from_record, record["trials"]))
            for order in orders[len(self.orders) :]:
                history = history.asked(order.settings)
        elif record["kind"] == "trial":
            history = history.told(Trial.from_record(record))
            orders = tuple(one for one in orders if one.number != record["number"])
        elif record["kind"] == "withdrawn":
            history = history.before(record["first"])
            orders = tuple(one for one in orders if one.number < record["first"])
        return replace(self, history=history, orders=orders, seconds=record.get("at", self.seconds))


def replay(nothing: History, records: Iterable[Record]) -> Begun:
    """What is known after these records

    >>> order = Order(0, {"x": 1.0}, {2: 0.5})
    >>> log = [asked([order], 0.1), {**order.failed("NaN").record(), "at": 0.4}]
    >>> begun = replay(History(), log)
    >>> begun.history.trials[0].reason, begun.orders, begun.seconds
    ('NaN', (), 0.4)
    >>> replay(History(), log[:1]).orders == (order,)
    True
    """
    begun = Begun(nothing)
    for record in records:
        begun = begun.after(record)
    return begun


def asked(orders: Sequence[Order], at: float, unknown: Sequence[int] = ()) -> dict[str, Any]:
    """The record of some trials that are about to run."""
    found = {"kind": "asked", "at": at, "trials": [order.record() for order in orders]}
    return found | ({"unknown": list(unknown)} if unknown else {})


def withdrawn(first: int, at: float) -> dict[str, Any]:
    """The record of trials that never began."""
    return {"kind": "withdrawn", "at": at, "first": first}


def terms_record(terms: Terms, trials: int | None, at: float) -> dict[str, Any]:
    """How the search goes on from here."""
    return {"kind": "terms", "at": at, "trials": trials, **asdict(terms)}


def terms_of(record: Record) -> Terms:
    """The inverse of `terms_record`, but for the number of trials."""
    return Terms(record["budget"], record["timeout"], record["asynchronous"])
