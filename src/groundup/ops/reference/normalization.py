"""Batch normalization.   [Ioffe & Szegedy 2015; Saito 2016, 6.3]

x: (N, D) normalized per feature, or (N, C, H, W) per channel over N, H and W.
gamma, beta, mean, var: (D,) or (C,).
"""

from groundup.typing import Array


def _axes(x: Array) -> tuple[int, ...]:
    return (0, *range(2, x.ndim))


def _along(p: Array, x: Array) -> Array:
    """(C,) laid along axis 1 of x."""
    return p.reshape((1, -1) + (1,) * (x.ndim - 2))


def batch_statistics(x: Array) -> tuple[Array, Array]:
    """μ = mean of x, σ² = mean of (x - μ)² (biased), over all axes but 1"""
    xp = x.__array_namespace__()
    mean = xp.mean(x, axis=_axes(x))
    centered = x - _along(mean, x)
    return mean, xp.mean(centered * centered, axis=_axes(x))


def batch_norm(
    x: Array, gamma: Array, beta: Array, mean: Array, var: Array, epsilon: float
) -> tuple[Array, Array, Array]:
    """x̂ = (x - μ) / √(σ² + ε)    y = γ x̂ + β    ->  y, x̂, 1/√(σ² + ε)

    With the batch's own μ, σ² this is training; with running ones it is inference.
    """
    xp = x.__array_namespace__()
    inv_std = 1 / xp.sqrt(var + epsilon)
    xhat = (x - _along(mean, x)) * _along(inv_std, x)
    return _along(gamma, x) * xhat + _along(beta, x), xhat, inv_std


def batch_norm_backward(
    dy: Array, xhat: Array, inv_std: Array, gamma: Array, through_statistics: bool
) -> tuple[Array, Array, Array]:
    """dβ = Σ dy    dγ = Σ dy x̂    dx = γ/√(σ²+ε) · (dy - (dβ + x̂ dγ)/m)

    The bracket's second part comes through μ and σ², the mean and variance of the m values of this
    batch; with running statistics (`through_statistics=False`) they are constants and it is absent.
    """
    xp = dy.__array_namespace__()
    dbeta, dgamma = xp.sum(dy, axis=_axes(dy)), xp.sum(dy * xhat, axis=_axes(dy))
    scale = _along(gamma * inv_std, dy)
    if not through_statistics:
        return dy * scale, dgamma, dbeta
    m = dy.size // dy.shape[1]
    return scale * (dy - (_along(dbeta, dy) + xhat * _along(dgamma, dy)) / m), dgamma, dbeta


def blend(old: Array, new: Array, share: float, scale: float = 1.0) -> Array:
    """A moving average: share · old + (1 - share) · scale · new"""
    return share * old + ((1 - share) * scale) * new


def count_up(old: Array) -> Array:
    """old + 1"""
    return old + 1
