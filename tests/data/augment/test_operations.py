"""What each operation does to an image, and that a magnitude of 0 does nothing."""

import numpy as np
import pytest

import groundup as gu
from groundup.data.augment import Augment, Augmentation, augmentations
from groundup.errors import GroundupError, InputError
from groundup.registry import build, describe
from groundup.rng import Stream

EPOCH = Stream(seed=5).at(epoch=2)
rng = np.random.default_rng(0)
BYTES = rng.integers(0, 256, (40, 3, 12, 10)).astype(np.uint8)
NAMES = augmentations.names()


def once(operation, x=BYTES, value_range=None):
    return Augment([operation], value_range)(x, np.arange(len(x)), EPOCH)


def test_the_names():
    assert NAMES == [
        "rotation", "shift", "zoom", "horizontal_flip", "vertical_flip",
        "blur", "noise", "salt_and_pepper", "cutout", "brightness", "contrast",
        "policy",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_every_operation_changes_values_within_their_range_and_not_their_kind(name, dtype):
    x = BYTES.astype(dtype)
    x.flags.writeable = False
    y = once(name, x, (0, 255))
    assert (y.dtype, y.shape) == (x.dtype, x.shape)
    assert (y != x).mean() > 0.03
    assert y.min() >= -1e-4
    assert y.max() <= 255 + 1e-4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("nothing", [{"probability": 0}, {"magnitude": 0}])
def test_probability_and_magnitude_0_keep_every_bit(name, nothing):
    x = rng.normal(size=(20, 1, 7, 7)).astype(np.float32)  # beyond the range, too
    y = once(augmentations[name](**nothing), x, (0, 1))
    np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize("name", NAMES)
def test_the_probability_is_the_share_of_images_that_change(name):
    x = np.tile(BYTES[:1], (2000, 1, 1, 1))
    strength = {"sigma": 50} if name == "blur" else {}  # a narrow bell changes no byte
    y = once(augmentations[name](probability=0.3, **strength), x)
    changed = (y != x).any((1, 2, 3))
    assert changed.mean() == pytest.approx(0.3, abs=0.04)


@pytest.mark.parametrize("name", [n for n in NAMES if "flip" not in n])
def test_a_larger_magnitude_changes_more(name):
    x = np.zeros((60, 1, 16, 16), np.float32)
    x[:, :, 5:11, 5:11] = 0.6
    x[:, :, 7:9, 6:10] = 0.3
    means = [
        np.abs(once(augmentations[name](magnitude=m), x, (0, 1)) - x).mean()
        for m in (0, 0.25, 0.5, 0.75, 1)
    ]
    assert (np.diff(means) > 0).all()


def test_a_flip_s_magnitude_makes_it_rarer():
    x = np.tile(BYTES[:1], (2000, 1, 1, 1))
    y = once(gu.RandomVerticalFlip(magnitude=0.4), x)
    flipped = (y == x[:, :, ::-1]).all((1, 2, 3))
    assert flipped.mean() == pytest.approx(0.2, abs=0.04)
    assert (flipped | (y == x).all((1, 2, 3))).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_quarter_turn_is_that_of_numpy(monkeypatch, dtype):
    x = rng.integers(0, 256, (3, 2, 8, 8)).astype(dtype)
    operation = gu.RandomRotation(90)
    ends = np.array([[1.0, 0, 0], [0.0, 0, 0], [0.5, 0, 0]])  # 90°, -90°, 0°
    monkeypatch.setattr(gu.RandomRotation, "draw", lambda self, draws: (np.ones(3, bool), ends))
    y = once(operation, x)
    np.testing.assert_allclose(y[0], np.rot90(x[0], 1, (1, 2)), atol=1e-3)
    np.testing.assert_allclose(y[1], np.rot90(x[1], -1, (1, 2)), atol=1e-3)
    np.testing.assert_array_equal(y[2], x[2])


def test_strengths_are_drawn_evenly_up_to_the_magnitude():
    numbers = np.linspace(0, 1, 5)[:, None].repeat(3, 1)
    _, t = gu.RandomShift(4, magnitude=0.5).inverse(numbers)
    np.testing.assert_allclose(t, -np.array([-2, -1, 0, 1, 2])[:, None].repeat(2, 1))
    A, _ = gu.RandomZoom(0.5, magnitude=0.5).inverse(numbers)
    np.testing.assert_allclose(1 / A[:, 0, 0], [0.75, 0.875, 1, 1.125, 1.25])
    A, _ = gu.RandomRotation(40, magnitude=0.5).inverse(numbers)
    np.testing.assert_allclose(
        np.rad2deg(np.arctan2(A[:, 0, 1], A[:, 0, 0])), [-20, -10, 0, 10, 20]
    )


def test_brightness_and_contrast():
    x = np.full((200, 1, 2, 2), 0.5, np.float32)
    x[:, :, 0] = 0.4
    brighter = once(gu.RandomBrightness(0.2), x, (0, 1)) - x
    assert np.ptp(brighter, axis=(1, 2, 3)).max() < 1e-6  # one number for all pixels
    assert -0.2 <= brighter.min() < -0.15
    assert 0.15 < brighter.max() <= 0.2
    y = once(gu.RandomContrast(0.5), x, (0, 1))
    gain = (y[:, 0, 1, 0] - y[:, 0, 0, 0]) / 0.1
    assert 0.5 <= gain.min() < 0.6
    assert 1.4 < gain.max() <= 1.5 + 1e-5
    np.testing.assert_allclose(y.mean((1, 2, 3)), 0.45, atol=1e-6)


def test_a_range_of_its_own_scales_what_is_said_in_shares():
    x = np.full((30, 1, 4, 4), 8, np.uint8)
    y = once(gu.SaltAndPepper(1.0), x, (0, 16))
    assert set(np.unique(y)) == {0, 16}
    y = once(gu.RandomNoise(0.1), x, (0, 16))
    assert 1.2 < y.std() < 2.2  # 1.6, and the rounding


@pytest.mark.parametrize("name", NAMES)
def test_operations_go_into_files_and_come_back(name):
    operation = augmentations[name](probability=0.25, magnitude=0.5)
    assert build(describe(operation)) == operation
    assert augmentations.resolve({"name": name, "probability": 0.25, "magnitude": 0.5}) == operation
    assert augmentations.resolve(f"{name}:0.5") == augmentations[name](magnitude=0.5)
    assert isinstance(operation, Augmentation)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: gu.RandomRotation(200), "expected a number of degrees from 0 to 180"),
        (lambda: gu.RandomRotation(-1), "degrees=-1"),
        (lambda: gu.RandomShift(float("nan")), "pixels=nan"),
        (lambda: gu.RandomZoom(1), "factor=1"),
        (lambda: gu.RandomBlur(1e9), "from 0 to 100"),
        (lambda: gu.SaltAndPepper(1.5), "rate=1.5"),
        (lambda: gu.RandomNoise("much"), "stddev='much'"),
        (lambda: gu.RandomShift(1, probability=1.5), "probability=1.5.: expected a number from 0"),
        (lambda: gu.Cutout(4, magnitude=-0.1), "magnitude=-0.1"),
        (lambda: gu.RandomShift(1, fill="mirror"), '"reflect", "nearest" or a finite number'),
        (lambda: gu.RandomShift(1, fill=True), "fill=True"),
        (lambda: gu.RandomShift(degrees=3), "takes no option 'degrees'"),
        (lambda: Augment(["shfit"]), "Did you mean 'shift'"),
        (lambda: Augment(["shift:much"]), "NAME:MAGNITUDE"),
        (lambda: Augment(["shift:2"]), "magnitude=2.0"),
        (lambda: Augment("shift"), "expected a list"),
        (lambda: Augment([3]), "3 is no augmentation"),
        (lambda: Augment(["shift"], (1, 0)), r"value_range=\(1, 0\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(GroundupError, match=words) as caught:
        make()
    assert isinstance(caught.value, InputError)
