"""Everything with options: registered classes by their fields, and calls by their arguments."""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import partial
from typing import Any

import numpy as np

import groundup as gu
import groundup.nn.zoo
import groundup.tune.methods
import groundup.tune.stoppings
from groundup.data import class_weights, stratified_split
from groundup.data.augment import augmentations
from groundup.data.preprocess import preprocessors
from groundup.layers import layers
from groundup.layers.initializers import initializers
from groundup.layers.regularizers import regularizers
from groundup.nn.losses import losses
from groundup.nn.metrics import metrics
from groundup.nn.optimizers import optimizers
from groundup.nn.schedules import schedules
from groundup.nn.zoo.model import zoo
from groundup.rng import Stream
from groundup.train.callback import callbacks
from groundup.tune.dimensions import dimensions
from groundup.tune.method import methods
from groundup.tune.stopping import stoppings
from trust.inputs.bad_values import PERHAPS, among, wrong_for
from trust.inputs.known import MAY, MUST, NEEDED

REGISTRIES = (
    layers,
    initializers,
    regularizers,
    losses,
    metrics,
    optimizers,
    schedules,
    zoo,
    callbacks,
    stoppings,
    methods,
    dimensions,
    augmentations,
    preprocessors,
)


@dataclass(frozen=True)
class Option:
    """One option of something.

    Args:
        owner, name: what a message must say: the option, and best of all whose.
        make: what is made or done with a value of it.
        wrong: values that must be refused.
        perhaps: values that may be taken as they are.
        usual: a value that it surely takes, if one is known.
        keeps: whether what is made holds the value under its name.
    """

    owner: str
    name: str
    make: Callable[[Any], Any]
    wrong: tuple[Any, ...]
    perhaps: tuple[Any, ...] = ()
    usual: Any = None
    keeps: bool = True


def registered() -> Iterator[type[Any]]:
    """Every class with fields that a registry knows and this library made."""
    for registry in REGISTRIES:
        for cls in registry:
            if is_dataclass(cls) and cls.__module__.startswith("groundup."):
                yield cls


def usual(cls: type[Any]) -> dict[str, Any]:
    """Options with which an object of the class can be made."""
    return dict(NEEDED.get(cls.__name__, {}))


def options() -> Iterator[Option]:
    """Every option of everything."""
    for cls in registered():
        for field in fields(cls):
            if field.init:
                yield _of_field(cls, field)
    yield from _of_calls()


def _of_field(cls: type[Any], field: Any) -> Option:
    rest = usual(cls)
    known = rest.pop(field.name, None if field.default is MISSING else field.default)
    numbers = isinstance(known, int | float) and not isinstance(known, bool)
    wrong = (*wrong_for(field.type), *MUST.get(field.name, ()))
    may = MAY.get((cls.__name__, field.name), ())
    return Option(
        cls.__name__,
        field.name,
        lambda value: cls(**{**rest, field.name: value}),
        tuple(value for value in wrong if not among(value, may)),
        PERHAPS if numbers else (),
        known,
    )


def _of_calls() -> Iterator[Option]:
    x, y = np.ones((6, 4)), np.array([0, 1, 2, 0, 1, 2])
    whole, least_one = wrong_for(int), (*wrong_for(int), 0, -1)
    share = (*wrong_for(float), -0.1, 1.0, 1.5)

    def fit(name: str, value: Any) -> Any:
        return _network().fit(x, y, **({"batch_size": 4, "verbose": 0} | {name: value}))

    def ask(method: str, name: str, value: Any) -> Any:
        model = _network()
        model.build((4,))
        given = (x,) if method == "predict" else (x, y)
        return getattr(model, method)(*given, **{name: value})

    def call(owner: str, name: str, make: Callable[[Any], Any], wrong: tuple[Any, ...]) -> Option:
        return Option(owner, name, make, wrong, keeps=False)

    yield call("Sequential.fit", "batch_size", partial(fit, "batch_size"), least_one)
    for name, wrong in {
        "epochs": (*whole, -1),
        "initial_epoch": (*whole, -1),
        "validation_split": share,
        "shuffle": ("no", 0, 1, None, 2.5),
        "verbose": (3, -1, "loud", None, 2.5),
        "callbacks": (5, "words", [5], True, {}),
        "class_weight": (5, "even", [1], {7: 1.0}, {0: -1}),
        "validation_data": (5, "words", (x,), True),
        "augment": (5, "no such", [5], [None]),
    }.items():
        yield call("Sequential.fit", name, partial(fit, name), wrong)
    for method in ("predict", "evaluate"):
        yield call(
            f"Sequential.{method}", "batch_size", partial(ask, method, "batch_size"), least_one
        )
    for name, wrong in {
        "seed": (*whole, -1, 2**64),
        "dtype": ("float16", "int64", 5, None, "words"),
        "preprocess": ("words", 5, [5], ["no such"], None),
        "layers": (5, [5], "words", None),
    }.items():
        yield call(
            "Sequential", name, lambda value, name=name: gu.Sequential(**{name: value}), wrong
        )
    shapes = (5, "words", (0,), (-1,), (2.5,), (True,), None, ())
    yield call("Sequential.build", "input_shape", lambda v: _network().build(v), shapes)
    for name, wrong in {
        "optimizer": WRONG_OBJECTS,
        "loss": (*WRONG_OBJECTS, None),
        "metrics": ("accuracy", 5, [5], None),
    }.items():
        yield call("Sequential.compile", name, partial(_compiled, name), wrong)
    yield call("Ensemble", "members", lambda v: gu.Ensemble(_network(), v), least_one)
    yield call(
        "Ensemble", "bagging", lambda v: gu.Ensemble(_network(), 2, bagging=v), wrong_for(bool)
    )
    yield call("Ensemble", "model", lambda v: gu.Ensemble(v), (5, "words", None, gu.Dense(3)))
    yield call("Stream", "seed", lambda v: Stream(v), (*whole, -1, 2**64))
    yield call("Perceptron", "epochs", lambda v: gu.Perceptron(epochs=v), least_one)
    yield call(
        "Perceptron", "learning_rate", lambda v: gu.Perceptron(v), (*wrong_for(float), 0, -1)
    )
    yield call("one_hot", "num_classes", lambda v: gu.one_hot(y, v), (*_without_none(whole), 0, -1))
    yield call(
        "class_weights", "num_classes", lambda v: class_weights(y, "balanced", v), (*whole, 0)
    )
    yield call("batches", "batch_size", lambda v: list(gu.batches(x, y, v)), least_one)
    yield call("batches", "start", lambda v: list(gu.batches(x, y, 2, start=v)), (*whole, -1))
    yield call(
        "batches", "shuffle", lambda v: gu.batches(x, y, 2, Stream(0), shuffle=v), ("no", 0, None)
    )
    yield call(
        "stratified_split",
        "fractions",
        lambda v: stratified_split(y, v, Stream(0)),
        (0.5, (0.5,), (0.5, 0.6), (-0.5, 1.5), "ab", None, (0.5, float("nan"))),
    )
    yield call(
        "numerical_gradient",
        "h",
        lambda v: gu.numerical_gradient(np.sum, x, v),
        (*wrong_for(float), 0, -1),
    )
    yield from _of_estimators(x, y)


WRONG_OBJECTS = ("no such thing", 5, b"1", {"kind": "NoSuch"}, [], object)


def _without_none(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value for value in values if value is not None)


def _of_estimators(x: Any, y: Any) -> Iterator[Option]:
    """Whose options scikit-learn wants to be looked at by `fit`, not before."""
    for cls in (gu.GroundupClassifier, gu.GroundupRegressor):
        for name, wrong in {
            "hidden_layer_sizes": ((0,), (-1,), (2.5,), "words", None, (3, "4")),
            "activation": ("no such", 5),
            "optimizer": ("no such", 5, None),
            "dtype": ("float16", 5),
            "learning_rate": ("fast", 0, -1, float("nan"), True),
            "alpha": (-1, "0.1", None),
            "dropout": (1.0, -0.1, "0.1", None),
            "batch_size": (0, -1, 2.5, "all", None),
            "max_iter": (0, -1, 2.5, "9", None),
            "random_state": ("seed", 2.5, -1),
            "tol": ("0.1", None, float("nan")),
            "n_iter_no_change": (-1, 2.5, "3", None),
            "batch_normalization": ("no", 5, None),
            "shuffle": ("no", 5, None),
            "early_stopping": ("no", 5, None),
            "warm_start": ("no", 5, None),
            "model": ("no such", 5),
        }.items():
            yield Option(
                cls.__name__,
                name,
                lambda value, cls=cls, name=name: cls(**({"max_iter": 1} | {name: value})).fit(
                    x, y
                ),
                wrong,
                keeps=False,
            )


def _network() -> Any:
    model = gu.Sequential([gu.Dense(3, "softmax")], seed=1)
    model.compile("sgd", "categorical_crossentropy")
    return model


def _compiled(name: str, value: Any) -> Any:
    usual = {"optimizer": "sgd", "loss": "mse", "metrics": []}
    return gu.Sequential([gu.Dense(1)]).compile(**(usual | {name: value}))
