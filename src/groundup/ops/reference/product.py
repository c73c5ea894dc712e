"""The matrix product that the references of dense layers and convolutions come down to."""

import numpy as np

from groundup.ops.dispatch import strict
from groundup.typing import Array


def product(a: Array, b: Array) -> Array:
    """a b    a: (…, N, K)  b: (…, K, M)  ->  (…, N, M), by BLAS; strictly, by loops of one thread

    >>> product(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]]))
    array([[19., 22.],
           [43., 50.]])
    """
    if strict() and isinstance(a, np.ndarray):
        return np.einsum("...nk,...km->...nm", a, b)
    return a @ b
