"""Ops and layers against PyTorch in float64, forward and backward, on its own operator database.

Each operator has a filter that says which of PyTorch's samples it takes (an operator without
dilation, groups or ceil mode here has none there to answer), and the number it must admit, so that
a filter cannot quietly become empty. PyTorch's error inputs must be refused as well.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from groundup import ops
from groundup.errors import InputError
from groundup.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    MaxPooling2D,
    Mode,
    PReLU,
)
from groundup.ops import Window
from groundup.rng import Stream

torch = pytest.importorskip("torch")
database = pytest.importorskip("torch.testing._internal.common_methods_invocations")
F = torch.nn.functional

TOLERANCE = {"rtol": 1e-12, "atol": 1e-12}


def pair(n: Any) -> tuple[int, int]:
    several = tuple(n) if isinstance(n, tuple | list) else (n,)
    return several * 2 if len(several) == 1 else several


def window(size: Any, stride: Any, padding: Any) -> Window:
    rows, columns = pair(padding)
    strides = pair(stride) if stride not in (None, (), []) else pair(size)
    return Window(pair(size), strides, ((rows, rows), (columns, columns)))


def batched(x: np.ndarray) -> np.ndarray:
    """PyTorch also takes one image without N."""
    return x[None] if x.ndim == 3 else x


@dataclass(frozen=True)
class Ours:
    """Our answer to a sample: y, and from dy the gradients of its differentiable arrays."""

    y: np.ndarray
    backward: Callable[[np.ndarray], tuple[np.ndarray | None, ...]]


class Sample:
    """A sample of PyTorch's, its arguments by name."""

    def __init__(self, sample: Any, names: tuple[str, ...]) -> None:
        self.input = sample.input
        self.options = dict(zip(names, sample.args, strict=False)) | dict(sample.kwargs)

    def tensor(self, name: str) -> Any:
        return self.options.get(name)

    def array(self, name: str) -> np.ndarray | None:
        found = self.options.get(name)
        return None if found is None else found.detach().numpy()

    def get(self, name: str, default: Any) -> Any:
        return self.options.get(name, default)

    @property
    def x(self) -> np.ndarray:
        return self.input.detach().numpy()


def elementwise(forward: Callable, backward: Callable) -> Callable[[Sample], Ours]:
    def answer(s: Sample) -> Ours:
        y = forward(s.x)
        return Ours(y, lambda dy: (backward(dy, s.x, y),))

    return answer


def conv2d(s: Sample) -> Ours:
    x, W, b = batched(s.x), s.array("weight"), s.array("bias")
    padding = 0 if s.get("padding", 0) == "valid" else s.get("padding", 0)
    w = window(W.shape[2:], s.get("stride", 1), padding)
    y = ops.conv2d(x, W, b, w)

    def backward(dy: np.ndarray) -> tuple[np.ndarray | None, ...]:
        dx, dW, db = ops.conv2d_backward(batched(dy), x, W, w)
        return dx.reshape(s.x.shape), dW, None if b is None else db

    return Ours(y if s.x.ndim == 4 else y[0], backward)


def max_pool2d(s: Sample) -> Ours:
    x = batched(s.x)
    w = window(s.get("kernel_size", 1), s.get("stride", None), s.get("padding", 0))
    y, place = ops.max_pool(x, w)
    return Ours(
        y if s.x.ndim == 4 else y[0],
        lambda dy: (ops.max_pool_backward(batched(dy), place, x.shape, w).reshape(s.x.shape),),
    )


def avg_pool2d(s: Sample) -> Ours:
    w = window(s.get("kernel_size", 1), s.get("stride", None), s.get("padding", 0))
    counting = s.get("count_include_pad", True)
    return Ours(
        ops.average_pool(s.x, w, counting),
        lambda dy: (ops.average_pool_backward(dy, s.x.shape, w, counting),),
    )


def unfold(s: Sample) -> Ours:
    """PyTorch lays the windows side by side, (N, C·K, L); here they lie below each other."""
    x = s.x
    w = window(s.get("kernel_size", 1), s.get("stride", 1), s.get("padding", 0))
    cols = ops.im2col(x, w)
    L = int(np.prod(w.output(*x.shape[2:])))
    y = cols.reshape(len(x), L, cols.shape[1]).transpose(0, 2, 1)
    return Ours(
        y,
        lambda dy: (ops.col2im(dy.transpose(0, 2, 1).reshape(cols.shape), x.shape, w),),
    )


def linear(s: Sample) -> Ours:
    W, b = s.array("weight").T, s.array("bias")

    def backward(dy: np.ndarray) -> tuple[np.ndarray | None, ...]:
        dx, dW, db = ops.affine_backward(dy, s.x, W)
        return dx, dW.T, None if b is None else db

    return Ours(ops.affine(s.x, W, b), backward)


def batch_norm(s: Sample) -> Ours:
    x, C = s.x, s.x.shape[1]
    gamma, beta = s.array("weight"), s.array("bias")
    training = s.get("training", False)
    if training:
        mean, var = ops.batch_statistics(x)
    else:
        mean, var = s.array("running_mean"), s.array("running_var")
    y, xhat, inv_std = ops.batch_norm(
        x,
        np.ones(C) if gamma is None else gamma,
        np.zeros(C) if beta is None else beta,
        mean,
        var,
        s.get("eps", 1e-5),
    )

    def backward(dy: np.ndarray) -> tuple[np.ndarray | None, ...]:
        scale = np.ones(C) if gamma is None else gamma
        dx, dgamma, dbeta = ops.batch_norm_backward(dy, xhat, inv_std, scale, training)
        return dx, None if gamma is None else dgamma, None if beta is None else dbeta

    return Ours(y, backward)


def prelu(s: Sample) -> Ours:
    slope = s.array("weight")

    def backward(dy: np.ndarray) -> tuple[np.ndarray, ...]:
        dx, dslope = ops.prelu_backward(dy, s.x, slope.reshape(-1))
        return dx, dslope.reshape(slope.shape)

    return Ours(ops.prelu(s.x, slope.reshape(-1)), backward)


def cross_entropy(s: Sample) -> Ours:
    z, t = s.x, s.array("target")
    t = np.eye(z.shape[1])[t] if t.ndim == 1 else t
    loss = ops.softmax_cross_entropy(z, t)
    reduction = s.get("reduction", "mean")
    y = {"none": loss, "sum": loss.sum(), "mean": loss.mean()}[reduction]
    share = 1 / len(z) if reduction == "mean" else 1.0

    def backward(dy: np.ndarray) -> tuple[np.ndarray | None, ...]:
        dz = np.broadcast_to(dy, loss.shape)[:, None] * ops.softmax_cross_entropy_backward(z, t)
        return (share * dz,)

    return Ours(np.asarray(y), backward)


def last_axis(s: Sample) -> bool:
    return s.input.ndim > 0 and s.get("dim", -1) in (-1, s.input.ndim - 1) and 0 not in s.x.shape


def anything(s: Sample) -> bool:
    return True


@dataclass(frozen=True)
class Operator:
    """How PyTorch names the arguments, which arrays get gradients, what we take and answer."""

    names: tuple[str, ...]
    answer: Callable[[Sample], Ours]
    takes: Callable[[Sample], bool]
    admitted: int
    differentiable: tuple[str, ...] = ()


OPERATORS = {
    "nn.functional.conv2d": Operator(
        ("weight", "bias", "stride", "padding", "dilation", "groups"),
        conv2d,
        lambda s: s.get("groups", 1) == 1 and s.get("dilation", 1) == 1,
        8,
        ("weight", "bias"),
    ),
    "nn.functional.max_pool2d": Operator(
        (),
        max_pool2d,
        lambda s: pair(s.get("dilation", 1)) == (1, 1) and not s.get("ceil_mode", False),
        360,
    ),
    "nn.functional.avg_pool2d": Operator(
        ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
        avg_pool2d,
        lambda s: not s.get("ceil_mode", False) and s.get("divisor_override", None) is None,
        1,
    ),
    "nn.functional.unfold": Operator(
        ("kernel_size", "dilation", "padding", "stride"),
        unfold,
        lambda s: pair(s.get("dilation", 1)) == (1, 1),
        55,
    ),
    "nn.functional.linear": Operator(
        ("weight", "bias"), linear, lambda s: s.input.ndim == 2, 8, ("weight", "bias")
    ),
    "nn.functional.batch_norm": Operator(
        ("running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
        batch_norm,
        lambda s: s.input.ndim > 1,
        10,
        ("weight", "bias"),
    ),
    "nn.functional.prelu": Operator(
        ("weight",), prelu, lambda s: s.input.ndim > 0, 19, ("weight",)
    ),
    "nn.functional.elu": Operator(
        (),
        elementwise(lambda x: ops.elu(x, 1.0), lambda dy, x, y: ops.elu_backward(dy, x, y, 1.0)),
        anything,
        3,
    ),
    "nn.functional.leaky_relu": Operator(
        (),
        elementwise(
            lambda x: ops.leaky_relu(x, 0.01),
            lambda dy, x, y: ops.leaky_relu_backward(dy, x, 0.01),
        ),
        lambda s: not s.options,
        9,
    ),
    "nn.functional.relu": Operator(
        (), elementwise(ops.relu, lambda dy, x, y: ops.relu_backward(dy, y)), anything, 4
    ),
    "sigmoid": Operator(
        (), elementwise(ops.sigmoid, lambda dy, x, y: ops.sigmoid_backward(dy, y)), anything, 3
    ),
    "tanh": Operator(
        (), elementwise(ops.tanh, lambda dy, x, y: ops.tanh_backward(dy, y)), anything, 1
    ),
    "softmax": Operator(
        ("dim",),
        elementwise(ops.softmax, lambda dy, x, y: ops.softmax_backward(dy, y)),
        last_axis,
        4,
    ),
    "log_softmax": Operator(
        ("dim",),
        elementwise(ops.log_softmax, lambda dy, x, y: dy - np.exp(y) * dy.sum(-1, keepdims=True)),
        last_axis,
        4,
    ),
    "nn.functional.cross_entropy": Operator(
        ("target",),
        cross_entropy,
        lambda s: s.input.ndim == 2 and not {"weight", "ignore_index"} & set(s.options),
        8,
    ),
}


def samples(name: str) -> Iterator[tuple[Any, Sample]]:
    """Each admitted sample of an operator, with the call that answers it in PyTorch."""
    torch.manual_seed(0)
    operator = OPERATORS[name]
    (info,) = (op for op in database.op_db if op.name == name and not op.variant_test_name)
    for drawn in info.sample_inputs("cpu", torch.float64, requires_grad=True):
        sample = Sample(drawn, operator.names)
        if operator.takes(sample):
            yield (lambda drawn=drawn: info(drawn.input, *drawn.args, **drawn.kwargs)), sample


@pytest.mark.parametrize("name", OPERATORS)
def test_operator(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """y and every gradient, for a random cotangent, to 1e-12."""
    operator, admitted = OPERATORS[name], 0
    noise = np.random.Generator(np.random.Philox(key=1))
    for call, sample in samples(name):
        tensors = [sample.input, *(sample.tensor(n) for n in operator.differentiable)]
        given = [t.requires_grad_() for t in tensors if t is not None]
        ours = operator.answer(sample)
        result = call()
        wanted = result[0] if isinstance(result, tuple) else result  # max_pool2d's indices
        np.testing.assert_allclose(ours.y, wanted.detach().numpy(), **TOLERANCE)
        dy = noise.normal(size=ours.y.shape)
        gradients = torch.autograd.grad(wanted, given, torch.from_numpy(np.asarray(dy)))
        answers = [g for g in ours.backward(dy) if g is not None]
        assert len(answers) == len(gradients)
        for answer, gradient in zip(answers, gradients, strict=True):
            np.testing.assert_allclose(answer, gradient.numpy(), **TOLERANCE)
        admitted += 1
    with capsys.disabled():
        sys.stdout.write(f"\n    {name}: {admitted} samples")
    assert admitted == operator.admitted


# --- what PyTorch refuses


def refuse_conv2d(sample: Sample) -> None:
    x, W = sample.input, sample.tensor("weight")
    options = {"strides": sample.get("stride", 1), "padding": sample.get("padding", 0)}
    options = {k: v[0] if isinstance(v, tuple) else v for k, v in options.items()}
    Conv2D(W.shape[0], tuple(W.shape[2:]), **options).init(Stream(0), tuple(x.shape[1:]))


def refuse_pool(cls: type) -> Callable[[Sample], None]:
    def refuse(sample: Sample) -> None:
        options = {"strides": sample.get("stride", None), "padding": sample.get("padding", 0)}
        layer = cls(sample.get("kernel_size", 1), **options)
        layer.init(Stream(0), tuple(sample.input.shape[-3:]))

    return refuse


# name: (how we are asked, the regular expressions of what does not exist here, refusals)
REFUSALS = {
    "nn.functional.conv2d": (
        refuse_conv2d,
        # dtypes that differ are NumPy's to promote; there are neither dilations nor groups
        ("should be the same", "dilation", "groups", "at dimension 0"),
        3,
    ),
    "nn.functional.max_pool2d": (refuse_pool(MaxPooling2D), (), 7),
    "nn.functional.avg_pool2d": (refuse_pool(AveragePooling2D), ("divisor",), 4),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_pytorch_refuses_is_refused(name: str) -> None:
    refuse, foreign, expected = REFUSALS[name]
    (info,) = (op for op in database.op_db if op.name == name and not op.variant_test_name)
    refused = 0
    for error in info.error_inputs("cpu"):
        if any(word in error.error_regex for word in foreign):
            continue
        with pytest.raises(InputError):
            refuse(Sample(error.sample_input, OPERATORS[name].names))
        refused += 1
    assert refused == expected


# --- layers


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
