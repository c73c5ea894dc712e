"""Layers against PyTorch in float64, forward and backward.

Its operator database judges the operators in `trust/numbers/torch_ops`.
"""

import warnings

import numpy as np
import pytest

from groundup import ops
from groundup.layers import BatchNormalization, Conv2D, Dense, Mode, PReLU
from groundup.ops import Window
from groundup.rng import Stream

torch = pytest.importorskip("torch")
F = torch.nn.functional

TOLERANCE = {"rtol": 1e-12, "atol": 1e-12}


def pair(n) -> tuple[int, int]:
    return tuple(n) if isinstance(n, tuple) else (n, n)


def window(size, stride, padding) -> Window:
    rows, columns = pair(padding)
    return Window(pair(size), pair(stride), ((rows, rows), (columns, columns)))


def values(seed: int, *shape: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=seed)).normal(size=shape)


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5, 2), (2, 1, 1, 2)])
@pytest.mark.parametrize("momentum", [0.9, 0.99, 0.0])
def test_running_statistics_of_batch_normalization(shape, momentum) -> None:
    """PyTorch's momentum is the weight of the new value, and its running variance is unbiased."""
    layer = BatchNormalization(momentum, 1e-5, unbiased=True)
    module_of = torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d
    module = module_of(shape[1], momentum=1 - momentum, eps=1e-5).double()
    made = layer.init(Stream(0), shape[1:])
    params = {"gamma": values(1, shape[1]), "beta": values(2, shape[1])}
    module.weight.data, module.bias.data = map(torch.from_numpy, params.values())
    state = made.state
    for step in range(5):
        x, dy = values(10 + step, *shape) * 3 + 1, values(20 + step, *shape)
        mode = Mode(True, Stream(0, "dropout").at(step=step))
        y, cache, state = layer.forward(params, state, x, mode)
        dx, grads = layer.backward(params, cache, dy, mode)
        tensor = torch.from_numpy(x).requires_grad_()
        module.zero_grad()
        wanted = module(tensor)
        wanted.backward(torch.from_numpy(dy))
        np.testing.assert_allclose(y, wanted.detach().numpy(), **TOLERANCE)
        np.testing.assert_allclose(dx, tensor.grad.numpy(), **TOLERANCE)
        np.testing.assert_allclose(grads["gamma"], module.weight.grad.numpy(), **TOLERANCE)
        np.testing.assert_allclose(grads["beta"], module.bias.grad.numpy(), **TOLERANCE)
        np.testing.assert_allclose(state["mean"], module.running_mean.numpy(), **TOLERANCE)
        np.testing.assert_allclose(state["var"], module.running_var.numpy(), **TOLERANCE)
    module.eval()
    x = values(30, *shape)
    wanted = module(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(layer.forward(params, state, x, Mode())[0], wanted, **TOLERANCE)


@pytest.mark.parametrize("stride", [1, 2, (1, 3)])
@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("size", [1, 3, (3, 2)])
def test_conv2d_layer(size, padding, stride) -> None:
    layer = Conv2D(4, size, stride, padding, "relu", rounding="floor")
    x = values(1, 2, 3, 7, 6)
    params = layer.init(Stream(0), x.shape[1:]).params | {"b": values(2, 4)}
    y, cache, _ = layer.forward(params, {}, x, Mode(train=True))
    dy = values(3, *y.shape)
    dx, grads = layer.backward(params, cache, dy, Mode(train=True))
    given = [torch.from_numpy(a).requires_grad_() for a in (x, params["W"], params["b"])]
    wanted = torch.relu(F.conv2d(*given, stride=stride, padding=padding))
    np.testing.assert_allclose(y, wanted.detach().numpy(), **TOLERANCE)
    for ours, theirs in zip(
        (dx, grads["W"], grads["b"]),
        torch.autograd.grad(wanted, given, torch.from_numpy(dy)),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs.numpy(), **TOLERANCE)


@pytest.mark.parametrize("size", [1, 2, 3, 4, (2, 5)])
def test_same_padding_with_stride_1_is_pytorchs(size) -> None:
    """Odd and even windows: the odd row of zeros goes below and to the right in both."""
    layer, x = Conv2D(2, size, padding="same"), values(1, 2, 3, 5, 6)
    params = layer.init(Stream(0), x.shape[1:]).params
    y, _, _ = layer.forward(params, {}, x, Mode())
    W, b = (torch.from_numpy(params[key]) for key in ("W", "b"))
    warnings.simplefilter("ignore")  # PyTorch tells that an even window costs it a copy
    wanted = F.conv2d(torch.from_numpy(x), W, b, padding="same")
    np.testing.assert_allclose(y, wanted.numpy(), **TOLERANCE)


@pytest.mark.parametrize("shape", [(5, 4), (3, 4, 6, 2)])
@pytest.mark.parametrize("shared", [False, True])
def test_prelu_layer_starts_and_learns_as_pytorchs(shape, shared) -> None:
    layer, module = PReLU(shared=shared), torch.nn.PReLU(1 if shared else shape[1]).double()
    params = layer.init(Stream(0), shape[1:]).params
    np.testing.assert_array_equal(params["slope"], module.weight.detach().numpy())
    x, dy = values(1, *shape), values(2, *shape)
    y, cache, _ = layer.forward(params, {}, x, Mode())
    dx, grads = layer.backward(params, cache, dy, Mode())
    tensor = torch.from_numpy(x).requires_grad_()
    wanted = module(tensor)
    wanted.backward(torch.from_numpy(dy))
    np.testing.assert_allclose(y, wanted.detach().numpy(), **TOLERANCE)
    np.testing.assert_allclose(dx, tensor.grad.numpy(), **TOLERANCE)
    np.testing.assert_allclose(grads["slope"], module.weight.grad.numpy(), **TOLERANCE)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "elu", "leaky_relu", "softmax"])
def test_dense_layer_with_activation(activation) -> None:
    layer, x = Dense(4, activation), values(1, 5, 3)
    params = {"W": values(2, 3, 4), "b": values(3, 4)}
    y, cache, _ = layer.forward(params, {}, x, Mode())
    dy = values(4, 5, 4)
    dx, grads = layer.backward(params, cache, dy, Mode())
    given = [torch.from_numpy(a).requires_grad_() for a in (x, params["W"], params["b"])]
    z = given[0] @ given[1] + given[2]
    wanted = F.softmax(z, -1) if activation == "softmax" else getattr(F, activation)(z)
    np.testing.assert_allclose(y, wanted.detach().numpy(), **TOLERANCE)
    for ours, theirs in zip(
        (dx, grads["W"], grads["b"]),
        torch.autograd.grad(wanted, given, torch.from_numpy(dy)),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs.numpy(), **TOLERANCE)


def test_of_equals_and_nans_pytorch_picks_the_same_one() -> None:
    """Ties and NaN: the same winner, so the same gradient, element by element."""
    few = np.random.Generator(np.random.Philox(key=3)).integers(0, 3, (4, 2, 7, 6)).astype(float)
    few[few == 2] = np.nan
    for x in (few, np.nan_to_num(few)):
        for size, stride, padding in ((2, 2, 0), (3, 1, 1), ((3, 2), (1, 2), (1, 1))):
            w = window(size, stride, padding)
            y, place = ops.max_pool(x, w)
            tensor = torch.from_numpy(x).requires_grad_()
            wanted = F.max_pool2d(tensor, size, stride, padding)
            np.testing.assert_array_equal(y, wanted.detach().numpy())
            dy = values(4, *y.shape)
            (gradient,) = torch.autograd.grad(wanted, tensor, torch.from_numpy(dy))
            ours = ops.max_pool_backward(dy, place, x.shape, w)
            if np.isnan(x).any():  # PyTorch keeps the last NaN of a window, we (and JAX) the first
                assert ours.sum() == pytest.approx(gradient.sum().item())
            else:
                np.testing.assert_allclose(ours, gradient.numpy(), **TOLERANCE)
