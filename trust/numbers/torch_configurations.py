"""Options of PyTorch's optimizers: its own database's, every one of a grid, and random ones."""

import importlib
import warnings
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import count, product
from typing import Any

from groundup.rng import Stream

Options = dict[str, Any]

FOREIGN = {"dampening": "no dampening of the momentum"}

# Every combination; among them the configurations that PyTorch's older trajectory tests try.
_ADAM = {
    "lr": (1e-3, 1e-4),
    "betas": ((0.9, 0.999), (0.92, 0.999), (0.92, 0.96)),
    "eps": (1e-8, 1e-3),
    "weight_decay": (0.0, 0.1),
}
GRIDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "SGD": {
        "lr": (1e-3, 1e-4),
        "momentum": (0.0, 0.95),
        "nesterov": (False, True),
        "weight_decay": (0.0, 0.2, 0.3),
    },
    "Adam": _ADAM,
    "AdamW": _ADAM,
    "Adagrad": {"lr": (1e-2, 0.1), "lr_decay": (0.0, 0.1), "weight_decay": (0.0, 0.2)},
    "RMSprop": {
        "lr": (1e-2, 1e-4),
        "alpha": (0.99, 0.95),
        "eps": (1e-8, 1e-3),
        "weight_decay": (0.0, 0.2),
        "centered": (False, True),
        "momentum": (0.0, 0.9),
    },
}


def database(names: Collection[str]) -> list[Any]:
    """The entries of torch's `optim_db` for these algorithms."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own making
        module = importlib.import_module("torch.testing._internal.common_optimizers")
    return [info for info in module.optim_db if info.optim_cls.__name__ in names]


def known(why: Counter[str]) -> Iterator[tuple[str, Options]]:
    """The database's valid configurations."""
    for info in database(GRIDS):
        for given in info.optim_inputs_func(device="cpu"):
            foreign = [FOREIGN[key] for key in given.kwargs if key in FOREIGN]
            why.update(foreign)
            if not foreign:
                yield info.optim_cls.__name__, given.kwargs


def combined() -> Iterator[tuple[str, Options]]:
    for name, levels in GRIDS.items():
        for values in product(*levels.values()):
            options = dict(zip(levels, values, strict=True))
            if options.get("momentum", 1) or not options.get("nesterov"):
                yield name, options


def drawn() -> Iterator[tuple[str, Options]]:
    """Random options without end."""
    for number in count():
        u = iter(Stream(number, "trust").named("optimizer").uniform((8,)).tolist())
        name = list(GRIDS)[number % len(GRIDS)]
        options: Options = {"lr": 10 ** (-4 + 2.5 * next(u))}
        options["weight_decay"] = max(0.0, next(u) - 0.5)
        options["maximize"] = next(u) < 0.2
        if name in ("SGD", "RMSprop"):
            options["momentum"] = max(0.0, 1.4 * next(u) - 0.42)
        if name == "SGD":
            options["nesterov"] = options["momentum"] > 0 and next(u) < 0.5
            options["lr"] /= 10  # of a velocity that adds up to 50 gradients
        else:
            options["eps"] = 10 ** (-10 + 9 * next(u))
        if name.startswith("Adam"):
            options |= {"betas": (0.99 * next(u), 0.9999 * next(u)), "amsgrad": next(u) < 0.5}
        if name == "RMSprop":
            options["centered"] = next(u) < 0.5
            # Centered, one that forgets fast would divide by the rounding of h - ḡ²; and without,
            # it bounces where the gradient and its own penalty cancel, which is not shared.
            low = 0.95 if options["centered"] else 0.5
            options["alpha"] = low + (0.999 - low) * next(u)
        if name == "Adagrad":
            options |= {"lr_decay": next(u), "initial_accumulator_value": next(u)}
        yield name, options
