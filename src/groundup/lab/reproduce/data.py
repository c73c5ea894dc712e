"""The handwriting that experiments learn from: MNIST where the machine has it, else the digits."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from groundup.data.dataset import Dataset
from groundup.data.datasets import MNIST_FILES, Digits, Mnist
from groundup.lab.reproduce.experiment import Setting
from groundup.rng import Stream


def handwriting(setting: Setting, train: int, test: int) -> Dataset:
    """So many images of MNIST, or as many of the digits as there are; nothing is downloaded

    The images stand in a random order that is the same for every seed, so that few are the first
    of many. `name` tells which data they are.

    Args:
        setting: of the run; no part of it changes which images are taken.
        train: how many to learn from, at most.
        test: how many to test with, at most.

    >>> data = handwriting(Setting(seed=5), train=300, test=100)
    >>> data.x_train.shape[:2], data.y_test.shape, data.name in ("mnist", "digits")
    ((300, 1), (100,), True)
    """
    whole = _shuffled(Mnist().files())
    return replace(
        whole,
        x_train=whole.x_train[:train],
        y_train=whole.y_train[:train],
        x_test=whole.x_test[:test],
        y_test=whole.y_test[:test],
    )


def handwriting_name() -> str:
    """Which data they are on this machine: "mnist" or "digits"."""
    return _shuffled(Mnist().files()).name


@cache
def _shuffled(files: tuple[Path, ...]) -> Dataset:
    """What lies there, whatever lay there before."""
    data = Mnist(mirrors=()).load() if len(files) == len(MNIST_FILES) else Digits().load()
    order = Stream(name="handwriting")
    train = order.named("train").permutation(len(data.y_train))
    test = order.named("test").permutation(len(data.y_test))
    return replace(
        data,
        x_train=data.x_train[train],
        y_train=data.y_train[train],
        x_test=data.x_test[test],
        y_test=data.y_test[test],
    )
