"""Our optimizers and schedules in the clothes of Keras's.

`CONVENTIONS` are the options of ours that make Keras's algorithm and its defaults.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from groundup.nn import schedules
from groundup.nn.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from trust.numbers.keras_tests.foreign import Foreign, Namespace, taken
from trust.numbers.keras_tests.testing import Variable

CONVENTIONS: dict[str, tuple[type[Optimizer], dict[str, Any]]] = {
    "SGD": (SGD, {"learning_rate": 0.01, "velocity": "step"}),
    "Adam": (Adam, {"learning_rate": 0.001, "epsilon": 1e-7, "epsilon_place": "before"}),
    "AdamW": (
        AdamW,
        {
            "learning_rate": 0.001,
            "weight_decay": 0.004,
            "epsilon": 1e-7,
            "epsilon_place": "before",
        },
    ),
    "Adagrad": (
        Adagrad,
        {
            "learning_rate": 0.001,
            "initial_accumulator_value": 0.1,
            "epsilon": 1e-7,
            "epsilon_place": "inside",
        },
    ),
    "RMSprop": (
        RMSprop,
        {
            "learning_rate": 0.001,
            "rho": 0.9,
            "epsilon": 1e-7,
            "epsilon_place": "inside",
            "velocity": "step",
        },
    ),
}
OPTIONS = (
    "learning_rate",
    "momentum",
    "nesterov",
    "rho",
    "centered",
    "beta_1",
    "beta_2",
    "epsilon",
    "amsgrad",
    "weight_decay",
    "initial_accumulator_value",
    "clipvalue",
    "global_clipnorm",
)
SAME = dict(zip(OPTIONS, OPTIONS, strict=True))
NEUTRAL = {"use_ema": (False,), "clipnorm": (None,)}


def optimizer_of(kind: str, given: dict[str, Any]) -> Optimizer:
    """Ours, of Keras's options. clipnorm, of each variable, is global_clipnorm for a single one."""
    cls, convention = CONVENTIONS[kind]
    if {"clipnorm", "global_clipnorm"} <= set(given):
        raise Foreign("no clipping of each variable by itself")
    if callable(given.get("learning_rate")):
        raise Foreign("no functions as learning rates")
    given = {("global_clipnorm" if k == "clipnorm" else k): v for k, v in given.items()}
    return cls(**{**convention, **taken(given, SAME, NEUTRAL)})


class KerasOptimizer:
    """apply_gradients over variables, which lie in one vector for ours, the decayed ones first."""

    def __init__(self, kind: str, given: dict[str, Any]) -> None:
        self.given, self.optimizer = given, optimizer_of(kind, given)
        self.excluded: list[Any] = []
        self.state: dict[str, Any] | None = None

    def exclude_from_weight_decay(self, var_list: Any = (), var_names: Any = ()) -> None:
        self.excluded += [*var_list, *var_names]

    def build(self, variables: Any) -> None:
        pass

    def apply_gradients(self, pairs: Iterable[tuple[Any, Variable]]) -> None:
        pairs = [(g, v) for g, v in pairs]
        if any(g is None for g, _ in pairs):
            raise Foreign("no variables without a gradient")
        if "clipnorm" in self.given and len(pairs) > 1:
            raise Foreign("no clipping of each variable by itself")
        pairs.sort(key=lambda pair: self._is_excluded(pair[1]))
        theta = np.concatenate([v.value.reshape(-1) for _, v in pairs])
        g = np.concatenate([np.asarray(g, np.float32).reshape(-1) for g, _ in pairs])
        if self.state is None:
            decayed = sum(v.value.size for _, v in pairs if not self._is_excluded(v))
            self.state = dict(self.optimizer.init(theta, decayed))
        theta, self.state = self.optimizer.update(theta, g, self.state)
        begin = 0
        for _, v in pairs:
            v.assign(theta[begin : begin + v.value.size].reshape(v.shape))
            begin += v.value.size

    def _is_excluded(self, variable: Variable) -> bool:
        return any(variable is e or variable.name == e for e in self.excluded)

    def _clip_gradients(self, grads: list[Any]) -> list[np.ndarray]:
        """What plain descent of rate 1 takes from 0 with the same clipping."""
        (g,) = (np.asarray(g, np.float32).reshape(-1) for g in grads)
        clipping = {k: getattr(self.optimizer, k) for k in ("clipvalue", "global_clipnorm")}
        plain, theta = SGD(1.0, **clipping), np.zeros_like(g)
        return [-plain.update(theta, g, plain.init(theta))[0]]

    @property
    def iterations(self) -> int:
        return 0 if self.state is None else int(self.state["step"])

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("given", {}):
            return self.given[name]
        raise Foreign(f"no optimizer.{name}")


def _optimizer(kind: str) -> Callable[..., KerasOptimizer]:
    def make(*args: Any, **given: Any) -> KerasOptimizer:
        return KerasOptimizer(kind, dict(zip(("learning_rate",), args, strict=False)) | given)

    return make


def _schedule(cls: type[schedules.Schedule]) -> Callable[..., Any]:
    def make(*args: Any, **given: Any) -> Any:
        given.pop("name", None)
        schedule = cls(*args, **given)
        return lambda step: schedule(int(float(step)))

    return make


OPTIMIZERS = {kind: _optimizer(kind) for kind in CONVENTIONS}
SCHEDULES = Namespace(
    "schedules",
    **{
        name: _schedule(getattr(schedules, name))
        for name in ("ExponentialDecay", "InverseTimeDecay", "CosineDecay")
    },
)
FILES = {
    **{f"optimizers/{kind.lower()}_test.py": {kind: make} for kind, make in OPTIMIZERS.items()},
    "optimizers/optimizer_test.py": {"optimizers": Namespace("optimizers", **OPTIMIZERS)},
    "optimizers/schedules/learning_rate_schedule_test.py": {"schedules": SCHEDULES},
}
