"""JAX with plain functions: a step under `jit`, or a whole epoch as one `scan`."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.task import Task

Tree = Any


def _conv(layer: dict[str, Any], p: Tree, x: Any) -> Any:
    """Padded beforehand: XLA is slower on a CPU where the convolution itself is to pad."""
    pad = (layer["pad"],) * 2
    x = jnp.pad(x, ((0, 0), pad, pad, (0, 0)))
    axes = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, p["W"], (1, 1), "VALID", dimension_numbers=axes) + p["b"]


def _pool(x: Any, train: bool) -> Any:
    """On a CPU `lax.reduce_window` is the faster one forward, and much the slower one backward."""
    if not train:
        size = (1, 2, 2, 1)
        return lax.reduce_window(x, -jnp.inf, lax.max, size, size, "VALID")
    N, H, W, C = x.shape
    x = x[:, : H // 2 * 2, : W // 2 * 2].reshape(N, H // 2, 2, W // 2, 2, C)
    x = jnp.maximum(x[:, :, 0], x[:, :, 1])
    return jnp.maximum(x[:, :, :, 0], x[:, :, :, 1])


def _norm(layer: dict[str, Any], p: Tree, state: Tree, x: Any, train: bool) -> tuple[Any, Tree]:
    mean, var = (x.mean(0), x.var(0)) if train else (state["mean"], state["var"])
    if train:
        old = layer["momentum"]
        state = {
            "mean": old * state["mean"] + (1 - old) * mean,
            "var": old * state["var"] + (1 - old) * var,
        }
    return p["gamma"] * (x - mean) * lax.rsqrt(var + layer["epsilon"]) + p["beta"], state


def forward(
    network: Sequence[dict[str, Any]], params: Tree, states: Tree, images: Any, key: Any = None
) -> tuple[Any, Tree]:
    """Logits and running statistics; with a key as in training."""
    x, train, after = images.astype(jnp.float32) / 255, key is not None, []
    for index, (layer, p, state) in enumerate(zip(network, params, states, strict=True)):
        match layer["kind"]:
            case "dense":
                x = x @ p["W"] + p["b"]
            case "conv":
                x = _conv(layer, p, x)
            case "relu":
                x = jax.nn.relu(x)
            case "pool":
                x = _pool(x, train)
            case "flatten":
                x = x.reshape(len(x), -1)
            case "norm":
                x, state = _norm(layer, p, state, x, train)
            case "dropout" if train and layer["rate"]:
                own, share = jax.random.fold_in(key, index), 1 - layer["rate"]
                x = jnp.where(jax.random.bernoulli(own, share, x.shape), x / share, 0)
        after.append(state)
    return x, after


def _cross_entropy(
    network: Any, params: Tree, states: Tree, images: Any, labels: Any, key: Any
) -> tuple[Any, Tree]:
    logits, states = forward(network, params, states, images, key)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1)
    return -chosen.mean(), states


def _sgd(rate: float, params: Tree, grads: Tree, slots: Tree) -> tuple[Tree, Tree]:
    return jax.tree.map(lambda p, g: p - rate * g, params, grads), slots


def _adam(rate: float, params: Tree, grads: Tree, slots: Tree) -> tuple[Tree, Tree]:
    t = slots["t"] + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, slots["m"], grads)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, slots["v"], grads)
    rate = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    params = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), params, m, v)
    return params, {"t": t, "m": m, "v": v}


class Jax:
    def __init__(self, task: Task, scan: bool) -> None:
        self.task, self.epoch = task.channels_last(), 0
        self.scan = scan
        params, states = self._start()
        slots: Tree = {}
        if task.optimizer["kind"] == "adam":
            zeros = partial(jax.tree.map, jnp.zeros_like, params)
            slots = {"t": jnp.zeros(()), "m": zeros(), "v": zeros()}
        # weights, running statistics, optimizer, random key, sum of the losses
        self.carry = (params, states, slots, jax.random.key(0), jnp.zeros(()))
        self.step = jax.jit(self._step, donate_argnums=0)
        self.sweep = jax.jit(self._sweep, donate_argnums=0)
        self.probabilities = jax.jit(self._probabilities)
        if scan:
            self.images, self.labels = jnp.asarray(self.task.x), jnp.asarray(self.task.y)

    def _start(self) -> tuple[Tree, Tree]:
        params, states = [], []
        for index, layer in enumerate(self.task.network):
            weights = self.task.weights_of(index)
            if layer["kind"] == "conv":
                weights["W"] = weights["W"].transpose(2, 3, 1, 0)
            params.append({name: jnp.array(array) for name, array in weights.items()})
            size = len(weights.get("gamma", ()))
            states.append({"mean": jnp.zeros(size), "var": jnp.ones(size)} if size else {})
        return params, states

    def _step(self, carry: Tree, images: Any, labels: Any) -> Tree:
        params, states, slots, key, total = carry
        key, own = jax.random.split(key)
        loss = jax.value_and_grad(partial(_cross_entropy, self.task.network), has_aux=True)
        (value, states), grads = loss(params, states, images, labels, own)
        update = {"sgd": _sgd, "adam": _adam}[self.task.optimizer["kind"]]
        params, slots = update(self.task.optimizer["learning_rate"], params, grads, slots)
        return params, states, slots, key, total + value * len(images)

    def _sweep(self, carry: Tree, images: Any, labels: Any, order: Any) -> Tree:
        def body(carry: Tree, chosen: Any) -> tuple[Tree, None]:
            return self._step(carry, images[chosen], labels[chosen]), None

        return lax.scan(body, carry, order)[0]

    def _probabilities(self, params: Tree, states: Tree, images: Any) -> Any:
        return jax.nn.softmax(forward(self.task.network, params, states, images)[0])

    def train(self, epochs: int, shuffle: bool) -> Sequence[float]:
        return [self._epoch(shuffle) for _ in range(epochs)]

    def _epoch(self, shuffle: bool) -> float:
        order = self.task.order(shuffle, self.epoch).reshape(-1, self.task.batch)
        self.epoch += 1
        self.carry = (*self.carry[:-1], jnp.zeros(()))
        if self.scan:
            self.carry = self.sweep(self.carry, self.images, self.labels, order)
        else:
            for chosen in order:
                self.carry = self.step(self.carry, self.task.x[chosen], self.task.y[chosen])
        jax.block_until_ready(self.carry)
        return float(self.carry[-1]) / order.size

    def predict(self, images: Any) -> Any:
        images = images.transpose(0, 2, 3, 1)
        params, states = self.carry[:2]
        starts = range(0, len(images), self.task.batch)
        parts = [
            self.probabilities(params, states, images[start : start + self.task.batch])
            for start in starts
        ]
        return np.concatenate([np.asarray(part) for part in parts])


def prepare(task: Task, scan: bool = False) -> Jax:
    return Jax(task, scan)
