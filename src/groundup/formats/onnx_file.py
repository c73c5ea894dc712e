"""A trained network as an ONNX file, which other programs run and Netron draws.

One input, x (N, …), raw; one output, y, what `predict` answers; N is free. The version of the
operators is fixed, one that has been read everywhere for years.
"""

import importlib.util
import json
import os
from importlib.metadata import version
from typing import Any

import numpy as np

from groundup.errors import InputError
from groundup.formats.onnx_graph import INPUT, OUTPUT, TYPES, Graph, Place
from groundup.formats.onnx_layers import write
from groundup.formats.onnx_preprocess import input_type, prepare
from groundup.nn.losses import CategoricalCrossentropy
from groundup.rng import Stream
from groundup.storage import AnyPath, read_bytes, write_bytes
from groundup.train.built import Built
from groundup.train.inputs import raw_shape
from groundup.train.learner import EVALUATION_BATCH, Learner
from groundup.typing import Array, Shape

OPSET, IR_VERSION = 17, 8
SIZE_LIMIT = 2**31 - 1  # of a protobuf message
INSTALL = "Install it: pip install 'groundup[onnx]'."


def to_onnx(model: Built, path: AnyPath) -> None:
    """Write a built network as an ONNX file, its preprocessing included

    x: (N, …), raw, float32; float64 where it is columns that are prepared
    y: float32, as `model.predict(x)` for x of that type, to rounding

    Layers are written as they are at inference: batch normalization with its running statistics,
    dropout as nothing or the book's factor. Of an ensemble the mean of the members is y. The
    metadata hold "labels" and "features" (JSON lists), "output" ("probabilities", "logits" or
    "values") and "groundup_version". Opset 17, IR version 8. A network in float64 is rounded.
    A file that exists is replaced.

    Args:
        model: built, and fitted if it prepares its inputs.
        path: of the file, such as "model.onnx".

    Raises:
        InputError: the package onnx is not installed, or a layer is not known in ONNX.
        StorageError: the file cannot be written.

    >>> import groundup as gu
    >>> model = gu.Sequential([gu.Dense(2, activation="softmax", input_shape=(3,))])
    >>> gu.formats.to_onnx(model, "model.onnx")  # doctest: +SKIP
    """
    if importlib.util.find_spec("onnx") is None:
        raise InputError(f"this needs the package onnx, which is not installed. {INSTALL}")
    write_bytes(path, _encoded(model.learner))


def onnx_difference(model: Built, path: AnyPath, x: Any = None) -> float | None:
    """The greatest difference between what onnxruntime and `predict` answer, relative where |y| > 1

    max |y′ - y| / max(1, max |y|); None if the package onnxruntime is not installed.

    Args:
        model: what the file was written of.
        path: of the ONNX file.
        x: raw samples (N, …); by default 16 that are drawn, in the range of the training data as
            far as the preprocessing knows it.

    Raises:
        InputError: there is no such file, or no such samples.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else it tells its maker of every session
    import onnxruntime

    learner = model.learner
    shape = raw_shape(learner) or learner.network.in_shape
    x = plausible(learner, 16) if x is None else np.asarray(x)
    x = x.astype(input_type(learner, shape))
    ours = model.predict(x, EVALUATION_BATCH)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    data = read_bytes(path, SIZE_LIMIT)
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (theirs,) = session.run([OUTPUT], {INPUT: x})
    return float(np.abs(theirs - ours).max() / max(1.0, np.abs(ours).max()))


def plausible(learner: Learner, count: int) -> Array:
    """Raw samples (count, …) that nobody has measured: noise, taken back through preprocessing."""
    preparation = learner.preparation
    drawn = Stream(0, "init").named("plausible")
    x: Array = drawn.uniform((count, *learner.network.in_shape))
    pairs = zip(preparation.preprocessors, preparation.parameters or (), strict=True)
    for preprocessor, parameters in reversed(list(pairs)):
        x = preprocessor.inverse(parameters, x)
    return x


def _encoded(learner: Learner) -> bytes:
    """The bytes of the file, checked by ONNX's own checker."""
    import onnx

    shape = raw_shape(learner) or learner.network.in_shape
    graph = Graph()
    x = prepare(graph, learner, shape)
    network = learner.network
    top = Place(graph, "", x, network.in_shape, learner.params, learner.state)
    graph.end(write(network.chain, top))
    size = sum(array.nbytes for array in graph.constants.values())
    if size > SIZE_LIMIT - 2**20:
        raise InputError(f"{size:,} bytes of weights: an ONNX file holds at most 2 GB.")
    model = _model(graph, learner, shape)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _model(graph: Graph, learner: Learner, shape: Shape) -> Any:
    from onnx import helper, numpy_helper

    nodes = [
        helper.make_node(node.op, node.inputs, [node.name], node.name, **node.attributes)
        for node in graph.nodes
    ]
    constants = [numpy_helper.from_array(array, name) for name, array in graph.constants.items()]
    x = helper.make_tensor_value_info(INPUT, TYPES[input_type(learner, shape)], ["N", *shape])
    out = learner.network.out_shape
    y = helper.make_tensor_value_info(OUTPUT, TYPES[np.dtype(np.float32)], ["N", *out])
    model = helper.make_model(
        helper.make_graph(nodes, learner.name, [x], [y], constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="groundup",
        producer_version=version("groundup"),
    )
    helper.set_model_props(model, _metadata(learner))
    return model


def _metadata(learner: Learner) -> dict[str, str]:
    said = {
        "groundup_version": version("groundup"),
        "output": _output(learner),
        "labels": json.dumps(learner.labels, ensure_ascii=False),
        "features": json.dumps(learner.features, ensure_ascii=False),
    }
    return {name: text for name, text in said.items() if text != "[]"}


def _output(learner: Learner) -> str:
    """What y is, as the loss takes it."""
    if not isinstance(learner.loss, CategoricalCrossentropy):
        return "values"
    return "logits" if learner.loss.from_logits else "probabilities"
