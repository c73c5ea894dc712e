"""Tables of a study for its page: how trials ended, why some failed, how the search was set up."""

from collections import Counter
from dataclasses import fields
from typing import Any

from groundup.report import numbers
from groundup.report.words import Table, listed
from groundup.tune.method import Method, methods
from groundup.tune.pages.words import counts, setting_words, state
from groundup.tune.stopping import Stopping, stoppings
from groundup.tune.study import Study


def states(study: Study) -> Table:
    """How many trials ended how, and what they took."""
    rows = []
    for ended, count in counts(study).items():
        these = [trial for trial in study.history.trials if state(trial, study) == ended]
        epochs, seconds = (sum(one.epochs for one in these), sum(one.seconds for one in these))
        rows.append(
            [ended, numbers.count(count), numbers.number(epochs), numbers.duration(seconds)]
        )
    return Table(["trials", "how many", "epochs", "time"], 1, rows)


def failures(study: Study) -> Table:
    """Why trials failed, the most frequent reason first."""
    failed = [trial for trial in study.history.trials if trial.state == "failed"]
    rows = [
        [reason or "unknown", str(count), listed([str(t.number) for t in failed
                                                  if t.reason == reason])]
        for reason, count in Counter(trial.reason for trial in failed).most_common()
    ]  # fmt: skip
    return Table(["reason", "how many", "trials"], 1, rows)


def options(study: Study) -> Table:
    """How the search was set up."""
    search, terms = study.plan.search, study.terms
    stopping = stoppings.name_of(type(search.stopping))
    rows = {
        "method": _with_options(methods.name_of(type(search.method)), search.method),
        "trials": "all that the method has" if search.trials is None else str(search.trials),
        "epochs of a whole trial": str(search.epochs),
        "stopping": _with_options(stopping, search.stopping),
        "suggested at once": str(search.batch),
        "seed": str(search.seed),
        "budget": numbers.duration(terms.budget) if terms.budget else "",
        "timeout": numbers.duration(terms.timeout) if terms.timeout else "",
        "suggested without waiting": "true" if terms.asynchronous else "",
    }
    return Table(["option", "value"], 2, [[name, said] for name, said in rows.items() if said])


def _with_options(name: str, owner: Method | Stopping) -> str:
    """ "narrowing, samples 20, keep 0.25"."""
    values = ((one.name, getattr(owner, one.name)) for one in fields(owner))
    said = [f"{name} {setting_words(value)}" for name, value in values if _is_plain(value)]
    return ", ".join([name, *said])


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | bool | int | float)
