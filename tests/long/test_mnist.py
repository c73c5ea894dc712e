"""What the networks of the notes reach on the real MNIST."""

from typing import Any

import numpy as np
import pytest

from groundup.config import from_mapping
from groundup.data import dataset as datasets
from groundup.data.datasets import Mnist
from groundup.errors import DataError
from groundup.train.loop import Training
from groundup.train.run import assemble

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def mnist() -> Any:
    try:
        return Mnist(mirrors=()).load()  # a test downloads nothing
    except DataError as error:
        pytest.skip(f"the real MNIST is not at hand, set GROUNDUP_DATA to its folder: {error}")


def accuracy(dataset: datasets.Dataset, model: str, batch_size: int, seed: int) -> float:
    """The share of the 10,000 test images that the network tells after 20 epochs."""
    config = from_mapping(
        {
            "seed": seed,
            "data": {"name": "mnist", "validation": 0},
            "model": {"name": model},
            "train": {"epochs": 20, "batch_size": batch_size},
        }
    )
    made = assemble(config, dataset)
    Training(made.learner, made.train, made.validation, made.plan).run()
    return made.learner.evaluate(made.test, 1000)["accuracy"]


@pytest.mark.parametrize(
    ("model", "batch_size", "seeds", "least"),
    [
        ("keras-dnn", 128, (0, 1, 2), 0.974),
        ("simple-convnet", 100, (0, 1, 2), 0.984),
        ("deep-convnet", 100, (0,), 0.991),
    ],
)
def test_20_epochs_of_mnist(
    mnist: Any, model: str, batch_size: int, seeds: tuple[int, ...], least: float
) -> None:
    reached = [accuracy(mnist, model, batch_size, seed) for seed in seeds]
    assert np.mean(reached) >= least, reached
    assert min(reached) >= least - 0.005, reached
