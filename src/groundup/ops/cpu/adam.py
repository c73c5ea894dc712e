"""Adam in one pass over the parameter vector."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
import numba
import numpy as np

from groundup.ops.cpu.threads import NUMBERS_MOVED, run
from groundup.typing import Array

CHUNK = 8192
# Gradients of dead units are 0, and their moments would fade through the denormal numbers, on which
# a CPU is many times slower. Below this they move no parameter any more.
TINY = np.float32(1e-30)


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
    """As `ops.reference.adam.adam_step`, in place."""
    numbers = [np.float32(n) for n in (beta_1, 1 - beta_1, beta_2, 1 - beta_2, epsilon, rate)]
    run(_adam, 4 * params.size / NUMBERS_MOVED, params, g, m, v, *numbers)
    return params, m, v


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _adam(params, g, m, v, beta_1, new_1, beta_2, new_2, epsilon, rate):
    zero = np.float32(0)
    for chunk in numba.prange((params.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min((chunk + 1) * CHUNK, params.size)):
            first = beta_1 * m[i] + new_1 * g[i]
            second = beta_2 * v[i] + new_2 * (g[i] * g[i])
            m[i] = zero if abs(first) < TINY else first  # NaN is not below, and stays
            v[i] = zero if second < TINY else second
            params[i] -= rate * m[i] / (np.sqrt(v[i]) + epsilon)
