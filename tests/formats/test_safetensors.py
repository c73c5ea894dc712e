"""Model files in the safetensors library: whoever has it can read ours without groundup."""

import json

import numpy as np
from safetensors import safe_open

import groundup as gu


def trained():
    rng = np.random.default_rng(0)
    layers = [
        gu.Conv2D(3, 2, activation="relu", name="look"),
        gu.BatchNormalization(),
        gu.PReLU(),
        gu.Flatten(),
        gu.Dense(4, "softmax"),
    ]
    model = gu.Sequential(layers, preprocess=["standardize"])
    model.compile("adam", "categorical_crossentropy")
    model.fit(rng.normal(size=(20, 2, 4, 4)), rng.integers(0, 4, 20), verbose=0)
    return model


def test_names_shapes_and_values(tmp_path):
    model = trained()
    model.save(tmp_path / "model.safetensors")
    with safe_open(tmp_path / "model.safetensors", framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        meta = json.loads(file.metadata()["groundup"])
    parameters = sum(model.learner.vector.shape)
    assert {name: array.shape for name, array in arrays.items()} == {
        "params/look/W": (3, 2, 2, 2),
        "params/look/b": (3,),
        "params/batch_normalization_1/gamma": (3,),
        "params/batch_normalization_1/beta": (3,),
        "params/prelu_1/slope": (3,),
        "params/dense_1/W": (27, 4),
        "params/dense_1/b": (4,),
        "state/batch_normalization_1/mean": (3,),
        "state/batch_normalization_1/var": (3,),
        "state/batch_normalization_1/batches": (1,),
        "preprocess/0/mean": (2, 1, 1),
        "preprocess/0/std": (2, 1, 1),
        "optimizer/m": (parameters,),
        "optimizer/v": (parameters,),
    }
    for layer, params in model.params.items():
        for name, array in params.items():
            np.testing.assert_array_equal(arrays[f"params/{layer}/{name}"], array)
    assert arrays["params/dense_1/W"].dtype == np.float32
    assert [layer["kind"] for layer in meta["layers"]] == [
        "Conv2D", "BatchNormalization", "PReLU", "Flatten", "Dense"
    ]  # fmt: skip
