"""What optimizers descend, and are compared on, by the gradient."""

from collections.abc import Callable

import numpy as np

from groundup.rng import Stream

START = np.array([1.5, 1.5, -1.2, 1.0])  # on Rosenbrock's function


def rosenbrock(theta: np.ndarray) -> np.ndarray:
    """The gradient of Σ (1 - x)² + 100 (y - x²)², x and y taking turns in θ."""
    x, y = theta[::2], theta[1::2]
    g = np.empty_like(theta)
    g[::2] = -2 * (1 - x) - 400 * x * (y - x**2)
    g[1::2] = 200 * (y - x**2)
    return g


def quadratic(seed: int) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """A start, and the gradient A (θ - c) of a bowl with slopes from 0.1 to 10."""
    noise = Stream(seed, "trust").named("quadratic").normal((6, 8))
    axes, _ = np.linalg.qr(noise[:, :6])
    A = axes @ np.diag(np.geomspace(0.1, 10, 6)) @ axes.T
    start, center = noise[:, 6], noise[:, 7]
    return start.copy(), lambda theta: A @ (theta - center)
