"""Joining trained networks into one, taking them apart again, and comparing them."""

import numpy as np
import pytest

import groundup as gu
from groundup.errors import InputError
from groundup.train.inputs import examples_for
from groundup.train.learner import Examples
from groundup.train.members import Comparison, bootstrap, compare, fresh, join, members_of

RNG = gu.Stream(3)
X, Y = RNG.normal((40, 5)).astype(np.float32), np.arange(40) % 3


def learner(seed=0, loss="categorical_crossentropy", ending="softmax", scale=1.0):
    layers = [gu.Dense(6), gu.BatchNormalization(), gu.ReLU(), gu.Dense(3, activation=ending)]
    model = gu.Sequential(layers, seed=seed, preprocess=["standardize"])
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(scale * X, Y, epochs=2, verbose=0)
    return model.learner


def test_probabilities_are_averaged() -> None:
    members = [learner(seed) for seed in (4, 5, 6)]
    joined = join(members)
    wanted = np.mean([one.predict(X, 16) for one in members], axis=0)
    np.testing.assert_allclose(joined.predict(X, 16), wanted, rtol=1e-5)
    assert joined.vector.size == 3 * members[0].vector.size
    assert (joined.seed, joined.epochs_trained) == (4, 2)


def test_logits_become_probabilities_before_they_are_averaged() -> None:
    logits = gu.CategoricalCrossentropy(from_logits=True)
    members = [learner(seed, logits, None) for seed in (0, 1)]
    joined = join(members)
    outputs = [np.exp(one.predict(X, 16)) for one in members]
    wanted = np.mean([y / y.sum(axis=1, keepdims=True) for y in outputs], axis=0)
    np.testing.assert_allclose(joined.predict(X, 16), wanted, rtol=1e-5)
    examples = examples_for(joined, X, Y)
    wanted_loss = -np.log(wanted[np.arange(40), Y]).mean()
    assert joined.evaluate(examples, 16)["loss"] == pytest.approx(wanted_loss, rel=1e-5)


def test_members_come_back_as_they_were() -> None:
    members = [learner(seed) for seed in (7, 8)]
    again = members_of(join(members))
    for member, back in zip(members, again, strict=True):
        assert back.vector.tobytes() == member.vector.tobytes()
        assert back.running.tobytes() == member.running.tobytes()
        assert (back.seed, back.network.chain) == (member.seed, member.network.chain)
        assert back.predict(X, 16).tobytes() == member.predict(X, 16).tobytes()
    assert members_of(members[0]) == ()


def test_one_file_holds_them_all(tmp_path) -> None:
    joined = join([learner(seed) for seed in (0, 1)])
    gu.Sequential.of(joined).save(tmp_path / "two.safetensors")
    back = gu.load_model(tmp_path / "two.safetensors").learner
    assert back.predict(X, 16).tobytes() == joined.predict(X, 16).tobytes()
    assert [one.vector.tobytes() for one in members_of(back)] == [
        one.vector.tobytes() for one in members_of(joined)
    ]
    from safetensors import safe_open

    with safe_open(tmp_path / "two.safetensors", "np") as file:
        names = set(file.keys())
    assert {f"params/ensemble/member_{k}/dense_2/W" for k in (1, 2)} <= names


@pytest.mark.parametrize(
    "other",
    [
        {"scale": 2.0},  # other preprocessing parameters
        {"ending": None, "loss": gu.CategoricalCrossentropy(from_logits=True)},
    ],
)
def test_others_are_refused(other) -> None:
    with pytest.raises(InputError, match="member 2 of the ensemble differs"):
        join([learner(0), learner(1, **other)])


def test_a_fresh_network_is_that_of_its_seed() -> None:
    one = learner(0)
    again = fresh(one, 9, one.preparation)
    model = gu.Sequential(one.network.chain.layers, seed=9)
    model.build((5,))
    assert again.vector.tobytes() == model.learner.vector.tobytes()
    assert again.epochs_trained == 0


def test_a_bootstrap_resample() -> None:
    x = np.arange(2000)[:, None]
    drawn = bootstrap(Examples(x, x[:, 0] % 7, x[:, 0] / 2), seed=1)
    assert len(drawn) == 2000
    assert (drawn.y == drawn.x[:, 0] % 7).all()
    assert (drawn.weight == drawn.x[:, 0] / 2).all()
    share = len(np.unique(drawn.x)) / 2000
    assert share == pytest.approx(1 - np.exp(-1), abs=0.03)
    assert (bootstrap(Examples(x, x[:, 0]), 1).x == drawn.x).all()
    assert (bootstrap(Examples(x, x[:, 0]), 2).x != drawn.x).any()


def test_a_comparison() -> None:
    one = Comparison(({"loss": 1.0}, {"loss": 3.0}), {"loss": 1.5})
    assert one.mean("loss") == 2.0
    assert one.std("loss") == pytest.approx(np.sqrt(2))
    assert [name for name, _ in one.rows()] == ["member 1", "member 2", "mean", "std", "ensemble"]
    assert str(one).splitlines()[-1].split() == ["ensemble", "1.5000"]
    assert np.isnan(Comparison(({"loss": 1.0},), {"loss": 1.0}).std("loss"))


def test_each_member_is_scored() -> None:
    members = [learner(seed) for seed in (0, 1)]
    examples = examples_for(members[0], X, Y)
    joined = join(members)
    comparison = compare(joined, examples)
    assert comparison is not None
    assert comparison.members == tuple(one.evaluate(examples, 1024) for one in members)
    assert comparison.ensemble == joined.evaluate(examples, 1024)
    assert compare(members[0], examples) is None
