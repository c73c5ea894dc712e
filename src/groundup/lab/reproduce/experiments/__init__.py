"""Every experiment by its key: one module here each, with the value `EXPERIMENT`."""

import importlib
import pkgutil
from functools import cache

from groundup.lab.reproduce.experiment import Experiment


@cache
def experiments() -> dict[str, Experiment]:
    """All of them, in the order of the book."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = [importlib.import_module(f"{__name__}.{name}").EXPERIMENT for name in names]
    return {one.key: one for one in sorted(found, key=lambda one: one.key)}
