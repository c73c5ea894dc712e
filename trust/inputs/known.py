"""What is known of single options besides their types: as tables, by their names."""

from collections.abc import Mapping
from typing import Any

from groundup.nn.schedules import StepDecay
from trust.inputs.examples import OPTIONS

MUST: Mapping[str, tuple[Any, ...]] = {  # besides what its type says
    "learning_rate": (0, -0.1, "fast"),
    "initial_learning_rate": (0, -0.1),
    "units": (0, -1, 2.5),
    "filters": (0, -1, 2.5),
    "filter_size": (0, -1),
    "depth": (-1, 2.5),
    "stddev": (-1,),
    "kernel_size": (0, -1, 2.5, "3", (3,), (3, 3, 3), (0, 3), None, NotImplemented, True),
    "pool_size": (0, -1, 2.5, "3", (3,), (3, 3, 3), (0, 3), True),
    "probability": (-0.1, 1.1),
    "strides": (0, -1, 2.5, "3", (1,), True),
    "padding": (-1, 2.5, "wide", None, True),
    "rate": (1.5, -0.1),
    "dropout": (1.0, -0.1),
    "k": (0, -1),
    "delta": (0, -1),
    "label_smoothing": (1.0, -0.1),
    "epsilon": (0, -1),
    "momentum": (-0.1, 1.5),
    "l1": (-1,),
    "l2": (-1,),
    "weight_decay": (-1,),
    "clipvalue": (0, -1),
    "global_clipnorm": (0, -1),
    "beta_1": (1.0, -0.1),
    "beta_2": (1.0, -0.1),
    "rho": (1.5, -0.1),
    "patience": (-1, 2.5),
    "every": (0, -1),
    "decay_steps": (0, -1),
    "factor": (-0.1,),
    "magnitude": (-0.1, 1.1),
    "input_shape": (5, "words", (0,), (-1,), (2.5,), (True,)),
    "name": (5, "", "a/b", True),
    "input_dim": (0, -1, 2.5),
    "feature_range": ((1, 0), (0,), (0, 1, 2), (0, float("nan"))),
}


MAY: Mapping[tuple[str, str], tuple[Any, ...]] = {  # what a type forbids and a class takes
    ("EarlyStopping", "verbose"): (True, False),
    ("ModelCheckpoint", "verbose"): (True, False),
    ("ReduceLROnPlateau", "verbose"): (True, False),
    ("LearningRateScheduler", "verbose"): (True, False),
    ("PCAWhitening", "epsilon"): (0,),
    ("ZCAWhitening", "epsilon"): (0,),
}

NEEDED: Mapping[str, Mapping[str, Any]] = {
    **OPTIONS,
    "ConstantRate": {"initial_learning_rate": 0.1},
    "StepDecay": {"initial_learning_rate": 0.1, "drop": 0.5, "every": 10},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "CSVLogger": {"filename": "log.csv"},
    "LearningRateScheduler": {"schedule": StepDecay(0.1, 0.5, 10)},
    "ModelCheckpoint": {"filepath": "model.safetensors"},
    "Manual": {"trials": [{"learning_rate": 0.1}]},
    "Uniform": {"low": 0.25, "high": 0.75},
    "LogUniform": {"low": 0.25, "high": 0.75},
    "Integer": {"low": 1, "high": 9},
    "Categorical": {"choices": ("a", "b")},
}
