"""One file a stopping rule; imported here, so that the registry knows them all."""

from groundup.tune.stopping import NoStopping
from groundup.tune.stoppings.halving import SuccessiveHalving
from groundup.tune.stoppings.hyperband import Hyperband
from groundup.tune.stoppings.median import Median

__all__ = ["Hyperband", "Median", "NoStopping", "SuccessiveHalving"]
