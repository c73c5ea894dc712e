"""Model files: what is written comes back to the bit, and nothing else is ever read."""

import hashlib
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes

import groundup as gu
from groundup import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Chain,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    PReLU,
    Sequential,
    Stream,
)
from groundup.data.preprocess import preprocessors
from groundup.errors import CorruptFile, InputError
from groundup.train import model_file
from groundup.train.progress import Progress, Resume, Totals

X = Stream(5).normal((24, 4), dtype=np.float32)
T = Stream(6).integers(0, 3, 24)
IMAGES = Stream(7).integers(0, 256, (24, 2, 8, 8)).astype(np.uint8)


def compiled(layers: Any, optimizer: Any = "adam", loss: Any = None, **options: Any) -> Sequential:
    model = Sequential(layers, **options)
    model.compile(optimizer, loss or "categorical_crossentropy", ["accuracy"])
    return model


def fit(model: Sequential, x: Any = X, epochs: int = 2) -> None:
    model.fit(x, T, batch_size=10, epochs=epochs, verbose=0)


def bits(model: Sequential) -> bytes:
    return model.learner.vector.tobytes() + model.learner.running.tobytes()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    model = compiled([Dense(5, "relu"), BatchNormalization(), Dense(3, "softmax")])
    fit(model)
    path = tmp_path / "model.safetensors"
    model.save(path)
    return path


# There and back

MODELS = {
    "dense": ([Dense(5, "relu"), Dense(3, "softmax")], X),
    "named": ([Dense(5, "relu", name="первый"), Dense(3, "softmax", name="out")], X),
    "keras-dnn": (
        [Dense(6, "relu"), BatchNormalization(), Dropout(0.2), Dense(3, "softmax")],
        X,
    ),
    "statistics": (
        [Dense(6), BatchNormalization(statistics="population", unbiased=True), Dense(3, "softmax")],
        X,
    ),
    "activations": (
        [
            Dense(6, gu.LeakyReLU(0.2), kernel_initializer=gu.RandomNormal(0.0, 0.1)),
            gu.ELU(0.5),
            PReLU(shared=True),
            Activation("tanh"),
            gu.Identity(),
            Dropout(0.1, scaling="book"),
            Dense(3, use_bias=False, bias_initializer="ones"),
            gu.Softmax(),
        ],
        X,
    ),
    "regularized": (
        [
            Dense(6, "sigmoid", kernel_regularizer=gu.L1L2(1e-3, 1e-2)),
            Dense(3, "softmax", kernel_regularizer=gu.L2(1e-3)),
        ],
        X,
    ),
    "nested": ([Chain([Dense(6), PReLU(), Chain([BatchNormalization()])]), Dense(3, "softmax")], X),
    "convnet": (
        [
            Conv2D(4, 3, padding="same", activation="relu", kernel_initializer="he"),
            BatchNormalization(),
            MaxPooling2D(2),
            Conv2D(3, (2, 3), strides=(1, 2), padding=1, rounding="floor"),
            AveragePooling2D(2, rounding="floor"),
            Flatten(),
            Dense(3, "softmax"),
        ],
        IMAGES,
    ),
}


@pytest.mark.parametrize(("layers", "x"), MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_loaded_model_is_the_saved_one_and_goes_on_as_it(
    layers: Any, x: Any, dtype: Any, tmp_path: Path
) -> None:
    model = compiled(layers, dtype=dtype, preprocess=["standardize", {"kind": "Rescale"}], seed=3)
    fit(model, x)
    model.save(tmp_path / "model")
    loaded = gu.load_model(tmp_path / "model")
    assert loaded.layers == model.layers
    assert loaded.learner.network == model.learner.network
    assert bits(loaded) == bits(model)
    assert loaded.predict(x).tobytes() == model.predict(x).tobytes()
    assert loaded.evaluate(x, T) == model.evaluate(x, T)
    fit(model, x)
    fit(loaded, x)
    assert bits(loaded) == bits(model)
    assert loaded.history == model.history


@pytest.mark.parametrize(
    "optimizer",
    [
        gu.SGD(0.1),
        gu.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
        gu.Momentum(0.1, velocity="gradient"),
        gu.Nesterov(0.1),
        gu.Adagrad(0.1),
        gu.RMSprop(0.01, momentum=0.5, centered=True),
        gu.Adam(0.01, amsgrad=True, clipvalue=0.5),
        gu.AdamW(gu.schedules.CosineDecay(0.01, 100), global_clipnorm=1.0),
    ],
    ids=repr,
)
def test_the_optimizers_state_goes_along(optimizer: Any, tmp_path: Path) -> None:
    model = compiled([Dense(5, "relu"), Dense(3, "softmax")], optimizer)
    fit(model)
    model.save(tmp_path / "model")
    loaded = gu.load_model(tmp_path / "model")
    assert loaded.learner.optimizer == optimizer
    mine, theirs = model.learner.slots, loaded.learner.slots
    assert sorted(mine) == sorted(theirs)
    for name in mine:
        np.testing.assert_array_equal(mine[name], theirs[name])
        assert type(mine[name]) is type(theirs[name])
    fit(model)
    fit(loaded)
    assert bits(loaded) == bits(model)


@pytest.mark.parametrize(
    "loss",
    [
        gu.CategoricalCrossentropy(label_smoothing=0.1),
        gu.CategoricalCrossentropy(from_logits=True),
        gu.MeanSquaredError(),
        gu.Huber(0.5),
    ],
    ids=repr,
)
def test_the_loss_goes_along(loss: Any, tmp_path: Path) -> None:
    model = compiled([Dense(3, "softmax")], "sgd", loss)
    model.build((4,))
    model.save(tmp_path / "model")
    loaded = gu.load_model(tmp_path / "model")
    assert loaded.learner.loss == loss
    y = np.eye(3)[T]
    assert loaded.evaluate(X, y) == model.evaluate(X, y)


def test_a_model_that_was_never_compiled_can_be_saved(tmp_path: Path) -> None:
    model = Sequential([Dense(3, input_shape=(4,))])
    model.save(tmp_path / "model")
    loaded = gu.load_model(tmp_path / "model")
    assert bits(loaded) == bits(model)
    with pytest.raises(InputError, match="compile first"):
        fit(loaded)


@pytest.mark.parametrize("kind", list(preprocessors), ids=lambda cls: cls.__name__)
def test_what_preprocessing_has_learned_goes_along_as_tensors(kind: Any, tmp_path: Path) -> None:
    chosen = gu.OneHot(columns=(0,)) if kind is gu.OneHot else kind()
    x = np.concatenate([np.arange(len(X))[:, None] % 3, X], axis=1)
    model = compiled([Dense(3, "softmax")], preprocess=[chosen])
    if kind is gu.OneHot:
        model.build((len(X[0]) + 3,))
    model.fit(x, T, epochs=1, verbose=0)
    model.save(tmp_path / "model")
    loaded = gu.load_model(tmp_path / "model")
    preparation = loaded.learner.preparation
    assert preparation.preprocessors == (chosen,)
    learned = model.learner.preparation.parameters[0]
    assert sorted(preparation.parameters[0]) == sorted(learned)
    for name, array in preparation.parameters[0].items():
        assert array.dtype == learned[name].dtype
        assert array.tobytes() == learned[name].tobytes()
    assert loaded.predict(x).tobytes() == model.predict(x).tobytes()


def test_preprocessing_that_has_learned_nothing_learns_after_loading(tmp_path: Path) -> None:
    model = compiled([Dense(3, "softmax")], preprocess=["standardize"])
    model.build((4,))
    model.save(tmp_path / "model")
    loaded = gu.load_model(tmp_path / "model")
    with pytest.raises(InputError, match="nothing is learned"):
        loaded.predict(X)
    fit(model)
    fit(loaded)
    assert bits(loaded) == bits(model)
    assert loaded.predict(X).tobytes() == model.predict(X).tobytes()


def test_labels_and_seed_go_along(tmp_path: Path) -> None:
    model = compiled([Dense(3, "softmax")], seed=2**63)
    fit(model)
    model.learner.labels = ("T-shirt", "바지", "0" * 64)
    model.save(tmp_path / "model")
    learner = model_file.load(tmp_path / "model").learner
    assert learner.labels == model.learner.labels
    assert learner.seed == 2**63
    assert learner.epochs_trained == 2


# Checkpoints


def test_a_checkpoint_holds_progress_and_the_callbacks_states(tmp_path: Path) -> None:
    model = compiled([Dense(3, "softmax")])
    fit(model)
    progress = Progress(3, 7, (3, 6), 99, Totals(70, {"loss": 12.5, "odd": math.nan}), 1, "enough")
    states: Any = (
        {},
        {
            "best": math.inf,
            "worst": -math.inf,
            "none": None,
            "wait": 3,
            "word": "ä",
            "list": [1, 2.5, "x"],
            "half": np.float32(0.5),
            "count": np.int64(7),
            "weights": np.arange(6, dtype=np.float64).reshape(2, 3).T,
            "empty": np.zeros((0, 2), np.float32),
            "flags": np.array([True, False]),
        },
        {"weights": X},
    )
    model_file.save(tmp_path / "last", model.learner, Resume(progress, states))
    loaded = model_file.load(tmp_path / "last")
    assert bits(Sequential.of(loaded.learner)) == bits(model)
    found = loaded.resume
    assert found is not None
    assert math.isnan(found.progress.totals.sums.pop("odd"))
    progress.totals.sums.pop("odd")
    assert tuple(found.progress.at) == progress.at
    found.progress.at = progress.at
    assert found.progress == progress
    assert len(found.callbacks) == 3
    for given, back in zip(states, found.callbacks, strict=True):
        assert set(given) == set(back)
        for name, value in given.items():
            np.testing.assert_array_equal(back[name], value)
            if isinstance(value, np.ndarray):
                assert (back[name].dtype, back[name].shape) == (value.dtype, value.shape)
                assert back[name].flags.writeable


def test_a_model_file_is_no_checkpoint(saved: Path) -> None:
    assert model_file.load(saved).resume is None


# The file


def test_the_file_opens_in_the_safetensors_library(saved: Path) -> None:
    model = gu.load_model(saved)
    tensors = load_file(saved)
    assert set(tensors) == {
        *(f"params/dense_{i}/{name}" for i in (1, 2) for name in "Wb"),
        *(f"params/batch_normalization_1/{name}" for name in ("gamma", "beta")),
        *(f"state/batch_normalization_1/{name}" for name in ("mean", "var", "batches")),
        "optimizer/m",
        "optimizer/v",
    }
    np.testing.assert_array_equal(tensors["params/dense_1/W"], model.params["dense_1"]["W"])
    with safetensors.safe_open(saved, framework="numpy") as file:
        assert set(file.metadata()) == {"groundup"}
        meta = json.loads(file.metadata()["groundup"])
    assert meta["layers"][0] == {
        "kind": "Dense",
        "units": 5,
        "activation": {"kind": "ReLU"},
        "kernel_initializer": {"kind": "GlorotUniform"},
        "bias_initializer": {"kind": "Zeros"},
    }
    assert meta["in_shape"] == [4]


def test_strided_and_fortran_arrays_are_written_in_order(tmp_path: Path) -> None:
    model = compiled([Dense(3, "softmax")])
    fit(model)
    wide = np.arange(24.0).reshape(4, 6)
    states: Any = (
        {"fortran": np.asfortranarray(wide), "strided": wide[::2, ::3], "turned": wide.T},
    )
    model_file.save(tmp_path / "last", model.learner, Resume(Progress(0), states))
    found = model_file.load(tmp_path / "last").resume
    assert found is not None
    for name, array in states[0].items():
        np.testing.assert_array_equal(found.callbacks[0][name], array)


def test_the_checksum_is_the_hash_of_the_file_with_zeros_in_its_place(saved: Path) -> None:
    data = saved.read_bytes()
    with safetensors.safe_open(saved, framework="numpy") as file:
        digest = json.loads(file.metadata()["groundup"])["sha256"]
    assert data.count(digest.encode()) == 1
    blank = data.replace(digest.encode(), b"0" * 64)
    assert hashlib.sha256(blank).hexdigest() == digest


def test_the_same_model_is_the_same_bytes(saved: Path) -> None:
    again = saved.with_name("again")
    gu.load_model(saved).save(again)
    assert again.read_bytes() == saved.read_bytes()


def test_the_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    script = """
import sys, numpy as np, groundup as gu
model = gu.Sequential([gu.Dense(5, "relu"), gu.BatchNormalization(), gu.Dense(3, "softmax")])
model.compile("adam", "categorical_crossentropy", ["accuracy", gu.metrics.TopKAccuracy(2)])
x = gu.Stream(5).normal((24, 4), dtype=np.float32)
model.fit(x, gu.Stream(6).integers(0, 3, 24), epochs=2, verbose=0)
model.save(sys.argv[1])
"""
    written = []
    for seed in ("0", "1", "4242"):
        path = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, path], check=True, env=environment)
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]


def test_a_process_that_has_imported_nothing_else_can_load(tmp_path: Path) -> None:
    layers = [
        PReLU(),
        Dense(3, "softmax", kernel_initializer="xavier", kernel_regularizer=gu.L2(0.1)),
    ]
    rate = gu.schedules.CosineDecay(0.01, 100)
    model = compiled(layers, gu.RMSprop(rate), preprocess=["standardize", "rescale"])
    fit(model)
    model.save(tmp_path / "model")
    script = """
import sys
from groundup.train import model_file
learner = model_file.load(sys.argv[1]).learner
print(learner.vector.tobytes().hex(), end="")
"""
    command = [sys.executable, "-c", script, str(tmp_path / "model")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed == model.learner.vector.tobytes().hex()


def test_a_failed_save_leaves_the_old_file(saved: Path) -> None:
    before = saved.read_bytes()
    model = gu.load_model(saved)
    model.learner.labels = tuple(f"class {i:090}" for i in range(20_000))
    with pytest.raises(InputError):  # more than any reader would take
        model.save(saved)
    deep: Any = [Dense(3, "softmax")]
    for _ in range(20):
        deep = [Chain(deep)]
    nested = compiled(deep)
    nested.build((4,))
    with pytest.raises(InputError, match="nested deeper"):
        nested.save(saved)
    with pytest.raises(InputError):
        model.save(saved.parent)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


# Damage


def test_a_missing_file_is_no_corrupt_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file") as caught:
        gu.load_model(tmp_path / "model")
    assert not isinstance(caught.value, CorruptFile)


def refuse(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(CorruptFile) as caught:
        model_file.load(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_any_changed_byte_is_noticed(saved: Path) -> None:
    data = saved.read_bytes()
    header = 8 + int.from_bytes(data[:8], "little")
    random = np.random.default_rng(0)
    places = [
        *range(0, 96),
        *random.integers(96, header, 150),
        *random.integers(header, len(data), 80),
    ]
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << int(random.integers(8))
        refuse(saved, bytes(changed))
    for place in places[::20]:
        refuse(saved, data[:place] + b"\0" + data[place:])
        refuse(saved, data[:place] + data[place + 1 :])


def test_any_shortened_file_is_noticed(saved: Path) -> None:
    data = saved.read_bytes()
    header = 8 + int.from_bytes(data[:8], "little")
    for end in (*range(0, 16), header - 1, header, header + 1, len(data) - 1):
        refuse(saved, data[:end])
    refuse(saved, data + b"\0")
    assert "cut short or no model file" in refuse(saved, data[: header - 1])
    refuse(saved, b"")


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"\xff" * 100,
        bytes(100),
        (2**63).to_bytes(8, "little") + b"{}",
        (2**64 - 1).to_bytes(8, "little") + b"{}",
        (2**21).to_bytes(8, "little") + bytes(2**21),
        (2).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"null",
        (1).to_bytes(8, "little") + b"1",
        (19).to_bytes(8, "little") + b'{"__metadata__": 3}',
        (0).to_bytes(8, "little"),
    ],
)
def test_what_is_no_model_file_at_all(data: bytes, tmp_path: Path) -> None:
    refuse(tmp_path / "model", data)


def test_a_foreign_safetensors_file_says_what_is_missing(tmp_path: Path) -> None:
    for meta in (None, {"format": "pt"}, {"groundup": "{}"}, {"groundup": "\ud800"}):
        try:
            data = to_bytes({"w": np.zeros(3)}, meta)
        except UnicodeEncodeError:  # what the library refuses may stand in a file all the same
            header = json.dumps({"__metadata__": meta}).encode()
            data = len(header).to_bytes(8, "little") + header
        assert "no groundup model" in refuse(tmp_path / "model", data)


# Forged files: whole, with a right checksum, and wrong


def signed(path: Path, change: Any) -> bytes:
    """A whole file with changed metadata and tensors, signed again."""
    tensors = load_file(path)
    with safetensors.safe_open(path, framework="numpy") as file:
        meta = json.loads(file.metadata()["groundup"])
    change(meta, tensors)
    meta = {**meta, "sha256": "0" * 64}
    data = to_bytes(dict(sorted(tensors.items())), {"groundup": json.dumps(meta)})
    digest = hashlib.sha256(data).hexdigest()
    return data.replace(b"0" * 64, digest.encode(), 1)


def forge(path: Path, change: Any) -> str:
    return refuse(path, signed(path, change))


def put(path: str, value: Any) -> Any:
    """A change of the metadata at a path such as "layers.0.units"."""

    def change(meta: Any, tensors: Any) -> None:
        *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in parents:
            meta = meta[key]
        if value is None:
            del meta[last]
        else:
            meta[last] = value

    return change


def tensor(name: str, value: Any) -> Any:
    def change(meta: Any, tensors: Any) -> None:
        del tensors[name]
        if value is not None:
            tensors[name] = value

    return change


FORGED = {
    "class-unknown": (put("layers.0.kind", "os.system"), "unknown class 'os.system'"),
    "class-no-layer": (put("layers.0", {"kind": "Adam"}), "is no layer"),
    "class-list": (put("layers.0.kind", ["Dense"]), "unknown class"),
    "class-missing": (put("layers.0.kind", None), 'expected a "kind"'),
    "option-unknown": (put("layers.0.hook", "x"), "takes no option 'hook'"),
    "option-wrong": (put("layers.0.units", -5), "units=-5"),
    "option-text": (put("layers.0.units", "5"), "units='5'"),
    "option-huge": (put("layers.0.units", 10**30), ""),
    "option-too-much-memory": (put("layers.0.units", 10**15), ""),
    "units-many": (put("layers.0.units", 5 * 10**7), r"params/dense_1"),
    "in-shape-many": (put("in_shape", [10**8]), r"params/dense_1/W"),
    "layers-many": (put("layers", [{"kind": "ReLU"}] * 6_000), "more than 5,000"),
    "epochs": (put("epochs_trained", "many"), "epochs_trained"),
    "tensor-type": (tensor("params/dense_1/W", np.zeros((4, 5))), "float64"),
    "units-others": (put("layers.0.units", 6), r"params/"),
    "layers-missing": (put("layers", None), "layers"),
    "layers-empty": (put("layers", []), "params/"),
    "layers-text": (put("layers", "Dense"), ""),
    "in-shape-others": (put("in_shape", [5]), "params/dense_1/W"),
    "in-shape-negative": (put("in_shape", [-4]), "positive whole"),
    "in-shape-text": (put("in_shape", "4"), "positive whole"),
    "in-shape-huge": (put("in_shape", [2**70]), ""),
    "format-newer": (put("format", 2), "this version reads format 1"),
    "format-missing": (put("format", None), "format"),
    "dtype": (put("dtype", "float16"), "dtype 'float16'"),
    "dtype-object": (put("dtype", "O"), "dtype 'O'"),
    "seed": (put("seed", "0"), "seed='0'"),
    "labels": (put("labels", 3), ""),
    "preprocess": (put("preprocess", [{"kind": "Standardise"}]), "Did you mean 'Standardize'"),
    "loss": (put("training.loss.kind", "Loss"), "unknown class 'Loss'"),
    "optimizer": (put("training.optimizer", {"kind": "SGD"}), "optimizer/m"),
    "optimizer-rate": (put("training.optimizer.learning_rate", -1), "learning_rate=-1"),
    "slot-missing": (tensor("optimizer/m", None), "optimizer/m"),
    "slot-shape": (tensor("optimizer/m", np.zeros(3, np.float32)), "optimizer/m"),
    "slot-type": (put("training.slots.step", "many"), "optimizer/step"),
    "tensor-missing": (tensor("params/dense_1/W", None), "params/dense_1/W"),
    "tensor-shape": (tensor("params/dense_1/W", np.zeros((5, 4), np.float32)), r"\(5, 4\)"),
    "gamma-shape": (
        tensor("params/batch_normalization_1/gamma", np.ones(4, np.float32)),
        r"gamma has shape \(4,\), the layers expect \(5,\)",
    ),
    "gamma-missing": (
        tensor("params/batch_normalization_1/gamma", None),
        r"gamma has shape None, the layers expect \(5,\)",
    ),
    "tensor-more": (lambda m, t: t.update({"params/x": np.zeros(2)}), "params/x"),
    "state-missing": (tensor("state/batch_normalization_1/mean", None), "mean"),
}


@pytest.mark.parametrize(("change", "message"), FORGED.values(), ids=FORGED)
def test_a_forged_file_is_refused(change: Any, message: str, saved: Path) -> None:
    assert re.search(message, forge(saved, change))


def test_a_file_of_an_earlier_version_has_no_name(saved: Path) -> None:
    vector = model_file.load(saved).learner.vector
    saved.write_bytes(signed(saved, put("name", None)))
    assert gu.load_model(saved).name == "sequential"
    assert model_file.load(saved).learner.vector.tobytes() == vector.tobytes()


def test_a_file_without_a_checksum_is_refused(saved: Path) -> None:
    with safetensors.safe_open(saved, framework="numpy") as file:
        meta = json.loads(file.metadata()["groundup"])
    tensors = load_file(saved)
    for digest in (None, "", "0" * 64, 3):
        text = json.dumps(meta | {"sha256": digest})
        refuse(saved, to_bytes(tensors, {"groundup": text}))
    del meta["sha256"]
    assert "sha256" in refuse(saved, to_bytes(tensors, {"groundup": json.dumps(meta)}))


def test_names_in_a_file_are_never_paths(saved: Path) -> None:
    outside = saved.parent / "outside"

    def change(meta: Any, tensors: Any) -> None:
        meta["layers"][0]["name"] = f"../{outside.name}"
        meta["labels"] = ["../../etc/passwd"]

    assert "without a slash" in forge(saved, change)
    assert list(saved.parent.iterdir()) == [saved]


def test_the_forger_of_these_tests_can_sign(saved: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        forge(saved, lambda meta, tensors: None)
    assert gu.load_model(saved).count_params() > 0
