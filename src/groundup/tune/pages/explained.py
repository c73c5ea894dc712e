"""Each search method and stopping rule in two sentences, with its source."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from groundup.tune.method import Method, methods
from groundup.tune.stopping import Stopping, stoppings


class Explained(NamedTuple):
    """What a method is called, how it goes about, and where it comes from."""

    title: str
    text: str
    source: str


_BOOK: Final = "Saito 2016, 6.5"
_METHODS: Final[Mapping[str, Explained]] = {
    "manual": Explained(
        "A search by hand",
        "The settings are a list that somebody wrote. All of them are tried in its order.",
        "the notes",
    ),
    "grid": Explained(
        "Grid search",
        "Every combination of some values of each hyper-parameter is tried. The number of trials "
        "multiplies with every hyper-parameter, also with those that do not matter.",
        "Bergstra & Bengio 2012",
    ),
    "random": Explained(
        "Random search",
        "Every trial is a fair draw from the whole space, whatever came of the others. So each "
        "trial has a new value of every hyper-parameter, and those that matter are tried often.",
        f"Bergstra & Bengio 2012; {_BOOK}",
    ),
    "narrowing": Explained(
        "Narrowing search",
        "Trials are drawn at random from a box; after each round it shrinks to where the best of "
        "them lie. What lies outside of it is never tried again.",
        _BOOK,
    ),
    "bayesian": Explained(
        "Bayesian optimization",
        "A Gaussian process says of every point which value is to be expected there and how sure "
        "that is. The next trial is where the expected improvement on the best value is largest.",
        "Snoek, Larochelle & Adams 2012",
    ),
    "tpe": Explained(
        "Search by Parzen estimators (TPE)",
        "Two densities are kept: of the good trials' settings and of all others'. The next trial "
        "is, of some draws from the first, the one where their ratio is largest.",
        "Bergstra et al. 2011; as in Optuna",
    ),
}

_STOPPINGS: Final[Mapping[str, str]] = {
    "none": "",
    "median": (
        "A trial was stopped where the best it had reached was worse than the median of all others "
        "at that epoch. So slow starters are lost with the hopeless ones. [Golovin et al. 2017]"
    ),
    "halving": (
        "Successive halving: at some epochs only the best share of all trials that had come so far "
        "went on. So most epochs go to the most promising settings. [Li et al. 2020]"
    ),
    "hyperband": (
        "Hyperband: successive halving in several brackets, some strict and early, some patient. "
        "So what learns slowly has its chance in one of them. [Li et al. 2018]"
    ),
}


def explained(method: Method) -> Explained:
    """The method in words; of one that is not from here, its name and its docstring's first line

    >>> from groundup.tune.methods.random_search import RandomSearch
    >>> explained(RandomSearch()).title
    'Random search'
    """
    name = methods.name_of(type(method))
    line = (type(method).__doc__ or "").strip().partition("\n")[0]
    return _METHODS.get(name, Explained(name.replace("_", " ").capitalize(), line, ""))


def stopping_words(stopping: Stopping) -> str:
    """The rule in words; of one that is not from here, its docstring's first line."""
    line = (type(stopping).__doc__ or "").strip().partition("\n")[0]
    return _STOPPINGS.get(stoppings.name_of(type(stopping)), line)
