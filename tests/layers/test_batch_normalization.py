"""Running statistics by hand, over several steps and epochs."""

import numpy as np
import pytest

from groundup.errors import InputError, ShapeError
from groundup.layers import BatchNormalization, Mode
from groundup.rng import Stream

PARAMS = {"gamma": np.ones(2), "beta": np.zeros(2)}


def batch(k: int, m: int = 4) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=k)).normal(k, 1 + k, size=(m, 2))


def train(layer: BatchNormalization, batches, state=None, epoch: int = 0):
    """The state after each of the batches, as steps of one epoch."""
    state = layer.init(Stream(0), (2,)).state if state is None else state
    after = []
    for step, x in enumerate(batches):
        mode = Mode(True, Stream(0, "dropout").at(epoch=epoch, step=step))
        _, _, state = layer.forward(PARAMS, state, x, mode)
        after.append(state)
    return after


def test_it_starts_as_the_identity() -> None:
    made = BatchNormalization().init(Stream(0), (3, 4, 4))
    assert made.params["gamma"].tolist() == [1, 1, 1]
    assert made.params["beta"].tolist() == [0, 0, 0]
    assert made.state["mean"].tolist() == [0, 0, 0]
    assert made.state["var"].tolist() == [1, 1, 1]
    assert made.out_shape == (3, 4, 4)
    assert made.decay == ()
    x = batch(1)
    made = BatchNormalization(epsilon=1e-12).init(Stream(0), (2,))
    y, _, _ = BatchNormalization(epsilon=1e-12).forward(made.params, made.state, x, Mode())
    np.testing.assert_allclose(y, x, rtol=1e-11)


def test_moving_average_by_hand() -> None:
    """new = 0.9 old + 0.1 batch, of the variance (not of σ, as the notes have it), biased."""
    mean, var = np.zeros(2), np.ones(2)
    batches = [batch(k) for k in range(4)]
    for x, state in zip(batches, train(BatchNormalization(0.9), batches), strict=True):
        mean, var = 0.9 * mean + 0.1 * x.mean(axis=0), 0.9 * var + 0.1 * x.var(axis=0)
        np.testing.assert_allclose(state["mean"], mean, rtol=1e-14)
        np.testing.assert_allclose(state["var"], var, rtol=1e-14)


def test_momentum_0_takes_the_last_batch() -> None:
    x = batch(2)
    state = train(BatchNormalization(0.0), [batch(1), x])[-1]
    np.testing.assert_allclose(state["mean"], x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(state["var"], x.var(axis=0), rtol=1e-14)


def test_unbiased_as_pytorch() -> None:
    x = batch(3, m=5)
    state = train(BatchNormalization(0.9, unbiased=True), [x])[0]
    np.testing.assert_allclose(state["var"], 0.9 + 0.1 * x.var(axis=0, ddof=1), rtol=1e-14)


def test_images_count_every_pixel() -> None:
    x = np.random.Generator(np.random.Philox(key=9)).normal(size=(2, 2, 3, 4))
    state = train(BatchNormalization(0.0, unbiased=True), [x])[0]
    np.testing.assert_allclose(state["mean"], x.mean(axis=(0, 2, 3)), rtol=1e-13)
    np.testing.assert_allclose(state["var"], x.var(axis=(0, 2, 3), ddof=1), rtol=1e-13)


def test_population_statistics_by_hand() -> None:
    """E[μ] and m/(m-1) E[σ²] over the batches of the current epoch; a new epoch starts anew."""
    layer = BatchNormalization(statistics="population")
    state = None
    for epoch in range(3):
        batches = [batch(10 * epoch + k) for k in range(1, 4)]
        after = train(layer, batches, state, epoch)
        for seen, state in enumerate(after, start=1):
            means = [x.mean(axis=0) for x in batches[:seen]]
            variances = [x.var(axis=0) * 4 / 3 for x in batches[:seen]]
            np.testing.assert_allclose(state["mean"], np.mean(means, axis=0), rtol=1e-13)
            np.testing.assert_allclose(state["var"], np.mean(variances, axis=0), rtol=1e-13)
        assert state["batches"].tolist() == [3]


def test_population_statistics_allow_a_smaller_last_batch() -> None:
    layer = BatchNormalization(statistics="population")
    batches = [batch(1, m=5), batch(2, m=2)]
    state = train(layer, batches)[-1]
    expected = (batches[0].var(axis=0, ddof=1) + batches[1].var(axis=0, ddof=1)) / 2
    np.testing.assert_allclose(state["var"], expected, rtol=1e-13)


def test_population_resumes_in_the_middle_of_an_epoch() -> None:
    layer = BatchNormalization(statistics="population")
    batches = [batch(k) for k in range(4)]
    whole = train(layer, batches)
    state = {key: value.copy() for key, value in whole[1].items()}  # from a checkpoint
    for step in (2, 3):
        mode = Mode(True, Stream(0, "dropout").at(step=step))
        _, _, state = layer.forward(PARAMS, state, batches[step], mode)
    for key, value in whole[-1].items():
        assert state[key].tobytes() == value.tobytes()


def test_inference_uses_the_running_statistics_and_moves_nothing() -> None:
    layer = BatchNormalization(epsilon=1e-3)
    state = {"mean": np.array([1.0, 2.0]), "var": np.array([4.0, 9.0]), "batches": np.ones(1)}
    params = {"gamma": np.array([2.0, 3.0]), "beta": np.array([0.5, -0.5])}
    x = batch(5)
    y, _, after = layer.forward(params, state, x, Mode())
    expected = 2 * (x[:, 0] - 1) / np.sqrt(4.001) + 0.5
    np.testing.assert_allclose(y[:, 0], expected, rtol=1e-14)
    assert after is state
    one, _, _ = layer.forward(params, state, x[:1], Mode())  # a single sample is no problem
    np.testing.assert_allclose(one, y[:1], rtol=1e-14)


def test_training_uses_the_batch_whatever_the_state() -> None:
    layer, x = BatchNormalization(), batch(5)
    far = {"mean": np.full(2, 1e6), "var": np.full(2, 1e6), "batches": np.zeros(1)}
    near = layer.init(Stream(0), (2,)).state
    mode = Mode(train=True)
    y, _, _ = layer.forward(PARAMS, far, x, mode)
    assert (layer.forward(PARAMS, near, x, mode)[0] == y).all()
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-14)


def test_one_sample_has_no_variance() -> None:
    """The book outputs β and a zero gradient, silently."""
    layer = BatchNormalization(name="bn")
    with pytest.raises(ShapeError) as caught:
        layer.forward(PARAMS, layer.init(Stream(0), (2,)).state, np.ones((1, 2)), Mode(True))
    assert str(caught.value) == (
        "BatchNormalization(name='bn'): one value per channel has no variance, got x of shape "
        "(1, 2) while training. Use batches of at least 2 samples."
    )
    images = np.random.Generator(np.random.Philox(key=9)).normal(size=(1, 2, 3, 3))
    y, _, _ = layer.forward(PARAMS, layer.init(Stream(0), (2, 3, 3)).state, images, Mode(True))
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-14)


def test_a_numpy_scalar_does_not_widen_the_dtype() -> None:
    """np.float64(0.9) times a float32 array is float64 in NumPy 2; 0.9 is not."""
    layer = BatchNormalization(np.float64(0.9), np.float64(1e-5))
    f4 = {key: value.astype(np.float32) for key, value in PARAMS.items()}
    state = {k: v.astype(np.float32) for k, v in layer.init(Stream(0), (2,)).state.items()}
    y, _, after = layer.forward(f4, state, batch(1).astype(np.float32), Mode(train=True))
    assert y.dtype == np.float32
    assert {value.dtype for value in after.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("shape", [(2, 3), (), (1, 2, 3, 4)])
def test_impossible_input(shape) -> None:
    with pytest.raises(ShapeError, match=r"expected x of shape \(N, D\) or \(N, C, H, W\), got"):
        BatchNormalization().init(Stream(0), shape)


@pytest.mark.parametrize("momentum", [1.0, -0.1, 1.5])
def test_impossible_momentum(momentum) -> None:
    with pytest.raises(InputError, match=r"momentum=.*: expected a number from 0 to 1, 1 excl"):
        BatchNormalization(momentum)


@pytest.mark.parametrize("options", [{"epsilon": 0}, {"epsilon": -1e-5}, {"epsilon": 1.0}])
def test_impossible_epsilon(options) -> None:
    with pytest.raises(InputError, match=r"epsilon=.*: expected a number between 0 and 1, both"):
        BatchNormalization(**options)


@pytest.mark.parametrize("wrong", ["0.9", None, float("nan"), True])
def test_numbers_that_are_none(wrong) -> None:
    for option in ("momentum", "epsilon"):
        with pytest.raises(InputError, match=f"{option}=.*: expected a number (from|between) 0"):
            BatchNormalization(**{option: wrong})


def test_impossible_statistics() -> None:
    with pytest.raises(InputError, match='expected "moving" or "population"'):
        BatchNormalization(statistics="running")
