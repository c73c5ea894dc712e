"""What the trials tell of the space: how much each hyper-parameter matters, and a model of all.

Both need some trials with values; where there are too few, that is said instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from groundup.rng import Stream
from groundup.tune.dimensions import Categorical
from groundup.tune.history import History
from groundup.tune.importance import LEAST, Importance, importances, unexplained
from groundup.tune.study import Study
from groundup.tune.surrogate import Surrogate
from groundup.tune.thinning import thinned

_READ: Final = (
    "How much of the value's variance over the whole space each hyper-parameter explains by "
    "itself; the rest belongs to several together. Where a few values are far worse than all "
    "others, they are first drawn nearer. Where an interval is wide, more trials would tell."
)
_MOST: Final = 200  # that it is fitted to, as its time grows with their cube


@dataclass(frozen=True)
class Knowledge:
    """What is known.

    Args:
        importances: the most important first; empty if there are too few trials.
        words: how they are to be read, or why there are none.
        axes: the two most important numbers of the best trial, by their paths; or fewer.
        surrogate: None if there are too few trials.
    """

    importances: Sequence[Importance]
    words: str
    axes: Sequence[str]
    surrogate: Surrogate | None


def knowledge(study: Study) -> Knowledge:
    """What the trials of a study tell

    The same for the same trials, in whatever order they ended.
    """
    space, history = study.plan.search.space, study.history
    stream = Stream(study.plan.search.seed, "search", "importance")
    shares = importances(space, history, stream)
    why = unexplained(history)
    words = f"Which hyper-parameter matters most cannot be told yet: {why}" if why else _READ
    ranked = [one.name for one in shares]
    there = study.best.settings if study.best else {}
    axes = [
        name
        for name in ranked or space.dimensions
        if name in there and not isinstance(space.dimensions[name], Categorical)
    ]
    known = _with_values(history)
    some = replace(known, trials=known.trials[thinned(len(known), _MOST)])
    surrogate = Surrogate.of(space, some) if axes and len(known) >= LEAST else None
    return Knowledge(shares, words, axes[:2], surrogate)


def _with_values(history: History) -> History:
    known = (trial for trial in history.trials if trial.value is not None)
    return replace(history, trials=tuple(known))
