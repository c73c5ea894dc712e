"""Conv2D, pooling and Flatten: shapes, options, and what they say to impossible ones."""

import numpy as np
import pytest

from groundup import ops
from groundup.errors import InputError, ShapeError
from groundup.layers import AveragePooling2D, Conv2D, Flatten, MaxPooling2D, Mode
from groundup.rng import Stream

POOLS = [MaxPooling2D, AveragePooling2D]


def out_shape(layer, *in_shape: int) -> tuple[int, ...]:
    return layer.init(Stream(0), in_shape).out_shape


# --- shapes, the notes' networks among them


@pytest.mark.parametrize(
    ("layer", "in_shape", "expected"),
    [
        (Conv2D(30, 5), (1, 28, 28), (30, 24, 24)),
        (MaxPooling2D(2), (30, 24, 24), (30, 12, 12)),
        (Flatten(), (30, 12, 12), (4320,)),
        (Conv2D(16, 3, padding="same"), (1, 28, 28), (16, 28, 28)),
        (Conv2D(32, 3, padding=2), (16, 14, 14), (32, 16, 16)),
        (Conv2D(64, 3, padding=1), (32, 8, 8), (64, 8, 8)),
        (Conv2D(4, (3, 5), (2, 1), "same"), (3, 7, 8), (4, 4, 8)),
        (Conv2D(4, 3, 2, rounding="floor"), (1, 28, 28), (4, 13, 13)),
        (MaxPooling2D(), (3, 8, 6), (3, 4, 3)),
        (MaxPooling2D(3, 2), (3, 7, 7), (3, 3, 3)),
        (MaxPooling2D(2, padding="same"), (3, 7, 7), (3, 4, 4)),
        (AveragePooling2D((2, 3)), (1, 4, 6), (1, 2, 2)),
        (Flatten(), (5,), (5,)),
        (Flatten(), (), (1,)),
    ],
)
def test_out_shape(layer, in_shape, expected) -> None:
    assert out_shape(layer, *in_shape) == expected


def test_conv_parameters() -> None:
    made = Conv2D(30, (5, 3)).init(Stream(0).named("c"), (2, 28, 28))
    assert {k: v.shape for k, v in made.params.items()} == {"W": (30, 2, 5, 3), "b": (30,)}
    assert made.decay == ("W",)
    limit = np.sqrt(6 / (2 * 15 + 30 * 15))
    wanted = Stream(0).named("c").named("W").uniform((30, 2, 5, 3), -limit, limit)
    assert (made.params["W"] == wanted).all()
    assert not made.params["b"].any()


def test_conv_without_bias() -> None:
    layer = Conv2D(2, 3, use_bias=False)
    made = layer.init(Stream(0), (1, 5, 5))
    assert set(made.params) == {"W"}
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    y, cache, _ = layer.forward(made.params, {}, x, Mode())
    with_zero = Conv2D(2, 3).forward({**made.params, "b": np.zeros(2)}, {}, x, Mode())[0]
    assert (y == with_zero).all()
    _, grads = layer.backward(made.params, cache, np.ones_like(y), Mode())
    assert set(grads) == {"W"}


def test_conv_with_activation_is_conv_then_activation() -> None:
    made = Conv2D(2, 3).init(Stream(0), (1, 6, 6))
    x = Stream(1).normal((2, 1, 6, 6))
    z, plain_cache, _ = Conv2D(2, 3).forward(made.params, {}, x, Mode())
    layer = Conv2D(2, 3, activation="relu")
    y, cache, _ = layer.forward(made.params, {}, x, Mode())
    assert (y == np.maximum(z, 0)).all()
    dy = Stream(2).normal(y.shape)
    dx, grads = layer.backward(made.params, cache, dy, Mode())
    wanted, wanted_grads = Conv2D(2, 3).backward(made.params, plain_cache, dy * (z > 0), Mode())
    np.testing.assert_allclose(dx, wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(grads["b"], wanted_grads["b"], rtol=1e-12)


def test_conv_multiply_adds() -> None:
    """SimpleConvNet's first layer: 30·24·24 outputs of 1·5·5 products each."""
    assert Conv2D(30, 5).multiply_adds((1, 28, 28), (30, 24, 24)) == 30 * 24 * 24 * 25
    assert Conv2D(4, (3, 2)).multiply_adds((7, 9, 9), (4, 7, 8)) == 4 * 7 * 8 * 7 * 3 * 2


@pytest.mark.parametrize("count_padding", [False, True])
def test_average_pooling_hands_on_its_option(count_padding) -> None:
    x = np.ones((1, 1, 3, 3))
    layer = AveragePooling2D(2, 1, 1, count_padding=count_padding)
    y, _, _ = layer.forward({}, {}, x, Mode())
    assert y[0, 0, 0, 0] == (0.25 if count_padding else 1.0)
    assert y[0, 0, 1, 1] == 1


def test_flatten_goes_there_and_back() -> None:
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    y, cache, _ = Flatten().forward({}, {}, x, Mode())
    assert y.tolist() == [list(range(12)), list(range(12, 24))]
    dx, _ = Flatten().backward({}, cache, y, Mode())
    assert (dx == x).all()


# --- what does not fit


def test_a_vector_is_refused_with_the_remedy() -> None:
    with pytest.raises(ShapeError) as caught:
        Conv2D(8, 3).init(Stream(0), (784,))
    assert str(caught.value) == (
        "Conv2D(filters=8, kernel_size=(3, 3)): expected x of rank 4 (N, C, H, W), got (N, 784). "
        "Reshape the images, one channel for grey."
    )
    for pool in POOLS:
        with pytest.raises(ShapeError, match=r"got \(N, 784\)\. Put it before Flatten\(\)\."):
            pool().init(Stream(0), (784,))


def test_grey_images_without_a_channel_axis() -> None:
    with pytest.raises(ShapeError, match=r"got \(N, 28, 28\)\. Reshape the images, one channel"):
        Conv2D(8, 3).init(Stream(0), (28, 28))


@pytest.mark.parametrize("layer", [Conv2D(4, 3, 2), MaxPooling2D(3, 2), AveragePooling2D(3, 2)])
def test_strides_that_do_not_divide(layer) -> None:
    with pytest.raises(ShapeError, match=r'does not divide 28x28: .* say rounding="floor"'):
        layer.init(Stream(0), (1, 28, 28))


@pytest.mark.parametrize("layer", [Conv2D(4, 5), MaxPooling2D(5), AveragePooling2D(5)])
def test_a_window_larger_than_the_image(layer) -> None:
    with pytest.raises(ShapeError, match=r"is larger than its 4x4 input\. Use a smaller window"):
        layer.init(Stream(0), (1, 4, 4))


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize(("size", "padding"), [(2, 2), (2, 3), ((3, 1), 1)])
def test_a_window_that_sees_only_padding(pool, size, padding) -> None:
    """Its maximum would be -∞, its mean 0/0."""
    with pytest.raises(InputError, match="would see nothing but padding"):
        pool(size, padding=padding)


@pytest.mark.parametrize("wrong", [0, -2, 2.5, "3", None, (1, 2, 3), (2, 0), True])
def test_impossible_windows(wrong) -> None:
    with pytest.raises(InputError, match=r"Conv2D\(kernel_size="):
        Conv2D(3, wrong)
    with pytest.raises(InputError, match=r"Conv2D\(strides="):
        Conv2D(3, 3, wrong)
    for pool in POOLS:
        with pytest.raises(InputError, match=rf"{pool.__name__}\(pool_size="):
            pool(wrong)
        if wrong is not None:
            with pytest.raises(InputError, match=rf"{pool.__name__}\(strides="):
                pool(2, wrong)


@pytest.mark.parametrize("make", [lambda p: Conv2D(3, 3, padding=p), *POOLS])
@pytest.mark.parametrize("wrong", [-1, "full", 1.0, None, (1, 1)])
def test_impossible_padding(make, wrong) -> None:
    with pytest.raises(InputError, match='expected "valid", "same" or a whole number of at'):
        make(wrong) if make not in POOLS else make(padding=wrong)


@pytest.mark.parametrize("make", [lambda **o: Conv2D(3, 3, **o), *POOLS])
def test_impossible_rounding(make) -> None:
    with pytest.raises(InputError, match='expected "error" or "floor"'):
        make(rounding="ceil")


@pytest.mark.parametrize("filters", [0, -1, 2.0, None, True, "8"])
def test_impossible_filters(filters) -> None:
    with pytest.raises(InputError, match=r"Conv2D\(filters=.*expected a whole number of at least"):
        Conv2D(filters, 3)


def test_sizes_in_any_spelling_are_one_value() -> None:
    assert Conv2D(3, 5, 2) == Conv2D(3, (5, 5), [2, 2]) == Conv2D(np.int64(3), np.int64(5), (2, 2))
    assert MaxPooling2D(2) == MaxPooling2D((2, 2), 2) == MaxPooling2D(strides=[2, 2])
    hash(Conv2D(3, [5, 5]))


# --- the layers call the ops with the window that they promised


def test_layers_agree_with_the_ops() -> None:
    x = Stream(0).normal((2, 3, 7, 6))
    window = ops.Window((3, 2), (2, 1), ((1, 1), (1, 1)))
    layer = Conv2D(4, (3, 2), (2, 1), 1)
    params = layer.init(Stream(1), (3, 7, 6)).params
    y, _, _ = layer.forward(params, {}, x, Mode())
    assert (y == ops.conv2d(x, params["W"], params["b"], window)).all()
    y, _, _ = MaxPooling2D((3, 2), (2, 1), 1).forward({}, {}, x, Mode())
    assert (y == ops.max_pool(x, window)[0]).all()
    y, _, _ = AveragePooling2D((3, 2), (2, 1), 1).forward({}, {}, x, Mode())
    assert (y == ops.average_pool(x, window)).all()
