"""The references on JAX arrays: the same values, also under `jax.jit`, and the derivatives that JAX
finds by itself are those written by hand.

The calls are those of the ops' own law tests, the layers those of the contract tests, so whatever
is new there is here as well.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from groundup.layers import Mode
from groundup.rng import Stream

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")

TESTS = Path(__file__).parents[1]
TOLERANCE = {"rtol": 1e-11, "atol": 1e-12}


@pytest.fixture(autouse=True)
def _float64():
    """JAX computes in float32 unless told otherwise."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), TESTS / f"{path}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


laws = load("ops/test_laws")
contracts = load("contracts/test_layers")


def close(ours: Any, wanted: Any) -> None:
    np.testing.assert_allclose(np.asarray(ours), np.asarray(wanted), **TOLERANCE)


@pytest.mark.parametrize("compiled", [False, True], ids=["plain", "jit"])
@pytest.mark.parametrize(("f", "arrays"), laws.EVERY_CALL)
def test_op_on_jax_arrays(f, arrays, compiled) -> None:
    run = jax.jit(f) if compiled else f
    for y, wanted in zip(
        laws.outputs(run(*map(jnp.asarray, arrays))), laws.outputs(f(*arrays)), strict=True
    ):
        assert isinstance(y, jax.Array)
        assert y.dtype == jnp.float64
        close(y, wanted)


@pytest.mark.parametrize(("f", "arrays"), laws.EVERY_CALL)
def test_op_keeps_float32_on_jax(f, arrays) -> None:
    for y in laws.outputs(f(*[jnp.asarray(a, jnp.float32) for a in arrays])):
        assert y.dtype == jnp.float32


@pytest.mark.parametrize("name", sorted(laws.PAIRS))
def test_backward_is_what_jax_finds(name) -> None:
    f, inputs, backward = laws.PAIRS[name]
    dy = np.random.Generator(np.random.Philox(key=7)).normal(size=f(*inputs).shape)
    for i, ours in enumerate(laws.outputs(backward(dy, *inputs))):

        def loss(a, i=i):
            given = [jnp.asarray(b) for b in inputs]
            given[i] = a
            return jnp.sum(f(*given) * dy)

        close(ours, jax.grad(loss)(jnp.asarray(inputs[i])))


# --- layers


def situation(example, train: bool):
    shape = (4, *([5, 6, 7] if max(example.ranks) == 4 else [5]))
    return contracts.Situation(example, shape, 3, train, np.float64)


@pytest.mark.parametrize("train", [True, False], ids=["train", "inference"])
@pytest.mark.parametrize("example", contracts.CASES)
def test_layer_under_jit(example, train) -> None:
    """Forward and backward in one compiled function: nothing is remembered outside the cache."""
    s = situation(example, train)

    def step(params, state, x, dy):
        y, cache, after = s.layer.forward(params, state, x, s.mode)
        dx, grads = s.layer.backward(params, cache, dy, s.mode)
        return y, dx, grads, after

    given = [jax.tree.map(jnp.asarray, dict(tree)) for tree in (s.params, s.state)]
    found = jax.jit(step)(*given, jnp.asarray(s.x), jnp.asarray(s.dy))
    wanted = step(s.params, s.state, s.x, s.dy)
    assert jax.tree.structure(found) == jax.tree.structure(wanted)
    jax.tree.map(close, found, wanted)


@pytest.mark.parametrize("train", [True, False], ids=["train", "inference"])
@pytest.mark.parametrize("example", contracts.CASES)
def test_layer_backward_is_what_jax_finds(example, train) -> None:
    """Automatic differentiation of our forward against our backward, for x and every parameter."""
    s = situation(example, train)

    def loss(params, x):
        y, _, _ = s.layer.forward(params, s.state, x, s.mode)
        return jnp.sum(y * s.dy)

    params = jax.tree.map(jnp.asarray, contracts.tree_map(np.array, s.params))
    grads, dx = jax.grad(loss, argnums=(0, 1))(params, jnp.asarray(s.x))
    ours_dx, ours = s.backward()
    close(ours_dx, dx)
    theirs = contracts.leaves(grads)
    assert set(theirs) == set(contracts.leaves(ours))
    for path, value in contracts.leaves(ours).items():
        close(value, theirs[path])


def test_a_layer_can_be_mapped_over_seeds() -> None:
    """Pure functions vectorize: three networks at once, each as if alone."""
    layer = contracts.Dense(4, "tanh")
    x = np.random.Generator(np.random.Philox(key=1)).normal(size=(6, 5))
    made = [layer.init(Stream(seed), (5,)).params for seed in range(3)]
    stacked = {key: jnp.stack([m[key] for m in made]) for key in ("W", "b")}
    together = jax.vmap(lambda params: layer.forward(params, {}, jnp.asarray(x), Mode())[0])(
        stacked
    )
    for y, params in zip(together, made, strict=True):
        close(y, layer.forward(params, {}, x, Mode())[0])
