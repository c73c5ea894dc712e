"""Losses against PyTorch's: value and gradient in float64."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundup.nn.losses import (
    CategoricalCrossentropy,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    SumSquaredError,
)


def agree(loss, peer, y, t, weight=None, peer_t=None):
    """Value and dL/dy of `loss` equal those of `peer`, which maps (y, t) to a loss a sample."""
    value, cache = loss.forward(y, t, weight)
    torch_y = torch.tensor(y, requires_grad=True)
    each = peer(torch_y, torch.tensor(t if peer_t is None else peer_t))
    expected = (each if weight is None else each * torch.tensor(weight)).sum() / len(y)
    expected.backward()
    assert value == pytest.approx(expected.item(), rel=1e-12, abs=1e-15)
    np.testing.assert_allclose(loss.backward(cache), torch_y.grad, rtol=1e-12, atol=1e-15)


def rows(function, **options):
    """A torch loss as one value a sample, the mean over its outputs."""
    return lambda y, t: function(y, t, reduction="none", **options).flatten(1).mean(1)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", [(1, 1), (7, 1), (5, 4), (3, 2, 4, 5)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "peer"),
    [
        (MeanSquaredError(), rows(F.mse_loss)),
        (SumSquaredError(), lambda y, t: ((y - t) ** 2).flatten(1).sum(1) / 2),
        (MeanAbsoluteError(), rows(F.l1_loss)),
        (Huber(), rows(F.huber_loss)),
        (Huber(0.3), rows(F.huber_loss, delta=0.3)),
        (Huber(5.0), rows(F.huber_loss, delta=5.0)),
    ],
    ids=str,
)
def test_regression(loss, peer, weighted, shape, seed):
    rng = np.random.default_rng(seed)
    y, t = rng.normal(size=shape), rng.normal(size=shape)
    t.flat[0] = y.flat[0]  # where |y - t| has its kink
    agree(loss, peer, y, t, rng.uniform(0, 2, shape[0]) if weighted else None)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", [(1, 2), (6, 3), (9, 10)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_cross_entropy_of_logits(shape, weighted, smoothing, soft, scale, seed):
    rng = np.random.default_rng(seed)
    z = scale * rng.normal(size=shape)
    t = rng.dirichlet(np.ones(shape[1]), shape[0]) if soft else rng.integers(0, shape[1], shape[0])
    agree(
        CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing),
        lambda z, t: F.cross_entropy(z, t, reduction="none", label_smoothing=smoothing),
        z,
        t,
        rng.uniform(0, 2, shape[0]) if weighted else None,
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("soft", [False, True])
def test_cross_entropy_of_probabilities(weighted, soft, seed):
    rng = np.random.default_rng(seed)
    y, labels = rng.dirichlet(np.ones(4), 6), rng.integers(0, 4, 6)
    t = rng.dirichlet(np.ones(4), 6) if soft else np.eye(4)[labels]
    agree(
        CategoricalCrossentropy(),
        lambda y, t: -(t * y.log()).sum(1),
        y,
        t if soft else labels,
        rng.uniform(0, 2, 6) if weighted else None,
        peer_t=t,
    )


def test_from_logits_is_softmax_and_cross_entropy_in_one():
    rng = np.random.default_rng(0)
    z, t = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    torch_z = torch.tensor(z, requires_grad=True)
    y = torch_z.softmax(1)
    loss = CategoricalCrossentropy(label_smoothing=0.1)
    value, cache = loss.forward(y.detach().numpy(), t)
    y.backward(torch.tensor(loss.backward(cache)))
    joint, cache = CategoricalCrossentropy(from_logits=True, label_smoothing=0.1).forward(z, t)
    assert joint == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(
        CategoricalCrossentropy(from_logits=True, label_smoothing=0.1).backward(cache),
        torch_z.grad,
        rtol=1e-12,
        atol=1e-15,
    )
