"""Edits of a configuration's network: by the options of a model of the zoo, else layer by layer.

A model of the zoo that lacks the option is written out as a list of layers first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from groundup.doctor.case import Case
from groundup.doctor.evidence import RECTIFYING, SQUASHING
from groundup.doctor.prescriptions import Edit, Plain
from groundup.errors import UnknownName
from groundup.layers import Identity, Layer
from groundup.layers import layers as known_layers
from groundup.layers.initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    XavierBook,
    Zeros,
)
from groundup.nn.zoo import zoo
from groundup.registry import describe
from groundup.train.probes.examine import activation_of, named_layers

_WEIGHTED = ("Dense", "Conv2D")
_HE, _XAVIER = (HeNormal, HeUniform), (GlorotNormal, GlorotUniform, XavierBook)
_SOFT = {"l1": 1e-5, "l2": 1e-4, "weight_decay": 4e-3}  # decays that harm nobody


def suited_weights(case: Case, plain: Plain) -> None:
    """He's initial values below ReLU and its like, Xavier's below sigmoid and tanh; biases of 0."""
    if _has_option(plain, "init"):
        kinds = {activation_of(layer) for _, layer in named_layers(case.chain)}
        plain["model"]["init"] = "he" if kinds & set(RECTIFYING) else "xavier"
        return
    tables = layer_tables(case, plain)
    places = list(_weighted(tables))
    for place, end in zip(places, [*places[1:], len(tables)], strict=True):
        rectified = any(_activation(table) in RECTIFYING for table in tables[place:end])
        suited = _HE if rectified else _HE + _XAVIER  # an output learns from either
        layer: Any = _layer(tables[place])
        if not isinstance(layer.kernel_initializer, suited):
            tables[place]["kernel_initializer"] = "he" if rectified else "xavier"
        if not isinstance(layer.bias_initializer, Zeros):
            tables[place].pop("bias_initializer")


def rectify(case: Case, plain: Plain) -> None:
    """ReLU in place of sigmoid and tanh, the output left alone."""
    if _has_option(plain, "activation"):
        plain["model"]["activation"] = "relu"
        return
    tables = layer_tables(case, plain)
    last = max(_weighted(tables), default=0)
    for place, table in enumerate(tables[:last]):
        if _activation(table) in SQUASHING:
            inner = "activation" in table
            tables[place] = {**table, "activation": "relu"} if inner else {"kind": "ReLU"}


def normalize(case: Case, plain: Plain) -> None:
    """Batch normalization in every hidden block."""
    if _has_option(plain, "batch_norm"):
        plain["model"]["batch_norm"] = True
        return
    tables = layer_tables(case, plain)
    for place in reversed(list(_weighted(tables))[:-1]):
        tables.insert(place + 1, {"kind": "BatchNormalization"})


def weaker_dropout(rate: float) -> Edit:
    """Dropout of at most this share."""

    def edit(case: Case, plain: Plain) -> None:
        if _has_option(plain, "dropout"):
            plain["model"]["dropout"] = rate
            return
        for table in layer_tables(case, plain):
            if _kind(table) == "Dropout":
                table["rate"] = min(rate, table["rate"])

    return edit


def weaker_decay(case: Case, plain: Plain) -> None:
    """Penalties and weight decay of the usual small size."""
    _soften(plain["optimizer"])
    if plain["optimizer"].get("name") == "adamw" and "weight_decay" not in plain["optimizer"]:
        plain["optimizer"]["weight_decay"] = _SOFT["weight_decay"]
    if "layers" not in plain["model"]:
        _soften(plain["model"])
        return
    for table in plain["model"]["layers"]:
        given = table.get("kernel_regularizer")
        if isinstance(given, dict):
            table["kernel_regularizer"] = dict(given)
            _soften(table["kernel_regularizer"])
        elif isinstance(given, str):
            word = given.partition(":")[0].lower()
            table["kernel_regularizer"] = f"{word}:{_SOFT.get(word, 1e-4):g}"


def wider(least: int) -> Edit:
    """Every hidden layer with at least so many units, every convolution with a quarter of them."""
    widths = {"units": least, "filters": max(1, least // 4)}

    def edit(case: Case, plain: Plain) -> None:
        if "layers" in plain["model"]:
            tables = layer_tables(case, plain)
            for place in list(_weighted(tables))[:-1]:
                _widen(tables[place], widths)
        else:
            options = fields(zoo[plain["model"]["name"]])
            defaults = {field.name: field.default for field in options if field.name in widths}
            plain["model"] |= {k: v for k, v in defaults.items() if k not in plain["model"]}
            _widen(plain["model"], widths)

    return edit


def layer_tables(case: Case, plain: Plain) -> list[Plain]:
    """The layers of the plain configuration, to be changed in place; the zoo's are written out."""
    if "layers" not in plain["model"]:
        made = [describe(layer) for layer in case.chain.layers]
        if case.facts.task == "regression":  # what puts answers into the targets' units comes anew
            made.pop()
        plain["model"] = {"name": plain["model"]["name"], "layers": made}
    tables: list[Plain] = plain["model"]["layers"]
    return tables


def _has_option(plain: Plain, name: str) -> bool:
    if "layers" in plain["model"]:
        return False
    return name in {field.name for field in fields(zoo[plain["model"]["name"]])}


def _weighted(tables: Sequence[Plain]) -> Iterator[int]:
    """The places of the layers with weights."""
    return (place for place, table in enumerate(tables) if _kind(table) in _WEIGHTED)


def _layer(table: Plain) -> Layer:
    """The layer; of a class that no registry knows, one that nothing is changed about."""
    try:
        return known_layers.resolve(table)
    except UnknownName:
        return Identity()


def _kind(table: Plain) -> str:
    return type(_layer(table)).__name__


def _activation(table: Plain) -> str:
    return activation_of(_layer(table))


def _soften(table: dict[str, Any]) -> None:
    table |= {name: min(most, table[name]) for name, most in _SOFT.items() if table.get(name)}


def _widen(table: Plain, widths: dict[str, int]) -> None:
    for name, least in widths.items():
        given = table.get(name)
        if isinstance(given, list | tuple):
            table[name] = [max(least, one) for one in given]
        elif given is not None:
            table[name] = max(least, given)
