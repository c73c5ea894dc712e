"""The handwritten digits as scikit-learn holds them: rows of 64 numbers from 0 to 1."""

import pytest
from sklearn.datasets import load_digits


@pytest.fixture(scope="session")
def digits():
    x, y = load_digits(return_X_y=True)
    return x / 16, y
