"""Layout: where every array lies in the one vector."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.nn.layout import Layout, leaves

TREE = {
    "a": {"b": np.array([1.0, 2.0]), "W": np.array([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])},
    "inner": {"c": {"W": np.array([9.0])}},
}


def test_in_the_vector_the_arrays_named_first_come_first() -> None:
    layout = Layout.of(TREE, first=("a/W", "inner/c/W"))
    assert layout.places == (("a/b", (2,), 7), ("a/W", (2, 3), 0), ("inner/c/W", (1,), 6))
    assert (layout.size, layout.decayed) == (9, 7)
    np.testing.assert_array_equal(layout.flatten(TREE), [3, 4, 5, 6, 7, 8, 9, 1, 2])


def test_without_first_the_order_is_the_trees_and_nothing_decays() -> None:
    layout = Layout.of(TREE)
    assert [path for path, _, _ in layout.places] == ["a/b", "a/W", "inner/c/W"]
    assert layout.decayed == 0


def test_views_share_the_vectors_memory_both_ways() -> None:
    layout = Layout.of(TREE, first=("a/W",))
    vector = layout.flatten(TREE)
    views = layout.views(vector)
    assert [path for path, _ in leaves(views)] == [path for path, _ in leaves(TREE)]
    for _, array in leaves(views):
        assert np.shares_memory(array, vector)
        assert array.flags.c_contiguous
    views["a"]["W"][1, 0] = 60
    assert vector[3] == 60
    vector[layout.slice("inner/c/W")] = 90
    assert views["inner"]["c"]["W"][0] == 90


def test_slices_are_the_arrays() -> None:
    layout = Layout.of(TREE, first=("a/W",))
    vector = layout.flatten(TREE)
    for path, array in leaves(TREE):
        np.testing.assert_array_equal(vector[layout.slice(path)], array.ravel())


@pytest.mark.parametrize("dtype", [np.float32, np.dtype("float32"), "float32"])
def test_flatten_casts_where_asked_and_keeps_the_dtype_else(dtype: Any) -> None:
    layout = Layout.of(TREE)
    assert layout.flatten(TREE).dtype == np.float64
    assert layout.flatten(TREE, dtype).dtype == np.float32


def test_fill_writes_into_the_vector_and_takes_strided_arrays() -> None:
    layout = Layout.of(TREE, first=("a/W",))
    vector = np.zeros(9, np.float32)
    turned = {**TREE, "a": {**TREE["a"], "W": np.asfortranarray(TREE["a"]["W"])}}
    layout.fill(vector, turned)
    np.testing.assert_array_equal(vector, layout.flatten(TREE))
    assert vector.dtype == np.float32


def test_a_tree_of_nothing_is_an_empty_vector() -> None:
    layout = Layout.of({})
    assert (layout.size, layout.decayed, layout.views(np.zeros(0))) == (0, 0, {})
    assert layout.flatten({}, np.float32).shape == (0,)


shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from("pqrst"), shapes, max_size=5), st.randoms())
def test_views_of_flatten_are_the_tree(tree: Any, random: Any) -> None:
    arrays = {name: np.asarray(np.random.default_rng(0).random(s)) for name, s in tree.items()}
    first = tuple(random.sample(sorted(arrays), random.randint(0, len(arrays))))
    layout = Layout.of({"x": arrays}, tuple(f"x/{name}" for name in first))
    vector = layout.flatten({"x": arrays}, np.float64)
    assert layout.decayed == sum(arrays[name].size for name in first)
    views = layout.views(vector).get("x", {})
    assert set(views) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(views[name], array)
        assert views[name].shape == array.shape
