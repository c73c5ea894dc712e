"""build and Network: vectors, penalties, and the training loop that a reader can write."""

from typing import Any

import numpy as np
import pytest

import groundup as gu
from groundup import L1, L1L2, L2, BatchNormalization, Chain, Dense, Stream
from groundup.errors import InputError, ShapeError
from groundup.nn import leaves
from groundup.ops.gradcheck import directional_error

CHAIN = Chain(
    [
        Dense(4, kernel_regularizer=L2(0.5)),
        BatchNormalization(),
        Chain([Dense(3, kernel_regularizer=L1(0.25))]),
        Dense(2, kernel_regularizer=L1L2(0.1, 0.2)),
    ]
)


def test_weights_that_decay_lie_in_front() -> None:
    network, vector, state = gu.build(CHAIN, (5,))
    in_order = sorted(network.params.places, key=lambda place: place[2])
    assert [path for path, _, _ in in_order] == [
        "dense_1/W",
        "chain_1/dense_1/W",
        "dense_2/W",
        "dense_1/b",
        "batch_normalization_1/gamma",
        "batch_normalization_1/beta",
        "chain_1/dense_1/b",
        "dense_2/b",
    ]
    assert network.params.decayed == 20 + 12 + 6
    assert vector.shape == (20 + 12 + 6 + 4 + 4 + 4 + 3 + 2,)
    assert vector.dtype == state.dtype == np.float32
    assert (network.in_shape, network.out_shape) == ((5,), (2,))


def test_float32_and_float64_start_from_the_same_draws() -> None:
    _, single, _ = gu.build(CHAIN, (5,), seed=3)
    _, double, _ = gu.build(CHAIN, (5,), seed=3, dtype=np.float64)
    assert double.dtype == np.float64
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_the_seed_decides_the_weights() -> None:
    vectors = [gu.build(CHAIN, (5,), seed=seed)[1] for seed in (0, 0, 1)]
    assert vectors[0].tobytes() == vectors[1].tobytes() != vectors[2].tobytes()


def test_the_penalty_is_the_sum_over_the_regularized_parameters() -> None:
    network, vector, _ = gu.build(CHAIN, (5,), dtype=np.float64)
    W = dict(leaves(network.params.views(vector)))
    first, inner, last = W["dense_1/W"], W["chain_1/dense_1/W"], W["dense_2/W"]
    expected = (
        0.5 / 2 * (first**2).sum()
        + 0.25 * np.abs(inner).sum()
        + 0.1 * np.abs(last).sum()
        + 0.2 / 2 * (last**2).sum()
    )
    assert network.penalty(vector) == pytest.approx(expected, rel=1e-12)


def test_the_penaltys_gradient_reaches_its_parameters_alone() -> None:
    network, vector, _ = gu.build(CHAIN, (5,), dtype=np.float64)
    gradient = np.zeros_like(vector)
    network.add_penalty_gradient(vector, gradient)
    v = Stream(0).normal(vector.shape)
    assert directional_error(network.penalty, vector, gradient, v) < 1e-7
    W = network.params.views(vector)
    np.testing.assert_array_equal(
        network.params.views(gradient)["dense_1"]["W"], 0.5 * W["dense_1"]["W"]
    )
    assert not gradient[network.params.decayed :].any()
    again = gradient.copy()
    network.add_penalty_gradient(vector, again)
    np.testing.assert_array_equal(again, 2 * gradient)  # added, not put


def test_without_regularizers_there_is_no_penalty() -> None:
    network, vector, _ = gu.build(Chain([Dense(2)]), (3,))
    assert network.penalties == ()
    assert network.penalty(vector) == 0.0


@pytest.mark.parametrize(
    "in_shape", [5, "784", (0,), (-1,), (None, 784), (2.5,), (True,), (5, 0, 3)]
)
def test_an_input_shape_that_cannot_be_is_refused(in_shape: Any) -> None:
    with pytest.raises(InputError, match="positive whole numbers"):
        gu.build(Chain([Dense(2)]), in_shape)


def test_a_shape_that_does_not_fit_names_the_layer() -> None:
    with pytest.raises(ShapeError, match=r"Dense\(units=2\).*Put Flatten\(\) before it"):
        gu.build(Chain([Dense(2)]), (1, 8, 8))


def test_a_plain_loop_learns_the_digits() -> None:
    (x, t), (x_test, t_test) = gu.datasets.digits.load_data()

    chain = gu.Chain([gu.Flatten(), gu.Dense(64, "relu"), gu.Dense(10)])
    loss, adam = gu.CategoricalCrossentropy(from_logits=True), gu.Adam(0.005)
    network, theta, _ = gu.build(chain, x.shape[1:])  # all parameters in one vector
    params, slots = network.params.views(theta), adam.init(theta)
    for epoch in range(10):
        for batch in gu.batches(x, t, 32, gu.Stream(seed=0).at(epoch=epoch)):
            y, cache, _ = chain.forward(params, {}, batch.x, gu.Mode(train=True))
            value, remembered = loss.forward(y, batch.y)
            _, grads = chain.backward(params, cache, loss.backward(remembered), gu.Mode(train=True))
            theta, slots = adam.update(theta, network.params.flatten(grads), slots)

    y, _, _ = chain.forward(params, {}, x_test.astype(np.float32), gu.Mode())
    assert value < 0.1
    assert (y.argmax(axis=1) == t_test).mean() > 0.93


def test_the_penalty_of_huge_weights_is_summed_beyond_float32() -> None:
    network, vector, _ = gu.build(CHAIN, (5,))
    wanted = (0.5 * 20 + 0.2 * 6) / 2 * 1e60  # of L2(0.5) and L1L2(0.1, 0.2): λ/2 Σ W²
    assert network.penalty(np.full_like(vector, 1e30)) == pytest.approx(wanted)
