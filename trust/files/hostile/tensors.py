"""safetensors: headers that lie about shapes, types and places; and model files that are forged.

The forged ones bear a right SHA-256, so only what they say can give them away.
"""

import hashlib
import json
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

import groundup as gu
from groundup.nn.layout import leaves
from groundup.train import model_file
from trust.files.hostile.doors import Case, exact, refused

W = np.arange(6, dtype=np.float32).reshape(2, 3)
B = np.array([0.5, -1.0], np.float32)
_BODY = W.tobytes() + B.tobytes()
Header = dict[str, Any]


def entry(shape: tuple[Any, ...], begin: int, end: int, dtype: str = "F32") -> Header:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def tensors(header: Header | bytes, body: bytes = _BODY, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


_WHOLE = {"fc.weight": entry((2, 3), 0, 24), "fc.bias": entry((2,), 24, 32)}


def weight(shape: tuple[Any, ...], begin: Any, end: Any, dtype: Any = "F32") -> bytes:
    """The weight says so; the bias is as it should be."""
    return tensors(_WHOLE | {"fc.weight": entry(shape, begin, end, dtype)})


def bias(shape: tuple[Any, ...], begin: Any, end: Any) -> bytes:
    return tensors(_WHOLE | {"fc.bias": entry(shape, begin, end)})


_TWICE = (
    b'{"fc.weight": ' + json.dumps(entry((3, 2), 0, 24)).encode()
    + b', "fc.weight": ' + json.dumps(entry((2, 3), 0, 24)).encode()
    + b', "fc.bias": ' + json.dumps(entry((2,), 24, 32)).encode() + b"}"
)  # fmt: skip
_MANY = {f"t{n}.weight": entry((0,), 0, 0) for n in range(100_000)}
_EMPTY = {f"{n:05d}.weight": entry((1,), 4 * n, 4 * n + 4) for n in range(12_000)}
_NAN = np.array([np.nan, 1], np.float32)
_NAMES = ("../it-ran", "/etc/passwd", "a\0b", "C:\\x", "x" * 300, "__proto__", "con", "%2e%2e/x")
_WEIGHTS = {
    "nothing": b"",
    "seven bytes": bytes(7),
    "a header of no bytes": tensors(b"", b""),
    "a header of 2^63 bytes": tensors(_WHOLE, length=2**63),
    "a header of 2^64-1 bytes": tensors(_WHOLE, length=2**64 - 1),
    "a header longer than the file": tensors(_WHOLE, length=10_000),
    "a header one byte too short": tensors(_WHOLE, length=len(json.dumps(_WHOLE)) - 1),
    "a list": tensors(b"[]"),
    "null": tensors(b"null"),
    "a number": tensors(b"1"),
    "no UTF-8": tensors(b'{"\xff": 1}'),
    "deep JSON": tensors(b'{"a":' * 50_000),
    "deep metadata": tensors(b'{"__metadata__":' + b"[" * 50_000),
    "a name twice": tensors(_TWICE),
    "a key twice": tensors(json.dumps(_WHOLE).replace('"dtype"', '"shape": [6], "dtype"').encode()),
    "NaN as a size": tensors(json.dumps(_WHOLE).replace("[2, 3]", "[NaN, 3]").encode()),
    "metadata that is a list": tensors(_WHOLE | {"__metadata__": [1]}),
    "metadata that is no text": tensors(_WHOLE | {"__metadata__": {"a": 1}}),
    "one byte too few": tensors(_WHOLE, _BODY[:-1]),
    "one byte too many": tensors(_WHOLE, _BODY + b"\0"),
    "no data": tensors(_WHOLE, b""),
    "100,000 tensors of nothing": tensors(_MANY, b""),
    "12,000 tensors": tensors(_EMPTY, bytes(48_000)),
    "an entry that is a list": tensors(_WHOLE | {"fc.bias": [1]}),
    "an entry without a type": tensors(
        _WHOLE | {"fc.bias": {"shape": [2], "data_offsets": [24, 32]}}
    ),
    "an entry without a shape": tensors(
        _WHOLE | {"fc.bias": {"dtype": "F32", "data_offsets": [24, 32]}}
    ),
    "an entry without a place": tensors(_WHOLE | {"fc.bias": {"dtype": "F32", "shape": [2]}}),
    "an entry of one more key": tensors(_WHOLE | {"fc.bias": entry((2,), 24, 32) | {"x": 1}}),
    "places of three": tensors(
        _WHOLE | {"fc.bias": {"dtype": "F32", "shape": [2], "data_offsets": [24, 28, 32]}}
    ),
    "places over one another": bias((2,), 20, 28),
    "places all over one another": bias((2,), 0, 8),
    "a hole": tensors(_WHOLE | {"fc.bias": entry((2,), 28, 36)}, _BODY + bytes(4)),
    "places backwards": bias((2,), 32, 24),
    "places below 0": bias((2,), -8, 0),
    "places beyond the end": bias((2,), 2**40, 2**40 + 8),
    "places of 2^64": bias((2,), 2**64 - 8, 2**64),
    "places that are fractions": bias((2,), 24.0, 32.0),
    "places that are true": bias((2,), True, 32),
    "places that are text": bias((2,), "24", "32"),
    "more data than the shape": weight((2, 2), 0, 24),
    "less data than the shape": weight((2, 4), 0, 24),
    "a product that is 6 modulo 2^64": weight((2**63 + 1, 2, 3), 0, 24),
    "a product that is 0 modulo 2^64": weight((2**32, 2**32), 0, 24),
    "a size below 0": weight((-2, -3), 0, 24),
    "a size of 2^64": weight((2**64, 0), 0, 24),
    "a size that is a fraction": weight((2.0, 3), 0, 24),
    "a size that is text": weight(("2", 3), 0, 24),
    "a size that is true": weight((True, 6), 0, 24),
    "100,000 axes": weight((1,) * 100_000 + (6,), 0, 24),
    "100 axes": weight((1,) * 100 + (2, 3), 0, 24),
    "no numbers of enormous size": weight((0, 2**62), 0, 0),
    "another shape": weight((3, 2), 0, 24),
    "whole numbers": weight((2, 3), 0, 24, "I32"),
    "whole numbers of another width": weight((3,), 0, 24, "U64"),
    "BF16 of the wrong length": weight((2, 3), 0, 24, "BF16"),
    "F8": weight((24,), 0, 24, "F8_E4M3"),
    "F4, of half a byte": weight((48,), 0, 24, "F4"),
    "an unknown type": weight((2, 3), 0, 24, "O"),
    "a type in small letters": weight((2, 3), 0, 24, "f32"),
    "a type that is a list": weight((2, 3), 0, 24, ["F32"]),
    "no number": tensors(_WHOLE, W.tobytes() + _NAN.tobytes()),
    "infinity": tensors(_WHOLE, W.tobytes() + np.full(2, np.inf, np.float32).tobytes()),
    "a pickle of torch.save": b"PK\3\4" + bytes(100),
    "a pickle": b"\x80\2cos\nsystem\nX\x0c\0\0\0touch it-ran\x85R.",
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(100),
    **{f"a tensor called {name[:12]!r}": tensors(
        {name + ".weight": entry((2, 3), 0, 24), name + "2.bias": entry((2,), 24, 32)})
       for name in _NAMES},
}  # fmt: skip
_BOTH = [W.T, B]
_NAMED = {
    f"a module called {name[:12]!r}": (
        tensors({name + ".weight": entry((2, 3), 0, 24), name + ".bias": entry((2,), 24, 32)}),
        _BOTH,
    )
    for name in _NAMES
}
_HONEST = {
    "by hand": (tensors(_WHOLE), _BOTH),
    "spaces before the data": (tensors(json.dumps(_WHOLE).encode() + b" " * 7), _BOTH),
    "in another order": (
        tensors({"fc.bias": _WHOLE["fc.bias"], "fc.weight": _WHOLE["fc.weight"]}), _BOTH
    ),
    "half a bias first, out of line": (
        tensors({"fc.bias": entry((2,), 0, 4, "F16"), "fc.weight": entry((2, 3), 4, 28)},
                B.astype(np.float16).tobytes() + W.tobytes()), _BOTH
    ),
    "metadata that names a file": (
        tensors(_WHOLE | {"__metadata__": {"path": "../../it-ran"}}), _BOTH
    ),
    **_NAMED,
}  # fmt: skip


# Model files, signed


@cache
def _model() -> tuple[dict[str, Any], dict[str, np.ndarray], Any]:
    """The metadata and the tensors of one that is whole, and what is in it."""
    model = gu.Sequential([gu.Dense(3, "relu", input_shape=(4,)), gu.Dense(2, "softmax")])
    model.compile("adam", "categorical_crossentropy")
    data = model_file._encode(*_saved(model))
    meta, _ = model_file._read_header(data)
    return meta, from_bytes(data), list(leaves(model.learner.params))


def _saved(model: gu.Sequential) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """What `save` gives to its encoder."""
    found: list[Any] = []
    encode, write = model_file._encode, model_file.write_bytes
    try:
        model_file._encode = lambda *given: found.append(given) or b""
        model_file.write_bytes = lambda *given: None
        model_file.save("", model.learner)
    finally:
        model_file._encode, model_file.write_bytes = encode, write
    return found[0]


Change = Callable[[dict[str, Any], dict[str, np.ndarray]], None]


def forged(change: Change) -> bytes:
    meta, arrays, _ = _model()
    meta, arrays = json.loads(json.dumps(meta)), dict(arrays)
    change(meta, arrays)
    text = json.dumps({**meta, "sha256": "0" * 64})
    data = to_bytes(dict(sorted(arrays.items())), {"groundup": text})
    return data.replace(b"0" * 64, hashlib.sha256(data).hexdigest().encode(), 1)


def put(path: str, value: Any) -> Change:
    def change(meta: dict[str, Any], _: dict[str, np.ndarray]) -> None:
        place: Any = meta
        *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in parents:
            place = place[key]
        place[last] = value

    return change


def layers(*kinds: dict[str, Any], shape: tuple[int, ...] = (4,)) -> Change:
    def change(meta: dict[str, Any], _: dict[str, np.ndarray]) -> None:
        meta["layers"], meta["in_shape"] = list(kinds), list(shape)

    return change


def _dense(units: Any) -> dict[str, Any]:
    return {"kind": "Dense", "units": units}


def _nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = _dense(2)
    for _ in range(depth):
        found = {"kind": "Chain", "layers": [found]}
    return found


_CONV = {"kind": "Conv2D", "filters": 1, "kernel_size": 3}
_FORGED: dict[str, Change] = {
    "a class of Python": put("layers.0.kind", "os.system"),
    "a class by its module": put("layers.0", {"kind": "Dense", "module": "os", "units": 3}),
    "a lambda": put("layers.0", {"kind": "Lambda", "code": "it-ran"}),
    "an activation that is code": put("layers.0.activation", "__import__('os').system('x')"),
    "a loss of Python": put("training.loss.kind", "eval"),
    "an optimizer that is a layer": put("training.optimizer", _dense(3)),
    "1,000,000,000 units": put("layers.0.units", 10**9),
    "40,000,000 units": put("layers.0.units", 4 * 10**7),
    "5,000,000 units twice": layers(_dense(5 * 10**6), _dense(2)),
    "units of 10^30": put("layers.0.units", 10**30),
    "units of 1.5": put("layers.0.units", 1.5),
    "samples of 2^40": put("in_shape", [2**40]),
    "samples of 50,000,000": put("in_shape", [5 * 10**7]),
    "samples of 100 axes": put("in_shape", [4] * 100),
    "10,000 layers": layers(*([_dense(2)] * 10_000)),
    "20 chains in chains": layers(_nested(20)),
    "a kernel of 5,000 by 5,000": layers(
        _CONV | {"kernel_size": 5000}, {"kind": "Flatten"}, shape=(1, 5000, 5000)
    ),
    "60,000,000 filters": layers(_CONV | {"filters": 6 * 10**7}, shape=(1, 8, 8)),
    "slopes for a sample of 10^8 numbers": layers({"kind": "PReLU"}, shape=(10**8,)),
    "normalizing 10^8 numbers": layers({"kind": "BatchNormalization"}, shape=(10**8,)),
    "padding of 10^9": layers(_CONV | {"padding": 10**9}, shape=(1, 8, 8)),
    "a name that leads out": put("layers.0.name", "../it-ran"),
    "labels of a number": put("labels", 7),
    "a seed of text": put("seed", "0"),
    "a format of tomorrow": put("format", 2),
    "epochs of text": put("epochs_trained", "many"),
    "epochs below 0": put("epochs_trained", -3),
    "epochs that are a list": put("epochs_trained", [1]),
    "preprocessors of Python": put("preprocess", [{"kind": "os.system"}]),
    "a learning rate of text": put("training.optimizer.learning_rate", "fast"),
    "an optimizer's step of text": put("training.slots.step", "x"),
    "a tensor more": lambda meta, arrays: arrays.update({"params/x": np.zeros(2)}),
    "tensors of another width": lambda meta, arrays: arrays.update(
        {"params/dense_1/W": arrays["params/dense_1/W"].astype(np.float64)}
    ),
    "tensors of whole numbers": lambda meta, arrays: arrays.update(
        {"params/dense_1/W": np.ones((4, 3), np.int64)}
    ),
    "a tensor of another shape": lambda meta, arrays: arrays.update(
        {"params/dense_1/W": np.ones((3, 4), np.float32)}
    ),
    "a tensor that is missing": lambda meta, arrays: arrays.__delitem__("params/dense_1/b"),
}
_UNSIGNED = {
    "no checksum": to_bytes({"x": B}, {"groundup": "{}"}),
    "an empty checksum": to_bytes({"x": B}, {"groundup": '{"sha256": ""}'}),
    "a checksum that is a number": to_bytes({"x": B}, {"groundup": '{"sha256": 7}'}),
    "somebody else's": tensors(_WHOLE),
    "a header of 2 MB": tensors(json.dumps(_WHOLE).encode() + b" " * 2**21),
    "100,000 tensors": tensors(_MANY, b""),
}
CASES: tuple[Case, ...] = (
    *refused("weights", _WEIGHTS),
    *exact("weights", _HONEST),
    *refused("model", {name: forged(change) for name, change in _FORGED.items()}),
    *refused("model", _UNSIGNED),
    Case("signed again and whole", "model", forged(lambda meta, arrays: None), _model()[2]),
)
