"""Weights that PyTorch has learned, put into layers of ours.

A state dict is a flat table, "features.0.weight" to array; a module is what has the part before the
last dot in common. It says nothing of how modules follow one another, so they are found by the
shapes of their arrays.
"""

import re
from collections.abc import Mapping
from os import PathLike
from typing import Any, TypeAlias

import numpy as np

from groundup.errors import DataError, InputError, did_you_mean
from groundup.formats.tensors import read_tensors
from groundup.nn.layout import leaves
from groundup.storage import read_bytes, shown
from groundup.train.built import Built
from groundup.typing import Array, Shape

Arrays: TypeAlias = dict[str, Array]
SIZE_LIMIT = 2**33  # bytes

# What PyTorch calls the arrays of our layers.
_NAMES = {
    "W": "weight",
    "b": "bias",
    "slope": "weight",
    "gamma": "weight",
    "beta": "bias",
    "mean": "running_mean",
    "var": "running_var",
}
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04")  # how torch.save's files begin


def load_pytorch_weights(
    model: Built,
    source: str | PathLike[str] | Mapping[str, Any],
    names: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Fill a built network with the weights of a PyTorch network of the same layers

    Dense: W = weightᵀ    Conv2D: W = weight, (F, C, KH, KW) in both    PReLU: slope = weight
    BatchNormalization: γ, β = weight, bias    μ, σ² = running_mean, running_var

    A layer takes the module whose arrays have its shapes. Where several do, as in a row of equal
    layers, they are taken in order: that of a mapping, and by name ("fc2" before "fc10") from a
    file, which keeps none. What a state dict does not say has to be the same: activations, padding,
    and ε of batch normalization, 1e-5 in both unless said otherwise.

    Args:
        model: built, such as by `model.build((1, 28, 28))`; changed only if everything fits.
        source: a safetensors file, as `safetensors.torch.save_file(net.state_dict(), path)` writes
            it, or the state dict itself, of tensors or arrays.
        names: {our layer: PyTorch's module} where order would choose wrongly.

    Returns:
        Which module each layer has got, {layer: module}.

    Raises:
        InputError: a layer finds no module, a module no layer, or a name is unknown.
        DataError, CorruptFile: no safetensors file, or weights that are no finite numbers.

    >>> import groundup as gu
    >>> model = gu.Sequential([gu.Dense(2, "relu", input_shape=(3,)), gu.Dense(1)])
    >>> state = {"0.weight": np.ones((2, 3)), "0.bias": np.zeros(2),
    ...          "2.weight": np.array([[1.0, 2.0]]), "2.bias": np.array([0.5])}
    >>> load_pytorch_weights(model, state)
    {'dense_1': '0', 'dense_2': '2'}
    >>> model.predict([[1.0, 2.0, 3.0]])
    array([[18.5]], dtype=float32)
    """
    layers = _layers(model)
    modules = _modules(source if isinstance(source, Mapping) else _read(source))
    chosen = _match(layers, modules, dict(names or {}))
    found = {
        (layer, key): _theirs(layer, key, place, modules[chosen[layer]])
        for layer, places in layers.items()
        for key, place in places.items()
    }
    for (layer, key), array in found.items():
        layers[layer][key][...] = array
    return {layer: chosen[layer] for layer in layers}


def _layers(model: Built) -> dict[str, Arrays]:
    """The arrays of each layer that has any, views of the network's memory."""
    learner, found = model.learner, dict[str, Arrays]()
    for tree in (learner.params, learner.state):
        for path, array in leaves(tree):
            layer, _, key = path.rpartition("/")
            if key in _NAMES:
                found.setdefault(layer, {})[key] = array
    order = {name: place for place, name in enumerate(learner.network.chain.names)}
    return dict(sorted(found.items(), key=lambda item: order[item[0].split("/")[0]]))


def _modules(state: Mapping[str, Any]) -> dict[str, Arrays]:
    """The arrays of each module."""
    found: dict[str, Arrays] = {}
    for name, given in state.items():
        module, _, key = name.rpartition(".")
        if key != "num_batches_tracked":
            found.setdefault(module, {})[key] = _as_array(name, given)
    return found


def _as_array(name: str, given: Any) -> Array:
    try:
        array = np.asarray(given)
    except TypeError as error:  # a type that NumPy lacks, or another device
        raise DataError(f"{name}: {error}. Call .float().cpu() on it.") from None
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise DataError(f"{name} of type {array.dtype}: expected finite floating-point numbers.")
    return array


def _match(
    layers: Mapping[str, Arrays], modules: Mapping[str, Arrays], names: dict[str, str]
) -> dict[str, str]:
    """The module of each layer: the one that is named, else the next of the same shapes."""
    for layer, module in names.items():
        for what, name, known in (("layer", layer, layers), ("module", module, modules)):
            if name not in known:
                raise InputError(
                    f"names: no {what} is called {name!r}. {did_you_mean(name, known)}"
                )
    chosen = dict(names)
    free = [module for module in modules if module not in names.values()]
    for layer, places in layers.items():
        if layer in chosen:
            continue
        expected = _expected(places)
        fits = (m for m in free if {k: a.shape for k, a in modules[m].items()} == expected)
        fitting = next(fits, None)
        if fitting is None:
            left = {m: {k: a.shape for k, a in modules[m].items()} for m in free}
            raise InputError(
                f"layer {layer!r} expects a module with {expected}; those without a layer are "
                f"{left or 'none'}."
            )
        free.remove(fitting)
        chosen[layer] = fitting
    if free:
        raise InputError(f"modules {free} find no layer: the network has too few, or other shapes.")
    return chosen


def _expected(places: Mapping[str, Array]) -> dict[str, Shape]:
    """The shapes of a layer's arrays as PyTorch has them, by its names."""
    return {_NAMES[key]: _turned(key, place).shape for key, place in places.items()}


def _theirs(layer: str, key: str, place: Array, module: Mapping[str, Array]) -> Array:
    """The array of a module as the layer has it."""
    name = _NAMES[key]
    if name not in module or _turned(key, module[name]).shape != place.shape:
        has = {name: array.shape for name, array in module.items()}
        raise InputError(
            f"names: layer {layer!r} expects {name} of {_turned(key, place).shape}, got {has}."
        )
    return _turned(key, module[name])


def _turned(key: str, array: Array) -> Array:
    """The matrix of a dense layer is transposed between the two; there and back are the same."""
    return array.T if key == "W" and array.ndim == 2 else array


def _read(path: str | PathLike[str]) -> Arrays:
    """The arrays of a safetensors file, in the natural order of their names."""
    data = read_bytes(path, SIZE_LIMIT)
    if data.startswith(_PICKLES):
        raise InputError(
            f"{shown(path)} is a pickle, which could run anything. In PyTorch: "
            "safetensors.torch.save_file(net.state_dict(), path)."
        )
    tensors = read_tensors(data, shown(path))
    return {name: tensors[name] for name in sorted(tensors, key=_natural)}


def _natural(name: str) -> list[Any]:
    """So that "fc2" stands before "fc10"."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", name)]
