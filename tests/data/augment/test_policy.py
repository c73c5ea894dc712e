"""A policy: each sample draws one of its sub-policies, whatever batch it stands in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import groundup as gu
from groundup import config as configuration
from groundup.data.augment import Augment, Policy, augmentations
from groundup.errors import ConfigError, InputError
from groundup.registry import build, describe
from groundup.rng import Stream
from groundup.train.threads import limited_threads
from groundup.train.trials import Trial, run_trial

rng = np.random.default_rng(0)
X = rng.integers(1, 255, (60, 1, 9, 8)).astype(np.uint8)
ALL = np.arange(60)
EPOCH = Stream(seed=1).at(epoch=3)
SIDEWAYS = {"name": "horizontal_flip", "probability": 1.0}
UPSIDE_DOWN = {"name": "vertical_flip", "probability": 1.0}
MANY = Policy([
    [{"name": "rotation", "probability": 0.8, "magnitude": 0.4}, {"name": "noise"}],
    [{"name": "zoom", "probability": 0.5}, {"name": "shift", "pixels": 2, "probability": 0.7}],
    [{"name": "cutout", "size": 4, "probability": 0.6}, {"name": "contrast", "magnitude": 0.9}],
])  # fmt: skip


def shown(policy, x=X, indices=ALL, stream=EPOCH):
    return Augment([policy])(x, indices, stream)


def test_every_sample_gets_one_whole_sub_policy():
    y = shown(Policy([[SIDEWAYS], [UPSIDE_DOWN], [SIDEWAYS, UPSIDE_DOWN]]))
    expected = [X[..., ::-1], X[:, :, ::-1], X[:, :, ::-1, ::-1]]
    matches = np.array([(y == one).all((1, 2, 3)) for one in expected])
    assert (matches.sum(0) == 1).all()
    assert (matches.sum(1) > 8).all()  # each of them about every third time


def test_the_choice_differs_by_epoch_sample_and_seed():
    policy = Policy([[SIDEWAYS], [UPSIDE_DOWN]])
    same = np.tile(X[:1], (60, 1, 1, 1))
    drawn = shown(policy, same)
    assert len(np.unique(drawn, axis=0)) == 2
    assert (shown(policy, same, stream=EPOCH.at(epoch=4)) != drawn).any()
    assert (shown(policy, same, indices=ALL + 60) != drawn).any()
    assert (shown(policy, same, stream=Stream(2).at(epoch=3)) != drawn).any()


def test_operations_come_in_their_order():
    covered = gu.Cutout(99)
    assert (shown(Policy([["salt_and_pepper", covered]])) == 0).all()
    assert (shown(Policy([[covered, "salt_and_pepper"]])) == 255).any()


@given(st.lists(st.integers(0, 59), min_size=1, max_size=20), st.sampled_from("uf"))
def test_a_sample_looks_the_same_in_every_batch(chosen, kind):
    x = X.astype({"u": np.uint8, "f": np.float32}[kind])
    augment = Augment([MANY], (0, 255))
    whole = augment(x, ALL, EPOCH)
    np.testing.assert_array_equal(augment(x[chosen], chosen, EPOCH), whole[chosen])


def test_threads_change_no_bit():
    with limited_threads(1):
        alone = shown(MANY)
    with limited_threads(2):
        np.testing.assert_array_equal(shown(MANY), alone)


def test_one_sub_policy_is_a_list_of_operations_with_draws_of_its_own():
    operations = [gu.RandomShift(2), gu.RandomNoise(0.1)]
    stream = EPOCH.of("augment").named("policy_1").named("subpolicy_1")
    np.testing.assert_array_equal(shown(Policy([operations])), Augment(operations)(X, ALL, stream))


def test_the_policy_s_own_probability_and_magnitude():
    half = shown(Policy([[UPSIDE_DOWN]], probability=0.5))
    changed = (half != X).any((1, 2, 3))
    assert 15 < changed.sum() < 45
    np.testing.assert_array_equal(half[changed], X[changed][:, :, ::-1])
    weak = shown(Policy([["brightness:0.5"]], magnitude=0.5)).astype(int) - X
    assert 0 < np.abs(weak).max() <= round(255 * 0.3 * 0.25) + 1


def test_what_its_operations_need_is_asked_for():
    x = X.astype(np.float32)
    with pytest.raises(InputError, match="RandomNoise: black and white of float32"):
        shown(MANY, x)
    with pytest.raises(InputError, match=r"fill=-1\.0: expected a value of type uint8"):
        shown(Policy([[gu.RandomShift(2, fill=-1)]]))


@pytest.mark.parametrize("wrong", [[], "rotation", ["rotation"], [[]], [["rotation"], []], 3])
def test_what_is_no_policy_is_refused(wrong):
    with pytest.raises(InputError, match="expected a list of lists of operations"):
        Policy(wrong)


def test_unknown_operations_are_named():
    with pytest.raises(InputError, match="unknown augmentation 'rotatoin'"):
        Policy([["rotatoin"]])


def test_round_trips():
    assert build(describe(MANY)) == MANY
    assert augmentations.resolve(MANY.table()) == MANY
    nested = Policy([[MANY, "zoom"]], magnitude=0.5)
    assert augmentations.resolve(nested.table()) == nested


def test_files_and_configurations(tmp_path):
    path = tmp_path / "policy.toml"
    MANY.save(path)
    assert Policy.load(path) == MANY
    config = configuration.load(path)
    assert Augment(config.data.augment).operations == (MANY,)
    (tmp_path / "config.toml").write_text(configuration.to_toml(config), "utf-8")
    assert Policy.load(tmp_path / "config.toml") == MANY
    assert configuration.load(tmp_path / "config.toml") == config


@pytest.mark.parametrize("text", ["", "data = 3", "[data]\naugment = ['policy']", "[[data.augment]]\nname='zoom'"])  # fmt: skip  # noqa: E501
def test_files_without_a_policy_are_refused(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"policy\.toml holds 0 policies"):
        Policy.load(path)


def test_training_shows_it_to_the_network():
    config = {"model": {"name": "two-layer"}, "train": {"batch_size": 100, "epochs": 2}}
    with_policy = config | {"data": {"augment": [MANY.table()]}}
    plain, varied = (
        run_trial(Trial(configuration.from_mapping(one))).history for one in (config, with_policy)
    )
    assert plain["loss"] != varied["loss"]
    again = run_trial(Trial(configuration.from_mapping(with_policy))).history
    assert varied["loss"] == again["loss"]


def test_fit_takes_it():
    (x, t), _ = gu.datasets.digits.load_data()
    layers = [gu.Flatten(), gu.Dense(10, activation="softmax")]
    losses = []
    for augment in (None, MANY, [MANY]):
        model = gu.Sequential(layers)
        model.compile(loss="sparse_categorical_crossentropy")
        history = model.fit(x[:200], t[:200], epochs=1, verbose=0, augment=augment)
        losses.append(history.history["loss"])
    assert losses[1] == losses[2] != losses[0]
