"""Names to classes and back, over everything that any room registers."""

import dataclasses
import importlib
import json
import pkgutil

import numpy as np
import pytest

import groundup
from groundup import registry
from groundup.data.dataset import sources
from groundup.data.preprocess import preprocessors
from groundup.errors import InputError, UnknownName, UnknownOption
from groundup.layers import Dense, Dropout, ReLU, layers
from groundup.layers.activations import activations
from groundup.layers.initializers import initializers
from groundup.layers.regularizers import regularizers
from groundup.nn.losses import losses
from groundup.nn.metrics import metrics
from groundup.nn.optimizers import optimizers
from groundup.nn.schedules import CosineDecay, schedules
from groundup.nn.zoo import zoo
from groundup.registry import Registry, build, describe, snake_case
from groundup.train.callback import Callback, callbacks

# Arguments for the classes that cannot do without.
NEEDED = {
    "Average": {"layers": (Dense(3), Dense(3, activation="relu"))},
    "Activation": {"activation": "leaky_relu"},
    "Categorical": {"choices": ("sgd", "adam")},
    "Conv2DReLU": {"filters": 2, "kernel_size": 3},
    "CSVLogger": {"filename": "log.csv"},
    "Chain": {"layers": (Dense(3, activation="relu"), Dropout(0.5), ReLU(name="last"))},
    "Conv2D": {"filters": 2, "kernel_size": 3},
    "Dense": {"units": 3},
    "ConstantRate": {"initial_learning_rate": 0.1},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "DenseReLU": {"units": 3},
    "Dropout": {"rate": 0.5},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    "Integer": {"low": 1, "high": 9},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    "LogUniform": {"low": 1e-4, "high": 1.0},
    "Manual": {"trials": ({"learning_rate": 0.1},)},
    "LearningRateScheduler": {"schedule": CosineDecay(0.1, 10)},
    "ModelCheckpoint": {"filepath": "models/{epoch}.safetensors"},
    "Uniform": {"low": 0.0, "high": 0.5},
    "StepDecay": {"initial_learning_rate": 0.1, "drop": 0.5, "every": 3},
}
# Something other than the default for every kind of field.
CHANGED = [
    Dense(4, activation="sigmoid", kernel_initializer="std:0.01", name="a", input_shape=[7]),
    Dense(4, use_bias=False, input_dim=5),
    {
        "kind": "Conv2D",
        "filters": 2,
        "kernel_size": [3, 1],
        "strides": 2,
        "padding": "same",
        "rounding": "floor",
        "activation": {"kind": "LeakyReLU", "negative_slope": 0.3},
    },
    {"kind": "MaxPooling2D", "pool_size": 3, "strides": [1, 2], "padding": 1},
    {"kind": "AveragePooling2D", "count_padding": True},
    {"kind": "BatchNormalization", "momentum": 0.99, "statistics": "population"},
    {"kind": "PReLU", "slope_initializer": "constant:0.1", "shared": True},
    {"kind": "ELU", "alpha": np.float64(0.5)},
    {"kind": "Dense", "units": np.int64(3), "bias_initializer": {"kind": "Constant", "value": 1}},
]


def _everything() -> list[type]:
    """Every registered class of the library, all rooms imported; none of a test or a doctest."""
    for module in pkgutil.walk_packages(groundup.__path__, "groundup."):
        if not module.name.endswith("__main__"):  # importing it would run the command line
            importlib.import_module(module.name)
    known = registry._everything.values()
    return sorted(
        (c for c in known if c.__module__.startswith("groundup.")), key=lambda c: c.__name__
    )


def _example(cls: type) -> object:
    needed = [
        f.name
        for f in dataclasses.fields(cls)
        if f.init and f.default is f.default_factory is dataclasses.MISSING
    ]
    options = NEEDED.get(cls.__name__, {})
    assert set(needed) <= set(options), f"{cls.__name__}: add {needed} to NEEDED"
    return cls(**options)


EVERYTHING = _everything()


@pytest.mark.parametrize("cls", EVERYTHING, ids=lambda cls: cls.__name__)
def test_round_trip(cls: type) -> None:
    value = _example(cls)
    data = json.loads(json.dumps(describe(value)))  # what a file gives back
    assert data["kind"] == cls.__name__
    assert build(data) == value
    assert describe(build(data)) == describe(value)


@pytest.mark.parametrize("given", CHANGED, ids=lambda g: str(g)[:40])
def test_round_trip_of_changed_options(given) -> None:
    value = layers.resolve(given)
    again = build(json.loads(json.dumps(describe(value))))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("cls", EVERYTHING, ids=lambda cls: cls.__name__)
def test_registered_classes_are_frozen_values(cls: type) -> None:
    value = _example(cls)
    assert dataclasses.is_dataclass(cls)
    assert value == _example(cls)
    if issubclass(cls, Callback):
        return  # callbacks remember what they have seen: the one kind that is no value
    hash(value)
    for field in dataclasses.fields(cls):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, None)


@pytest.mark.parametrize("cls", EVERYTHING, ids=lambda cls: cls.__name__)
def test_a_misspelled_option_is_never_swallowed(cls: type) -> None:
    with pytest.raises(UnknownOption, match=f"{cls.__name__} takes no option 'zzz'"):
        cls(**NEEDED.get(cls.__name__, {}), zzz=1)


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_missing_option_is_named(name: str) -> None:
    first = next(iter(NEEDED[name]))
    with pytest.raises(UnknownOption, match=f"{name}: missing a required argument: '{first}'"):
        build({"kind": name})


def test_describe_is_short() -> None:
    assert describe(ReLU()) == {"kind": "ReLU"}
    assert describe(ReLU(name="a")) == {"kind": "ReLU", "name": "a"}
    assert describe((ReLU(), {"x": np.float64(1.5)})) == [{"kind": "ReLU"}, {"x": 1.5}]


def test_describe_refuses_what_no_file_can_hold() -> None:
    for value in (object(), lambda x: x, {1, 2}, b"bytes"):
        with pytest.raises(InputError, match="cannot be written to a file"):
            describe([value])


# --- names


@pytest.mark.parametrize("given", ["Dense", "dense", "DENSE", "affine"])
def test_names_of_a_class(given: str) -> None:
    assert layers[given] is Dense


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("max_pooling2d", "MaxPooling2D"),
        ("batch_norm", "BatchNormalization"),
        ("leaky_relu", "LeakyReLU"),
        ("prelu", "PReLU"),
        ("elu", "ELU"),
    ],
)
def test_snake_case_and_aliases(given: str, expected: str) -> None:
    assert layers[given].__name__ == expected


def test_every_class_is_found_by_both_its_names() -> None:
    for kind in (layers, activations, initializers):
        for cls, name in zip(kind, kind.names(), strict=True):
            assert kind[name] is kind[cls.__name__] is cls
            assert name == snake_case(cls.__name__) == kind.name_of(cls)


@pytest.mark.parametrize(
    ("kind", "wrong", "hint"),
    [
        (layers, "Dens", "unknown layer 'Dens'. Did you mean 'dense'?"),
        (layers, "Conv2d_", "unknown layer 'Conv2d_'. Did you mean 'conv2d'?"),
        (activations, "rellu", "unknown activation 'rellu'. Did you mean 'relu'?"),
        (initializers, "he_norml", "unknown initializer 'he_norml'. Did you mean 'he_normal'?"),
    ],
)
def test_did_you_mean_for_a_name(kind: Registry, wrong: str, hint: str) -> None:
    with pytest.raises(UnknownName) as caught:
        kind.resolve(wrong)
    assert str(caught.value) == hint
    assert caught.value.exit_code == 2


def test_a_name_like_no_other_lists_them_all() -> None:
    """Once each, however many spellings it has."""
    for kind in (activations, initializers, layers, optimizers, losses):
        with pytest.raises(UnknownName) as caught:
            kind.resolve("qqqqqqq")
        known = ", ".join(sorted(kind.names()))
        assert str(caught.value) == f"unknown {kind.kind} 'qqqqqqq'. Known: {known}."
        assert len(kind.names()) == len(list(kind))


def test_did_you_mean_for_an_option() -> None:
    with pytest.raises(UnknownOption) as caught:
        Dense(3, actvation="relu")
    assert str(caught.value) == "Dense takes no option 'actvation'. Did you mean 'activation'?"
    assert isinstance(caught.value, TypeError)
    assert caught.value.exit_code == 2
    with pytest.raises(UnknownOption, match="too many positional"):
        ReLU(1)


# --- `lr`


def _rated() -> type:
    @dataclasses.dataclass(frozen=True)
    class Rated:
        learning_rate: float = 0.1

    registry.check_options(Rated)
    return Rated


def test_lr_means_learning_rate() -> None:
    cls = _rated()
    assert cls(lr=0.5) == cls(learning_rate=0.5) == cls(0.5)
    with pytest.raises(UnknownOption, match="lr and learning_rate are the same option"):
        cls(lr=0.5, learning_rate=0.5)
    with pytest.raises(UnknownOption, match="Dense takes no option 'lr'"):
        Dense(3, lr=0.1)


def test_lr_for_every_class_that_has_a_learning_rate() -> None:
    rated = [c for c in EVERYTHING if "learning_rate" in {f.name for f in dataclasses.fields(c)}]
    for cls in rated:
        needed = NEEDED.get(cls.__name__, {})
        assert cls(**needed, lr=0.25) == cls(**needed, learning_rate=0.25)


# --- resolve


def test_resolve_takes_objects_classes_names_and_mappings() -> None:
    assert layers.resolve(ReLU(name="x")) == ReLU(name="x")
    assert layers.resolve(ReLU) == layers.resolve("relu") == ReLU()
    assert layers.resolve({"kind": "dense", "units": 3, "name": "d"}) == Dense(3, name="d")
    assert layers.resolve({"name": "dense", "units": 3}) == Dense(3)


@pytest.mark.parametrize("given", [3, None, object(), int, str, np.tanh, Dense(3), Dense, [1]])
def test_resolve_refuses_what_is_no_member(given) -> None:
    with pytest.raises(InputError, match="is no activation: expected an object or a name"):
        activations.resolve(given)


@pytest.mark.parametrize("given", [{}, {"units": 3}, {"kind": 3}, {"kind": None}])
def test_resolve_needs_a_kind(given) -> None:
    with pytest.raises(InputError, match='expected a "kind", its name'):
        layers.resolve(given)


def test_a_name_of_its_own_is_the_one_that_lists_show() -> None:
    kind: Registry[object] = Registry("thing")
    cls = kind.register("two", name="number-two")(dataclasses.make_dataclass("NumberTwo", []))
    try:
        assert kind.names() == [kind.name_of(cls)] == ["number-two"]
        for spelling in ("number-two", "number_two", "NumberTwo", "two"):
            assert kind[spelling] is cls
        assert kind.name_of(Dense) == "dense"
    finally:
        del registry._everything["NumberTwo"]


def test_resolve_takes_objects_of_a_class_of_the_users() -> None:
    """The base says what they are; only a file needs to know their name."""

    @dataclasses.dataclass(frozen=True)
    class Half(losses.base):  # type: ignore[name-defined,misc]
        def prepare(self, y, t):
            return t

        each = slope = prepare

    for given in (Half(), Half):
        assert losses.resolve(given) == Half()
    with pytest.raises(InputError, match="no registry knows it"):
        describe(Half())
    for wrong in (losses.base, ReLU(), "half"):
        with pytest.raises(InputError):
            losses.resolve(wrong)


def test_every_registry_knows_its_base() -> None:
    kinds = [layers, activations, initializers, losses, optimizers, schedules, metrics, callbacks]
    for kind in (*kinds, regularizers, zoo, sources, preprocessors):
        assert all(issubclass(cls, kind.base) for cls in kind)


# --- what a file may say


@pytest.mark.parametrize(
    "kind", ["os.system", "builtins.eval", "groundup.layers.dense.Dense", "dense", "", "__class__"]
)
def test_no_file_can_name_anything_else(kind: str) -> None:
    with pytest.raises(UnknownName, match="unknown class"):
        build({"kind": kind, "units": 3})


@pytest.mark.parametrize("kind", [None, 3, ["Dense"], {"kind": "Dense", "units": 1}, True])
def test_a_kind_that_is_no_word(kind) -> None:
    with pytest.raises(InputError, match="unknown class"):
        build({"kind": kind})


@pytest.mark.parametrize("option", ["__class__", "__init__", "forward", "_brief", "self"])
def test_an_option_that_is_no_field(option: str) -> None:
    with pytest.raises(UnknownOption):
        build({"kind": "Dense", "units": 3, option: 1})


def test_nested_unknown_class_is_found() -> None:
    data = describe(Dense(3, activation="relu"))
    data["activation"]["kind"] = "Popen"
    with pytest.raises(UnknownName, match="'Popen'"):
        build([data])


# --- registering


def test_one_name_for_two_classes_is_refused() -> None:
    """Files know a class by its name alone, so a second Dense would open the first one's files."""
    others: Registry[object] = Registry("other")

    class Dense:
        pass

    with pytest.raises(InputError, match=r"groundup\.layers\.dense has registered"):
        others.register()(dataclasses.dataclass(frozen=True)(Dense))
    assert registry._everything["Dense"] is layers["dense"]


def test_parsers_come_before_names() -> None:
    kind: Registry[object] = Registry("thing")

    @kind.parse
    def _(text: str) -> object | None:
        return 42 if text == "answer" else None

    assert kind.resolve("answer") == 42
    with pytest.raises(UnknownName):
        kind.resolve("question")
