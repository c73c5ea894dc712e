"""Optimizers against PyTorch's where the rate changes or gradients are clipped; JAX's arrays.

The configurations of PyTorch's own optimizer database are tried in `trust/numbers`.
"""

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from groundup.nn.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from groundup.nn.schedules import StepDecay

AFTER = {"epsilon": 1e-8, "epsilon_place": "after"}


def rosenbrock(theta):
    """The gradient of Σ (1 - x)² + 100 (y - x²)², x and y taking turns in θ."""
    x, y = theta[::2], theta[1::2]
    g = np.empty_like(theta)
    g[::2] = -2 * (1 - x) - 400 * x * (y - x**2)
    g[1::2] = 200 * (y - x**2)
    return g


@pytest.mark.parametrize(
    ("cls", "ours", "theirs", "scale"),
    [
        (SGD, {"velocity": "gradient"}, {"lr": 0.1, "momentum": 0.9}, 1e-3),
        (SGD, {"velocity": "gradient"}, {"lr": 0.1, "momentum": 0.9, "nesterov": True}, 1e-3),
        (
            RMSprop,
            {"rho": 0.99, "epsilon": 1e-8, "velocity": "gradient"},
            {"lr": 0.1, "momentum": 0.9},
            1.0,
        ),
        (Adam, AFTER, {"lr": 0.1}, 1.0),
        (AdamW, AFTER, {"lr": 0.1, "weight_decay": 0.1}, 1.0),
    ],
    ids=str,
)
def test_a_rate_that_changes(cls, ours, theirs, scale):
    """Both are given one gradient, so that a chaotic path cannot blow up the last bit."""
    same = {key: value for key, value in theirs.items() if key != "lr"}
    optimizer = cls(StepDecay(theirs["lr"], drop=0.5, every=7), **same, **ours)
    theta = np.array([1.5, 1.5])
    state = optimizer.init(theta)
    peer_theta = torch.tensor(theta.copy(), requires_grad=True)
    peer = getattr(torch.optim, cls.__name__)([peer_theta], **theirs)
    schedule = torch.optim.lr_scheduler.StepLR(peer, step_size=7, gamma=0.5)
    for step in range(50):
        g = scale * rosenbrock(theta)
        peer_theta.grad = torch.tensor(g)
        peer.step()
        schedule.step()
        theta, state = optimizer.update(theta, g, state)
        np.testing.assert_allclose(
            theta, peer_theta.detach(), rtol=1e-12, atol=1e-13, err_msg=f"step {step}"
        )


@pytest.mark.parametrize("seed", range(5))
def test_clipping(seed):
    g = np.random.default_rng(seed).normal(size=50)
    peer = torch.zeros(50, dtype=torch.float64, requires_grad=True)

    def step(**options):
        theta = np.zeros(50)
        return -SGD(1.0, **options).update(theta, g, SGD(1.0).init(theta))[0]

    peer.grad = torch.tensor(g)
    torch.nn.utils.clip_grad_value_([peer], 0.5)
    np.testing.assert_array_equal(step(clipvalue=0.5), peer.grad)
    peer.grad = torch.tensor(g)
    torch.nn.utils.clip_grad_norm_([peer], 2.0)
    # PyTorch divides by norm + 1e-6, so its norm stays that share below the limit.
    norm = np.linalg.norm(g)
    np.testing.assert_allclose(step(global_clipnorm=2.0) * norm / (norm + 1e-6), peer.grad, 1e-12)


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.1, weight_decay=0.1),
        SGD(0.1, 0.9, True),
        Adagrad(0.1),
        RMSprop(0.1),
        RMSprop(0.1, momentum=0.5, centered=True),
        Adam(0.1, amsgrad=True),
        AdamW(0.1),
        Adam(0.1, global_clipnorm=0.5),
        SGD(0.1, clipvalue=0.5),
    ],
    ids=str,
)
def test_arrays_of_jax_that_cannot_be_written_to(optimizer):
    rng = np.random.default_rng(0)
    theta = rng.normal(size=6).astype(np.float32)
    peer_theta = jnp.asarray(theta.copy())
    state, peer_state = optimizer.init(theta, 4), optimizer.init(peer_theta, 4)
    for _ in range(5):
        g = rng.normal(size=6).astype(np.float32)
        theta, state = optimizer.update(theta, g, state)
        peer_theta, peer_state = optimizer.update(peer_theta, jnp.asarray(g), peer_state)
    np.testing.assert_allclose(theta, peer_theta, rtol=2e-6, atol=2e-6)
    assert set(state) == set(peer_state)
