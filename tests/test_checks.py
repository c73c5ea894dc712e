"""What options may be, and what becomes of them."""

from dataclasses import make_dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from groundup import (
    SGD,
    Adam,
    AveragePooling2D,
    BatchNormalization,
    CategoricalCrossentropy,
    Conv2D,
    Dense,
    ExponentialDecay,
    PReLU,
    RMSprop,
)
from groundup.checks import (
    BETWEEN,
    FINITE,
    NOT_NEGATIVE,
    PORTION,
    POSITIVE,
    SHARE,
    as_number,
    as_whole,
    check_choice,
    check_flag,
    check_number,
    check_whole,
)
from groundup.errors import InputError
from groundup.nn.schedules import InverseTimeDecay
from groundup.nn.zoo import MultiLayer

Adder: Any = make_dataclass("Adder", ["x"], frozen=True)
NO_NUMBERS = ["1", None, True, np.True_, [1], np.ones(1), np.array(1.0), 1j, float("nan")]


@pytest.mark.parametrize(
    ("range", "inside", "outside"),
    [
        (FINITE, [0, -1e300, 5], [float("inf"), float("-inf"), 10**400]),
        (POSITIVE, [1e-300, 7], [0, -0.0, -1]),
        (NOT_NEGATIVE, [0, 0.5], [-1e-300]),
        (SHARE, [0, 0.99], [1, 1.0, -0.1]),
        (PORTION, [0, 1, 0.5], [1.01, -0.1]),
        (BETWEEN, [0.01, 0.99], [0, 1]),
    ],
)
def test_ranges(range, inside, outside) -> None:
    for value in inside:
        adder = Adder(value)
        check_number(adder, "x", range)
        assert adder.x == value
        assert type(adder.x) is float
    for value in [*outside, *NO_NUMBERS]:
        with pytest.raises(InputError) as caught:
            check_number(Adder(value), "x", range)
        assert str(caught.value) == f"Adder(x={value!r}): expected {range.words}."


@pytest.mark.parametrize(
    "value", [np.float32(0.5), np.float64(0.5), np.float16(0.5), Fraction(1, 2)]
)
def test_other_numbers_become_floats(value) -> None:
    number = as_number(value, "x")
    assert number == 0.5
    assert type(number) is float


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_become_ints(value) -> None:
    adder = Adder(value)
    check_whole(adder, "x", 3)
    assert adder.x == 3
    assert type(adder.x) is int


@pytest.mark.parametrize("value", [2, -5, 3.0, np.float64(3), *NO_NUMBERS])
def test_what_is_no_whole_number_of_at_least_three(value) -> None:
    with pytest.raises(InputError) as caught:
        check_whole(Adder(value), "x", 3)
    assert str(caught.value) == f"Adder(x={value!r}): expected a whole number of at least 3."


def test_what_else_is_allowed_stands_before_the_number() -> None:
    with pytest.raises(
        InputError, match=r'^steps=0: expected "all" or a whole number of at least 1\.$'
    ):
        as_whole(0, "steps", instead='"all"')


def test_choices() -> None:
    adder = Adder(np.str_("same"))
    check_choice(adder, "x", ("valid", "same"))
    assert adder.x == "same"
    assert type(adder.x) is str
    for value in ("Same", "", None, 0, ["same"], np.array(["valid", "same"])):
        with pytest.raises(InputError) as caught:
            check_choice(Adder(value), "x", ("valid", "same"))
        assert str(caught.value) == f'Adder(x={value!r}): expected "valid" or "same".'


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_flags(value) -> None:
    adder = Adder(value)
    check_flag(adder, "x")
    assert adder.x is bool(value)


@pytest.mark.parametrize(
    ("make", "option"),
    [
        (lambda **o: Dense(3, **o), "use_bias"),
        (lambda **o: Conv2D(3, 3, **o), "use_bias"),
        (AveragePooling2D, "count_padding"),
        (BatchNormalization, "unbiased"),
        (PReLU, "shared"),
        (SGD, "nesterov"),
        (Adam, "amsgrad"),
        (RMSprop, "centered"),
        (lambda **o: ExponentialDecay(0.1, 10, 0.5, **o), "staircase"),
        (lambda **o: InverseTimeDecay(0.1, 10, 0.5, **o), "staircase"),
        (CategoricalCrossentropy, "from_logits"),
        (MultiLayer, "batch_norm"),
    ],
)
def test_every_flag_is_looked_at(make, option) -> None:
    assert getattr(make(**{option: np.True_}), option) is True
    for wrong in ("no", "False", 0, 1, None, np.ones(2)):
        with pytest.raises(InputError, match=rf"\({option}=.*\): expected True or False\.$"):
            make(**{option: wrong})
