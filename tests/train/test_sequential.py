"""Sequential: what fit, evaluate, predict and save promise."""

import math
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groundup as gu
from groundup import (
    SGD,
    Adam,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    RestoreWeights,
    Sequential,
    SetLearningRate,
    Stop,
    Stream,
)
from groundup.errors import DataError, Diverged, InputError, ShapeError
from groundup.nn import leaves
from groundup.train.callback import Weights
from groundup.train.inputs import check_examples
from groundup.train.loop import Plan, Training


def normal(*shape: int, name: str = "x") -> Any:
    return Stream(5, name=name).normal(shape, dtype=np.float32)


def classes(count: int, C: int = 3) -> Any:
    return Stream(6, name="labels").integers(0, C, count)


X, T = normal(50, 4), classes(50)


def small(*more: Any, seed: int = 0, optimizer: Any = None, **options: Any) -> Sequential:
    model = Sequential([Dense(8, "tanh"), *more, Dense(3, "softmax")], seed=seed, **options)
    model.compile(optimizer or Adam(0.01), "categorical_crossentropy", ["accuracy"])
    return model


def fit(model: Sequential, x: Any = X, y: Any = T, **options: Any) -> Any:
    return model.fit(x, y, **{"batch_size": 16, "epochs": 2, "verbose": 0, **options})


def bits(model: Sequential) -> bytes:
    return model.learner.vector.tobytes() + model.learner.running.tobytes()


class Recording(gu.Callback):
    """Notes which question was asked when, and gives the answers that it was told."""

    def __init__(self, answers: Any = ()) -> None:
        self.answers, self.asked = dict(answers), []  # type: ignore[var-annotated]

    def _ask(self, question: str, context: Any) -> Any:
        self.asked.append((question, context.epoch, context.step))
        answer = self.answers.get((question, context.epoch, context.step))
        return answer(context) if callable(answer) else answer

    def on_train_begin(self, context: Any) -> Any:
        return self._ask("train_begin", context)

    def on_epoch_begin(self, context: Any) -> Any:
        return self._ask("epoch_begin", context)

    def on_batch_end(self, context: Any) -> Any:
        return self._ask("batch_end", context)

    def on_epoch_end(self, context: Any) -> Any:
        return self._ask("epoch_end", context)

    def on_diverged(self, context: Any, error: Diverged) -> Any:
        return self._ask("diverged", context)

    def on_train_end(self, context: Any) -> Any:
        return self._ask("train_end", context)


# Learning


def test_it_learns_the_digits() -> None:
    (x, t), (x_test, t_test) = gu.datasets.digits.load_data()
    layers = [Flatten(), Dense(64, "relu"), BatchNormalization(), Dense(10, "softmax")]
    model = Sequential(layers, preprocess=["rescale"])
    model.compile(Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, t, epochs=8, validation_data=(x_test, t_test), verbose=0).history
    scores = model.evaluate(x_test, t_test)
    assert scores["accuracy"] > 0.95
    assert dict(scores) == {
        "loss": history["val_loss"][-1],
        "accuracy": history["val_accuracy"][-1],
    }
    assert history["loss"][-1] < history["loss"][0] / 4
    y = model.predict(x_test)
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-5)
    assert (y.argmax(axis=1) == t_test).mean() == pytest.approx(scores["accuracy"])


def test_a_convolutional_network_learns_stripes() -> None:
    stripes = np.zeros((40, 1, 6, 6), np.uint8)
    stripes[:20, :, ::2], stripes[20:, :, :, ::2] = 255, 255
    stripes[::3] = 255 - stripes[::3]
    t = np.repeat([0, 1], 20)
    layers = [Conv2D(4, 3, activation="relu"), gu.MaxPooling2D(2), Flatten(), Dense(2, "softmax")]
    model = Sequential(layers, preprocess=["standardize"])
    model.compile("adam", "categorical_crossentropy", ["accuracy"])
    assert fit(model, stripes, t, epochs=30).history["accuracy"][-1] == 1


def test_regression_finds_the_line() -> None:
    x = normal(64, 3)
    y = x @ [1.0, -2.0, 0.5] + 3
    model = Sequential([Dense(1)])
    model.compile(SGD(0.1), "mse", metrics=["mae"])
    history = fit(model, x, y, epochs=40).history
    assert history["loss"][-1] < 1e-6
    assert model.evaluate(x, y)["mae"] < 1e-3
    np.testing.assert_allclose(model.params["dense_1"]["W"][:, 0], [1, -2, 0.5], atol=1e-3)
    np.testing.assert_allclose(model.predict(x)[:, 0], y, atol=1e-2)
    column = Sequential([Dense(1)])
    column.compile(SGD(0.1), "mse")
    fit(column, x, y[:, None], epochs=40)
    assert bits(column) == bits(model)


# One epoch


def test_every_sample_is_seen_once_an_epoch_the_odd_last_batch_included() -> None:
    x = np.arange(50, dtype=np.float32).reshape(-1, 1)
    seen: list[Any] = []
    model = Sequential([Dense(3, "softmax")])
    model.compile(SGD(1e-9), "categorical_crossentropy")
    model.build((1,))
    step = model.learner.step

    def spy(batch: Any, mode: Any) -> Any:
        seen.append(batch.x[:, 0].astype(int).tolist())
        assert mode.train
        assert not mode.need_dx  # nobody asks for the inputs' gradient
        return step(batch, mode)

    model.learner.step = spy  # type: ignore[method-assign]
    fit(model, x, T, epochs=3)
    assert [len(batch) for batch in seen] == [16, 16, 16, 2] * 3
    epochs = [list(chain(*seen[i : i + 4])) for i in (0, 4, 8)]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != list(range(50))

    fit(model, x, T, epochs=1)
    again = list(chain(*seen[12:16]))
    assert sorted(again) == list(range(50))
    assert again not in epochs  # a second fit goes on, it does not begin anew

    fit(model, x, T, epochs=1, shuffle=False)
    assert list(chain(*seen[16:])) == list(range(50))


def test_a_batch_larger_than_the_data_is_the_data() -> None:
    whole, larger = small(), small()
    fit(whole, batch_size=50)
    fit(larger, batch_size=1000)
    assert bits(whole) == bits(larger)


def test_means_are_weighted_by_samples() -> None:
    model = small(optimizer=SGD(0.5))
    model.build((4,))
    rates: list[Any] = []
    step = model.learner.step

    def spy(batch: Any, mode: Any) -> Any:
        y = model.predict(batch.x).astype(np.float64)
        picked = y[np.arange(len(y)), batch.y]
        rates.append((-np.log(picked), y.argmax(axis=1) == batch.y))
        return step(batch, mode)

    model.learner.step = spy  # type: ignore[method-assign]
    history = fit(model, epochs=1).history
    losses, right = (np.concatenate(column) for column in zip(*rates, strict=True))
    assert losses.shape == (50,)
    assert history["loss"][0] == pytest.approx(losses.mean(), rel=1e-5)
    assert history["accuracy"][0] == pytest.approx(right.mean(), rel=1e-12)
    batches = [part.mean() for part, _ in rates]
    assert history["loss"][0] != pytest.approx(np.mean(batches), rel=1e-4)  # not by batches


@pytest.mark.parametrize("batch_size", [1, 7, 50, 1000])
def test_evaluate_is_the_same_for_any_batch_size(batch_size: int) -> None:
    model = small(BatchNormalization(), Dropout(0.5))
    fit(model)
    y = model.predict(X).astype(np.float64)
    loss = -np.log(y[np.arange(50), T]).mean()
    scores = model.evaluate(X, T, batch_size=batch_size)
    assert scores["loss"] == pytest.approx(loss, rel=1e-5)
    assert scores["accuracy"] == (y.argmax(axis=1) == T).mean()
    np.testing.assert_allclose(model.predict(X, batch_size), y, rtol=1e-5)


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto"])
def test_evaluate_and_predict_take_what_keras_takes_in_its_order(
    verbose: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    model = small()
    fit(model)
    weight = np.linspace(0, 1, 50)
    loss, accuracy = model.evaluate(X, T, 7, verbose, weight)
    scores = model.evaluate(X, T, sample_weight=weight)
    assert (loss, accuracy) == pytest.approx((scores["loss"], scores["accuracy"]))
    assert loss != pytest.approx(model.evaluate(X, T)["loss"], rel=1e-3)
    np.testing.assert_allclose(model.predict(X, 7, verbose), model.predict(X), rtol=1e-5)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_history_holds_the_values_of_every_epoch() -> None:
    model = small()
    history = fit(model, epochs=3, validation_data=(X, T))
    assert history is model.history
    assert history.epoch == [0, 1, 2]
    names = ["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
    assert list(history.history) == names
    assert all(len(values) == 3 for values in history.history.values())
    assert history.history["learning_rate"] == [0.01] * 3


def _interrupt(_: Any) -> None:
    raise KeyboardInterrupt


def _fail(_: Any) -> None:
    raise RuntimeError("of a callback")


def _spoil(context: Any) -> RestoreWeights:
    weights = context.weights()
    return RestoreWeights(Weights(weights.params * np.nan, weights.state))


@pytest.mark.parametrize(
    ("question", "act", "error", "epochs"),
    [
        (("batch_end", 2, 1), _interrupt, KeyboardInterrupt, 2),
        (("epoch_end", 1, 3), _fail, RuntimeError, 2),
        (("batch_end", 1, 0), _spoil, Diverged, 1),
    ],
)
def test_history_keeps_what_was_done_before_an_error(
    question: Any, act: Any, error: Any, epochs: int
) -> None:
    plain, model = small(), small()
    fit(plain, epochs=epochs)
    with pytest.raises(error):
        fit(model, epochs=5, callbacks=[Recording({question: act})])
    assert model.history == plain.history
    assert model.history is not None
    assert len(model.history.epoch) == epochs


@pytest.mark.parametrize("validation", [None, (X, T)])
@pytest.mark.parametrize("penalty", [None, gu.L2(0.1)])
def test_the_names_of_the_logs_are_known_before_the_first_batch(
    validation: Any, penalty: Any
) -> None:
    seen: list[Any] = []

    class Look(gu.Callback):
        def on_train_begin(self, context: Any) -> None:
            seen.append(context.log_names)

    model = Sequential([Dense(3, "softmax", kernel_regularizer=penalty)])
    model.compile("sgd", "categorical_crossentropy", ["accuracy"])
    history = fit(model, callbacks=[Look()], validation_data=validation).history
    assert seen == [tuple(history)]


def test_the_penalty_is_logged_apart_from_the_loss() -> None:
    model = Sequential([Dense(3, "softmax", kernel_regularizer=gu.L2(0.1))])
    model.compile(SGD(0.1), "categorical_crossentropy")
    history = fit(model, epochs=1).history
    W = model.params["dense_1"]["W"].astype(np.float64)
    assert history["penalty"] == [pytest.approx(0.05 * (W**2).sum(), rel=1e-6)]
    assert "penalty" not in model.evaluate(X, T)


def test_metrics_are_logged_by_their_own_names() -> None:
    model = Sequential([Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy", ["acc", gu.metrics.TopKAccuracy(k=2)])
    history = fit(model, epochs=1).history
    assert list(history)[:3] == ["loss", "accuracy", "top_k_accuracy"]
    assert history["accuracy"] < history["top_k_accuracy"]


# Going on


def test_initial_epoch_counts_on() -> None:
    history = fit(small(), epochs=5, initial_epoch=3)
    assert history.epoch == [3, 4]
    assert fit(small(), epochs=2, initial_epoch=2).epoch == []
    assert fit(small(), epochs=0).epoch == []


def test_two_fits_are_one_longer_fit() -> None:
    once, twice, counted = small(Dropout(0.3)), small(Dropout(0.3)), small(Dropout(0.3))
    fit(once, epochs=4)
    fit(twice, epochs=2)
    fit(twice, epochs=2)
    fit(counted, epochs=2)
    fit(counted, epochs=4, initial_epoch=2)
    assert bits(once) == bits(twice) == bits(counted)


def test_a_fit_after_one_that_was_stopped_draws_other_numbers() -> None:
    seen: list[Any] = []
    model = small()
    model.build((4,))
    step = model.learner.step

    def spy(batch: Any, mode: Any) -> Any:
        seen.append(batch.indices.tolist())
        return step(batch, mode)

    model.learner.step = spy  # type: ignore[method-assign]
    fit(model, callbacks=[Recording({("batch_end", 0, 0): Stop("enough")})])
    fit(model, callbacks=[Recording({("batch_end", 0, 0): Stop("enough")})])
    assert len(seen) == 2
    assert seen[0] != seen[1]


def test_the_first_reason_to_stop_counts() -> None:
    first, second = Recording(), Recording()
    first.answers["batch_end", 0, 1] = Stop("first")
    second.answers["batch_end", 0, 1] = Stop("second")
    model = small()
    model.build((4,))
    examples = check_examples(X, T, None, (4,), (3,), gu.CategoricalCrossentropy())
    training = Training(model.learner, examples, None, Plan(2, 16), [first, second])
    training.run()
    assert training.stopped == Stop("first")
    assert training.progress.stopped == "first"


def test_compiling_again_keeps_the_weights_and_begins_a_new_optimizer() -> None:
    model = small()
    fit(model)
    before = bits(model)
    model.compile(SGD(0.1, momentum=0.9), "categorical_crossentropy")
    assert bits(model) == before
    assert model.learner.slots["step"] == 0
    assert not model.learner.slots["velocity"].any()
    fit(model)
    assert bits(model) != before


# Same seed, same bits


def test_the_seed_decides_everything() -> None:
    models = [small(Dropout(0.3), BatchNormalization(), seed=seed) for seed in (0, 0, 1)]
    for model in models:
        fit(model, validation_split=0.2)
    assert bits(models[0]) == bits(models[1]) != bits(models[2])
    assert models[0].history == models[1].history != models[2].history


def test_numpys_global_generator_is_neither_read_nor_moved() -> None:
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    fit(small(Dropout(0.3)), validation_split=0.2)
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    np.testing.assert_equal(after, state)


def test_dropout_moves_nobodys_first_weights() -> None:
    plain, more = small(seed=3), small(Dropout(0.5), seed=3)
    plain.build((4,))
    more.build((4,))
    assert bits(plain) == bits(more)


def test_a_callback_that_only_looks_changes_no_bit() -> None:
    plain, watched = small(), small()
    fit(plain)
    fit(watched, callbacks=[Recording()])
    assert bits(plain) == bits(watched)


# Validation


def test_validation_split_is_stratified_seeded_and_not_trained_on() -> None:
    x = np.arange(100, dtype=np.float32).reshape(-1, 1) / 100
    t = np.repeat([0, 1, 2], [60, 30, 10])
    model = small()
    seen = set()
    model.build((1,))
    step = model.learner.step

    def spy(batch: Any, mode: Any) -> Any:
        seen.update(np.rint(100 * batch.x[:, 0]).astype(int).tolist())
        return step(batch, mode)

    model.learner.step = spy  # type: ignore[method-assign]
    history = fit(model, x, t, validation_split=0.2)
    assert len(seen) == 80
    assert np.bincount(t[sorted(seen)]).tolist() == [48, 24, 8]
    held = sorted(set(range(100)) - seen)
    assert history.history["val_loss"][-1] == pytest.approx(
        model.evaluate(x[held], t[held])["loss"], rel=1e-9
    )


def test_validation_split_takes_the_sample_weights_along() -> None:
    model = small()
    weight = np.linspace(0, 2, 50)
    history = fit(model, sample_weight=weight, validation_split=0.2).history
    assert history["val_loss"][-1] > 0
    only = small()
    fit(only, sample_weight=weight, validation_split=0.2, epochs=1)
    other = small()
    fit(other, validation_split=0.2, epochs=1)
    assert only.history.history["val_loss"] != other.history.history["val_loss"]  # type: ignore[union-attr]


def test_validation_data_with_weights() -> None:
    model = small()
    weight = np.array([2.0] * 25 + [0.0] * 25)
    history = fit(model, validation_data=(X, T, weight), epochs=1).history
    half = model.evaluate(X[:25], T[:25])
    assert history["val_loss"][0] == pytest.approx(half["loss"], rel=1e-6)
    assert model.evaluate(X, T, sample_weight=weight)["loss"] == pytest.approx(half["loss"])


# Weights of samples and classes


def vector_after_one_step(x: Any, t: Any, **options: Any) -> Any:
    model = small(optimizer=SGD(1.0), dtype="float64")
    model.fit(x, t, batch_size=1000, epochs=1, verbose=0, shuffle=False, **options)
    return model.learner.vector


def first_vector() -> Any:
    model = small(optimizer=SGD(1.0), dtype="float64")
    model.build((4,))
    return model.learner.vector


def test_a_whole_sample_weight_is_that_many_samples() -> None:
    weight = Stream(1).integers(0, 4, 50)
    weighted = vector_after_one_step(X, T, sample_weight=weight)
    repeated = vector_after_one_step(np.repeat(X, weight, axis=0), np.repeat(T, weight))
    start = first_vector()  # a mean over N samples, not over the weights
    np.testing.assert_allclose(
        (weighted - start) * 50, (repeated - start) * weight.sum(), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("class_weight", [{0: 2.0, 2: 0.5}, "balanced"])
def test_class_weights_are_sample_weights_by_class(class_weight: Any) -> None:
    factors = np.array([2.0, 1.0, 0.5])
    if class_weight == "balanced":
        factors = 50 / (3 * np.bincount(T))
    by_class = vector_after_one_step(X, T, class_weight=class_weight)
    by_sample = vector_after_one_step(X, T, sample_weight=factors[T])
    np.testing.assert_allclose(by_class, by_sample, rtol=1e-12)
    assert not np.allclose(by_class, vector_after_one_step(X, T))
    both = vector_after_one_step(X, T, class_weight=class_weight, sample_weight=factors[T])
    np.testing.assert_allclose(both, vector_after_one_step(X, T, sample_weight=factors[T] ** 2))


def test_class_weights_leave_the_validation_alone() -> None:
    model = small()
    history = fit(model, class_weight={0: 5.0}, validation_data=(X, T)).history
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X, T)["loss"], rel=1e-9)


# Forms of targets and inputs

ONE_HOT = np.eye(3)[T]


@pytest.mark.parametrize(
    "y",
    [
        T.tolist(),
        T[:, None],
        T.astype(np.uint8),
        T.astype(float),
        ONE_HOT,
        ONE_HOT.astype(np.float32),
        ONE_HOT.astype(int),
        ONE_HOT.astype(bool),
    ],
)
def test_labels_may_come_in_many_forms(y: Any) -> None:
    plain, other = small(), small()
    fit(plain)
    fit(other, y=y)
    assert bits(plain) == bits(other)


def test_soft_labels_mix_the_gradients() -> None:
    share = 0.25
    other = np.eye(3)[(T + 1) % 3]
    soft = vector_after_one_step(X, (1 - share) * ONE_HOT + share * other)
    pure, mixed = vector_after_one_step(X, T), vector_after_one_step(X, (T + 1) % 3)
    np.testing.assert_allclose(soft, (1 - share) * pure + share * mixed, rtol=1e-9, atol=1e-12)


def test_soft_labels_in_float32_and_with_accuracy() -> None:
    soft = (0.9 * ONE_HOT + 0.1 / 3).astype(np.float32)
    model = small()
    fit(model, y=soft)
    assert model.evaluate(X, soft)["accuracy"] == model.evaluate(X, T)["accuracy"]


def variants_of(x: Any, folder: Path) -> dict[str, Any]:
    np.save(folder / "x.npy", x)
    wide = np.zeros((x.shape[0] * 2, x.shape[1] * 3), x.dtype)
    wide[::2, ::3] = x
    readonly = x.copy()
    readonly.flags.writeable = False
    return {
        "fortran": np.asfortranarray(x),
        "strided": wide[::2, ::3],
        "reversed": x[::-1].copy()[::-1],
        "float64": x.astype(np.float64),
        "bigendian": x.astype(">f4"),
        "list": x.tolist(),
        "memmap": np.load(folder / "x.npy", mmap_mode="r"),
        "readonly": readonly,
    }


def test_inputs_may_come_in_many_forms_and_are_never_written_to(tmp_path: Path) -> None:
    plain = small(BatchNormalization(), preprocess=["standardize"])
    fit(plain)
    expected = plain.predict(X)
    for name, x in variants_of(X, tmp_path).items():
        before = np.array(x)
        model = small(BatchNormalization(), preprocess=["standardize"])
        fit(model, x, validation_split=0.0)
        np.testing.assert_allclose(model.predict(x), expected, rtol=1e-3, atol=1e-4, err_msg=name)
        np.testing.assert_array_equal(np.array(x), before, err_msg=name)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.bool_, np.float16, np.uint16])
def test_any_real_dtype_is_taken_as_its_numbers(dtype: Any) -> None:
    x = Stream(2).integers(0, 2 if dtype is np.bool_ else 100, (50, 4)).astype(dtype)
    plain, other = small(), small()
    fit(plain, x.astype(np.float32))
    fit(other, x)
    assert bits(plain) == bits(other)


@pytest.mark.parametrize("dtype", ["float64", np.float64, np.dtype("float64")])
def test_a_dtype_has_many_names(dtype: Any) -> None:
    model = small(dtype=dtype)
    model.build((4,))
    assert model.learner.vector.dtype == np.float64


def test_float64_is_kept_throughout() -> None:
    model = small(BatchNormalization(), dtype="float64")
    fit(model, X.astype(np.float64))
    learner = model.learner
    arrays = [learner.vector, learner.running, learner.gradient, learner.slots["m"]]
    assert all(array.dtype == np.float64 for array in (*arrays, model.predict(X)))


def test_predict_gives_a_fresh_array_every_time() -> None:
    model = Sequential([gu.Identity()])
    model.build((4,))
    x = X.copy()
    first = model.predict(x)
    first[...] = 0
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(model.predict(x), X)
    assert not np.shares_memory(model.predict(x), x)


def test_what_predict_gave_stays_as_it_is_when_the_training_goes_on() -> None:
    model = small(BatchNormalization())
    fit(model)
    y = model.predict(X)
    kept = y.copy()
    fit(
        model, callbacks=[Recording({("batch_end", 0, 1): lambda _: model.evaluate(X, T) and None})]
    )
    np.testing.assert_array_equal(y, kept)


def test_preprocessing_is_learned_from_the_training_data_of_the_first_fit_alone() -> None:
    x = Stream(3).normal((50, 4), 100, 5)
    model = small(preprocess=["standardize"])
    fit(model, x, validation_split=0.2)
    (first,) = model.learner.preparation.parameters or ()
    assert abs(first["mean"] - 100).max() < 5
    assert not np.allclose(first["mean"], x.mean(axis=0))  # the validation part is left out
    fit(model, x + 1000)
    (second,) = model.learner.preparation.parameters or ()
    np.testing.assert_array_equal(first["mean"], second["mean"])


# Building, weights, summary, save


def test_it_is_built_by_build_by_input_shape_or_by_the_first_fit() -> None:
    by_build, by_fit = small(), small()
    by_build.build((4,))
    by_shape = Sequential([Dense(8, "tanh", input_shape=(4,)), Dense(3, "softmax")])
    by_dim = Sequential()
    by_dim.add(Dense(8, "tanh", input_dim=4))
    by_dim.add(Dense(3, "softmax"))
    assert bits(by_build) == bits(by_shape) == bits(by_dim)
    by_shape.compile(Adam(0.01), "categorical_crossentropy", ["accuracy"])
    for model in (by_build, by_fit, by_shape):
        fit(model)
    assert bits(by_build) == bits(by_fit) == bits(by_shape)


def test_layers_may_be_added_until_it_is_trained() -> None:
    model = Sequential([Dense(8, "tanh", input_shape=(4,))])
    model.add(Dense(3, "softmax"))
    assert model.count_params() == 4 * 8 + 8 + 8 * 3 + 3
    with pytest.raises(ShapeError, match="Reshape the images"):
        model.add(Conv2D(3, 3))
    assert len(model.layers) == 2  # a layer that does not fit is not there
    model.compile("sgd", "categorical_crossentropy")
    fit(model)
    with pytest.raises(InputError, match="trained already"):
        model.add(Dense(3))


def test_a_network_that_is_built_stays_so_with_another_layer() -> None:
    model = Sequential([Dense(8, "tanh")])
    model.build((4,))
    model.add(Dense(3, "softmax"))
    assert model.predict(X).shape == (50, 3)
    whole = small()
    whole.build((4,))
    assert bits(model) == bits(whole)


def test_what_is_learned_is_not_drawn_anew() -> None:
    model = small()
    fit(model)
    before = bits(model)
    with pytest.raises(InputError, match="trained already"):
        model.build((4,))
    assert bits(model) == before


def test_sequential_takes_a_chain_and_a_single_layer() -> None:
    layers = (Dense(2), gu.ReLU())
    assert Sequential(gu.Chain(layers)).layers == Sequential(iter(layers)).layers == layers
    assert Sequential(Dense(2)).layers == (Dense(2),)


def test_weights_are_copied_out_and_back_in() -> None:
    model = small(BatchNormalization())
    fit(model)
    weights = model.get_weights()
    assert [w.shape for w in weights] == [(4, 8), (8,), (8,), (8,), (8, 3), (3,), (8,), (8,), (1,)]
    before, prediction = bits(model), model.predict(X)
    weights[0][...] = 0
    assert bits(model) == before
    fit(model)
    assert bits(model) != before
    weights[0] = model.get_weights()[0]
    model.set_weights(weights)
    np.testing.assert_array_equal(model.get_weights()[1], weights[1])
    fresh = small(BatchNormalization(), seed=9)
    fresh.build((4,))
    other = small(BatchNormalization())
    fit(other)
    fresh.set_weights(other.get_weights())
    np.testing.assert_array_equal(fresh.predict(X), prediction)
    with pytest.raises(InputError, match="set_weights"):
        model.set_weights(weights[:-1])
    with pytest.raises(InputError, match="set_weights"):
        model.set_weights([weights[0].T, *weights[1:]])


def test_weights_may_come_from_whatever_gives_arrays() -> None:
    model = small()
    model.build((4,))
    wanted = [w + np.float32(1) for w in model.get_weights()]
    for given in (iter(wanted), dict(enumerate(wanted)).values(), tuple(wanted)):
        model.set_weights([np.zeros_like(w) for w in wanted])
        model.set_weights(given)
        assert all(map(np.array_equal, model.get_weights(), wanted))
    for wrong in (5, None, "words", np.float64(1), wanted[0][0]):
        with pytest.raises(InputError, match="set_weights"):
            model.set_weights(wrong)  # type: ignore[arg-type]


def test_params_are_views_of_the_network() -> None:
    model = small()
    model.build((4,))
    model.params["dense_1"]["W"][...] = 0
    assert not model.get_weights()[0].any()


def test_summary_tells_shapes_parameters_memory_and_work() -> None:
    model = Sequential(
        [Conv2D(4, 3, activation="relu", input_shape=(1, 8, 8)), Flatten(), BatchNormalization()]
    )
    model.add(Dense(10, "softmax", name="classes"))
    summary = model.summary()
    rows = {row.name: row for row in summary.rows}
    assert list(rows) == ["conv2d_1", "flatten_1", "batch_normalization_1", "classes"]
    assert rows["conv2d_1"].out_shape == (4, 6, 6)
    assert rows["conv2d_1"].parameters == 40
    assert rows["conv2d_1"].multiply_adds == 144 * 9
    assert rows["conv2d_1"].bytes == 4 * (40 + 144)
    assert rows["batch_normalization_1"].bytes == 4 * (2 * 144 + 2 * 144 + 1 + 144)
    assert rows["classes"].multiply_adds == 1440
    assert summary.parameters == model.count_params() == 40 + 288 + 1450
    text = str(summary)
    for word in ("input 1×8×8", "4×6×6", "1,450", "Conv2D", "total", "1,778", "2,736"):
        assert word in text
    assert len({len(line) for line in text.splitlines()[1:]}) == 1
    assert text.startswith("sequential, input")


def test_save_and_load(tmp_path: Path) -> None:
    model = small(BatchNormalization(), Dropout(0.2), preprocess=["standardize"])
    fit(model)
    model.save(tmp_path / "model.safetensors")
    loaded = gu.load_model(tmp_path / "model.safetensors")
    assert bits(loaded) == bits(model)
    assert loaded.layers == model.layers
    assert loaded.predict(X).tobytes() == model.predict(X).tobytes()
    assert loaded.evaluate(X, T) == model.evaluate(X, T)
    fit(model)
    fit(loaded)
    assert bits(loaded) == bits(model)


def test_the_name_is_saved_and_shown(tmp_path: Path) -> None:
    model = Sequential([Dense(3, input_shape=(4,))], "petals")
    model.save(tmp_path / "model")
    loaded = gu.load_model(tmp_path / "model")
    assert (model.name, loaded.name) == ("petals", "petals")
    assert str(loaded.summary()).startswith("petals, input 4\n")
    assert Sequential().name == "sequential"


# Callbacks


def test_callbacks_are_asked_in_order() -> None:
    callback = Recording()
    fit(small(), callbacks=[callback])
    batches = [[("batch_end", epoch, step) for step in range(4)] for epoch in range(2)]
    assert callback.asked == [
        ("train_begin", 0, 0),
        ("epoch_begin", 0, 0),
        *batches[0],
        ("epoch_end", 0, 3),
        ("epoch_begin", 1, 0),
        *batches[1],
        ("epoch_end", 1, 3),
        ("train_end", 1, 3),
    ]


def test_a_callback_sees_where_the_training_is() -> None:
    seen: list[Any] = []

    class Look(gu.Callback):
        def on_epoch_end(self, context: Any) -> None:
            seen.append(
                (context.epoch, context.epochs, context.steps, context.updates, context.logs)
            )
            assert context.seconds > 0
            assert context.history.epoch == list(range(3, context.epoch + 1))
            assert context.learning_rate == 0.01

        def on_batch_end(self, context: Any) -> None:
            assert set(context.logs) == {"loss", "accuracy"}

    history = fit(
        small(), callbacks=[Look()], validation_split=0.2, epochs=5, initial_epoch=3
    ).history
    assert [line[:4] for line in seen] == [(3, 5, 3, 3), (4, 5, 3, 6)]
    for i, (*_, logs) in enumerate(seen):
        assert dict(logs) == {name: values[i] for name, values in history.items()}


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        (("train_begin", 0, 0), 2),
        (("epoch_begin", 0, 0), 3),
        (("batch_end", 0, 1), 5),
        (("epoch_end", 0, 3), 8),
    ],
)
def test_stop_ends_the_training_there(where: Any, asked: int) -> None:
    callback = Recording({where: Stop("enough")})
    model = small()
    history = fit(model, callbacks=[callback])
    assert len(callback.asked) == asked
    assert callback.asked[-1][0] == "train_end"
    assert history.epoch == ([0] if where[0] == "epoch_end" else [])


def test_set_learning_rate_counts_from_the_next_update() -> None:
    model = small(optimizer=SGD(0.5))
    fit(model, epochs=1)
    frozen, callback = small(optimizer=SGD(0.5)), Recording()
    callback.answers["epoch_end", 0, 3] = SetLearningRate(1e-30)
    history = fit(frozen, callbacks=[callback])
    assert bits(frozen) == bits(model)
    assert history.history["learning_rate"] == [0.5, 1e-30]
    assert frozen.learner.slots["learning_rate"] == 1e-30


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf, "fast", None])
def test_a_learning_rate_that_cannot_be_is_refused(rate: Any) -> None:
    with pytest.raises(InputError, match="learning_rate"):
        fit(small(), callbacks=[Recording({("batch_end", 0, 1): SetLearningRate(rate)})])


def test_a_learning_rate_that_follows_a_schedule_cannot_be_set() -> None:
    model = small(optimizer=SGD(gu.schedules.CosineDecay(0.1, 100)))
    with pytest.raises(InputError, match="follows"):
        fit(model, callbacks=[Recording({("batch_end", 0, 1): SetLearningRate(0.1)})])


def test_restore_weights_puts_them_back() -> None:
    kept: list[Weights] = []

    def keep(context: Any) -> None:
        kept.append(context.weights())

    answers = {("epoch_end", 0, 3): keep, ("train_end", 2, 3): lambda _: RestoreWeights(kept[0])}
    model, once = small(BatchNormalization()), small(BatchNormalization())
    fit(model, epochs=3, callbacks=[Recording(answers)])
    fit(once, epochs=1)
    assert bits(model) == bits(once)


@pytest.mark.parametrize("answer", ["stop", True, 0.1, Stop, RestoreWeights("best"), ()])  # type: ignore[arg-type]
def test_an_answer_of_another_kind_is_refused(answer: Any) -> None:
    asked = Recording({("batch_end", 0, 0): lambda _: answer})
    with pytest.raises(InputError, match=r"a callback answered .*: expected None, Stop"):
        fit(small(), callbacks=[asked])


def test_the_context_can_only_be_read() -> None:
    class Vandal(gu.Callback):
        def __init__(self) -> None:
            self.looks = 0

        def on_batch_end(self, context: Any) -> None:
            weights = context.weights()
            for array in (weights.params, weights.state):
                with pytest.raises(ValueError, match="read-only"):
                    array[...] = 0
            for path, parameter, gradient in context.named_arrays():
                assert path.endswith(("/W", "/b", "/gamma", "/beta"))
                assert parameter.shape == gradient.shape
                for array in (parameter, gradient):
                    with pytest.raises(ValueError, match="read-only"):
                        array[...] = 0
            with pytest.raises(TypeError):
                context.logs["loss"] = 0.0
            for name in ("epoch", "step", "learning_rate", "logs", "history", "updates"):
                with pytest.raises(AttributeError):
                    setattr(context, name, 0)
            self.looks += 1

        def on_epoch_end(self, context: Any) -> None:
            context.history.history.clear()
            context.history.epoch.append(99)

    vandal = Vandal()
    model, plain = small(BatchNormalization()), small(BatchNormalization())
    history = fit(model, callbacks=[vandal])
    assert vandal.looks == 8
    fit(plain)
    assert bits(model) == bits(plain)
    assert history == plain.history


def test_named_arrays_are_the_parameters_and_their_latest_gradients() -> None:
    model = small(optimizer=SGD(0.5), dtype="float64")
    before: dict[str, Any] = {}

    def start(context: Any) -> None:
        before.update((path, array.copy()) for path, array, _ in context.named_arrays())

    def check(context: Any) -> None:
        for path, parameter, gradient in context.named_arrays():
            assert gradient.any()
            np.testing.assert_allclose(parameter, before[path] - 0.5 * gradient, rtol=1e-12)

    fit(model, callbacks=[Recording({("train_begin", 0, 0): start, ("batch_end", 0, 0): check})])
    assert list(before) == [path for path, _ in leaves(model.params)]


def test_weights_of_the_context_are_copies() -> None:
    kept: list[Weights] = []
    fit(
        small(),
        callbacks=[Recording({("train_begin", 0, 0): lambda c: kept.append(c.weights())})],
    )
    fresh = small()
    fresh.build((4,))
    np.testing.assert_array_equal(kept[0].params, fresh.learner.vector)


# Divergence


def test_divergence_names_epoch_step_and_layer() -> None:
    model = Sequential([Dense(8, "relu"), Dense(8, "relu"), Dense(3, "softmax")])
    model.compile(SGD(1e10), "categorical_crossentropy")
    with pytest.raises(
        Diverged, match=r"in epoch 1, step \d+: .*(layer 'dense_|gradient of 'dense_)"
    ):
        fit(model)
    assert np.isfinite(model.learner.vector).all()


def poison(model: Sequential, value: float) -> Any:
    """Make one weight of the second layer impossible."""

    def spoil(_: Any) -> None:
        model.params["dense_2"]["W"][0, 0] = value

    return spoil


@pytest.mark.parametrize(("value", "word"), [(math.nan, "NaN"), (math.inf, "infinite values|NaN")])
def test_the_first_layer_that_is_not_finite_is_named(value: float, word: str) -> None:
    model = small()
    callback = Recording({("batch_end", 1, 1): poison(model, value)})
    expected = rf"epoch 2, step 3: ({word}) first in the output of layer 'dense_2'"
    with pytest.raises(Diverged, match=expected) as caught:
        fit(model, callbacks=[callback])
    assert (caught.value.epoch, caught.value.step) == (1, 2)
    assert callback.asked[-1] == ("diverged", 1, 2)


def test_before_a_bad_step_nothing_is_touched() -> None:
    model = small(BatchNormalization(), optimizer=SGD(0.1, momentum=0.9))
    model.build((4,))
    kept: list[Any] = []

    def spoil(_: Any) -> None:
        model.params["dense_1"]["W"][0, 0] = math.nan
        learner = model.learner
        kept.extend((bits(model), learner.slots["velocity"].copy(), learner.slots["step"]))

    with pytest.raises(Diverged):
        fit(model, callbacks=[Recording({("batch_end", 0, 2): spoil})])
    learner = model.learner
    assert bits(model) == kept[0]
    assert np.isnan(learner.vector).sum() == 1
    np.testing.assert_array_equal(learner.slots["velocity"], kept[1])
    assert learner.slots["step"] == kept[2] == 3


def test_a_gradient_that_is_not_finite_is_found_before_it_is_used() -> None:
    model = Sequential([Dense(4), Dense(1)])
    model.compile(SGD(0.1), "mae")  # loss and slope are small whatever the weights are
    model.build((4,))
    model.params["dense_2"]["W"][...] = 3e38
    model.params["dense_1"]["W"][...] = 0
    before = bits(model)
    with pytest.raises(Diverged, match="the gradient of 'dense_1/W' is not"):
        fit(model, np.full((8, 4), 100.0), np.ones(8))
    assert bits(model) == before


def test_weights_that_the_last_update_ruins_are_found_at_the_end_of_the_epoch() -> None:
    model = Sequential([Dense(1, use_bias=False)])
    model.compile(SGD(3e38), "mse")
    with pytest.raises(Diverged, match="the last update left parameters that are not finite"):
        fit(model, np.full((4, 1), 10.0), np.full(4, 100.0), epochs=1)


@pytest.mark.parametrize("optimizer", [gu.Adam(0.1), gu.Adagrad(0.1), gu.RMSprop(0.1)])
def test_a_mean_of_squares_beyond_float32_is_found_at_the_end_of_the_epoch(optimizer) -> None:
    """Every later step would be 0, and nobody would know why."""
    model = Sequential([Dense(1, kernel_initializer="zeros", use_bias=False)])
    model.compile(optimizer, "mae")
    with pytest.raises(Diverged, match="left means of the optimizer that are not finite"):
        fit(model, np.full((4, 1), 1e30), np.ones(4), epochs=1)


def test_running_statistics_beyond_float32_are_found_at_the_end_of_the_epoch() -> None:
    model = Sequential([gu.BatchNormalization(), Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(Diverged, match="left running statistics that are not finite"):
        fit(model, np.array([[-1e30], [1e30]]), np.zeros(2), epochs=1)


def test_a_callback_may_end_a_diverged_training_well() -> None:
    model = small()
    spoil, stop = poison(model, math.nan), Stop("diverged")
    callback = Recording({("batch_end", 1, 1): spoil, ("diverged", 1, 2): stop})
    history = fit(model, epochs=5, callbacks=[callback])
    assert history.epoch == [0]
    assert callback.asked[-2:] == [("diverged", 1, 2), ("train_end", 1, 2)]


def test_early_stopping_brings_the_best_weights_back_after_a_divergence() -> None:
    model = small()
    callback = Recording({("batch_end", 2, 1): poison(model, math.nan)})
    stopping = gu.EarlyStopping("loss", restore_best_weights=True)
    fit(model, epochs=5, callbacks=[callback, stopping, gu.TerminateOnNaN()])
    once = small()
    fit(once, epochs=2)
    assert bits(model) == bits(once)


# What is refused

BAD = np.array(X)
BAD[33, 2] = np.nan
INFINITE = BAD.copy()
INFINITE[33, 2] = -np.inf
SOFT = 0.5 * ONE_HOT + 0.5 / 3
SOFT[7] *= 0.9


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        # inputs
        ({"x": BAD}, DataError, r"x is nan at sample 33, position \(2,\)"),
        ({"x": INFINITE}, DataError, r"x is -inf at sample 33, position \(2,\)"),
        ({"x": np.full((50, 4), 1e39)}, DataError, r"x is 1e\+39 at sample 0"),
        ({"x": X.astype(object)}, DataError, "dtype object"),
        ({"x": X.astype(str)}, DataError, r"dtype <U\d+.*Encode text"),
        ({"x": X.astype(complex)}, DataError, "dtype complex128"),
        ({"x": X[:, 0]}, ShapeError, r"\(50,\): expected \(N, D\)"),
        ({"x": X[0, 0]}, ShapeError, r"expected \(N, D\)"),
        ({"x": X[:0]}, DataError, r"\(0, 4\) is empty"),
        ({"x": X[:, :0]}, DataError, r"\(50, 0\) is empty"),
        ({"x": [[1.0], [1.0, 2.0]]}, ShapeError, "rows of one length"),
        ({"x": None}, DataError, "dtype object"),
        ({"x": X[:49]}, ShapeError, "x holds 49 samples and y 50"),
        ({"x": X.reshape(50, 1, 2, 2)}, ShapeError, r"Dense\(units=8\).*rank 2.*Flatten\(\)"),
        # targets
        ({"y": T + 1}, DataError, r"label 3 at index \d+: expected a class from 0 to 2"),
        ({"y": T - 1}, DataError, r"label -1 at index \d+"),
        ({"y": T + 0.5}, DataError, r"label \d\.5 at index 0"),
        ({"y": np.where(np.arange(50) == 9, np.nan, T)}, DataError, "label nan at index 9"),
        ({"y": np.eye(4)[T]}, ShapeError, r"\(50, 4\): expected \(N, 3\)"),
        ({"y": np.zeros((50, 3))}, DataError, "row 0"),
        ({"y": SOFT}, DataError, r"y: the targets of sample 7 .* sums to 0\.9"),
        ({"y": np.where(SOFT > 9, 0, np.nan)}, DataError, "targets of sample 0"),
        ({"y": [str(t) for t in T]}, DataError, "text labels"),
        ({"y": T[:49]}, ShapeError, "x holds 50 samples and y 49"),
        ({"y": None}, DataError, "labels of type object"),
        ({"y": [[1], [1, 2]]}, ShapeError, "rows of one length"),
        ({"y": np.zeros((50, 3, 1))}, ShapeError, r"labels of shape \(50, 3, 1\)"),
        # weights
        ({"sample_weight": np.ones(49)}, ShapeError, "expected 50 numbers"),
        ({"sample_weight": np.ones((50, 1))}, ShapeError, "expected 50 numbers"),
        ({"sample_weight": -np.ones(50)}, DataError, ">= 0"),
        ({"sample_weight": np.zeros(50)}, DataError, "not all of them 0"),
        ({"sample_weight": np.full(50, np.nan)}, DataError, "finite numbers"),
        ({"sample_weight": ["a"] * 50}, DataError, "expected real numbers"),
        ({"class_weight": "even"}, InputError, 'expected "balanced"'),
        ({"class_weight": [1, 2, 3]}, InputError, 'expected "balanced"'),
        ({"class_weight": {3: 1.0}}, InputError, "3 is no class"),
        ({"class_weight": {0: -1.0}}, InputError, "class 0 weighs -1.0"),
        ({"class_weight": {0: 1.0}, "y": 0.9 * ONE_HOT + 0.1 / 3}, InputError, "no class labels"),
        # numbers
        ({"epochs": -1}, InputError, "epochs=-1: expected a whole number >= 0"),
        ({"epochs": 2.5}, InputError, r"epochs=2\.5"),
        ({"epochs": True}, InputError, "epochs=True"),
        ({"epochs": None}, InputError, "epochs=None"),
        ({"initial_epoch": -1}, InputError, "initial_epoch=-1"),
        ({"initial_epoch": "0"}, InputError, "initial_epoch='0'"),
        ({"batch_size": 0}, InputError, "batch_size=0: expected a whole number >= 1"),
        ({"batch_size": -5}, InputError, "batch_size=-5"),
        ({"batch_size": 2.0}, InputError, r"batch_size=2\.0"),
        ({"batch_size": None}, InputError, "batch_size=None"),
        ({"batch_size": math.nan}, InputError, "batch_size=nan"),
        ({"validation_split": 1.0}, InputError, r"validation_split=1\.0"),
        ({"validation_split": -0.1}, InputError, r"validation_split=-0\.1"),
        ({"validation_split": math.nan}, InputError, "validation_split=nan"),
        ({"validation_split": "0.2"}, InputError, r"validation_split='0\.2'"),
        ({"validation_split": 0.001}, InputError, "a part would be empty"),
        # validation data
        ({"validation_data": (X,)}, InputError, r"expected \(x, y\) or \(x, y, sample_weight\)"),
        ({"validation_data": X}, InputError, "validation_data: expected"),
        ({"validation_data": (X, T, None, None)}, InputError, "validation_data: expected"),
        (
            {"validation_data": (X[:, :3], T)},
            ShapeError,
            r"\(50, 3\): the network expects \(N, 4\)",
        ),
        ({"validation_data": (X, T + 1)}, DataError, "label 3"),
        ({"validation_data": (X[:0], T[:0])}, DataError, "empty"),
        # callbacks, verbosity
        ({"callbacks": gu.EarlyStopping()}, InputError, "expected a list of objects"),
        ({"callbacks": [print]}, InputError, "expected a list of objects"),
        ({"callbacks": ["EarlyStopping"]}, InputError, "expected a list of objects"),
        ({"callbacks": None}, InputError, "expected a list of objects"),
        ({"verbose": 3}, InputError, "verbose=3"),
        ({"verbose": "yes"}, InputError, "verbose='yes'"),
    ],
)
def test_fit_refuses(options: Any, error: Any, message: str) -> None:
    model = small(preprocess=["standardize"])
    callback = Recording()
    with pytest.raises(error, match=message) as caught:
        fit(model, **{"callbacks": [callback], **options})
    assert caught.value.exit_code == 2
    assert callback.asked == []
    assert model.history is None
    plain = small(preprocess=["standardize"])
    fit(plain)
    fit(model)  # as if nothing had been
    assert bits(model) == bits(plain)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (X[:, :3], ShapeError, r"\(50, 3\): the network expects \(N, 4\)"),
        (X[0], ShapeError, r"expected \(N, D\)"),
        (BAD, DataError, "sample 33"),
        (X[:0], DataError, "empty"),
        ("digits", DataError, "dtype"),
    ],
)
def test_predict_and_evaluate_refuse(x: Any, error: Any, message: str) -> None:
    model = small()
    fit(model)
    with pytest.raises(error, match=message):
        model.predict(x)
    with pytest.raises(error, match=message):
        model.evaluate(x, T)
    for batch_size in (0, -1, 2.5, None):
        with pytest.raises(InputError, match="batch_size"):
            model.predict(X, batch_size=batch_size)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="batch_size"):
            model.evaluate(X, T, batch_size=batch_size)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="verbose=3"):
        model.predict(X, verbose=3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="verbose=3"):
        model.evaluate(X, T, verbose=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["float16", "int32", "flaot32", None, 3, np.int8])
def test_another_dtype_is_refused(dtype: Any) -> None:
    with pytest.raises(InputError, match="expected float32 or float64"):
        Sequential([Dense(1)], dtype=dtype)


@pytest.mark.parametrize("seed", [-1, 0.5, "zero", None, True, 2**64])
def test_another_seed_is_refused(seed: Any) -> None:
    with pytest.raises(InputError, match="seed"):
        Sequential([Dense(1)], seed=seed)


def test_numpys_numbers_are_numbers(tmp_path: Path) -> None:
    model, plain = small(seed=np.int64(3)), small(seed=3)  # type: ignore[arg-type]
    fit(model, epochs=np.int64(2), batch_size=np.int32(16))
    fit(plain)
    assert bits(model) == bits(plain)
    model.save(tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.predict(X),
        lambda model: model.summary(),
        lambda model: model.save("model"),
        lambda model: model.get_weights(),
        lambda model: model.set_weights([]),
        lambda model: model.count_params(),
        lambda model: model.params,
    ],
)
def test_what_needs_weights_says_how_to_get_them(ask: Any) -> None:
    with pytest.raises(InputError, match=r"no weights yet: fit it, call build\(input_shape\)"):
        ask(small())


def test_what_needs_a_loss_says_to_compile() -> None:
    model = Sequential([Dense(3, "softmax", input_shape=(4,))])
    with pytest.raises(InputError, match="fit: compile first"):
        fit(model)
    with pytest.raises(InputError, match="evaluate: compile first"):
        model.evaluate(X, T)
    assert model.predict(X).shape == (50, 3)
    with pytest.raises(InputError, match="which loss"):
        model.compile("adam")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("adma", "mse"), "Did you mean 'adam'"),
        (("adam", "msee"), "Did you mean 'mse'"),
        (("adam", "mse", ["acuracy"]), "Did you mean 'accuracy'"),
        (("adam", "mse", "accuracy"), r"expected a list, such as \['accuracy'\]"),
        (("adam", "mse", None), "expected a list"),
        (("adam", "mse", ["mae", "mae"]), "two of them are called 'mae'"),
        (("adam", "mse", ["acc", "accuracy"]), "two of them are called 'accuracy'"),
        ((3, "mse"), "3 is no optimizer"),
        (("adam", np.mean), "is no loss"),
    ],
)
def test_compile_refuses(arguments: Any, message: str) -> None:
    model = small()
    fit(model)
    before = model.evaluate(X, T)
    with pytest.raises(InputError, match=message):
        model.compile(*arguments)
    assert model.evaluate(X, T) == before


def test_a_network_without_layers_says_so() -> None:
    model = Sequential()
    model.compile("adam", "mse")
    with pytest.raises(InputError, match="no layers"):
        fit(model)


def test_predicting_before_preprocessing_is_learned_says_so() -> None:
    model = small(preprocess=["standardize"])
    model.build((4,))
    with pytest.raises(InputError, match=r"nothing is learned .* Call fit"):
        model.predict(X)


@pytest.mark.parametrize(
    ("layers", "loss", "message"),
    [
        ([Dense(3)], "categorical_crossentropy", 'End the network with activation="softmax"'),
        ([Dense(1, "sigmoid")], "categorical_crossentropy", r"gives \(N, 1\).*C >= 2 classes"),
        ([Dense(3, "softmax")], "mse", "For class labels use the loss categorical_crossentropy"),
        ([Dense(2)], "mse", r"the network gives \(N, 2\)"),
    ],
)
def test_a_loss_that_does_not_fit_the_network_or_the_targets(
    layers: Any, loss: Any, message: str
) -> None:
    model = Sequential(layers)
    model.compile("sgd", loss)
    callback = Recording()
    with pytest.raises(InputError, match=message):
        fit(model, callbacks=[callback])
    assert callback.asked == []


def test_a_metric_that_does_not_fit_is_told_before_the_training() -> None:
    model = Sequential([Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy", [gu.metrics.TopKAccuracy(k=5)])
    callback = Recording()
    with pytest.raises(InputError, match="only 3 classes"):
        fit(model, callbacks=[callback])
    assert callback.asked == []


def test_a_last_sample_alone_is_told_before_the_training() -> None:
    model = small(BatchNormalization())
    callback = Recording()
    message = r"no variance.*The last of 50 samples in batches of 7 is alone"
    with pytest.raises(ShapeError, match=message):
        fit(model, batch_size=7, callbacks=[callback])
    assert callback.asked == []
    fit(model, batch_size=8)
    with pytest.raises(ShapeError, match="at least 2 samples"):
        fit(model, X[:1], T[:1])


def test_data_that_are_refused_leave_no_preprocessing_behind() -> None:
    model, plain = (small(BatchNormalization(), preprocess=["standardize"]) for _ in range(2))
    model.build((4,))
    with pytest.raises(ShapeError, match="is alone"):
        fit(model, 1000 + X, batch_size=7)
    fit(model)
    fit(plain)
    assert bits(model) == bits(plain)


def test_the_rehearsal_leaves_no_trace() -> None:
    model = small(BatchNormalization())
    model.build((4,))
    before = bits(model)
    fit(model, epochs=0)
    assert bits(model) == before


@pytest.mark.parametrize("verbose", ["auto", 1, 2])
def test_progress_goes_to_stderr_and_changes_no_bit(verbose: Any, capsys: Any) -> None:
    silent, told = small(), small()
    fit(silent)
    assert capsys.readouterr() == ("", "")
    fit(told, verbose=verbose, validation_split=0.0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "2/2" in err
    assert bits(silent) == bits(told)


def test_validation_split_says_what_it_does(capsys: Any) -> None:
    fit(small(), verbose=2, validation_split=0.2)
    assert "40 samples to train, 10 to validate, shuffled and stratified" in capsys.readouterr().err
