"""Each check finds the fault that was planted for it, and a sound network passes them all."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

import groundup as gu
from groundup.config import from_mapping
from groundup.data.dataset import Dataset, load
from groundup.doctor.preflight import preflight
from groundup.doctor.preflight.gradients import gradient_check
from groundup.doctor.preflight.learning import initial_loss, no_frozen, over_fits
from groundup.doctor.preflight.samples import inputs_scaled, no_leaks, targets_balanced
from groundup.layers import Init, Layer
from groundup.train.run import Assembly, assemble

DRAW = gu.Stream(5, "search")
X = DRAW.named("x").normal((240, 6))
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
CLASSES = Dataset("corners", X[:200], LABELS[:200], X[200:], LABELS[200:], ("no", "one", "both"))
VALUES = Dataset("slope", X[:200], 40 + 9 * X[:200, 2], X[200:], 40 + 9 * X[200:, 2], ())


def assembly(dataset: Dataset = CLASSES, **tables) -> Assembly:
    model = {"name": "multi-layer", "units": 20, "depth": 2, **tables.pop("model", {})}
    optimizer = {"name": "adam", "learning_rate": 0.003, **tables.pop("optimizer", {})}
    return assemble(from_mapping({"model": model, "optimizer": optimizer, **tables}), dataset)


def of_layers(*layers: Layer) -> Assembly:
    """The assembly of layers that no configuration can name."""
    given = assembly()
    model = gu.Sequential([*layers, gu.Dense(3, "softmax")], seed=1)
    model.compile("adam", "categorical_crossentropy")
    model.build((6,))
    learner = model.learner
    learner.preparation = given.learner.preparation
    return replace(given, learner=learner)


@dataclass(frozen=True)
class Mine(Layer):
    """y = x², by whoever writes a layer for the first time."""

    def init(self, rng, in_shape):
        return Init({}, {}, in_shape)

    def forward(self, params, state, x, mode):
        return x * x, x, state

    def backward(self, params, cache, dy, mode):
        return dy * 2 * cache, {}


class Wrong(Mine):
    """The 2 is forgotten."""

    def backward(self, params, cache, dy, mode):
        return dy * cache, {}


class Rounds(Mine):
    """Half of the digits are gone."""

    def forward(self, params, state, x, mode):
        return (x * x).astype(np.float32), x, state


class Raises(Mine):
    """The other factor, too."""

    def backward(self, params, cache, dy, mode):
        return dy @ cache, {}


class Centers(Mine):
    """Its mean is over the batch even where nothing is learned."""

    def forward(self, params, state, x, mode):
        return x - x.mean(axis=0), None, state

    def backward(self, params, cache, dy, mode):
        return dy - dy.mean(axis=0), {}


@dataclass(frozen=True)
class Scale(Layer):
    """y = a x, the gradient of a without its sum's sign."""

    sign: float = 1.0

    def init(self, rng, in_shape):
        return Init({"a": np.ones(in_shape)}, {}, in_shape)

    def forward(self, params, state, x, mode):
        return params["a"] * x, x, state

    def backward(self, params, cache, dy, mode):
        return dy * params["a"], {"a": self.sign * (dy * cache).sum(axis=0)}


def bits(given: Assembly) -> list[bytes]:
    learner = given.learner
    arrays = [learner.vector, learner.running, learner.gradient, learner.slots["m"]]
    return [array.tobytes() for array in arrays] + [str(learner.slots["step"]).encode()]


# --- a sound network


@pytest.mark.parametrize(
    "options", [{}, {"batch_norm": True, "dropout": 0.3, "l2": 1e-3}, {"activation": "prelu"}]
)
def test_a_sound_network_passes_and_keeps_its_bits(options) -> None:
    given = assembly(model=options)
    before = bits(given)
    found = preflight(given)
    assert [check.verdict for check in found.checks] == ["passed"] * 8, str(found)
    assert found.passed
    assert bits(given) == before


def test_the_same_is_found_again() -> None:
    found, again = preflight(assembly()), preflight(assembly())
    assert [replace(check, seconds=0) for check in again.checks] == [
        replace(check, seconds=0) for check in found.checks
    ]
    assert again.learning_rate == found.learning_rate


def test_a_sound_regression_passes() -> None:
    found = preflight(assembly(VALUES))
    assert [check.verdict for check in found.checks] == ["passed"] * 8, str(found)


def test_images_pass_a_convolution() -> None:
    config = from_mapping({"model": {"name": "simple-convnet", "filters": 4, "filter_size": 3}})
    small = load("digits")
    found = preflight(assemble(config, small))
    assert found.passed, str(found)


def test_the_table_says_what_failed() -> None:
    found = preflight(of_layers(gu.Dense(8), Wrong()))
    assert not found.passed
    assert [check.name for check in found.failed] == ["gradient"]
    lines = str(found).splitlines()
    assert lines[1].startswith("FAILED       Backward is the derivative of forward")
    assert lines[1].index("error below") == lines[0].index("expected")  # aligned
    assert "wrong_1 (dx)" in " ".join(lines[9:])
    assert lines[9] == "" and max(map(len, lines[9:])) <= 80
    plain = found.plain()
    assert plain["passed"] is False
    assert plain["checks"][0]["name"] == "gradient"
    assert isinstance(plain["learning_rate"]["curve"][0]["loss"], float)


# --- backward


@pytest.mark.parametrize(
    ("layers", "blamed"),
    [
        ((gu.Dense(8), Wrong()), "wrong_1 (dx)"),
        ((gu.Dense(8, "tanh"), gu.Dropout(0.5), Scale(-1.0), gu.ReLU()), "scale_1 (da)"),
        ((gu.Dense(8), Rounds()), "rounds_1 (float64 in, float32 out and dx)"),
        ((gu.Dense(8), gu.BatchNormalization(), Wrong(), gu.Dense(4, "relu")), "wrong_1 (dx)"),
    ],
)
def test_a_wrong_backward_is_found_and_blamed(layers, blamed) -> None:
    answer = gradient_check(of_layers(*layers))
    assert answer.passed is False
    assert f"Asked alone, the backward of {blamed} is wrong" in answer.words


def test_parameters_above_the_fault_are_not_accused() -> None:
    words = gradient_check(of_layers(gu.Dense(8, name="low"), Wrong(), gu.Dense(5))).words
    assert "low/W" in words
    assert "dense_1/W" not in words


@pytest.mark.parametrize(
    "layers",
    [
        (gu.Dense(8), Mine(), Scale()),
        (gu.Dense(30, "relu"), gu.Dropout(0.4), gu.BatchNormalization(), gu.Dense(9, "elu")),
        (gu.Dense(8, "relu", kernel_initializer="zeros"),),  # a kink everywhere
        (gu.Dense(8, "step"),),  # no slope, and none claimed
    ],
)
def test_right_backwards_are_not(layers) -> None:
    answer = gradient_check(of_layers(*layers))
    assert answer.passed, answer.words
    assert float(answer.value) < 1e-6


def test_a_backward_that_raises_fails_and_the_rest_is_told() -> None:
    found = preflight(of_layers(gu.Dense(9), Raises()))
    by_name = {check.name: check for check in found.checks}
    assert by_name["gradient"].passed is False
    assert "ValueError" in by_name["gradient"].words
    assert by_name["leak"].passed
    assert by_name["learning-rate"].passed is None


# --- the first loss


def test_large_weights_begin_far_above_chance() -> None:
    given = assembly()
    given.learner.params["dense_3"]["W"][...] *= 30
    answer = initial_loss(given)
    assert answer.passed is False
    assert "knowing nothing 1.1 " in answer.words  # ln 3
    assert float(answer.value) > 5


def test_a_network_that_knows_already_is_strange() -> None:
    given = assembly(CLASSES, model={"init": "zeros"})
    data = replace(CLASSES, y_train=np.zeros(200, int))
    given = replace(given, dataset=data, train=replace(given.train, y=np.zeros(200, int)))
    given.learner.params["dense_3"]["b"][0] = 5.0
    answer = initial_loss(given)
    assert answer.passed is False
    assert "cannot know so much" in answer.words


def test_the_first_loss_of_values_counts_in_their_own_units() -> None:
    answer = initial_loss(assembly(VALUES))
    assert answer.passed
    assert float(answer.value) == pytest.approx(1.0, abs=0.05)
    given = assembly(VALUES)
    given.learner.params["dense_3"]["b"][...] = 3.0  # standard deviations off
    assert initial_loss(given).passed is False


# --- a batch by heart


def test_contradicting_duplicates_are_no_false_alarm() -> None:
    x, y = np.repeat(X[:40], 5, axis=0), np.arange(200) % 3
    data = replace(CLASSES, x_train=x, y_train=y)
    answer = over_fits(assembly(data, data={"validation": 0.0}))
    assert answer.passed, answer.words
    assert "16 distinct samples" in answer.words


def test_dropout_and_penalties_do_not_hinder() -> None:
    answer = over_fits(assembly(model={"dropout": 0.8, "l2": 1.0}))
    assert answer.passed, answer.words


def test_a_network_without_a_way_cannot_learn_by_heart() -> None:
    answer = over_fits(assembly(model={"init": "zeros"}))
    assert answer.passed is False
    assert "loss" in answer.expected


def test_one_target_for_all_cannot_be_told() -> None:
    data = replace(CLASSES, y_train=np.zeros(200, int), y_test=np.zeros(40, int))
    assert over_fits(assembly(data)).passed is None


# --- samples of a batch


def test_a_mean_over_the_batch_is_a_leak() -> None:
    answer = no_leaks(of_layers(gu.Dense(8), Centers()))
    assert answer.passed is False
    assert "first in layer centers_1" in answer.words


def test_batch_normalization_is_none() -> None:
    answer = no_leaks(assembly(model={"batch_norm": True}))
    assert answer.passed
    assert "While training, batch_normalization_1 takes statistics" in answer.words
    assert "Neither" in no_leaks(assembly(model={"dropout": 0.5})).words


# --- parameters


def test_a_step_freezes_what_is_below() -> None:
    answer = no_frozen(of_layers(gu.Dense(8, "step", name="low"), gu.Dense(5, "relu")))
    assert answer.passed is False
    assert "low/W and low/b got no gradient" in answer.words
    assert "dense_" not in answer.words


def test_zeros_freeze_relus_even_under_a_penalty() -> None:
    answer = no_frozen(assembly(model={"init": "zeros", "l2": 0.1}))
    assert answer.passed is False
    assert "dense_1/W" in answer.words
    assert answer.value == "5 of 6 without"


def test_a_last_layer_that_begins_at_zero_only_waits() -> None:
    given = assembly()
    given.learner.params["dense_3"]["W"][...] = 0
    assert no_frozen(given).passed


def test_dead_units_are_counted() -> None:
    given = assembly()
    given.learner.params["dense_1"]["b"][:7] = -1e6
    answer = no_frozen(given)
    assert answer.passed
    assert "7 of 20 in dense_1" in answer.words


def test_a_gradient_that_is_not_finite_is_named() -> None:
    class Steep(Mine):
        """y = x, as steep as nothing is."""

        def forward(self, params, state, x, mode):
            return x, None, state

        def backward(self, params, cache, dy, mode):
            return dy * np.inf, {}

    answer = no_frozen(of_layers(gu.Dense(8, "relu", name="low"), Steep()))
    assert answer.passed is False
    assert "low/W" in answer.words
    assert "not finite in batch 1" in answer.words


# --- data


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x * 1000, "far too small or too large"),
        (lambda x: x / 1000, "far too small or too large"),
        (lambda x: x + 40, "far from 0"),
        (lambda x: x * [1, 1, 1, 1, 0.001, 1], "different scales"),
    ],
)
def test_raw_inputs_on_a_wrong_scale_are_found_and_standardizing_mends(change, words) -> None:
    data = replace(CLASSES, x_train=change(CLASSES.x_train))
    answer = inputs_scaled(assembly(data, data={"preprocess": []}))
    assert answer.passed is False
    assert words in answer.words
    assert inputs_scaled(assembly(data)).passed


def test_uneven_and_missing_classes_are_found() -> None:
    y = np.where(np.arange(200) < 190, 0, 1)
    uneven = replace(CLASSES, y_train=y % 2, classes=("often", "rare"), y_test=y[160:])
    answer = targets_balanced(assembly(uneven, data={"validation": 0.0}))
    assert answer.passed is False
    assert answer.value == "19 to 1"
    weighted = {"class_weight": "balanced"}
    assert targets_balanced(assembly(uneven, train=weighted)).passed
    missing = targets_balanced(assembly(replace(uneven, classes=("often", "rare", "never"))))
    assert missing.passed is False
    assert '"never" cannot be learned' in missing.words


def test_values_that_never_vary_are_found() -> None:
    constant = replace(VALUES, y_train=np.full(200, 3.0))
    assert targets_balanced(assembly(constant)).passed is False
    assert targets_balanced(assembly(VALUES)).passed
