"""What NumPy would take and misread, and what came out as an error of Python's own."""

import numpy as np
import pytest

import groundup as gu
from groundup.checks import as_array, as_weights
from groundup.data import as_targets, stratified_split
from groundup.errors import DataError, InputError, ShapeError
from groundup.nn.losses import CategoricalCrossentropy
from groundup.nn.scores import r2_score, roc_auc

MASKED = np.ma.array([0, 1, 1], mask=[True, False, False])
P = np.full((3, 2), 0.5)
MODE = gu.Mode()


def test_the_largest_of_bytes_is_the_largest():
    """-x wraps around in unsigned numbers: 0 stood for the largest."""
    said = np.array([[3, 0, 200], [9, 8, 7]], np.uint8)
    assert gu.TopKAccuracy(k=1)([2, 0], said).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: as_targets(MASKED, 2), DataError, "masked array with 1 of 3 values hidden"),
        (lambda: CategoricalCrossentropy()(MASKED, P), DataError, "masked array"),
        (lambda: gu.Accuracy()(MASKED, P), DataError, "masked array"),
        (lambda: stratified_split(MASKED, (0.5, 0.5), gu.Stream(0)), DataError, "masked array"),
        (lambda: as_targets(np.nextafter(np.longdouble(1), 2)[None], 3), DataError, "label"),
        (lambda: as_targets([0, 1], 2.5), InputError, "num_classes=2.5"),
        (lambda: roc_auc([0.5, 1.7], [1, 2]), DataError, "expected labels 0 and 1"),
        (lambda: gu.Standardize().fit(None), DataError, "dtype object: expected real numbers"),
        (lambda: gu.L1().penalty(["a"]), DataError, "w has dtype <U1"),
        (lambda: gu.numerical_gradient(np.sum, ["a"]), DataError, "expected real numbers"),
        (lambda: gu.SGD().update(np.ones(1), [1j], gu.SGD().init(np.ones(1))), DataError, "grads"),
        (lambda: as_weights(["a"], 1), DataError, "sample_weight has dtype"),
        (lambda: as_weights([1e300], 1), DataError, "1e.300 at sample 0"),
        (lambda: gu.Ensemble(None), InputError, "model=None"),
        (lambda: gu.zoo.resolve({"name": "two-layer", "init": "hee"}), InputError, "init: unknown"),
        (lambda: gu.Dense(3, input_shape=b"1"), InputError, "input_shape=b'1'"),
        (lambda: gu.Sequential(layers=5), InputError, "layers=5"),
    ],
)
def test_refused_by_name(call, error, said):
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize("rows", [[[1, 0], [1]], [[1], [[1]]]])
def test_ragged_rows(rows):
    with pytest.raises(ShapeError, match="y: expected rows of one length"):
        as_array(rows, "y")


@pytest.mark.parametrize(
    ("layer", "width", "x", "said"),
    [
        (gu.Dense(2), 3, np.ones((4, 2)), r"x has shape \(4, 2\), for which W would have"),
        (gu.Dense(2), 3, np.ones(3), r"expected x of rank 2 \(N, D\)"),
        (gu.Conv2D(2, 3), (1, 5, 5), np.ones((4, 9)), r"got \(N, 9\)"),
        (gu.PReLU(), 3, np.ones(3), r"x has shape \(3,\)"),
        (gu.BatchNormalization(), 3, np.ones((4, 1)), r"expected \(N, 3\)"),
        (gu.PReLU(), 3, np.ones((4, 1)), r"expected \(N, 3\)"),
        (gu.ReLU(), 3, "words", "dtype <U5: expected real numbers"),
        (gu.ReLU(), 3, np.ones((4, 3), complex), "dtype complex128"),
    ],
)
def test_a_layer_alone_says_what_it_expects(layer, width, x, said):
    made = layer.init(gu.Stream(0), width if isinstance(width, tuple) else (width,))
    with pytest.raises(InputError, match=said):
        layer.forward(made.params, made.state, x, MODE)


def test_a_layer_takes_lists_and_its_users_errors_stay_their_own():
    assert gu.ReLU().forward({}, {}, [[-1.0, 2.0]], MODE)[0].tolist() == [[0.0, 2.0]]

    class Mine(gu.Dense):
        def forward(self, params, state, x, mode):
            raise ValueError("of my own")

    x = np.ones((1, 2))
    for params in (gu.Dense(2).init(gu.Stream(0), (2,)).params, {}, {"W": [[1.0, 2.0]]}):
        with pytest.raises(ValueError, match="of my own"):
            Mine(2).forward(params, {}, x, MODE)


@pytest.mark.parametrize("share", ["", {}, None])
def test_what_is_false_is_no_share(share):
    model = gu.Sequential([gu.Dense(2, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(InputError, match="validation_split"):
        model.fit(np.ones((4, 3)), [0, 1, 0, 1], validation_split=share, verbose=0)


@pytest.mark.parametrize(("option", "wrong"), [("shuffle", "no"), ("alpha", -1), ("tol", None)])
def test_an_estimator_names_its_own_settings(option, wrong):
    with pytest.raises(InputError, match=rf"GroundupClassifier\({option}={wrong!r}\)"):
        gu.GroundupClassifier(**{option: wrong}).fit(np.ones((4, 3)), [0, 1, 0, 1])


def test_a_score_is_the_same_however_the_numbers_lie_in_memory():
    draw = gu.Stream(0, "trust")
    for shape in ((n, 4) for n in range(6, 40)):
        t, y = draw.named("t").normal(shape), draw.named("y").normal(shape)
        assert r2_score(np.asfortranarray(t), y) == r2_score(t, y)
        assert r2_score(t, np.asfortranarray(y)) == r2_score(t, y)
