"""What is compared: every combination of what varies, named, and nothing that would be unfair."""

import pytest

from groundup.config import from_mapping
from groundup.errors import ConfigError, InputError
from groundup.lab.plan import make_plan, methods

BASE = from_mapping({
    "seed": 5,
    "model": {"name": "multi-layer", "units": 20, "depth": 2},
    "optimizer": {"name": "sgd", "learning_rate": 0.3, "momentum": 0.5},
})  # fmt: skip


def test_the_product_in_the_order_it_was_said() -> None:
    plan = make_plan(BASE, {"init": ["he", "std:0.01"], "optimizer": ["adam", "sgd"]})
    found = methods(plan)
    assert [one.name for one in found] == [
        "he + adam", "he + sgd", "std:0.01 + adam", "std:0.01 + sgd",
    ]  # fmt: skip
    assert [one.config.model.options["init"] for one in found] == [
        "he", "he", "std:0.01", "std:0.01",
    ]  # fmt: skip
    assert found[2].choices == {"init": "std:0.01", "optimizer": "adam"}
    assert all(one.config.model.options["units"] == 20 for one in found)


def test_another_optimizer_brings_its_own_options() -> None:
    sgd, adam = methods(make_plan(BASE, {"optimizer": ["sgd", "adam"]}))
    assert sgd.config.optimizer.options == {"learning_rate": 0.3, "momentum": 0.5}
    assert adam.config.optimizer.options == {}
    assert adam.paths == {"optimizer.name"}


def test_kinds_come_before_their_options() -> None:
    """Rates belong to the optimizer that is named after them."""
    found = methods(make_plan(BASE, {"lr": [0.1, 0.2], "optimizer": ["adam", "adagrad"]}))
    rates = [(one.config.optimizer.name, one.config.optimizer.options) for one in found]
    assert rates[1] == ("adagrad", {"learning_rate": 0.1})
    assert rates[2] == ("adam", {"learning_rate": 0.2})
    assert found[0].name == "lr=0.1 + adam"


def test_values_with_names_of_their_own() -> None:
    layers = {
        "small": [{"kind": "Dense", "units": 10, "activation": "softmax"}],
        "large": [{"kind": "Dense", "units": 20}, {"kind": "Dense", "units": 10}],
    }
    assert [one.name for one in methods(make_plan(BASE, {"layers": layers}))] == ["small", "large"]


def test_seeds() -> None:
    plan = make_plan(BASE, {"init": ["he", "xavier"]}, seeds=3)
    assert plan.compared == (5, 6, 7)
    assert len(plan.tuned_on) == 2 and not set(plan.tuned_on) & set(range(5, 1000))
    more = make_plan(BASE, {"init": ["he", "xavier"]}, seeds=30)
    assert more.tuned_on == plan.tuned_on
    config = methods(plan)[0].seeded(7, 0.125)
    assert (config.seed, config.data.split_seed) == (7, 5)
    assert config.optimizer.options["learning_rate"] == 0.125


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({"optimizer": ["adam"]}, "1 method"),
        ({}, "1 method"),
        ({"optimizer": ["adam", "adam"]}, "stands there twice"),
        ({"optimizer": ["adam", "addam"]}, "Did you mean 'adam'"),
        ({"unit": [1, 2]}, "Did you mean 'units'"),
        ({"seed": [1, 2]}, "judged on the same data"),
        ({"data.name": ["digits", "iris"]}, "judged on the same data"),
        ({"validation": [0.1, 0.2]}, "data.validation cannot vary"),
        ({"optimizer": "adam"}, "expected a list"),
        ({"epochs": [1, "two"]}, "vary epochs: train.epochs = 'two'"),
    ],
)
def test_what_cannot_be_compared_is_refused(vary, message) -> None:
    with pytest.raises(InputError, match=message):
        methods(make_plan(BASE, vary))


def test_one_seed_tells_nothing() -> None:
    with pytest.raises(InputError, match="seeds=1"):
        make_plan(BASE, {"init": ["he", "xavier"]}, seeds=1)


def test_ensembles_are_refused() -> None:
    config = BASE.model_copy(update={"train": BASE.train.model_copy(update={"ensemble": 2})})
    with pytest.raises(ConfigError, match="one network"):
        make_plan(config, {"init": ["he", "xavier"]})
