"""The table of planted faults, and of healthy trainings among them."""

from benchmarks.faults import capacity, initial_values, samples, signals, steps
from benchmarks.faults.fault import Fault, numbered
from benchmarks.faults.healthy import HEALTHY

_PAIRS = initial_values.PAIRS | signals.PAIRS | steps.PAIRS | capacity.PAIRS | samples.PAIRS

RULES = tuple(_PAIRS)
PLANTED = tuple(fault for rule, pairs in _PAIRS.items() for fault in numbered(rule, pairs))
FAULTS: dict[str, Fault] = {fault.name: fault for fault in (*PLANTED, *HEALTHY)}

# What a planted fault brings about besides itself, by the rule's name: to find that, too, is no
# false alarm. Written down before anything was measured.
CONSEQUENCES: dict[str, tuple[str, ...]] = {
    "zero-initialization": ("vanishing-gradients", "initialization-too-small", "plateau"),
    "initialization-too-large": ("exploding-gradients",),
    "initialization-too-small": ("vanishing-gradients", "plateau"),
    "xavier-with-relu": ("vanishing-gradients", "initialization-too-small", "plateau"),
    "vanishing-gradients": ("plateau",),
    "exploding-gradients": ("initialization-too-large",),
    "dead-relus": ("learning-rate-too-high", "vanishing-gradients", "plateau"),
    "learning-rate-too-high": ("dead-relus", "exploding-gradients", "plateau"),
    "learning-rate-too-low": ("underfitting",),
    "adagrad-stalled": ("learning-rate-too-low", "underfitting"),
    "plateau": ("learning-rate-too-low", "underfitting"),
    "dropout-too-strong": ("underfitting", "plateau"),
    "weight-decay-too-strong": ("underfitting", "plateau"),
    "inputs-not-normalized": ("exploding-gradients", "dead-relus", "learning-rate-too-high"),
    "labels-at-chance": ("overfitting",),
    "not-a-number": (
        "learning-rate-too-high", "exploding-gradients", "initialization-too-large",
        "inputs-not-normalized",
    ),
}  # fmt: skip
