"""Graphs of the textbook: what is one layer elsewhere, spelled out in small operations.

Each gives the numbers and gradients of the layer that it spells out; the tests compare them.
"""

from groundup.layers.graph.functions import exp, log
from groundup.layers.graph.variable import Variable, as_variable
from groundup.typing import Array


def apples_and_oranges() -> Variable:
    """The price of 2 apples at 100 and 3 oranges at 150, with 10 % tax: 715   [Saito 2016, 5.1]

    >>> price = apples_and_oranges()
    >>> print(price.value.round(6))
    715.0
    """
    apple, apples = Variable(100, "apple"), Variable(2, "number of apples")
    orange, oranges = Variable(150, "orange"), Variable(3, "number of oranges")
    tax = Variable(1.1, "tax")
    for_apples = (apple * apples).named("apples")
    for_oranges = (orange * oranges).named("oranges")
    return ((for_apples + for_oranges).named("both") * tax).named("price")


def affine(x: Variable, W: Variable, b: Variable) -> Variable:
    """y = x W + b    x: (N, D)  W: (D, M)  b: (M,)  y: (N, M)               [Saito 2016, 5.6]"""
    return ((x @ W).named("xW") + b).named("y")


def sigmoid(x: Variable) -> Variable:
    """y = 1 / (1 + exp(-x)), in four steps                                [Saito 2016, 5.5.2]"""
    return (1 / (1 + exp(-x))).named("y")


def softmax_with_loss(z: Variable, t: Array) -> Variable:
    """L = -1/N Σ t log softmax(z)    z, t: (N, C)                  [Saito 2016, 5.6.3 and A]

    The largest z of each row is subtracted first, as a constant: softmax does not change by it, so
    no gradient flows through it. Where a probability rounds to 0 its logarithm is an error; the
    layer (`CategoricalCrossentropy(from_logits=True)`) takes both at once and is exact there.
    """
    N = z.shape[0]
    e = exp(z - z.value.max(axis=1, keepdims=True)).named("e")
    y = (e / e.sum(axis=1).reshape(N, 1)).named("softmax")
    return (-(as_variable(t) * log(y)).sum() / N).named("L")


def batch_normalization(
    x: Variable, gamma: Variable, beta: Variable, epsilon: float = 1e-5
) -> Variable:
    """y = γ (x - μ) / √(σ² + ε) + β with the batch's μ, σ²; x, y: (N, D)  γ, β: (D,)

    [Ioffe & Szegedy 2015; Kratzert 2016, "Understanding the backward pass through batch
    normalization"]
    """
    mean = x.mean(axis=0).named("μ")
    centered = (x - mean).named("x − μ")
    variance = (centered**2).mean(axis=0).named("σ²")
    std = ((variance + epsilon) ** 0.5).named("√(σ² + ε)")
    xhat = (centered / std).named("x̂")
    return ((gamma * xhat) + beta).named("y")
