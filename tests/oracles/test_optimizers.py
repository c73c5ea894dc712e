"""Optimizers against PyTorch's, step by step in float64, with the same conventions on both sides.

The configurations are those of PyTorch's own optimizer database. Its weight decay is a penalty in
the gradient (but for AdamW), so here it is the regularizer L2; its `maximize` turns the gradient
round; its Adagrad's `lr_decay` is a schedule.
"""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import optim_db

from groundup.errors import GroundupError
from groundup.layers.regularizers import L2
from groundup.nn.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from groundup.nn.schedules import InverseTimeDecay, StepDecay

CLASSES = {"SGD": SGD, "Adam": Adam, "AdamW": AdamW, "Adagrad": Adagrad, "RMSprop": RMSprop}
# PyTorch's defaults and its places of epsilon, in our words.
CONVENTIONS = {
    "SGD": {"learning_rate": 1e-3, "velocity": "gradient"},
    "Adam": {"learning_rate": 1e-3, "epsilon": 1e-8, "epsilon_place": "after"},
    "AdamW": {"epsilon": 1e-8, "epsilon_place": "after", "weight_decay": 1e-2},
    "Adagrad": {"learning_rate": 1e-2, "epsilon": 1e-10},
    "RMSprop": {"learning_rate": 1e-2, "rho": 0.99, "epsilon": 1e-8, "velocity": "gradient"},
}
OURS = {"lr": "learning_rate", "eps": "epsilon", "alpha": "rho"}
UNTRANSLATED = {"dampening"}  # a variant of momentum that neither the book nor Keras has
DATABASE = {info.optim_cls.__name__: info for info in optim_db}


def configurations(name):
    """The keyword arguments of the database's valid inputs that have an equivalent here."""
    inputs = DATABASE[name].optim_inputs_func(device="cpu")
    return [given.kwargs for given in inputs if not UNTRANSLATED & set(given.kwargs)]


ADMITTED = [(name, kwargs) for name in CLASSES for kwargs in configurations(name)]


def translate(name, kwargs):
    """(our optimizer, λ of the L2 penalty, sign of the gradient) for PyTorch's arguments."""
    given = dict(kwargs)
    sign = -1.0 if given.pop("maximize", False) else 1.0
    penalty = given.pop("weight_decay", 0.0) if name != "AdamW" else 0.0
    options = dict(CONVENTIONS[name])
    if "betas" in given:
        options["beta_1"], options["beta_2"] = given.pop("betas")
    decay = given.pop("lr_decay", 0.0)
    for key, value in given.items():
        scalar = isinstance(value, torch.Tensor) and value.numel() == 1
        options[OURS.get(key, key)] = value.item() if scalar else value
    if decay:
        options["learning_rate"] = InverseTimeDecay(options["learning_rate"], 1, decay)
    return CLASSES[name](**options), L2(penalty), sign


def rosenbrock(theta):
    x, y = theta[::2], theta[1::2]
    return ((1 - x) ** 2 + 100 * (y - x**2) ** 2).sum()


def rosenbrock_gradient(theta):
    x, y = theta[::2], theta[1::2]
    g = np.empty_like(theta)
    g[::2] = -2 * (1 - x) - 400 * x * (y - x**2)
    g[1::2] = 200 * (y - x**2)
    return g


def compare(name, kwargs, start, steps, scale=1.0, learning_rate=None, scheduler=None):
    """Both optimizers on scale · Rosenbrock, every step of the way to a relative 1e-12."""
    optimizer, penalty, sign = translate(name, kwargs)
    if learning_rate:
        optimizer = replace(optimizer, learning_rate=learning_rate)
    theta = np.array(start)
    state = optimizer.init(theta)
    peer_theta = torch.tensor(theta.copy(), requires_grad=True)
    peer = getattr(torch.optim, name)([peer_theta], **kwargs)
    schedule = scheduler and scheduler(peer)
    for step in range(steps):
        # Both are given one gradient, so that a chaotic path cannot blow up the last bit.
        g = scale * rosenbrock_gradient(theta)
        peer_theta.grad = torch.tensor(g)
        peer.step()
        if schedule:
            schedule.step()
        theta, state = optimizer.update(theta, sign * g + penalty.gradient(theta), state)
        np.testing.assert_allclose(
            theta, peer_theta.detach(), rtol=1e-12, atol=1e-13, err_msg=f"step {step}"
        )
    assert np.isfinite(theta).all()
    assert not np.allclose(theta, start, rtol=1e-9)


def test_the_database_is_covered():
    valid = [DATABASE[name].optim_inputs_func(device="cpu") for name in CLASSES]
    assert len(ADMITTED) >= 33
    assert sum(map(len, valid)) - len(ADMITTED) <= 1


def test_the_gradient_is_rosenbrock_s():
    theta = torch.tensor([1.5, 1.5, -0.3, 0.7], dtype=torch.float64, requires_grad=True)
    rosenbrock(theta).backward()
    np.testing.assert_allclose(rosenbrock_gradient(theta.detach().numpy()), theta.grad, rtol=1e-13)


def scale_of(name):
    """Plain descent needs a gentle slope: Rosenbrock's is over 1,000 at the start."""
    return 1e-3 if name == "SGD" else 1.0


@pytest.mark.parametrize(("name", "kwargs"), ADMITTED, ids=str)
def test_configurations_of_torch_s_database(name, kwargs):
    compare(name, kwargs, [1.5, 1.5, -1.2, 1.0], 100, scale_of(name))


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("SGD", {"lr": 0.5, "momentum": 0.5}),
        ("SGD", {"lr": 0.1, "momentum": 0.99, "nesterov": True}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.3}),
        ("Adam", {"lr": 0.1, "betas": (0.5, 0.9)}),
        ("Adam", {"lr": 0.1, "betas": (0.0, 0.0)}),
        ("Adam", {"lr": 0.1, "eps": 1.0}),
        ("Adam", {"lr": 0.1, "eps": 1.0, "amsgrad": True, "betas": (0.9, 0.5)}),
        ("AdamW", {"lr": 0.1, "weight_decay": 0.5}),
        ("AdamW", {"lr": 0.1, "weight_decay": 0.0, "amsgrad": True}),
        ("Adagrad", {"lr": 0.5}),
        ("Adagrad", {"lr": 0.5, "eps": 10.0, "initial_accumulator_value": 2.0}),
        ("Adagrad", {"lr": 0.5, "lr_decay": 0.01}),
        ("RMSprop", {"lr": 0.05, "alpha": 0.5}),
        ("RMSprop", {"lr": 0.05, "alpha": 0.9, "eps": 1.0, "momentum": 0.9}),
        ("RMSprop", {"lr": 0.05, "centered": True, "eps": 1.0}),
        ("RMSprop", {"lr": 0.05, "centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    ],
    ids=str,
)
def test_a_hundred_steps_on_rosenbrock(name, kwargs):
    compare(name, kwargs, [1.5, 1.5], 100, scale_of(name))


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("RMSprop", {"lr": 0.1, "momentum": 0.9}),
        ("Adam", {"lr": 0.1}),
        ("AdamW", {"lr": 0.1, "weight_decay": 0.1}),
    ],
    ids=str,
)
def test_a_rate_that_changes(name, kwargs):
    compare(
        name,
        kwargs,
        [1.5, 1.5],
        50,
        scale_of(name),
        learning_rate=StepDecay(kwargs["lr"], drop=0.5, every=7),
        scheduler=lambda peer: torch.optim.lr_scheduler.StepLR(peer, step_size=7, gamma=0.5),
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


MUST_REFUSE = [
    (name, case.optimizer_error_input)
    for name in CLASSES
    for case in DATABASE[name].optim_error_inputs_func(device="cpu", dtype=torch.float64)
]
# PyTorch's containers of parameters, and tensors as options: there is nothing like them here.
NO_EQUIVALENT = (
    "a param group cannot have duplicate parameters",
    "duplicate parameters should not occur across param groups either",
    "all optimizer params should be with/without names",
    "all optimizer param groups should be with/without names.",
    "lr as Tensor doesn't work with foreach & not capturable",
    "betas must be either both floats or both Tensors",
    r"betas\[0\] as a Tensor is not supported for capturable=False and foreach=True",
)
REFUSABLE = [(name, case) for name, case in MUST_REFUSE if case.desc not in NO_EQUIVALENT]


def test_the_refusals_are_covered():
    assert len(REFUSABLE) >= 17
    assert all(case.kwargs or case.desc == "invalid param type" for _, case in REFUSABLE)


@pytest.mark.parametrize(
    ("name", "case"), REFUSABLE, ids=lambda value: getattr(value, "desc", value)
)
def test_what_torch_refuses(name, case):
    if case.desc == "invalid param type":
        with pytest.raises(GroundupError):
            CLASSES[name]().init(case.params)
    else:
        with pytest.raises(GroundupError):
            translate(name, case.kwargs)


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
