"""Ensembles from Python."""

import numpy as np
import pytest

import groundup as gu
from groundup.errors import InputError
from groundup.train.executor import local_pool

RNG = gu.Stream(3)
X = RNG.normal((60, 4)).astype(np.float32)
Y = np.digitize(X[:, 0] + X[:, 1], [-0.6, 0.6])


def pattern(seed=5, **options):
    layers = [gu.Dense(8, "relu"), gu.Dropout(0.2), gu.Dense(3, activation="softmax")]
    model = gu.Sequential(layers, seed=seed, preprocess=["standardize"], **options)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def bits(ensemble):
    return ensemble.model.learner.vector.tobytes()


def test_a_member_is_the_network_of_its_seed() -> None:
    ensemble = gu.Ensemble(pattern(), members=2)
    histories = ensemble.fit(X, Y, epochs=3)
    for seed, member, history in zip((5, 6), ensemble.members, histories, strict=True):
        alone = pattern(seed)
        told = alone.fit(X, Y, epochs=3, verbose=0)
        np.testing.assert_allclose(member.predict(X), alone.predict(X), rtol=1e-4, atol=1e-6)
        assert history.history["loss"] == pytest.approx(told.history["loss"], rel=1e-4)


def test_validation_samples_and_preprocessing_are_shared() -> None:
    ensemble = gu.Ensemble(pattern(), members=3, bagging=True)
    histories = ensemble.fit(X, Y, epochs=1, validation_split=0.25)
    assert all("val_loss" in history.history for history in histories)
    alone = pattern()
    alone.fit(X, Y, epochs=1, validation_split=0.25, verbose=0)
    for member in ensemble.members:
        for key, value in alone.learner.preparation.parameters[0].items():
            assert (member.learner.preparation.parameters[0][key] == value).all()


def test_bagging_changes_what_is_learned() -> None:
    plain, bagged = gu.Ensemble(pattern(), 2), gu.Ensemble(pattern(), 2, bagging=True)
    for ensemble in (plain, bagged):
        ensemble.fit(X, Y, epochs=1)
    assert bits(plain) != bits(bagged)


@pytest.mark.parametrize("bagging", [False, True])
def test_the_same_bits_wherever_it_is_trained(bagging) -> None:
    ensembles = [gu.Ensemble(pattern(), 3, bagging=bagging) for _ in range(3)]
    for ensemble, executor in zip(ensembles, (None, None, local_pool(2)), strict=True):
        ensemble.fit(X, Y, epochs=2, callbacks=[gu.EarlyStopping("loss")], executor=executor)
    assert len({bits(ensemble) for ensemble in ensembles}) == 1


def test_the_pattern_is_not_trained_and_callbacks_are_copied() -> None:
    model, stopping = pattern(), gu.EarlyStopping("loss", patience=1)
    before = dict(vars(stopping))
    gu.Ensemble(model, 2).fit(X, Y, epochs=2, callbacks=[stopping])
    assert model.learner.epochs_trained == 0
    assert vars(stopping) == before


def test_saved_and_loaded(tmp_path) -> None:
    ensemble = gu.Ensemble(pattern(), 2)
    ensemble.fit(X, Y, epochs=1)
    ensemble.save(tmp_path / "two.safetensors")
    model = gu.load_model(tmp_path / "two.safetensors")
    assert (model.predict(X) == ensemble.predict(X)).all()
    again = gu.Ensemble.of(model)
    assert again.size == 2
    assert again.compare(X, Y) == ensemble.compare(X, Y)
    assert again.evaluate(X, Y) == ensemble.evaluate(X, Y)
    with pytest.raises(InputError, match="single network"):
        gu.Ensemble.of(again.members[0])


def test_values_are_averaged_in_regression() -> None:
    model = gu.Sequential([gu.Dense(4, "tanh"), gu.Dense(1)])
    model.compile("adam", "mse")
    ensemble = gu.Ensemble(model, 3)
    ensemble.fit(X, X[:, 0] * 2, epochs=1)
    wanted = np.mean([member.predict(X) for member in ensemble.members], axis=0)
    np.testing.assert_allclose(ensemble.predict(X), wanted, rtol=1e-5, atol=1e-7)
    # of squared errors, the mean's is never larger than the members' mean   [Krogh & Vedelsby 1995]
    scores = ensemble.compare(X, X[:, 0] * 2)
    assert scores.ensemble["loss"] <= scores.mean("loss")


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="members=0"):
        gu.Ensemble(pattern(), 0)
    with pytest.raises(InputError, match="no weights yet"):
        gu.Ensemble(pattern()).predict(X)
    with pytest.raises(InputError, match="compile the model first"):
        gu.Ensemble(gu.Sequential([gu.Dense(3)])).fit(X, Y)
