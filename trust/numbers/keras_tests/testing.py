"""What Keras's tests are written with: assertions, parameters, variables, NumPy with seeded chance.

The tolerances are Keras's own, as its tests state them.
"""

import itertools
import unittest
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np

from groundup.errors import GroundupError
from groundup.rng import Stream
from trust.numbers.keras_tests.foreign import Absent, Foreign, Namespace


class Variable:
    """An array that can be assigned, float32 as Keras's."""

    def __init__(
        self, value: Any, name: str = "variable", dtype: str = "float32", **_: Any
    ) -> None:
        if dtype != "float32":
            raise Foreign(f"no variables of {dtype}")
        self.name, self.value = name, np.array(value, np.float32)

    def assign(self, value: Any) -> None:
        self.value = np.array(value, np.float32)

    def numpy(self) -> np.ndarray:
        return self.value

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.value, dtype or self.value.dtype)

    def __float__(self) -> float:
        return float(self.value)

    def __add__(self, other: Any) -> np.ndarray:
        return self.value + other

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("name", "value"):
            raise Foreign(f"no variable.{name}")
        super().__setattr__(name, value)


class TestCase(unittest.TestCase):
    """Keras's assertions; `asserted` counts them, since a test may hold none that we can check."""

    asserted = 0

    def assertAllClose(  # noqa: N802
        self, actual: Any, desired: Any, atol: float = 1e-6, rtol: float = 1e-6, **_: Any
    ) -> None:
        self.asserted += 1
        np.testing.assert_allclose(np.asarray(actual), np.asarray(desired), atol=atol, rtol=rtol)

    def assertAlmostEqual(self, actual: Any, desired: Any, decimal: int = 3, **_: Any) -> None:  # noqa: N802
        self.asserted += 1
        np.testing.assert_almost_equal(np.asarray(actual), np.asarray(desired), decimal=decimal)

    def assertAllEqual(self, actual: Any, desired: Any, **_: Any) -> None:  # noqa: N802
        self.asserted += 1
        np.testing.assert_array_equal(np.asarray(actual), np.asarray(desired))

    def assertEqual(self, first: Any, second: Any, msg: Any = None) -> None:  # noqa: N802
        self.asserted += 1
        super().assertEqual(first, second, msg)

    def assertGreater(self, a: Any, b: Any, msg: Any = None) -> None:  # noqa: N802
        self.asserted += 1
        super().assertGreater(a, b, msg)

    def assertLess(self, a: Any, b: Any, msg: Any = None) -> None:  # noqa: N802
        self.asserted += 1
        super().assertLess(a, b, msg)

    @contextmanager
    def assertRaisesRegex(self, *_: Any) -> Any:  # noqa: N802
        """Refused, in our own words."""
        self.asserted += 1
        try:
            yield
        except GroundupError:
            return
        raise AssertionError("it was not refused")

    def run_class_serialization_test(self, *_: Any, **__: Any) -> None:
        """Keras's configurations, which are not ours."""

    def run_layer_test(
        self,
        cls: Callable[..., Any],
        init_kwargs: dict[str, Any],
        input_shape: tuple[int, ...] | None = None,
        expected_output_shape: tuple[int, ...] | None = None,
        expected_num_trainable_weights: int | None = None,
        **_: Any,
    ) -> None:
        """Of what Keras tries here, the shape of y and the number of parameters."""
        layer = cls(**init_kwargs)
        if input_shape is None:
            raise Foreign("no layers of several inputs")
        layer.build(input_shape)
        if expected_output_shape is not None:
            self.assertEqual(layer(np.ones(input_shape, np.float32)).shape, expected_output_shape)
        if expected_num_trainable_weights is not None:
            self.assertEqual(len(layer.params), expected_num_trainable_weights)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("assert", "run_")):
            return Absent(f"testing.{name}")
        raise AttributeError(name)


class Chance:
    """The few functions of numpy.random that the tests use, from a stream of ours."""

    def __init__(self) -> None:
        self.drawn = 0

    def _stream(self) -> Stream:
        self.drawn += 1
        return Stream(self.drawn, "trust").named("keras")

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Any = ()) -> np.ndarray:
        return self._stream().uniform(tuple(np.atleast_1d(size)), low, high)

    def normal(self, loc: float = 0.0, scale: float = 1.0, size: Any = ()) -> np.ndarray:
        return self._stream().normal(tuple(np.atleast_1d(size)), loc, scale)

    def random(self, size: Any = ()) -> np.ndarray:
        return self.uniform(size=size)

    def rand(self, *shape: int) -> np.ndarray:
        return self.uniform(size=shape)

    def randn(self, *shape: int) -> np.ndarray:
        return self.normal(size=shape)

    def __getattr__(self, name: str) -> Absent:
        return Absent(f"np.random.{name}")


class Numpy:
    """NumPy, its chance seeded."""

    def __init__(self) -> None:
        self.random = Chance()

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _parameters(*rows: Any) -> Callable[[Any], Any]:
    """absl's decorator: the test once for each row, by position or by name."""
    if len(rows) == 1 and not isinstance(rows[0], dict | tuple):
        rows = tuple(rows[0])

    def mark(test: Any) -> Any:
        test.rows = [
            {k: v for k, v in row.items() if k != "testcase_name"}
            if isinstance(row, dict)
            else row
            if isinstance(row, tuple)
            else (row,)
            for row in rows
        ]
        return test

    return mark


def _named_parameters(*rows: Any) -> Callable[[Any], Any]:
    named = rows[0] if len(rows) == 1 and isinstance(rows[0], list) else rows
    return _parameters(*(row if isinstance(row, dict) else tuple(row[1:]) for row in named))


def _product(**levels: Any) -> Callable[[Any], Any]:
    return _parameters(
        *(dict(zip(levels, row, strict=True)) for row in itertools.product(*levels.values()))
    )


def _float32(make: Callable[..., Any]) -> Callable[..., np.ndarray]:
    return lambda *args, dtype="float32", **named: np.asarray(make(*args, **named), dtype)


def namespace() -> dict[str, Any]:
    """The names that every test file may import; `ops` makes float32 as Keras's."""
    numpy = Numpy()
    return {
        "np": numpy,
        "itertools": itertools,
        "math": __import__("math"),
        "as_strided": np.lib.stride_tricks.as_strided,
        "testing": Namespace("testing", TestCase=TestCase),
        "parameterized": Namespace(
            "parameterized",
            parameters=_parameters,
            named_parameters=_named_parameters,
            product=_product,
            TestCase=TestCase,
        ),
        "backend": Namespace(
            "backend",
            Variable=Variable,
            backend=lambda: "groundup",
            floatx=lambda: "float32",
            convert_to_numpy=np.asarray,
            convert_to_tensor=_float32(np.asarray),
            shape=np.shape,
        ),
        "ops": Namespace(
            "ops",
            **{name: _float32(getattr(np, name)) for name in ("array", "zeros", "ones")},
            full=_float32(np.full),
            arange=_float32(np.arange),
            convert_to_tensor=_float32(np.asarray),
            convert_to_numpy=np.asarray,
        ),
    }
