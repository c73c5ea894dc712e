"""Weights from PyTorch's state dicts, here made by hand; tests/oracles asks PyTorch itself."""

import numpy as np
import pytest
from safetensors.numpy import save_file

import groundup as gu
from groundup.errors import CorruptFile, DataError, InputError
from groundup.formats import load_pytorch_weights

rng = np.random.default_rng(0)


def arrays(**shapes):
    """Named arrays, with dots for double underscores."""
    return {
        name.replace("__", "."): rng.standard_normal(shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def row_of(count):
    """A row of equal layers."""
    layers = [gu.Dense(3, input_shape=(3,)) if i == 0 else gu.Dense(3) for i in range(count)]
    return gu.Sequential(layers), arrays(
        **{f"fc{i + 1}__weight": (3, 3) for i in range(count)},
        **{f"fc{i + 1}__bias": (3,) for i in range(count)},
    )


def product(x, state, order):
    for i in order:
        x = x @ state[f"fc{i}.weight"].T + state[f"fc{i}.bias"]
    return x


def test_every_kind_of_layer():
    model = gu.Sequential(
        [
            gu.Conv2D(4, 3, use_bias=False),
            gu.BatchNormalization(),
            gu.PReLU(shared=True),
            gu.Flatten(),
            gu.Dense(5),
        ]
    )
    model.build((2, 6, 6))
    state = arrays(
        c__weight=(4, 2, 3, 3), n__weight=4, n__bias=4, n__running_mean=4, act__weight=1,
        f__weight=(5, 64), f__bias=5,
    )  # fmt: skip
    state |= {"n.running_var": np.full(4, 4.0), "n.num_batches_tracked": np.array(7)}
    matched = load_pytorch_weights(model, state)
    assert matched == {
        "conv2d_1": "c", "batch_normalization_1": "n", "prelu_1": "act", "dense_1": "f",
    }  # fmt: skip
    params, running = model.learner.params, model.learner.state["batch_normalization_1"]
    np.testing.assert_array_equal(params["conv2d_1"]["W"], state["c.weight"])
    np.testing.assert_array_equal(params["dense_1"]["W"], state["f.weight"].T)
    np.testing.assert_array_equal(params["batch_normalization_1"]["gamma"], state["n.weight"])
    np.testing.assert_array_equal(running["mean"], state["n.running_mean"])
    np.testing.assert_array_equal(running["var"], np.full(4, 4.0))


def test_equal_layers_are_taken_in_order_from_a_mapping_and_by_name_from_a_file(tmp_path):
    model, state = row_of(11)
    x = rng.standard_normal((4, 3)).astype(np.float32)
    save_file(state, tmp_path / "net.safetensors")
    matched = load_pytorch_weights(model, tmp_path / "net.safetensors")
    assert list(matched.items())[1] == ("dense_2", "fc2") and matched["dense_10"] == "fc10"
    np.testing.assert_allclose(model.predict(x), product(x, state, range(1, 12)), rtol=1e-3)
    backwards = {name: state[name] for name in reversed(list(state))}
    assert load_pytorch_weights(model, backwards)["dense_1"] == "fc11"


def test_names_decide():
    model, state = row_of(2)
    x = rng.standard_normal((4, 3)).astype(np.float32)
    matched = load_pytorch_weights(model, state, {"dense_1": "fc2"})
    assert matched == {"dense_1": "fc2", "dense_2": "fc1"}
    np.testing.assert_allclose(model.predict(x), product(x, state, (2, 1)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "names", "message"),
    [
        ({"fc1.weight": np.ones((3, 4))}, {}, "layer 'dense_2' expects a module"),
        ({"fc3.weight": np.ones((3, 3))}, {}, r"modules \['fc3'\] find no layer"),
        ({}, {"dense_7": "fc1"}, "no layer is called 'dense_7'"),
        ({}, {"dense_1": "fc_1"}, "Did you mean 'fc1'"),
        ({"fc1.weight": np.ones((3, 4))}, {"dense_1": "fc1"}, "expects weight of"),
        ({"fc1.bias": np.array([1.0, np.nan, 0.0])}, {}, "fc1.bias .* finite"),
        ({"fc1.bias": np.array([1, 2, 3])}, {}, "int64"),
    ],
)
def test_what_does_not_fit_changes_nothing(change, names, message):
    model, state = row_of(2)
    before = model.get_weights()
    with pytest.raises(InputError, match=message):
        load_pytorch_weights(model, state | change, names)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"PK\x03\x04 and so on", InputError, "pickle"),
        (b"\x80\x02 and so on", InputError, "pickle"),
        (b"", CorruptFile, "cut short"),
        (b"\xff" * 64, CorruptFile, "cut short"),
        ((20).to_bytes(8, "little") + b"[" * 20, CorruptFile, "cannot be read"),
    ],
)
def test_files_that_are_none(tmp_path, content, error, message):
    path = tmp_path / "net.pt"
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        load_pytorch_weights(row_of(1)[0], path)


def test_files_of_bytes_at_random(tmp_path):
    model, state = row_of(1)
    path = tmp_path / "net.safetensors"
    save_file(state, path)
    whole = path.read_bytes()
    for i in range(300):
        broken = bytearray(whole)
        broken[rng.integers(len(whole))] = rng.integers(256)
        path.write_bytes(broken[: len(whole) - (i % 3)])
        try:
            load_pytorch_weights(model, path)
        except DataError:
            pass
        except InputError as error:
            assert "layer" in str(error)


def test_a_tensor_on_another_device_is_told_how_to_come():
    class Far:
        def __array__(self, dtype=None, copy=None):
            raise TypeError("can't convert cuda:0 device type tensor to numpy")

    model, state = row_of(1)
    with pytest.raises(DataError, match=r"fc1\.bias: can't .* numpy\. Call \.float\(\)\.cpu\(\)"):
        load_pytorch_weights(model, state | {"fc1.bias": Far()})
