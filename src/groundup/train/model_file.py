"""The one writer and reader of model files and checkpoints: safetensors with a checksum.

Tensors are called params/dense_1/W, state/batch_normalization_1/mean, optimizer/m,
preprocess/0/scale. The metadata has one member, "groundup", a JSON text: architecture, optimizer,
labels, and "sha256", the hash of the whole file as it would be with 64 zeros in its place.
safetensors itself notices no flipped bit. Nothing in a file is run or used as a path: classes are
looked up in our registries alone.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from groundup.checks import as_whole
from groundup.errors import CorruptFile, GroundupError, InputError
from groundup.nn.chain import Chain
from groundup.nn.layout import Layout, leaves
from groundup.nn.network import build
from groundup.registry import build as build_value
from groundup.registry import describe
from groundup.rng import Stream
from groundup.storage import AnyPath, read_bytes, read_json_bytes, shown, write_bytes
from groundup.train.learner import Learner, Preparation
from groundup.train.model_shapes import check_arrays
from groundup.train.progress import Progress, Resume, Totals
from groundup.typing import Array

FORMAT = 1
SIZE_LIMIT = 2**33
HEADER_LIMIT = 2**20
MAX_VALUES = 5_000
_ZEROS = "0" * 64


class Loaded(NamedTuple):
    """A learner with its weights, and, from a checkpoint, where it was."""

    learner: Learner
    resume: Resume | None


def save(path: AnyPath, learner: Learner, resume: Resume | None = None) -> None:
    """Write a model file, or with `resume` a checkpoint; whole or not at all."""
    tensors = {f"params/{name}": array for name, array in leaves(learner.params)}
    tensors |= {f"state/{name}": array for name, array in leaves(learner.state)}

    def put(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The arrays, and numbers that JSON lacks, become tensors; the rest is answered."""
        arrays = {name: np.asarray(value) for name, value in values.items() if _is_array(value)}
        tensors.update({f"{part}/{name}": array for name, array in arrays.items()})
        return {name: value for name, value in values.items() if name not in arrays}

    learned = learner.preparation.parameters
    for i, parameters in enumerate(learned or ()):
        tensors |= {f"preprocess/{i}/{name}": array for name, array in parameters.items()}
    meta: dict[str, Any] = {
        "format": FORMAT,
        "layers": _few(describe(learner.network.chain.layers)),
        "in_shape": learner.network.in_shape,
        "dtype": str(learner.vector.dtype),
        "seed": learner.seed,
        "name": learner.name,
        "labels": learner.labels,
        "features": learner.features,
        "epochs_trained": learner.epochs_trained,
        "preprocess": describe(learner.preparation.preprocessors),
        "prepared": learned is not None,
    }
    if learner.optimizer is not None:
        meta["training"] = {
            "loss": describe(learner.loss),
            "optimizer": describe(learner.optimizer),
            "metrics": describe(learner.metrics),
            "slots": put("optimizer", learner.slots),
        }
    if resume is not None:
        totals = resume.progress.totals
        meta["resume"] = {
            "progress": asdict(replace(resume.progress, totals=Totals())),
            "totals": [totals.samples, put("totals", totals.sums)],
            "callbacks": [put(f"callbacks/{i}", state) for i, state in enumerate(resume.callbacks)],
        }
    write_bytes(path, _encode(tensors, meta))


def load(path: AnyPath) -> Loaded:
    """Read what `save` wrote; CorruptFile for anything that is not exactly that."""
    data = read_bytes(path, SIZE_LIMIT)
    try:
        return _restore(*_decode(data))
    except GroundupError as error:
        raise CorruptFile(f"{shown(path)}: {error}") from error
    except Exception as error:  # who forges a file finds many ways to upset a constructor
        raise CorruptFile(f"{shown(path)} is no groundup model: {error!r:.200}.") from error


def _restore(meta: dict[str, Any], tensors: dict[str, Array]) -> Loaded:
    if meta["format"] != FORMAT:
        raise InputError(f"format {meta['format']!r}, this version reads format {FORMAT}.")
    if meta["dtype"] not in ("float32", "float64"):
        raise InputError(f"dtype {meta['dtype']!r}: expected float32 or float64.")

    def take(part: str, numbers: Mapping[str, Any]) -> dict[str, Any]:
        """The inverse of `put` above; arrays may be written to."""
        arrays = {name: array.copy() for name, array in _below(tensors, part).items()}
        return {**numbers, **{name: a if a.ndim else a.item() for name, a in arrays.items()}}

    chain = Chain(build_value(_few(meta["layers"])))
    check_arrays(chain, tuple(meta["in_shape"]), tensors, np.dtype(meta["dtype"]))
    network, vector, running = build(chain, tuple(meta["in_shape"]), dtype=meta["dtype"])
    _fill(network.params, vector, tensors, "params")
    _fill(network.state, running, tensors, "state")
    preprocessors = build_value(meta["preprocess"])
    learned = tuple(_below(tensors, f"preprocess/{i}") for i in range(len(preprocessors)))
    preparation = Preparation(preprocessors, learned if meta["prepared"] else None)
    learner = Learner(network, vector, running, Stream(meta["seed"]).seed, preparation)
    learner.name = str(meta.get("name", learner.name))  # files of earlier versions have none
    learner.labels = tuple(meta["labels"])
    learner.features = tuple(map(str, meta.get("features", ())))
    learner.epochs_trained = as_whole(meta["epochs_trained"], "epochs_trained", 0)
    if "training" in meta:
        training = {key: build_value(value) for key, value in meta["training"].items()}
        learner.compile(training["loss"], training["optimizer"], training["metrics"])
        learner.slots = _as_expected(take("optimizer", training["slots"]), learner.slots)
    if "resume" not in meta:
        return Loaded(learner, None)
    samples, sums = meta["resume"]["totals"]
    totals = Totals(samples, take("totals", sums))
    states = enumerate(meta["resume"]["callbacks"])
    return Loaded(
        learner,
        Resume(
            Progress(**meta["resume"]["progress"] | {"totals": totals}),
            tuple(take(f"callbacks/{i}", state) for i, state in states),
        ),
    )


def _few(layers: Any) -> Any:
    """The description of layers, if so many are written and read; each holds some values more."""
    if str(layers).count("'kind'") > MAX_VALUES:
        raise InputError(f"more than {MAX_VALUES:,} layers, initializers and activations.")
    return layers


def _as_expected(slots: dict[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """The optimizer's state from a file, if it looks as the one that the optimizer begins with."""
    for name in sorted({*slots, *fresh}):
        given, expected = (np.asarray(values.get(name)) for values in (slots, fresh))
        if (given.shape, given.dtype.kind) != (expected.shape, expected.dtype.kind):
            raise InputError(f"optimizer/{name} is not what the optimizer expects.")
    return slots


def _fill(layout: Layout, vector: Array, tensors: Mapping[str, Array], part: str) -> None:
    """Copy tensors into the vector; `check_arrays` has compared their names and shapes."""
    for name, array in _below(tensors, part).items():
        vector[layout.slice(name)] = array.ravel()


def _below(tensors: Mapping[str, Array], part: str) -> dict[str, Array]:
    return {
        name.removeprefix(f"{part}/"): array
        for name, array in tensors.items()
        if name.startswith(f"{part}/")
    }


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic) or (
        isinstance(value, float) and not math.isfinite(value)
    )


def _encode(tensors: Mapping[str, Array], meta: Mapping[str, Any]) -> bytes:
    from safetensors.numpy import save as to_bytes

    # The checksum stands first, so that the first 64 zeros are its own whatever the labels are.
    text = json.dumps({"sha256": _ZEROS, **meta}, allow_nan=False)
    # safetensors writes the memory of strided and Fortran arrays as if it were in order.
    ordered = {name: np.asarray(array, order="C") for name, array in sorted(tensors.items())}
    data = to_bytes(ordered, {"groundup": text})
    _read_header(data)  # what could not be read again is never written
    digest = hashlib.sha256(data).hexdigest()
    return data.replace(_ZEROS.encode(), digest.encode(), 1)


def _decode(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    from safetensors.numpy import load as from_bytes

    meta, end = _read_header(data)
    digest = meta["sha256"].encode()
    blank = data[:end].replace(digest, _ZEROS.encode(), 1) + data[end:]
    if hashlib.sha256(blank).hexdigest().encode() != digest:
        raise CorruptFile("changed or damaged, its SHA-256 does not match its content.")
    return meta, from_bytes(data)


def _read_header(data: bytes) -> tuple[dict[str, Any], int]:
    """The metadata, and where the tensors begin."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(HEADER_LIMIT, len(data) - 8):
        raise CorruptFile(
            f"cut short or no model file, its header promises {length:,} bytes (at most "
            f"{HEADER_LIMIT:,} are read), {max(len(data) - 8, 0):,} follow."
        )
    header = read_json_bytes(data[8 : 8 + length], limit=HEADER_LIMIT, name="its header")
    text = header["__metadata__"]["groundup"].encode()
    return read_json_bytes(text, limit=HEADER_LIMIT, name="its metadata"), 8 + length
