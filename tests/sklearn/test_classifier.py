"""The classifier, by values: against Sequential, against repeated rows, against itself."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, log_loss
from sklearn.utils.class_weight import compute_sample_weight

import groundup as gu
from groundup import GroundupClassifier
from groundup.data.split import train_validation_split
from groundup.errors import InputError, ShapeError

rng = np.random.default_rng(0)
x = rng.standard_normal((300, 4))
kinds = np.array(["bee", "fly", "ant"])
y = kinds[(x[:, 0] > 0).astype(int) + (x[:, 1] > 0.8)]


def small(**options):
    """A small network that trains for few epochs."""
    known = {"hidden_layer_sizes": (8,), "max_iter": 5, "learning_rate": 0.01, "random_state": 0}
    return GroundupClassifier(**known | options)


def test_digits(digits):
    images, labels = digits
    network = GroundupClassifier(learning_rate=0.01, max_iter=30, random_state=0)
    network.fit(images[::2], labels[::2])
    assert network.score(images[1::2], labels[1::2]) > 0.95
    assert network.loss_ < 0.05


def test_it_is_the_sequential_that_one_would_write():
    network = small(alpha=0.01, batch_size=64, random_state=7).fit(x, y)
    options = {"kernel_initializer": "he", "kernel_regularizer": gu.L2(0.01)}
    model = gu.Sequential(
        [gu.Dense(8, "relu", **options), gu.Dense(3, "softmax", **options)], seed=7
    )
    model.compile(gu.Adam(0.01), "categorical_crossentropy")
    labels = np.searchsorted(np.sort(kinds), y)
    history = model.fit(x.astype(np.float32), labels, batch_size=64, epochs=5, verbose=0)
    np.testing.assert_array_equal(network.predict_proba(x), model.predict(x))
    assert network.loss_curve_ == history.history["loss"]
    assert network.loss_ == network.loss_curve_[-1]
    assert network.classes_.tolist() == ["ant", "bee", "fly"]
    assert network.model_.count_params() == 4 * 8 + 8 + 8 * 3 + 3


def test_answers_belong_together():
    network = small(max_iter=60, learning_rate=0.05).fit(x, y)
    p = network.predict_proba(x)
    np.testing.assert_array_equal(network.predict(x), network.classes_[p.argmax(axis=1)])
    np.testing.assert_allclose(network.predict_log_proba(x), np.log(p))
    assert network.score(x, y) == np.mean(network.predict(x) == y) > 0.9


def test_a_probability_that_is_rounded_to_0():
    network = small(max_iter=1).fit(x, y)
    network.model_.set_weights([1e4 * w for w in network.model_.get_weights()])
    assert np.isneginf(network.predict_log_proba(x)).any()


@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"alpha": 0.1}])
def test_a_weight_of_3_is_as_good_as_a_sample_three_times(options):
    weight = np.random.default_rng(1).integers(0, 4, 50)
    some, kind = x[:50], y[:50]
    weighed = small(max_iter=50, **options).fit(some, kind, weight)
    again = small(max_iter=50, **options).fit(some.repeat(weight, 0), kind.repeat(weight))
    np.testing.assert_allclose(weighed.predict_proba(x), again.predict_proba(x), rtol=1e-9)
    np.testing.assert_allclose(weighed.loss_curve_, again.loss_curve_)
    plain = small(max_iter=50, **options).fit(some, kind)
    assert np.abs(plain.predict_proba(x) - again.predict_proba(x)).max() > 0.01


def test_the_loss_divides_by_the_sum_of_weights():
    weight = np.random.default_rng(2).uniform(0.1, 5, 300)
    still = {"learning_rate": 1e-12, "max_iter": 1, "batch_size": 64}
    network = small(**still).fit(x, y, weight)
    expected = log_loss(y, network.predict_proba(x), sample_weight=weight)
    assert network.loss_ == pytest.approx(expected, rel=1e-5)
    assert small(**still).fit(x, y, 1000 * weight).loss_ == pytest.approx(expected, rel=1e-5)
    assert small(**still).fit(x, y).loss_ != pytest.approx(expected, rel=1e-3)


def test_class_weights_are_sample_weights():
    balanced = small(class_weight="balanced").fit(x, y)
    weight = compute_sample_weight("balanced", y)
    np.testing.assert_allclose(
        balanced.predict_proba(x), small().fit(x, y, weight).predict_proba(x), rtol=1e-4
    )
    chosen = small(class_weight={"fly": 9.0}).fit(x, y)
    weight = np.where(y == "fly", 9.0, 1.0)
    expected = small().fit(x, y, weight).predict_proba(x)
    np.testing.assert_allclose(chosen.predict_proba(x), expected, rtol=1e-4)
    assert np.mean(chosen.predict(x) == "fly") > np.mean(small().fit(x, y).predict(x) == "fly")


def test_calls_of_partial_fit_are_the_epochs_of_a_fit():
    network = small(batch_size=64, dropout=0.2)
    for _ in range(3):
        network.partial_fit(x, y, classes=kinds)
    whole = small(batch_size=64, dropout=0.2, max_iter=3).fit(x, y)
    np.testing.assert_array_equal(network.predict_proba(x), whole.predict_proba(x))
    assert network.loss_curve_ == whole.loss_curve_
    assert (network.n_iter_, whole.n_iter_) == (1, 3)


def test_partial_fit_learns_classes_that_a_call_lacks():
    network = small(hidden_layer_sizes=(16,), batch_size=20)
    for _ in range(20):
        for i in range(0, 300, 50):
            network.partial_fit(x[i : i + 50], y[i : i + 50], kinds)
    network.partial_fit(x[y != "ant"], y[y != "ant"])
    assert network.score(x, y) > 0.8
    assert set(network.predict(x)) == set(kinds)


def test_what_partial_fit_refuses():
    with pytest.raises(InputError, match="first call needs classes"):
        small().partial_fit(x, y)
    network = small().partial_fit(x, y, kinds)
    with pytest.raises(InputError, match="not those of the first call"):
        network.partial_fit(x, y, ["bee", "fly"])
    with pytest.raises(ValueError, match="unseen labels"):
        network.partial_fit(x, np.full(300, "elk"))
    with pytest.raises(InputError, match="partial_fit does not see all samples"):
        small(class_weight="balanced").partial_fit(x, y, kinds)
    with pytest.raises(InputError, match="early_stopping=True takes many epochs"):
        small(early_stopping=True).partial_fit(x, y, kinds)


def test_a_warm_start_goes_on():
    network = small(warm_start=True).fit(x, y)
    first = network.loss_curve_.copy()
    network.fit(x, y)
    assert network.loss_curve_[:5] == first and len(network.loss_curve_) == 10
    assert network.loss_curve_[5] < first[-1]
    assert network.n_iter_ == 5
    with pytest.raises(ValueError, match="unseen labels"):
        network.fit(x, np.full(300, "elk"))
    cold = small().fit(x, y).fit(x, y)
    assert cold.loss_curve_ == first


def test_early_stopping_keeps_the_best_epoch(digits):
    images, labels = digits[0][:600], digits[1][:600]
    options = {"validation_fraction": 0.2, "n_iter_no_change": 5, "batch_size": 32}
    network = GroundupClassifier(
        early_stopping=True, learning_rate=0.02, random_state=3, **options
    ).fit(images, labels)
    _, held = train_validation_split(labels, 0.2, gu.Stream(3))
    scores = network.validation_scores_
    assert len(scores) == network.n_iter_ < network.max_iter
    assert scores.index(max(scores)) < len(scores) - 1
    assert network.best_validation_score_ == max(scores)
    assert accuracy_score(labels[held], network.predict(images[held])) == pytest.approx(max(scores))
    assert np.bincount(labels[held]).min() >= 11


def test_training_ends_when_the_loss_does_not_get_better():
    network = small(max_iter=100, tol=0.5, n_iter_no_change=4).fit(x, y)
    assert network.n_iter_ < 20
    curve = network.loss_curve_
    assert min(curve[-4:]) > min(curve[:-4]) - 0.5
    assert network.validation_scores_ == [] and network.best_validation_score_ is None


def test_random_state():
    first, second = (small(random_state=5).fit(x, y).predict_proba(x) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (small(random_state=6).fit(x, y).predict_proba(x) != first).any()
    states = [np.random.RandomState(5) for _ in range(2)]
    first, second = (small(random_state=state).fit(x, y).predict_proba(x) for state in states)
    np.testing.assert_array_equal(first, second)
    assert (small(random_state=states[0]).fit(x, y).predict_proba(x) != first).any()
    small(random_state=None).fit(x, y)


def test_copies():
    network = small(batch_size=64, warm_start=True).fit(x, y)
    twin = pickle.loads(pickle.dumps(network))  # noqa: S301
    np.testing.assert_array_equal(twin.predict_proba(x), network.predict_proba(x))
    np.testing.assert_array_equal(
        twin.fit(x, y).predict_proba(x), network.fit(x, y).predict_proba(x)
    )
    options = {"model": [gu.Dense(5, "tanh")], "optimizer": gu.Adam(beta_1=0.8)}
    blank = clone(GroundupClassifier(**options))
    assert not hasattr(blank, "model_")
    assert {name: blank.get_params()[name] for name in options} == options


def test_images_and_networks_of_the_zoo(digits):
    images, labels = digits[0][:400].reshape(-1, 1, 8, 8), digits[1][:400]
    model = {"name": "simple-convnet", "filters": 4, "filter_size": 3}
    options = {"batch_size": 50, "max_iter": 5, "learning_rate": 0.01, "random_state": 0}
    network = GroundupClassifier(model=model, **options).fit(images, labels)
    assert network.model_.layers[0].filters == 4
    assert network.score(images, labels) > 0.8
    with pytest.raises(ShapeError, match=r"the network expects \(N, 1, 8, 8\)"):
        network.predict(images[:, :, :4])
    flat = small(batch_size=50).fit(images, labels).predict_proba(images)
    rows = small(batch_size=50).fit(images.reshape(400, 64), labels)
    np.testing.assert_array_equal(flat, rows.predict_proba(images.reshape(400, 64)))


def test_layers_of_ones_own():
    own = [gu.Dense(8, "tanh"), {"kind": "Dropout", "rate": 0.1}]
    network = GroundupClassifier(model=own, max_iter=2, random_state=0).fit(x, y)
    assert [layer.kind for layer in network.model_.layers] == ["dense", "dropout", "dense"]
    assert network.predict_proba(x).shape == (300, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "two-layer", "hidden_layer_sizes": (8,), "dropout": 0.5}, "_sizes, dropout"),
        ({"hidden_layer_sizes": (8, 0)}, "whole number"),
        ({"optimizer": "adma"}, "Did you mean 'adam'"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_iter": 0}, "max_iter"),
        ({"validation_fraction": 1.5, "early_stopping": True}, "fraction"),
        ({"class_weight": {"elk": 2.0}}, "elk"),
        ({"class_weight": "even"}, "balanced"),
        ({"dtype": "float16"}, "float32 or float64"),
    ],
)
def test_what_cannot_be_right(options, message):
    with pytest.raises(ValueError, match=message):
        GroundupClassifier(**{"max_iter": 1} | options).fit(x, y)


def test_sparse_data_are_refused():
    from scipy.sparse import csr_matrix

    with pytest.raises(TypeError, match="dense"):
        small().fit(csr_matrix(x), y)


def test_one_class_is_nothing_to_learn():
    with pytest.raises(InputError, match="one class"):
        small().fit(x, np.full(300, "bee"))


def test_it_takes_no_more_threads_than_joblib_grants(monkeypatch):
    from groundup.ops.cpu import crew
    from groundup.train.sequential import Sequential

    seen, fit = [], Sequential.fit

    def spy(self, *args, **options):
        seen.append(crew.count())
        return fit(self, *args, **options)

    monkeypatch.setattr(Sequential, "fit", spy)
    before = crew.count()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    small().fit(x, y)
    assert (seen, crew.count()) == ([1], before)
