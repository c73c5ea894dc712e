"""The network of a configuration fits its data: the targets' units, inputs that are reshaped."""

import numpy as np
import pytest

import groundup as gu
from groundup.config import from_mapping
from groundup.data.dataset import Dataset, load
from groundup.errors import ConfigError, InputError, ShapeError
from groundup.layers import Dense, Rescaling
from groundup.nn.losses import Huber, MeanSquaredError
from groundup.nn.scaled_loss import ScaledLoss
from groundup.train.defaults import complete
from groundup.train.run import assemble, run
from groundup.train.task import make_model, training_rows

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
Y = np.stack([1000 + 50 * X[:, 0], 0.01 * X[:, 1], np.full(60, 7.0)], axis=1)
VALUES = Dataset("values", X[:40], Y[:40], X[40:], Y[40:], ())


def config(**tables):
    return from_mapping({"model": {"name": "two-layer"}, **tables})


def test_a_regression_ends_in_the_units_of_its_training_targets():
    given = config(train={"loss": {"kind": "Huber", "delta": 0.5}}, data={"validation": 0.25})
    assembly = assemble(given, VALUES)
    learner = assembly.learner
    last = learner.network.chain.layers[-1]
    targets = VALUES.y_train[training_rows(assembly.config, VALUES)]
    assert np.array_equal(targets, assembly.train.y)
    assert isinstance(last, Rescaling)
    np.testing.assert_allclose(last.offset, targets.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(last.scale, [*targets.std(axis=0)[:2], 1.0], rtol=1e-12)
    assert learner.loss == ScaledLoss(Huber(0.5), last.scale)
    assert learner.network.out_shape == (3,)


def test_it_begins_by_answering_the_mean():
    learner = assemble(config(data={"validation": 0.0}), VALUES).learner
    said = learner.predict(VALUES.x_train, 100)
    spread = np.array([*Y[:40, :2].std(axis=0), 1.0])
    assert (np.abs(said - Y[:40].mean(axis=0)) < 0.05 * spread).all()
    loss = learner.evaluate(assemble(config(data={"validation": 0.0}), VALUES).train, 100)["loss"]
    assert loss == pytest.approx(2 / 3, abs=0.02)  # 1 for each target that varies


def test_a_loss_of_classes_is_refused_for_values():
    with pytest.raises(ConfigError, match="the targets are values"):
        assemble(config(train={"loss": "categorical_crossentropy"}), VALUES)


def test_regression_stops_by_itself_unless_told_otherwise():
    assert assemble(config(), VALUES).config.train.callbacks == (
        {"kind": "EarlyStopping", "patience": 5, "restore_best_weights": True},
    )
    assert assemble(config(train={"callbacks": []}), VALUES).callbacks == ()
    assert assemble(config(data={"validation": 0.0}), VALUES).callbacks == ()
    assert assemble(config()).callbacks == ()


def test_diabetes_is_learned_in_one_go(tmp_path):
    result, directory = run(
        from_mapping({"data": {"name": "diabetes"}, "model": {"name": "multi-layer"}}),
        tmp_path / "run",
    )
    assert result.test_r2 > 0.4  # a linear regression reaches 0.50
    assert (result.test_accuracy, result.val_accuracy) == (None, None)
    data = load("diabetes")
    said = gu.load_model(directory.model).predict(data.x_test)[:, 0]
    residual = np.square(data.y_test - said).sum()
    assert result.test_r2 == pytest.approx(
        1 - residual / np.square(data.y_test - data.y_test.mean()).sum(), rel=1e-6
    )


@pytest.mark.parametrize("optimizer", [{"name": "sgd", "learning_rate": 0.05}, {"name": "adam"}])
def test_the_unit_of_the_targets_decides_nothing(optimizer):
    """Targets in cents are learned by the same steps as in millions."""
    losses = []
    for unit in (1e-4, 1.0, 1e5):
        y = unit * (1000 + 50 * X[:, 0] + 20 * X[:, 1])
        data = Dataset("money", X[:40], y[:40], X[40:], y[40:], ())
        model = make_model(complete(config(optimizer=optimizer), (3,), "regression"), data)
        fit = model.fit(data.x_train, data.y_train, 8, epochs=30, verbose=0, validation_split=0.1)
        losses.append(fit.history["loss"][-1])
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
    assert losses[2] == pytest.approx(losses[1], rel=0.02)
    assert losses[1] < 0.1


@pytest.mark.parametrize(
    ("preprocess", "width"),
    [
        ([{"name": "pca", "components": 5}], 5),
        (["rescale", {"name": "pca", "components": 0.5}], None),
        ([{"name": "pca", "components": 30}, {"name": "decorrelate", "components": 7}], 7),
    ],
)
def test_preprocessing_may_change_the_shape(tmp_path, preprocess, width):
    given = config(data={"preprocess": preprocess}, train={"epochs": 3})
    assembly = assemble(given)
    (seen,) = assembly.learner.network.in_shape
    assert seen == width or (width is None and 1 < seen < 20)
    result, directory = run(given, tmp_path / "run")
    assert result.test_accuracy > 0.3
    data, model = load("digits"), gu.load_model(directory.model)
    assert model.evaluate(data.x_test, data.y_test)["accuracy"] == result.test_accuracy
    with pytest.raises(ShapeError, match=r"expects \(N, 1, 8, 8\)"):
        model.predict(np.zeros((2, seen)))


def test_it_learns_from_the_samples_that_train_alone():
    given = config(data={"preprocess": [{"name": "pca", "components": 0.9}], "validation": 0.5})
    assembly = assemble(given)
    mean = assembly.learner.preparation.parameters[0]["mean"]
    np.testing.assert_allclose(mean, assembly.train.x.mean(axis=0), rtol=1e-9)
    assert np.abs(mean - assembly.validation.x.mean(axis=0)).max() > 0.1


def test_categories_become_columns(tmp_path):
    x = np.stack([rng.integers(0, 3, 90) * 2.0, rng.normal(size=90)], axis=1)
    y = (x[:, 0] / 2).astype(np.int64)
    data = Dataset("kinds", x[:60], y[:60], x[60:], y[60:], ("a", "b", "c"))
    given = config(data={"preprocess": [{"name": "one_hot", "columns": [0]}]})
    result, directory = run(given, tmp_path / "run", dataset=data)
    assert result.test_accuracy == 1.0
    assert gu.load_model(directory.model).learner.network.in_shape == (4,)
    with pytest.raises(InputError, match="expected what the training data had there, only 0, 2, 4"):
        gu.load_model(directory.model).predict([[1.0, 0.0]])


def test_sequential_takes_a_known_number_of_components_only():
    digits = load("digits")
    for components in (6, 0.9):
        model = gu.Sequential(
            [Dense(10, "softmax")], preprocess=[gu.PCAWhitening(components=components)]
        )
        model.compile("adam", "categorical_crossentropy", ["accuracy"])
        if components == 6:
            model.fit(digits.x_train, digits.y_train, verbose=0)
            assert model.learner.network.in_shape == (6,)
            assert model.predict(digits.x_test).shape == (359, 10)
        else:
            with pytest.raises(InputError, match="whole number of components"):
                model.fit(digits.x_train, digits.y_train, verbose=0)


def test_mean_squares_are_counted_in_the_spread():
    model = make_model(complete(config(), (3,), "regression"), VALUES)
    assert isinstance(model.learner.loss.loss, MeanSquaredError)
