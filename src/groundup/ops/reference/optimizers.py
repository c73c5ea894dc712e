"""One update of a whole parameter vector by each rule.   [Saito 2016, 6.1]

All arrays (P,). θ and the state are consumed: in place on NumPy, anew under JAX; g is only read.
"""

from groundup.typing import Array


def sgd_step(params: Array, g: Array, rate: float) -> Array:
    """θ -= rate · g"""
    params -= rate * g
    return params


def momentum_step(
    params: Array, g: Array, v: Array, momentum: float, rate: float, nesterov: bool
) -> tuple[Array, Array]:
    """v ← μ v - rate · g    θ += v, or as Nesterov θ += μ v - rate · g"""
    push = -rate * g
    v *= momentum
    v += push
    params += momentum * v + push if nesterov else v
    return params, v


def adagrad_step(
    params: Array, g: Array, h: Array, epsilon: float, rate: float, inside: bool
) -> tuple[Array, Array]:
    """h += g²    θ -= rate · g / (√h + ε), or ε inside the root"""
    h += g * g
    step = rate * g
    step /= root(h, epsilon, inside)
    params -= step
    return params, h


def rmsprop_step(
    params: Array, g: Array, h: Array, rho: float, epsilon: float, rate: float, inside: bool
) -> tuple[Array, Array]:
    """h ← ρ h + (1 - ρ) g²    θ -= rate · g / (√h + ε), or ε inside the root"""
    h *= rho
    h += (1 - rho) * (g * g)
    step = g / root(h, epsilon, inside)
    step *= rate
    params -= step
    return params, h


def adam_step(
    params: Array,
    g: Array,
    m: Array,
    v: Array,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    rate: float,
) -> tuple[Array, Array, Array]:
    """m ← β₁ m + (1 - β₁) g    v ← β₂ v + (1 - β₂) g²    θ -= rate · m / (√v + ε)"""
    xp = params.__array_namespace__()
    m *= beta_1
    m += (1 - beta_1) * g
    square = g * g
    square *= 1 - beta_2
    v *= beta_2
    v += square
    step = xp.sqrt(v)
    step += epsilon
    step = xp.divide(m, step)
    step *= rate
    params -= step
    return params, m, v


def root(h: Array, epsilon: float, inside: bool) -> Array:
    """√h + ε, or √(h + ε)"""
    xp = h.__array_namespace__()
    if inside:
        return xp.sqrt(h + epsilon)
    made = xp.sqrt(h)
    made += epsilon
    return made
