"""Public entries of single layers, losses, metrics, optimizers and what prepares samples."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

import groundup as gu
from groundup.data.augment import augmentations
from groundup.data.dataset import Dataset
from groundup.data.preprocess import preprocessors
from groundup.layers.graph import Variable
from groundup.layers.regularizers import regularizers
from groundup.nn.losses import Difference, losses
from groundup.nn.metrics import LossMetric, metrics
from groundup.nn.optimizers import optimizers
from groundup.nn.scores import classification_scores, r2_score, roc_auc
from groundup.rng import Stream
from groundup.typing import Array
from trust.inputs.array_forms import EXACT, SHAPES, VALUES
from trust.inputs.plain_arrays import (
    LABELS,
    SCALARS,
    SEED,
    column,
    features,
    images,
    own_number,
    own_type,
    work_type,
)
from trust.inputs.verdict import Door


def value_doors(plain: Array) -> tuple[Door, ...]:
    """All of them; `plain` (N, 32) says what stands beside the array that is given."""
    groups = (_prepared, _losses, _metrics, _others)
    return tuple(door for group in groups for door in group(plain))


def _prepared(plain: Array) -> Iterator[Door]:
    """Each preprocessor and each augmentation by itself."""
    for cls in preprocessors:
        one = cls()
        learned = one.fit(features(plain))
        unseen = {"booleans"} if cls.__name__ == "OneHot" else frozenset()
        free = SHAPES | {"length"} | unseen
        common = {"words": ("x",), "base": features, "plain_for": work_type}

        def fit(x: Any, n: int, one: Any = one) -> Any:
            return one.fit(x)

        def transform(x: Any, n: int, one: Any = one, learned: Any = learned) -> Any:
            return one.transform(learned, x)

        def inverse(x: Any, n: int, one: Any = one, learned: Any = learned) -> Any:
            return one.inverse(learned, x)

        def steps(x: Any, n: int, one: Any = one) -> Any:
            made = one.as_transformer()
            return made.fit(x).transform(x)

        yield Door(f"{cls.__name__}.fit", fit, EXACT, free=free | {"huge"}, **common)
        yield Door(f"{cls.__name__}.transform", transform, EXACT, free=free | VALUES, **common)
        if cls.__name__ != "OneHot":  # whose prepared samples have other columns
            yield Door(f"{cls.__name__}.inverse", inverse, EXACT, free=free | VALUES, **common)
        yield Door(
            f"{cls.__name__}.as_transformer",
            steps,
            EXACT,
            free=free | {"huge", "objects", "text", "dates"},
            foreign=True,
            **common,
        )
    for cls in augmentations:
        augment = gu.Augment([cls(probability=0.5)], value_range=(0, 7))

        def vary(x: Any, n: int, augment: Any = augment) -> Any:
            return np.asarray(augment(x, range(n), Stream(SEED)), np.float64)

        yield Door(
            f"Augment([{cls.__name__}])",
            vary,
            frozenset({"same", "swapped", "frame"}),
            words=("x", "indices"),
            base=images,
            free=SHAPES | VALUES | {"whole", "booleans", "floats"},
        )


def _losses(plain: Array) -> Iterator[Door]:
    beside, labels = features(plain) / 2, LABELS[: len(plain)]
    for cls in losses:
        loss = cls()
        if not issubclass(cls, Difference):
            loss = replace(loss, from_logits=True)
            yield Door(
                f"{cls.__name__}(y_pred)",
                lambda y, n, loss=loss: loss(labels, y),
                EXACT,
                words=("y_pred", "predictions"),
                base=features,
                plain_for=own_type,
                free=VALUES | {"wider", "narrower", "flattened"},
            )
            continue
        yield from _of_values(loss, beside, own_type)


def _of_values(function: Any, beside: Array, plain_for: Any) -> Iterator[Door]:
    """A function of targets and predictions that are both values: the doors of either."""
    name, common = type(function).__name__, {"base": features, "free": VALUES}
    takes = EXACT | {"flattened"}
    yield Door(
        f"{name}(y_true)",
        lambda t, n: function(t, beside),
        takes,
        words=("y_true", "targets"),
        **common,
    )
    yield Door(
        f"{name}(y_pred)",
        lambda y, n: function(beside, y),
        takes,
        words=("y_pred", "predictions"),
        plain_for=plain_for,
        **common,
    )


def as_given(given: Any, plain: Array) -> Array:
    """What a metric works on: the numbers, whatever their type."""
    return plain


def _metrics(plain: Array) -> Iterator[Door]:
    beside, labels = features(plain) / 2, LABELS[: len(plain)]
    pred = {"words": ("y_pred", "predictions", "label"), "base": features}
    for cls in metrics:
        metric = cls(k=2) if cls.__name__ == "TopKAccuracy" else cls()
        if issubclass(cls, LossMetric):
            yield from _of_values(metric, beside, as_given)
            continue
        yield Door(
            f"{cls.__name__}(y_pred)",
            lambda y, n, metric=metric: metric(labels, y),
            EXACT,
            free=VALUES | {"wider", "narrower", "flattened", "one column", "flat"},
            **pred,
        )
    same = EXACT | {"flattened"}
    yield Door(
        "r2_score(targets)",
        lambda t, n: r2_score(t, beside),
        same,
        words=("targets",),
        base=features,
        free=VALUES,
    )
    yield Door(
        "r2_score(predictions)",
        lambda y, n: r2_score(beside, y),
        same,
        words=("predictions", "targets"),
        base=features,
        free=VALUES,
    )
    yield Door(
        "classification_scores(probabilities)",
        lambda y, n: classification_scores(labels, y),
        EXACT,
        words=("probabilities", "probability", "labels", "label"),
        base=features,
        free=VALUES | {"wider", "narrower", "flattened"},
    )
    yield Door(
        "roc_auc(score)",
        lambda s, n: roc_auc(labels % 2, s),
        EXACT,
        words=("score", "scores"),
        base=column,
        free=VALUES | {"flat", "channels last"},
    )


def _others(plain: Array) -> Iterator[Door]:
    x, labels, names = features(plain), LABELS[: len(plain)], ("a", "b", "c")
    for cls in optimizers:

        def update(g: Any, n: int, cls: Any = cls) -> Any:
            one, theta = cls(), np.linspace(-1, 1, n)
            return one.update(theta, g, one.init(theta))[0]

        yield Door(
            f"{cls.__name__}.update, grads",
            update,
            frozenset({"floats", "swapped"}),
            words=("grads",),
            base=column,
            plain_for=own_type,
            free=VALUES | {"whole", "booleans", "same", "flat", "channels last"},
        )
    for cls in regularizers:

        def pull(w: Any, n: int, cls: Any = cls) -> Any:
            one = cls()
            return one.penalty(w), np.asarray(one.gradient(w), np.float64)

        yield Door(
            f"{cls.__name__}.penalty, gradient",
            pull,
            frozenset({"swapped"}),
            words=("w",),
            base=features,
            plain_for=own_type,
            free=VALUES | SHAPES | EXACT | {"length"},
            tries=lambda form: form.name not in SCALARS,
        )
    yield Door(
        "batches, x",
        lambda x, n: [b.x for b in gu.batches(x, labels, 4)],
        EXACT,
        words=("x",),
        base=features,
        free=SHAPES | VALUES,
    )
    for part in ("train", "test"):
        yield Door(
            f"data.Dataset, x_{part}",
            partial(_dataset, part, x, labels, names),
            EXACT,
            words=("x", f"x_{part}", "samples"),
            base=features,
            plain_for=own_number,
            free=frozenset({"huge", "flattened", "channels last"}),
        )
    model = gu.Sequential([gu.Dense(2)], seed=SEED)
    model.build((4,))
    yield Door(
        "Sequential.set_weights",
        partial(_put, model),
        EXACT,
        words=("weights", "set_weights"),
        base=lambda plain: plain[:4, :2].copy(),
        free=VALUES | {"flattened"},
    )
    yield Door(
        "numerical_gradient",
        lambda x, n: gu.numerical_gradient(lambda a: float((a * a).sum()), x),
        EXACT,
        words=("x",),
        base=features,
        free=VALUES | SHAPES | {"length"},
        tries=lambda form: form.name not in SCALARS,
    )
    yield Door(
        "Variable",
        lambda v, n: Variable(v).value,
        EXACT,
        words=("Variable", "value"),
        base=features,
        free=VALUES | SHAPES | {"length"},
        tries=lambda form: form.name not in SCALARS,
    )


def _dataset(part: str, x: Array, labels: Array, names: Any, given: Any, n: int) -> Any:
    here, other = (given, labels), (x, labels)
    made = Dataset("given", *((*here, *other) if part == "train" else (*other, *here)), names)
    return np.asarray(made.x_train), np.asarray(made.x_test)


def _put(model: gu.Sequential, given: Any, n: int) -> Any:
    model.set_weights([given, np.zeros(2)])
    return model.get_weights()
