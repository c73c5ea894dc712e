"""`dataset.mnist`: MNIST as the book's scripts load it, from this library's data sets."""

import numpy as np

from groundup.data import mnist
from groundup.typing import Array

__all__ = ["img_dim", "img_size", "init_mnist", "load_mnist", "test_num", "train_num"]

train_num, test_num = 60_000, 10_000
img_dim, img_size = (1, 28, 28), 784


def load_mnist(
    normalize: bool = True, flatten: bool = True, one_hot_label: bool = False
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """(training images, labels), (test images, labels)

    Args:
        normalize: float32 from 0 to 1 instead of uint8 from 0 to 255.
        flatten: (N, 784) instead of (N, 1, 28, 28).
        one_hot_label: (N, 10) of 0 and 1 instead of uint8 labels (N,).

    The files are looked for in $GROUNDUP_DATA and the cache, and downloaded once if need be.
    """
    shape = (-1, img_size) if flatten else (-1, *img_dim)

    def prepared(x: Array, t: Array) -> tuple[Array, Array]:
        x = x.reshape(shape)
        if normalize:
            x = x.astype(np.float32)
            x /= 255
        return x, np.eye(10)[t] if one_hot_label else t

    train, test = mnist.load_data()
    return prepared(*train), prepared(*test)


def init_mnist() -> None:
    """Make sure that the files are there."""
    mnist.load_data()
