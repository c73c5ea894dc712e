"""The axes of a symmetric matrix, which whitening turns data onto."""

import math

import numpy as np
from numpy.typing import NDArray

from groundup.ops.dispatch import strict

Floats = NDArray[np.float64]

_EPSILON = float(np.finfo(np.float64).eps)


def eigh(A: Floats) -> tuple[Floats, Floats]:
    """A = U Λ Uᵀ    A: (D, D), symmetric  ->  λ: (D,), from the smallest on,  U: (D, D), columns

    By LAPACK, whose sums are those of the BLAS below it; strictly, by loops of our own.

    >>> values, axes = eigh(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> values.round(12), abs(axes).round(3)
    (array([1., 3.]), array([[0.707, 0.707],
           [0.707, 0.707]]))
    """
    if not strict():
        values, axes = np.linalg.eigh(A)
        return values, axes
    values, axes = by_rotations(A)
    order = np.argsort(values, kind="stable")
    return values[order], axes[:, order]


def by_rotations(A: Floats) -> tuple[Floats, Floats]:
    """λ and U in any order: Householder's reflections, then the QL algorithm

    [Wilkinson & Reinsch 1971, tred2 and tql2]
    """
    largest = float(np.abs(A).max(initial=0.0))
    scale = math.ldexp(1.0, math.frexp(largest)[1] - 1)  # a power of two: no digit is lost
    diagonal, beside, Q = tridiagonal(A / scale)
    values, rows = _diagonal(diagonal.tolist(), [*beside.tolist(), 0.0], Q.T.copy())
    return np.array(values) * scale, rows.T


def tridiagonal(A: Floats) -> tuple[Floats, Floats, Floats]:
    """A = Q T Qᵀ; T as its diagonal (D,) and what stands beside that (D - 1,)."""
    A, D = A.copy(), len(A)
    beside, mirrors = np.zeros(max(D - 1, 0)), np.zeros((D, D))
    for k in range(D - 1):
        x = A[k + 1 :, k].copy()
        if not x[1:].any():
            beside[k] = x[0]
            continue
        beside[k] = -math.copysign(math.sqrt(np.square(x).sum()), x[0])
        x[0] -= beside[k]
        v = mirrors[k, k + 1 :] = x / np.sqrt(np.square(x).sum())
        rest = A[k + 1 :, k + 1 :]
        p = np.einsum("nk,k->n", rest, v)
        w = 2 * (p - (v * p).sum() * v)
        rest -= v[:, np.newaxis] * w + w[:, np.newaxis] * v
    Q = np.eye(D)
    for k in reversed(range(D - 1)):
        v, rest = mirrors[k, k + 1 :], Q[k + 1 :, k + 1 :]
        rest -= 2 * v[:, np.newaxis] * np.einsum("n,nk->k", v, rest)
    return A.diagonal().copy(), beside, Q


def _diagonal(d: list[float], e: list[float], rows: Floats) -> tuple[list[float], Floats]:
    """λ and the axes as rows, from T's diagonal d and e beside it; all are written over."""
    least = _EPSILON**2 * max(map(abs, [*d, *e]), default=0.0)
    for first in range(len(d)):
        while (last := _end_of_block(d, e, first, least)) > first:
            _chase(d, e, rows, first, last)
    return d, rows


def _end_of_block(d: list[float], e: list[float], first: int, least: float) -> int:
    """The first place from `first` on where nothing is left beside the diagonal."""
    for m in range(first, len(d) - 1):
        if abs(e[m]) <= max(_EPSILON * (abs(d[m]) + abs(d[m + 1])), least):
            return m
    return len(d) - 1


def _chase(d: list[float], e: list[float], rows: Floats, first: int, last: int) -> None:
    """One QL step with Wilkinson's shift: rotations from below to above."""
    g = (d[first + 1] - d[first]) / (2 * e[first])
    g = d[last] - d[first] + e[first] / (g + math.copysign(math.sqrt(g * g + 1), g))
    sin, cos, p = 1.0, 1.0, 0.0
    for i in range(last - 1, first - 1, -1):
        f, b = sin * e[i], cos * e[i]
        e[i + 1] = r = math.sqrt(f * f + g * g)
        if r == 0:  # the block falls apart here
            d[i + 1] -= p
            e[last] = 0.0
            return
        sin, cos = f / r, g / r
        g = d[i + 1] - p
        r = (d[i] - g) * sin + 2 * cos * b
        p = sin * r
        d[i + 1], g = g + p, cos * r - b
        one, other = rows[i], rows[i + 1]
        rows[i + 1], rows[i] = sin * one + cos * other, cos * one - sin * other
    d[first] -= p
    e[first], e[last] = g, 0.0
