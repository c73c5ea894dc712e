"""The runs whose bits are compared: configurations of 60 updates each, unlike each other."""

from collections.abc import Mapping
from typing import Any

UPDATES = 60
_TRAIN = {"log_every": 1, "probes": 20}
_DIGITS = {"epochs": 4, "batch_size": 90, **_TRAIN}  # 1,294 images: 15 updates an epoch
_TABLE = {"epochs": 5, "batch_size": 27, **_TRAIN}  # 319 rows of "diabetes": 12 an epoch
_FAST = {"name": "two-layer", "units": 20}


def _residual() -> list[dict[str, Any]]:
    """½ (x + f(x)), twice: a graph with branches that meet again."""
    block = {
        "kind": "average",
        "layers": [{"kind": "identity"}, {"kind": "dense", "units": 120, "activation": "relu"}],
    }
    head = {"kind": "dense", "units": 10, "activation": "softmax"}
    first = {"kind": "dense", "units": 120, "activation": "tanh"}
    return [{"kind": "flatten"}, first, block, {"kind": "batch_normalization"}, block, head]


_OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"name": "sgd", "learning_rate": 0.1, "global_clipnorm": 1.0},
    "momentum": {"name": "momentum", "learning_rate": 0.02},
    "nesterov": {"name": "nesterov", "learning_rate": 0.02},
    "adagrad": {"name": "adagrad"},
    "rmsprop": {"name": "rmsprop", "momentum": 0.5, "centered": True},
    "adamw": {"name": "adamw", "global_clipnorm": 0.5},
}

# By name, the most telling first. The weights of "dense" and of "wide" are more than a BLAS or our
# own kernels leave to one thread.
NETWORKS: Mapping[str, dict[str, Any]] = {
    "dense": {
        "model": {
            "name": "multi-layer", "units": [150, 120], "batch_norm": True, "dropout": 0.2,
            "l2": 1e-4,
        },
        "train": _DIGITS,
    },
    "convnet": {
        "model": {"name": "simple-convnet", "filters": 8, "filter_size": 3, "padding": "same"},
        "data": {"augment": ["shift:0.5", "rotation:0.3", "noise:0.1"]},
        "train": _DIGITS,
    },
    "regression": {
        "data": {"name": "diabetes"},
        "model": {"name": "multi-layer", "units": 40, "depth": 2, "activation": "tanh"},
        "train": _TABLE,
    },
    "deep": {"model": {"name": "deep-convnet"}, "train": _DIGITS},
    "residual": {"model": {"layers": _residual()}, "train": {**_DIGITS, "shuffle": "stratified"}},
    "ensemble": {
        "model": _FAST,
        "train": {**_DIGITS, "epochs": 2, "ensemble": 2, "bagging": True},
    },
    "callbacks": {
        "model": {"name": "multi-layer", "units": 30, "depth": 2},
        "train": {
            **_DIGITS,
            "class_weight": "balanced",
            "callbacks": [
                {"kind": "ReduceLROnPlateau", "monitor": "loss", "min_delta": 9.0, "patience": 1},
                {"kind": "EarlyStopping", "patience": 9, "restore_best_weights": True},
            ],
        },
    },
    "whitened": {
        "model": {"name": "keras-dnn", "units": 60},
        "data": {"preprocess": ["rescale", {"name": "zca_whitening", "epsilon": 0.01}]},
        "train": _DIGITS,
    },
    "wide": {
        "model": {"name": "multi-layer", "units": [1100, 500]},
        "optimizer": {"name": "momentum", "learning_rate": 0.01},
        "train": _DIGITS,
    },
    **{
        name: {"model": _FAST, "optimizer": options, "train": _DIGITS}
        for name, options in _OPTIMIZERS.items()
    },
}  # fmt: skip
