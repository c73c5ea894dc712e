"""Initial values: all alike, too large, too small, or Xavier's below ReLU.   [Saito 2016, 6.2]"""

import math

from groundup.doctor.case import Case
from groundup.doctor.evidence import (
    RECTIFYING,
    SQUASHING,
    Block,
    first,
    hidden,
    hindered,
    left,
    size,
)
from groundup.doctor.finding import Prescription
from groundup.doctor.model_edits import suited_weights
from groundup.doctor.prescriptions import prescription
from groundup.doctor.rule import Measurement, Rule

_CHAPTER = "6.2 Initial values of the weights"
_NOT_LEARNING = (
    "vanishing-gradients", "dead-relus", "learning-rate-too-low", "adagrad-stalled", "plateau",
    "underfitting",
)  # fmt: skip
_XAVIER = (0.5, 0.9)  # by which a layer of ReLUs with Xavier's weights shrinks a signal: 0.71
_FEW = 6  # units, of whose spread little can be said
_LOST = 8.0  # times weaker through all layers: one that shrinks a little does no harm
_SIGMOID = 0.11  # the standard deviation of a sigmoid layer's output with Xavier's weights


def alike(case: Case) -> Measurement | None:
    """How alike the units of a hidden layer are and stay, 1 for copies of one unit."""
    spreads: dict[str, float] = {}
    for exam in case.exams:
        for block in hidden(exam):
            layer, spread = block.weights, block.weights.spread
            if layer.units > 1 and spread is not None and math.isfinite(spread):
                spreads[layer.layer] = max(spread, spreads.get(layer.layer, 0.0))
    if not spreads:
        return None
    copies = tuple(name for name, spread in spreads.items() if spread < 0.01)
    words = (
        f"In {len(copies)} of {len(spreads)} hidden layers all units have the same weights, "
        "from the first look at them to the last."
    )
    return Measurement(1 - min(spreads.values()), words, copies)


def saturated_at_first(case: Case) -> Measurement | None:
    """The share of values of sigmoid and tanh that lie at an end of the range before training."""
    found = [one for one in _plain_blocks(case) if one.output.activation in SQUASHING]
    if not found:
        return None
    shares = [one.output.saturated or 0.0 for one in found]
    worst = max(found, key=lambda one: one.output.saturated or 0.0)
    mean = sum(shares) / len(shares)
    words = (
        f"Before the first update {mean:.0%} of the hidden {worst.output.activation} values are "
        f"saturated, {max(shares):.0%} of those of {worst.weights.layer}; its weights have a root "
        f"mean square of {worst.weights.weight:.2g}."
    )
    return Measurement(mean, words, tuple(one.weights.layer for one in found))


def shrinking(case: Case) -> Measurement | None:
    """By which factor a hidden layer shrinks the signal before training, the typical one."""
    factors = _factors(case)
    if not factors or math.prod(factors) > 1 / _LOST or not hindered(case) or _silent(case):
        return None
    mean = math.prod(factors) ** (1 / len(factors))
    words = (
        f"Before the first update {_each(len(factors))} passes on "
        f"{mean:.2g} times the signal that it gets (about 1 would keep it), and "
        f"{_progress(case)}."
    )
    return Measurement(1 / mean, words, tuple(one.weights.layer for one in _plain_blocks(case)))


def xavier_below_relu(case: Case) -> Measurement | None:
    """How many times weaker the signal is in the last hidden layer than in the first."""
    found = [one for one in _plain_blocks(case) if one.output.activation in RECTIFYING]
    sizes = [size(one.output) for one in found]
    if len(sizes) < 3 or min(sizes) <= 0 or not hindered(case):
        return None
    each = (sizes[-1] / sizes[0]) ** (1 / (len(sizes) - 1))
    if not _XAVIER[0] <= each <= _XAVIER[1]:
        return None
    words = (
        f"Before the first update the signal shrinks from {sizes[0]:.2g} in the first to "
        f"{sizes[-1]:.2g} in the last of {len(sizes)} hidden layers, by {each:.2f} in each, and "
        f"{_progress(case)}. Xavier's weights below ReLU shrink it by 0.71."
    )
    return Measurement(sizes[0] / sizes[-1], words, tuple(one.weights.layer for one in found))


def _plain_blocks(case: Case) -> tuple[Block, ...]:
    """The hidden blocks of the untrained network that nothing normalizes."""
    return tuple(one for one in first(case) if not one.normalized)


def _factors(case: Case) -> list[float]:
    """How much of the signal each hidden block passes on; of a few units that says nothing."""
    factors, before = [], math.hypot(case.facts.mean, case.facts.std)
    for block in _plain_blocks(case):
        y = block.output
        after, at = (y.std, _SIGMOID) if y.activation == "sigmoid" else (size(y), before)
        if at and 0 < after < math.inf and y.units >= _FEW:
            factors.append(after / at)
        before = size(y)
    return factors


def _each(count: int) -> str:
    return "the hidden layer" if count == 1 else f"each of {count} hidden layers"


def _silent(case: Case) -> bool:
    """Whether units are dead from the beginning: that is another matter than small weights."""
    return any((block.output.dead or 0.0) >= 0.5 for block in _plain_blocks(case))


def _progress(case: Case) -> str:
    rest = left(case)
    return "it diverged" if math.isnan(rest) else f"{rest:.0%} of the loss by chance is left"


def _suited(case: Case, measured: Measurement) -> Prescription:
    words = (
        "Draw the weights as wide as keeps signals at their size: He's initial values below ReLU, "
        "Xavier's below sigmoid and tanh."
    )
    return prescription(case, words, suited_weights)


RULES = (
    Rule(
        name="zero-initialization",
        title="All units of a layer are alike",
        severity="fatal",
        chapter=_CHAPTER,
        threshold=0.99,
        source="exact copies, but for rounding",
        explanation=(
            "Units that begin with the same weights get the same gradient, so they stay copies of "
            "one another: a hundred of them can do no more than one. Only chance can tell them "
            "apart at the beginning."
        ),
        measure=alike,
        prescribe=_suited,
        explains=(
            *_NOT_LEARNING,
            "initialization-too-large",
            "initialization-too-small",
            "xavier-with-relu",
            "exploding-gradients",
            "learning-rate-too-high",
        ),
    ),
    Rule(
        name="initialization-too-large",
        title="Initial weights are too large: units are saturated",
        severity="harmful",
        chapter=_CHAPTER,
        threshold=0.25,
        source="set on the tuning half of the bench; Glorot & Bengio 2010 show the effect",
        explanation=(
            "Large weights push sigmoid and tanh to the ends of their range before anything is "
            "learned. There they are flat, their slope is nearly 0, and hardly any gradient comes "
            "through."
        ),
        measure=saturated_at_first,
        prescribe=_suited,
        explains=(*_NOT_LEARNING, "exploding-gradients", "overfitting", "learning-rate-too-high"),
    ),
    Rule(
        name="initialization-too-small",
        title="Initial weights are too small: the signal dies out",
        severity="fatal",
        chapter=_CHAPTER,
        threshold=2.5,
        source="set on the tuning half of the bench; He et al. 2015 keep the factor at 1",
        explanation=(
            "Each layer makes the signal smaller, forward and backward. After some layers all "
            "samples look the same, and the gradient for the first weights is the product of many "
            "small numbers."
        ),
        measure=shrinking,
        prescribe=_suited,
        explains=(*_NOT_LEARNING, "xavier-with-relu", "learning-rate-too-high"),
    ),
    Rule(
        name="xavier-with-relu",
        title="Xavier's initial values below ReLU in a deep network",
        severity="harmful",
        chapter="6.2.3 Initial values below ReLU",
        threshold=10.0,
        source="He et al. 2015, 2.2: a factor of 1/√2 a layer, so 10 after seven layers",
        explanation=(
            "Xavier's weights keep the size of a signal where units are linear around 0. A ReLU "
            "silences half of it, so each layer loses a factor of √2: not much in a shallow "
            "network, all of it in a deep one. He's values are wider by just that factor."
        ),
        measure=xavier_below_relu,
        prescribe=_suited,
        explains=_NOT_LEARNING,
    ),
)
