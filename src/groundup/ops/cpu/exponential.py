"""The exponential function in float32, in a form that the compiler turns into vectors."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
import numba
import numpy as np
from llvmlite import ir
from numba.core import types

from groundup.ops.cpu.memory import intrinsic


@intrinsic
def _as_float(context, bits):
    """The float32 with these bits."""

    def generate(context, builder, signature, given):
        return builder.bitcast(given[0], ir.FloatType())

    return types.float32(types.int32), generate


@numba.njit(inline="always")
def exp(x):
    """eˣ to 1 or 2 units in the last place; 0 below -87.3, ∞ above 88.7, NaN of NaN

    eˣ = 2ⁿ eʳ with n = x / ln 2 rounded, so |r| <= ln 2 / 2, where a polynomial of degree 6 does.
    [Cody & Waite 1980; the coefficients are those of Cephes's expf]
    """
    clipped = min(max(x, np.float32(-87.3)), np.float32(88.7))
    n = np.floor(clipped * np.float32(1.44269504) + np.float32(0.5))
    r = clipped - n * np.float32(0.693359375) - n * np.float32(-2.12194440e-4)
    y = np.float32(1.9875691500e-4)
    y = y * r + np.float32(1.3981999507e-3)
    y = y * r + np.float32(8.3334519073e-3)
    y = y * r + np.float32(4.1665795894e-2)
    y = y * r + np.float32(1.6666665459e-1)
    y = y * r + np.float32(5.0000001201e-1)
    y = y * r * r + r + np.float32(1)
    # 2ⁿ in two halves: for n = 128 alone there is no float.
    half = np.int32(n) >> np.int32(1)
    low = _as_float((half + np.int32(127)) << np.int32(23))
    high = _as_float((np.int32(n) - half + np.int32(127)) << np.int32(23))
    y = y * low * high
    y = np.float32(0) if x < np.float32(-87.3) else y
    y = np.float32(np.inf) if x > np.float32(88.7) else y
    return y if x == x else x
