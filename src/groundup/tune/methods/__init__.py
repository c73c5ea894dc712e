"""One file a search method; imported here, so that the registry knows them all."""

from groundup.tune.methods.bayesian import Bayesian
from groundup.tune.methods.grid import Grid
from groundup.tune.methods.manual import Manual
from groundup.tune.methods.narrowing import Narrowing
from groundup.tune.methods.random_search import RandomSearch
from groundup.tune.methods.tpe import TPE

__all__ = ["Bayesian", "Grid", "Manual", "Narrowing", "RandomSearch", "TPE"]
