"""Initial values: mean, variance and distribution, over the registry."""

import math

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.layers.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Ones,
    RandomNormal,
    RandomUniform,
    XavierBook,
    Zeros,
    fans,
    initializers,
)
from groundup.registry import build, describe
from groundup.rng import Stream

stats = pytest.importorskip("scipy.stats")

SHAPES = [(784, 100), (100, 784), (30, 16, 5, 5), (64, 3, 3, 3)]
P_VALUE = 1e-4  # seeds are fixed, so a test either always passes or never


def _normal(std: float):
    return lambda n, m: stats.norm(0, std)


def _spread(kind: str, variance) -> object:
    """A centered distribution whose variance is a function of fan_in n and fan_out m."""

    def distribution(n: int, m: int):
        std = math.sqrt(variance(n, m))
        limit = math.sqrt(3) * std
        return stats.norm(0, std) if kind == "normal" else stats.uniform(-limit, 2 * limit)

    return distribution


# class -> instances and the distribution they promise, a function of the fans
PROMISED = {
    "RandomNormal": [
        (RandomNormal(), _normal(0.05)),
        (RandomNormal(stddev=0.01), _normal(0.01)),
        (RandomNormal(1.0, 2.0), lambda n, m: stats.norm(1, 2)),
    ],
    "RandomUniform": [
        (RandomUniform(), lambda n, m: stats.uniform(-0.05, 0.1)),
        (RandomUniform(2.0, 5.0), lambda n, m: stats.uniform(2, 3)),
    ],
    "GlorotNormal": [(GlorotNormal(), _spread("normal", lambda n, m: 2 / (n + m)))],
    "GlorotUniform": [(GlorotUniform(), _spread("uniform", lambda n, m: 2 / (n + m)))],
    "HeNormal": [(HeNormal(), _spread("normal", lambda n, m: 2 / n))],
    "HeUniform": [(HeUniform(), _spread("uniform", lambda n, m: 2 / n))],
    "XavierBook": [(XavierBook(), _spread("normal", lambda n, m: 1 / n))],
}
FIXED = {"Zeros": (Zeros(), 0.0), "Ones": (Ones(), 1.0), "Constant": (Constant(0.25), 0.25)}
DRAWN = [
    pytest.param(given, promised, id=f"{name}-{i}")
    for name, several in PROMISED.items()
    for i, (given, promised) in enumerate(several)
]


def test_every_initializer_is_tested() -> None:
    assert {cls.__name__ for cls in initializers} == set(PROMISED) | set(FIXED)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("given", "promised"), DRAWN)
def test_distribution(given, promised, shape, seed) -> None:
    """Kolmogorov-Smirnov against the promised distribution; mean and variance to 4.5 sigma."""
    n, m = fans(shape)
    expected = promised(n, m)
    drawn = given(Stream(seed).named("dense_1").named("W"), shape)
    assert drawn.shape == shape
    assert drawn.dtype == np.float64
    count, var = drawn.size, expected.var()
    assert stats.kstest(drawn.ravel(), expected.cdf).pvalue > P_VALUE
    assert abs(drawn.mean() - expected.mean()) < 4.5 * math.sqrt(var / count)
    kurtosis = float(expected.stats(moments="k")) + 3
    spread = math.sqrt((kurtosis - 1) / count)  # of the sample variance, relative
    assert abs(drawn.var() / var - 1) < 4.5 * spread


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4, 5), (1, 1)])
@pytest.mark.parametrize("name", sorted(FIXED))
def test_fixed_values(name, shape) -> None:
    given, value = FIXED[name]
    drawn = given(Stream(0), shape)
    assert drawn.shape == shape
    assert drawn.dtype == np.float64
    assert (drawn == value).all()


@pytest.mark.parametrize("cls", list(initializers), ids=lambda cls: cls.__name__)
def test_same_stream_same_values_other_stream_others(cls) -> None:
    s = Stream(3).named("W")
    first = cls()(s, (6, 5))
    assert first.tobytes() == cls()(s, (6, 5)).tobytes()
    assert not np.shares_memory(first, cls()(s, (6, 5)))
    if cls.__name__ in PROMISED:
        for other in (Stream(4).named("W"), Stream(3).named("V")):
            assert (cls()(other, (6, 5)) != first).any()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((784, 100), (784, 100)),
        ((30, 1, 5, 5), (25, 750)),
        ((64, 32, 3, 1), (96, 192)),
        ((7,), (7, 7)),
        ((8, 4, 3), (12, 24)),
    ],
)
def test_fans(shape, expected) -> None:
    """A dense W is (in, out), a convolution's (out, in, KH, KW)."""
    assert fans(shape) == expected


# --- spellings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("he", HeNormal()),
        ("relu", HeNormal()),
        ("he_normal", HeNormal()),
        ("HeUniform", HeUniform()),
        ("xavier", XavierBook()),
        ("sigmoid", XavierBook()),
        ("glorot", GlorotNormal()),
        ("glorot_uniform", GlorotUniform()),
        ("zeros", Zeros()),
        ("std:0.01", RandomNormal(stddev=0.01)),
        ("std:1", RandomNormal(stddev=1.0)),
        ("std:1e-2", RandomNormal(stddev=0.01)),
        ("constant:-0.25", Constant(-0.25)),
        ("constant", Constant(0.0)),
    ],
)
def test_spellings(text, expected) -> None:
    assert initializers.resolve(text) == expected
    assert build(describe(initializers.resolve(text))) == expected


@pytest.mark.parametrize("text", ["std:", "std:wide", "constant:1,5"])
def test_a_spelling_without_a_number(text) -> None:
    with pytest.raises(InputError, match=r"expected a number after (std|constant):, as in"):
        initializers.resolve(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("std:-1", r"RandomNormal\(stddev=-1\.0\): expected a finite number of"),
        ("std:nan", r"RandomNormal\(stddev=nan\): expected a finite number"),
        ("std:inf", r"RandomNormal\(stddev=inf\): expected a finite number"),
        ("constant:nan", r"Constant\(value=nan\): expected a finite number"),
        ("width:3", "unknown initializer 'width:3'"),
    ],
)
def test_a_spelling_with_an_impossible_number(text, message) -> None:
    with pytest.raises(InputError, match=message):
        initializers.resolve(text)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, "0.1", None, True])
@pytest.mark.parametrize(
    ("cls", "option"),
    [
        (Constant, "value"),
        (RandomNormal, "mean"),
        (RandomNormal, "stddev"),
        (RandomUniform, "minval"),
        (RandomUniform, "maxval"),
    ],
)
def test_numbers_must_be_finite(cls, option, wrong) -> None:
    with pytest.raises(InputError, match=f"{option}=.*: expected a finite number"):
        cls(**{option: wrong})


def test_an_empty_range() -> None:
    with pytest.raises(InputError, match="expected minval <= maxval"):
        RandomUniform(1.0, 0.0)
    assert (RandomUniform(2.0, 2.0)(Stream(0), (3,)) == 2).all()


def test_he_keeps_the_scale_of_relu_layers_and_xavier_that_of_linear_ones() -> None:
    """What they are for, over five layers of 100 as in the notes: neither fades nor explodes."""
    x = Stream(0).normal((1000, 100))
    for scheme, activation in (
        (HeNormal(), lambda z: np.maximum(z, 0)),
        (XavierBook(), lambda z: z),
        (GlorotUniform(), lambda z: z),
    ):
        h = x
        for i in range(5):
            h = activation(h @ scheme(Stream(1).named(f"dense_{i}"), (100, 100)))
        assert 0.5 < np.sqrt(np.mean(h**2)) / np.sqrt(np.mean(x**2)) < 2
    h = x
    for i in range(5):
        h = np.maximum(h @ RandomNormal(stddev=0.01)(Stream(1).named(f"dense_{i}"), (100, 100)), 0)
    assert np.abs(h).max() < 1e-3  # the notes' vanishing activations
