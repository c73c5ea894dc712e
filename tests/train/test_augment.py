"""Augmentation while training: in training batches alone, and resumed to the same bits."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groundup as gu
from groundup.config import Config, from_mapping
from groundup.data import dataset as datasets
from groundup.data.augment import Augment
from groundup.errors import ConfigError, InputError, Interrupted, ShapeError
from groundup.train import model_file
from groundup.train.learner import Examples, Learner
from groundup.train.run import assemble, resume, run

LIST = [{"name": "rotation", "degrees": 15, "probability": 0.5}, "shift:0.5", "noise"]
rng = np.random.default_rng(0)
X = rng.integers(0, 17, (60, 1, 6, 6)).astype(np.uint8)
Y = np.arange(60) % 3


def trained(epochs: int = 2, **options: Any) -> gu.Sequential:
    layers = [gu.Flatten(), gu.Dense(8, "relu"), gu.Dense(3, "softmax")]
    model = gu.Sequential(layers, seed=4, preprocess=["rescale"])
    model.compile("adam", "categorical_crossentropy", ["accuracy"])
    model.fit(X, Y, 16, epochs, verbose=0, **options)
    return model


def vector(model: gu.Sequential) -> Any:
    return model.learner.vector


def test_fit_with_augment_learns_from_variants_and_the_seed_repeats_them() -> None:
    plain, varied = trained(), trained(augment=LIST)
    assert (vector(plain) != vector(varied)).any()
    np.testing.assert_array_equal(vector(varied), vector(trained(augment=gu.Augment(LIST))))
    np.testing.assert_array_equal(vector(plain), vector(trained(augment=[])))
    nothing = [{**entry, "magnitude": 0} for entry in ({"name": "rotation"}, {"name": "noise"})]
    np.testing.assert_array_equal(vector(plain), vector(trained(augment=nothing)))


def test_without_shuffling_there_are_variants_too() -> None:
    plain, varied = trained(shuffle=False), trained(shuffle=False, augment=LIST)
    assert (vector(plain) != vector(varied)).any()


def test_a_second_fit_goes_on_as_one_would_have() -> None:
    whole, halves = trained(4, augment=LIST), trained(2, augment=LIST)
    halves.fit(X, Y, 16, 2, verbose=0, augment=LIST)
    np.testing.assert_array_equal(vector(whole), vector(halves))


def test_training_batches_alone_are_varied(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, Any]] = []
    call = Augment.__call__

    def counted(self: Augment, x: Any, indices: Any, stream: Any) -> Any:
        seen.append((stream.epoch, len(x), self.value_range))
        return call(self, x, indices, stream)

    monkeypatch.setattr(Augment, "__call__", counted)
    model = trained(augment=LIST, validation_data=(X, Y))
    model.evaluate(X, Y)
    model.predict(X)
    assert seen == [(epoch, size, (0, 16)) for epoch in (0, 1) for size in (16, 16, 16, 12)]


def test_features_and_unknown_names_are_refused_before_anything_is_trained() -> None:
    model = gu.Sequential([gu.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(ShapeError, match="Leave augment out"):
        model.fit(X.reshape(60, 36), Y, verbose=0, augment=["shift"])
    with pytest.raises(InputError, match="this network has no weights yet"):
        model.learner  # as before the fit
    with pytest.raises(InputError, match="Did you mean 'rotation'"):
        trained(augment=["rotatoin"])


# Runs


@pytest.fixture(autouse=True)
def _one_copy_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = datasets.load("digits")
    monkeypatch.setattr(datasets, "load", lambda name: digits)


def config(**data: Any) -> Config:
    return from_mapping({
        "data": {"name": "digits", "augment": LIST, **data},
        "model": {"name": "keras-dnn", "units": 8, "depth": 1},
        "train": {"epochs": 2, "batch_size": 300},
    })  # fmt: skip


def test_a_configuration_s_list_and_its_range() -> None:
    augment = assemble(config()).plan.augment
    assert augment is not None
    assert augment.operations[0] == gu.RandomRotation(15, probability=0.5)
    assert augment.value_range == (0, 16)
    assert assemble(config(augment=[])).plan.augment is None
    with pytest.raises(ConfigError, match=r"data\.augment"):
        config(augment=3)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([{"name": "shfit"}], "Did you mean 'shift'"),
        ([{"name": "shift", "degrees": 3}], "takes no option 'degrees'"),
        ([{"degrees": 3}], 'expected a "kind", its name'),
    ],
)
def test_wrong_entries_are_told(given: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        assemble(config(augment=given))


class At(gu.Callback):
    """Interrupts the training at its k-th step."""

    def __init__(self, k: int) -> None:
        self.left = k

    def on_batch_end(self, context: Any) -> None:
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("k", [1, 4, 7])
def test_a_resumed_run_ends_with_the_same_bits(k: int, tmp_path: Path) -> None:
    _, whole = run(config(), tmp_path / "whole")
    with pytest.raises(Interrupted):
        run(config(), tmp_path / "run", [At(k)])
    _, resumed = resume(tmp_path / "run")
    bits = [model_file.load(found.model).learner.vector for found in (whole, resumed)]
    np.testing.assert_array_equal(*bits)
    _, plain = run(config(augment=[]), tmp_path / "plain")
    assert (model_file.load(plain.model).learner.vector != bits[0]).any()


def test_learners_give_plain_batches_unless_they_are_asked() -> None:
    learner: Learner = trained().learner
    batch = next(learner.batches(Examples(X, Y), 5))
    np.testing.assert_array_equal(batch.x, learner.prepare(X[:5]))
