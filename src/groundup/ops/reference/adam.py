"""One step of Adam on a whole parameter vector.   [Kingma & Ba 2015; Saito 2016, 6.1.6]"""

from groundup.typing import Array


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
    """m ← β₁ m + (1 - β₁) g    v ← β₂ v + (1 - β₂) g²    θ -= rate · m / (√v + ε)

    All arrays (P,). θ, m and v are consumed: in place on NumPy, anew under JAX; g is only read.
    """
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
