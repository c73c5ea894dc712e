"""`Sequential.diagnose`: a copy is trained and looked into, the model stays as it is."""

from dataclasses import dataclass

import numpy as np
import pytest

import groundup as gu
from groundup.data.dataset import Dataset
from groundup.doctor.of_model import repeated
from groundup.doctor.prove import prove
from groundup.errors import InputError
from groundup.layers import Init
from groundup.train.loop import Plan


@pytest.fixture(scope="module")
def digits():
    (x, y), _ = gu.datasets.digits.load_data()
    return x[:300], y[:300]


def small(optimizer="sgd", **options):
    layers = [gu.Flatten(), gu.Dense(12, "relu"), gu.Dense(10, "softmax")]
    model = gu.Sequential(layers, preprocess=["rescale"], **options)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return model


def test_the_copy_learns_what_fit_would(digits):
    found = small(seed=3).diagnose(*digits, batch_size=50, epochs=2, validation_split=0.2)
    fitted = small(seed=3)
    fitted.fit(*digits, batch_size=50, epochs=2, validation_split=0.2, verbose=0)
    assert isinstance(found, gu.Diagnosis)
    for name, values in fitted.history.history.items():
        assert found.case.curve(name) == tuple(values)


def test_what_is_proved_of_arrays_needs_them_again(digits):
    found = small(gu.SGD(1e-6)).diagnose(*digits, epochs=3)
    with pytest.raises(InputError, match="were arrays"):
        prove(found)
    x, y = digits[0][:, None], digits[1].astype(np.int64)
    given = Dataset("arrays", x, y, x[:50], y[:50], tuple("0123456789"))
    (tried,) = prove(found, dataset=given, epochs=10, pairs=5).findings
    assert tried.rule == "learning-rate-too-low"
    assert tried.proof.verdict == "confirmed"


def test_the_model_stays_as_it_is(digits):
    model = small()
    model.diagnose(*digits, epochs=1)
    with pytest.raises(InputError, match="no weights yet"):
        model.get_weights()
    model.fit(*digits, epochs=1, verbose=0)
    before, step = model.get_weights(), model.learner.slots["step"]
    model.diagnose(*digits)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert (model.learner.slots["step"], model.learner.epochs_trained) == (step, 1)


def test_by_default_it_trains_as_the_latest_fit_did(digits):
    model = small()
    assert small().diagnose(*digits).case.config.train.epochs == 10
    model.fit(*digits, batch_size=100, epochs=3, verbose=0)
    model.fit(*digits, batch_size=60, epochs=5, initial_epoch=3, verbose=0)
    found = model.diagnose(*digits).case
    assert (found.config.train.epochs, found.config.train.batch_size) == (2, 60)
    assert len(found.curve("loss")) == 2
    assert found.exams[-1].updates == 2 * -(-270 // 60)


def test_what_is_given_counts_more_than_the_latest_fit():
    plan = repeated(Plan(7, 32, first_epoch=4, shuffle=False), 8, None)
    assert plan == Plan(3, 8, 0, shuffle=False)
    with pytest.raises(InputError, match="epochs=0"):
        repeated(plan, None, 0)


def test_the_case_says_what_the_model_is(digits):
    config = small(gu.Adam(0.02), seed=5).diagnose(*digits, epochs=1).case.config
    assert config.seed == 5
    assert (config.optimizer.name, config.optimizer.options) == ("adam", {"learning_rate": 0.02})
    assert [layer["kind"] for layer in config.model.layers] == ["Flatten", "Dense", "Dense"]
    assert (config.train.loss, config.train.metrics) == (
        "categorical_crossentropy", ("accuracy",),
    )  # fmt: skip
    assert config.data.validation == 0.1


def test_validation_samples_are_no_test_samples(digits):
    x, y = digits
    facts = small().diagnose(x[:200], y[:200], epochs=1, validation_data=(x[200:], y[200:])).case
    assert facts.facts.samples == (200, 100, 0)
    assert facts.facts.validation_is_test == 0.0
    alone = small().diagnose(x, y, epochs=1, validation_split=0.0).case
    assert alone.facts.samples == (300, 0, 0)
    assert alone.curve("val_loss") == ()


def test_a_loss_that_diverges_is_evidence(digits):
    found = small(gu.SGD(1e30)).diagnose(*digits, epochs=1)
    assert found.case.diverged


def test_values_are_diagnosed_in_their_own_units():
    x = np.linspace(-1, 1, 120)[:, None].repeat(3, axis=1)
    model = gu.Sequential([gu.Dense(4, "tanh"), gu.Dense(1)])
    model.compile("adam", "mse")
    case = model.diagnose(x, 100 + 50 * x[:, :1], epochs=1).case
    assert case.facts.task == "regression"
    assert case.curve("loss")[0] > 5000  # nothing was scaled behind the user's back
    assert case.chain.names == ("dense_1", "dense_2")


def test_a_layer_that_no_registry_knows_is_looked_into_all_the_same(digits):
    @dataclass(frozen=True)
    class Twice(gu.Layer):
        def init(self, rng, in_shape):
            return Init({}, {}, in_shape)

        def forward(self, params, state, x, mode):
            return 2 * x, None, state

        def backward(self, params, cache, dy, mode):
            return 2 * dy, {}

    model = gu.Sequential([gu.Flatten(), Twice(), gu.Dense(10, "softmax")], preprocess=["rescale"])
    model.compile("sgd", "categorical_crossentropy")
    case = model.diagnose(*digits, epochs=1).case
    assert [one.layer for one in case.exams[0].layers] == ["flatten_1", "twice_1", "dense_1"]
    assert case.config.model.layers[1] == {"kind": "Twice"}


def test_what_cannot_be_diagnosed_is_said(digits):
    x, y = digits
    with pytest.raises(InputError, match="compile first"):
        gu.Sequential([gu.Dense(10)]).diagnose(x, y)
    with pytest.raises(InputError, match="class of each sample"):
        small().diagnose(x, gu.one_hot(y, 10) * 0.9 + 0.01, epochs=1)
