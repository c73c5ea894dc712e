"""A Gaussian process: of every point the mean and the uncertainty, from the values at some.

    z(x) = f(x) + ε    f ~ GP(0, k)    ε ~ N(0, noise)
    k(x, x') = signal · m(r²)    r² = Σ_d (x_d - x'_d)² / ℓ_d²
    m(r²) = (1 + √5 r + 5/3 r²) exp(-√5 r)                                            Matérn 5/2

One length scale ℓ_d a dimension: where it is long, the dimension does not matter ("automatic
relevance determination").   [Rasmussen & Williams 2006, "Gaussian processes for machine learning",
algorithms 2.1 and 5.1; equations 4.17 and 5.9]
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup.tune.thinning import thinned
from groundup.typing import Array


@dataclass(frozen=True, eq=False)
class Hyper:
    """What the kernel is made of: length scales (D,), the variance of f and that of ε."""

    lengths: Array
    signal: float
    noise: float

    @classmethod
    def from_log(cls, theta: Array) -> "Hyper":
        """Of (D + 2,) logarithms, in this order."""
        *lengths, signal, noise = np.exp(theta)
        return cls(np.array(lengths), float(signal), float(noise))


@dataclass(frozen=True)
class Prior:
    """What is expected of log ℓ, log signal and log noise before anything is seen: normal each

    So wide that few points are not overrated, and many have their own say.
    """

    length: tuple[float, float] = (-0.7, 1.0)  # mean, standard deviation
    signal: tuple[float, float] = (0.0, 1.0)
    noise: tuple[float, float] = (-9.0, 3.0)

    def moments(self, dimensions: int) -> tuple[Array, Array]:
        table = np.array([*[self.length] * dimensions, self.signal, self.noise])
        return table[:, 0], table[:, 1]


PRIOR = Prior()
_LENGTHS, _SIGNALS, _NOISES = (5e-3, 1e2), (1e-2, 1e2), (1e-8, 1.0)  # bounds
_STEPS, _FEW, _MANY = 60, 300, 250


def matern(squares: Array) -> tuple[Array, Array]:
    """m(r²) and dm/d(r²) = -5/6 (1 + √5 r) exp(-√5 r), of r² in any shape."""
    r = np.sqrt(5 * squares)
    decay = np.exp(-r)
    return (1 + r + (5 / 3) * squares) * decay, (-5 / 6) * (1 + r) * decay


@dataclass(frozen=True, eq=False)
class GaussianProcess:
    """The posterior.

    Args:
        X: (n, F) where values are known.
        z: (n,) the values, about 0 with a variance of about 1.
        owner: (F,) the dimension of each column, which shares its length scale.
        hyper: of the kernel.
        root: (n, n) lower, L Lᵀ = K + noise I.
        alpha: (n,) (K + noise I)⁻¹ z.

    >>> X = np.linspace(0, 1, 9)[:, None]
    >>> process = fitted(X, np.sin(6 * X[:, 0]), np.array([0]))
    >>> mean, std = process.predict(np.array([[0.4]]))
    >>> bool(abs(mean[0] - np.sin(2.4)) < 0.01), bool(std[0] < 0.05)
    (True, True)
    """

    X: Array
    z: Array
    owner: NDArray[np.int64]
    hyper: Hyper
    root: Array
    alpha: Array

    @classmethod
    def of(cls, X: Array, z: Array, owner: NDArray[np.int64], hyper: Hyper) -> "GaussianProcess":
        """Algorithm 2.1, lines 2 and 3."""
        from scipy.linalg import cho_solve, cholesky
        from scipy.spatial.distance import cdist

        points = X / hyper.lengths[owner]
        K = hyper.signal * matern(cdist(points, points, "sqeuclidean"))[0]
        noise = hyper.noise
        while True:
            try:
                root = cholesky(K + noise * np.eye(len(X)), lower=True)
                break
            except np.linalg.LinAlgError:
                noise *= 10  # rounding: the matrix is positive definite only on paper
        return cls(X, z, owner, hyper, root, cho_solve((root, True), z))

    def predict(self, X: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of f, (m,) each, at X (m, F)."""
        from scipy.linalg import solve_triangular
        from scipy.spatial.distance import cdist

        lengths = self.hyper.lengths[self.owner]
        k = self.hyper.signal * matern(cdist(self.X / lengths, X / lengths, "sqeuclidean"))[0]
        v = solve_triangular(self.root, k, lower=True, check_finite=False)
        variance = self.hyper.signal - np.einsum("nm,nm->m", v, v)
        return k.T @ self.alpha, np.sqrt(np.maximum(variance, 1e-14))

    def slopes(self, x: Array) -> tuple[float, float, Array, Array]:
        """Mean, standard deviation and the gradient of each, (F,), at one x (F,)."""
        from scipy.linalg.lapack import dtrtrs

        lengths = self.hyper.lengths[self.owner]
        apart = (x - self.X) / lengths
        m, slope = matern(np.einsum("nf,nf->n", apart, apart))
        k, dk = self.hyper.signal * m, (2 * self.hyper.signal) * slope[:, None] * apart / lengths
        v = dtrtrs(self.root, k, lower=1)[0]
        w = dtrtrs(self.root, v, lower=1, trans=1)[0]  # (K + noise I)⁻¹ k
        std = float(np.sqrt(max(self.hyper.signal - v @ v, 1e-14)))
        return float(k @ self.alpha), std, dk.T @ self.alpha, -(dk.T @ w) / std

    def with_beliefs(self, X: Array) -> "GaussianProcess":
        """As if X (m, F) had been tried and had been what is expected of them."""
        if not len(X):
            return self
        mean, _ = self.predict(X)
        return GaussianProcess.of(
            np.concatenate([self.X, X]), np.concatenate([self.z, mean]), self.owner, self.hyper
        )


def fitted(X: Array, z: Array, owner: NDArray[np.int64]) -> GaussianProcess:
    """The process whose hyper-parameters are most likely: L-BFGS from where the prior has its mean

    Few points may be explained in several ways, and then it starts from shorter and longer length
    scales as well. Many take their time and leave little doubt: of very many, some must do.
    """
    from scipy.optimize import minimize

    some = thinned(len(z), _MANY)
    pairs, (mean, std) = Pairs.of(X[some], owner), PRIOR.moments(int(owner.max()) + 1)
    bounds = np.array([*[_LENGTHS] * (len(mean) - 2), _SIGNALS, _NOISES])
    off = std * np.array([*[1.0] * (len(mean) - 2), 0.0, 0.0])
    starts = [mean, mean - off, mean + off][: max(1, _FEW // len(z))]
    found = [
        minimize(
            misfit, start, (pairs, z[some]), "L-BFGS-B", jac=True, bounds=np.log(bounds),
            options={"maxiter": _STEPS},
        )
        for start in starts
    ]  # fmt: skip
    best = min(found, key=lambda one: one.fun)
    return GaussianProcess.of(X, z, owner, Hyper.from_log(best.x))


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of n points, P = n (n - 1) / 2.

    Args:
        squares: (D, P) squared differences, by dimension.
        places: (P,) where each stands in a matrix (n, n) that is read row by row, above the
            diagonal.
    """

    squares: Array
    places: NDArray[np.int64]

    @classmethod
    def of(cls, X: Array, owner: NDArray[np.int64]) -> "Pairs":
        first, second = np.triu_indices(len(X), 1)
        columns = (X[first] - X[second]).T ** 2
        squares = [columns[owner == d].sum(axis=0) for d in range(int(owner.max()) + 1)]
        return cls(np.stack(squares), first * len(X) + second)


def misfit(theta: Array, pairs: Pairs, z: Array) -> tuple[float, Array]:
    """-log p(z, θ) of the logarithms θ = (log ℓ, log signal, log noise), and its gradient

        ½ zᵀ K⁻¹ z + ½ log |K| + ½ |(θ - μ) / s|²    dθ: ½ tr((K⁻¹ - α αᵀ) dK/dθ) + (θ - μ) / s²

    Args:
        theta: (D + 2,)
        pairs: of the points.
        z: (n,)
    """
    from scipy.linalg.lapack import dpotrf, dpotri, dpotrs

    n, hyper = len(z), Hyper.from_log(theta)
    precisions = hyper.lengths**-2.0
    m, slope = matern(precisions @ pairs.squares)
    K = np.zeros((n, n))
    K.flat[:: n + 1] = hyper.signal + hyper.noise
    K.ravel()[pairs.places] = hyper.signal * m
    root, failed = dpotrf(K.T, lower=1, overwrite_a=1)  # LAPACK's matrices are read by columns
    if failed:
        return 1e10, np.zeros_like(theta)
    logarithm = np.log(root.diagonal()).sum()
    alpha = dpotrs(root, z, lower=1)[0]
    inverse = dpotri(root, lower=1, overwrite_c=1)[0].T  # above its diagonal
    diagonal = inverse.trace() - alpha @ alpha
    W = inverse.ravel()[pairs.places] - np.outer(alpha, alpha).ravel()[pairs.places]
    mean, std = PRIOR.moments(len(theta) - 2)
    off = (theta - mean) / std
    gradient = off / std
    gradient[:-2] -= 2 * hyper.signal * precisions * (pairs.squares @ (W * slope))
    gradient[-2] += hyper.signal * (W @ m + 0.5 * diagonal)
    gradient[-1] += 0.5 * hyper.noise * diagonal
    return float(0.5 * z @ alpha + logarithm + 0.5 * off @ off), gradient
