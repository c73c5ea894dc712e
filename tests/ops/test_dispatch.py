"""Which implementation of an op runs, shown with an op whose answer is its own name."""

from types import SimpleNamespace

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.ops import dispatch


def twice(x, *others):
    """The reference."""
    return "reference"


@pytest.fixture
def choose(monkeypatch):
    """Set GROUNDUP_KERNELS, or unset it, as before the first call of an op."""

    def choose(value):
        if value is None:
            monkeypatch.delenv("GROUNDUP_KERNELS", raising=False)
        else:
            monkeypatch.setenv("GROUNDUP_KERNELS", value)
        dispatch.kernels_enabled.cache_clear()

    kernels = SimpleNamespace(twice=lambda x, *others: "kernel")
    monkeypatch.setattr(dispatch, "kernels", lambda module: {"doubling": kernels}[module])
    choose(None)
    yield choose
    dispatch.kernels_enabled.cache_clear()


@pytest.fixture
def op(choose):
    return dispatch.with_kernel(twice, "doubling", lambda x, *others: len(x) < 100)


class Matrix(np.ndarray):
    """An array type of somebody else's."""


@pytest.mark.parametrize(
    ("arguments", "ran"),
    [
        ((np.ones(3, np.float32),), "kernel"),
        ((np.ones(3, np.uint8), np.ones(3, np.float32), None, 0.5), "kernel"),
        ((np.ones(3, np.float64),), "reference"),
        ((np.ones(3, np.float32), np.ones(3, np.float64)), "reference"),
        ((np.ones(3, np.float16),), "reference"),
        ((np.ones(3, np.int64),), "reference"),
        ((np.ones(3, np.float32).view(Matrix),), "reference"),
        ((np.ones(0, np.float32),), "reference"),
        ((np.ones(100, np.float32),), "reference"),  # `fits` says no
    ],
)
def test_kernels_take_float32_and_what_fits(op, arguments, ran):
    assert op(*arguments) == ran


@pytest.mark.parametrize(
    ("value", "ran"), [(None, "kernel"), ("cpu", "kernel"), ("reference", "reference")]
)
def test_the_environment_chooses(choose, op, value, ran):
    choose(value)
    assert op(np.ones(3, np.float32)) == ran


@pytest.mark.parametrize("value", ["", "CPU", "references", "0", "cuda"])
def test_an_unknown_choice_is_refused(choose, op, value):
    choose(value)
    with pytest.raises(InputError, match=f"^GROUNDUP_KERNELS='{value}': expected cpu or reference"):
        op(np.ones(3, np.float32))


def test_it_keeps_the_name_and_words_of_the_reference(op):
    assert (op.__name__, op.__doc__) == ("twice", "The reference.")
