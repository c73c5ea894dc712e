"""The one writer and reader of model files and checkpoints: safetensors with a checksum.

Tensors are called params/dense_1/W, state/batch_normalization_1/mean, optimizer/m,
preprocess/0/scale. The metadata has one member, "groundup", a JSON text: architecture, optimizer,
labels, and "sha256", the hash of the whole file as it would be with 64 zeros in its place.
safetensors itself notices no flipped bit. Nothing in a file is run or used as a path: classes are
looked up in our registries alone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from groundup.errors import CorruptFile, GroundupError, InputError
from groundup.nn.chain import Chain
from groundup.nn.layout import Layout, leaves
from groundup.nn.network import build
from groundup.registry import build as build_value
from groundup.registry import describe
from groundup.storage import read_bytes, read_json_bytes, write_bytes
from groundup.train.learner import Learner, Preparation
from groundup.train.progress import Progress, Resume, Totals
from groundup.typing import Array

FORMAT = 1
SIZE_LIMIT = 2**33
HEADER_LIMIT = 2**20
_ZEROS = "0" * 64


class Loaded(NamedTuple):
    """A learner with its weights, and, from a checkpoint, where it was."""

    learner: Learner
    resume: Resume | None


def save(path: Path | str, learner: Learner, resume: Resume | None = None) -> None:
    """Write a model file, or with `resume` a checkpoint; whole or not at all."""
    tensors = {f"params/{name}": array for name, array in leaves(learner.params)}
    tensors |= {f"state/{name}": array for name, array in leaves(learner.state)}
    meta: dict[str, Any] = {
        "format": FORMAT,
        "layers": describe(learner.network.chain.layers),
        "in_shape": learner.network.in_shape,
        "dtype": str(learner.vector.dtype),
        "seed": learner.seed,
        "labels": learner.labels,
        "epochs_trained": learner.epochs_trained,
        "preprocess": describe(learner.preparation.preprocessors),
    }
    for i, parameters in enumerate(learner.preparation.parameters or ()):
        tensors |= {f"preprocess/{i}/{name}": array for name, array in parameters.items()}
    if learner.optimizer is not None:
        numbers, arrays = _numbers_and_arrays(learner.slots)
        tensors |= {f"optimizer/{name}": array for name, array in arrays.items()}
        meta["training"] = {
            "loss": describe(learner.loss),
            "optimizer": describe(learner.optimizer),
            "metrics": describe(learner.metrics),
            "slots": numbers,
        }
    if resume is not None:
        meta["resume"] = {"progress": asdict(resume.progress), "callbacks": {}}
        for place, state in resume.callbacks.items():
            numbers, arrays = _numbers_and_arrays(state)
            meta["resume"]["callbacks"][place] = numbers
            tensors |= {f"callbacks/{place}/{name}": a for name, a in arrays.items()}
    write_bytes(path, _encode(tensors, meta))


def load(path: Path | str) -> Loaded:
    """Read what `save` wrote; CorruptFile for anything that is not exactly that."""
    meta, tensors = _decode(read_bytes(path, SIZE_LIMIT), str(path))
    try:
        return _restore(meta, tensors)
    except GroundupError as error:
        raise CorruptFile(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise CorruptFile(f"{path} is no complete groundup model: {error!r}.") from error


def _restore(meta: dict[str, Any], tensors: dict[str, Array]) -> Loaded:
    if meta["format"] != FORMAT:
        raise InputError(f"format {meta['format']}, this version reads format {FORMAT}.")
    chain = Chain(build_value(meta["layers"]))
    network, vector, running = build(chain, tuple(meta["in_shape"]), dtype=meta["dtype"])
    _fill(network.params, vector, tensors, "params")
    _fill(network.state, running, tensors, "state")
    preprocessors = build_value(meta["preprocess"])
    learned = tuple(_below(tensors, f"preprocess/{i}") for i in range(len(preprocessors)))
    preparation = Preparation(preprocessors, learned if preprocessors else None)
    learner = Learner(network, vector, running, meta["seed"], preparation)
    learner.labels = tuple(meta["labels"])
    learner.epochs_trained = meta["epochs_trained"]
    if "training" in meta:
        training = {key: build_value(value) for key, value in meta["training"].items()}
        learner.compile(training["loss"], training["optimizer"], training["metrics"])
        learner.slots = training["slots"] | _below(tensors, "optimizer")
    if "resume" not in meta:
        return Loaded(learner, None)
    progress = dict(meta["resume"]["progress"])
    progress["totals"] = Totals(**progress["totals"])
    callbacks = {
        place: {**numbers, **_below(tensors, f"callbacks/{place}")}
        for place, numbers in meta["resume"]["callbacks"].items()
    }
    return Loaded(learner, Resume(Progress(**progress), callbacks))


def _fill(layout: Layout, vector: Array, tensors: Mapping[str, Array], part: str) -> None:
    """Copy tensors into the vector, refusing another shape or another set of names."""
    given = {name: array.shape for name, array in _below(tensors, part).items()}
    expected = {name: shape for name, shape, _ in layout.places}
    if given != expected:
        wrong = sorted(set(given.items()) ^ set(expected.items()))[0][0]
        raise InputError(
            f"{part}/{wrong} has shape {given.get(wrong)}, the layers expect {expected.get(wrong)}."
        )
    for name, array in _below(tensors, part).items():
        place = layout.slice(name)
        vector[place] = array.ravel()


def _below(tensors: Mapping[str, Array], part: str) -> dict[str, Array]:
    return {
        name.removeprefix(f"{part}/"): array
        for name, array in tensors.items()
        if name.startswith(f"{part}/")
    }


def _numbers_and_arrays(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Array]]:
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    return {name: value for name, value in values.items() if name not in arrays}, arrays


def _encode(tensors: Mapping[str, Array], meta: Mapping[str, Any]) -> bytes:
    from safetensors.numpy import save as to_bytes

    text = json.dumps({**meta, "sha256": _ZEROS}, allow_nan=False)
    # safetensors writes the memory of strided and Fortran arrays as if it were in order.
    ordered = {name: np.ascontiguousarray(array) for name, array in sorted(tensors.items())}
    data = to_bytes(ordered, {"groundup": text})
    digest = hashlib.sha256(data).hexdigest()
    return data.replace(_ZEROS.encode(), digest.encode(), 1)


def _decode(data: bytes, name: str) -> tuple[dict[str, Any], dict[str, Array]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(HEADER_LIMIT, len(data) - 8):
        raise CorruptFile(
            f"{name} is cut short or no model file: its header promises {length:,} bytes, "
            f"{max(len(data) - 8, 0):,} follow."
        )
    header = read_json_bytes(data[8 : 8 + length], limit=HEADER_LIMIT, name=f"header of {name}")
    try:
        text = header["__metadata__"]["groundup"]
        meta = read_json_bytes(text.encode(), limit=HEADER_LIMIT, name=f"metadata of {name}")
        digest = meta["sha256"].encode()
    except (KeyError, TypeError, AttributeError):
        raise CorruptFile(
            f"{name} was not written by groundup: no checksum in its metadata."
        ) from None
    blank = data[: 8 + length].replace(digest, _ZEROS.encode(), 1) + data[8 + length :]
    if hashlib.sha256(blank).hexdigest().encode() != digest:
        raise CorruptFile(f"{name} was changed or damaged: its SHA-256 does not match its content.")
    try:
        return meta, from_bytes(data)
    except (SafetensorError, ValueError) as error:
        raise CorruptFile(f"{name}: {error}") from error
