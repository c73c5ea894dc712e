"""Every public entry that takes class labels; what a registry knows joins by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import groundup as gu
from groundup.data import as_targets, class_weights, stratified_split, train_validation_split
from groundup.data.dataset import Dataset
from groundup.nn.losses import Difference, losses
from groundup.nn.metrics import LossMetric, confusion_matrix, metrics
from groundup.nn.scores import classification_scores, roc_auc
from groundup.rng import Stream
from groundup.typing import Array
from trust.inputs.forms import NEVER, TEXT
from trust.inputs.label_forms import CLASSES, OUTSIDE
from trust.inputs.verdict import Door

WHOLE = frozenset({"same", "swapped", "frame", "whole", "column", "one class", "one row"})
LABELS = WHOLE | {"floats", "column of floats", "booleans", "one-hot"}
ALONE = frozenset({"length", "length of one-hot", "empty"})  # where no samples stand beside them
ANY = LABELS | ALONE | {"dates", "soft", "rows", "objects", OUTSIDE, TEXT}


@dataclass(frozen=True)
class Samples:
    """What stands beside the labels: x (N, D), and predictions (N, C)."""

    x: Array
    said: Array

    @classmethod
    def of(cls, count: int, seed: int) -> "Samples":
        draw = Stream(seed, "trust").named("beside labels")
        said = draw.uniform((count, CLASSES), 0.5, 1.0)
        x = np.round(draw.named("x").normal((count, 4)), 3)
        return cls(x, said / said.sum(axis=1, keepdims=True))


def compiled(seed: int = 1, **options: Any) -> gu.Sequential:
    """A small network for labels."""
    model = gu.Sequential([gu.Dense(4, "relu"), gu.Dense(CLASSES, "softmax")], seed=seed)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], **options)
    return model


def label_doors(samples: Samples) -> tuple[Door, ...]:
    """All of them, with these samples beside the labels."""
    return tuple(
        door
        for group in (_functions, _losses, _metrics, _training, _estimators)
        for door in group(samples)
    )


def _functions(samples: Samples) -> Iterator[Door]:
    for name, call in {
        "data.as_targets": lambda y, n: as_targets(y, CLASSES),
        "one_hot": lambda y, n: gu.one_hot(y, CLASSES),
        "to_categorical": lambda y, n: gu.to_categorical(y, CLASSES),
        "data.class_weights": lambda y, n: class_weights(y, "balanced", CLASSES),
    }.items():
        yield Door(name, call, LABELS | ALONE)
    anything = frozenset(
        {"empty", "soft", "objects", "one-hot", "rows", "length of one-hot", OUTSIDE, TEXT}
    )
    shared = frozenset({"same", "swapped", "frame", "whole", "booleans", "one class", "length"})
    free = anything | {"column", "column of floats", "floats", "one row"}
    halves, stream = (0.5, 0.5), Stream(3)
    yield Door(
        "data.stratified_split", lambda y, n: stratified_split(y, halves, stream), shared, free=free
    )
    split = partial(train_validation_split, fraction=0.5, stream=stream)
    yield Door("data.train_validation_split", lambda y, n: split(y), shared, free=free)
    yield Door(
        "confusion_matrix(labels)",
        lambda y, n: confusion_matrix(y, samples.said[:n].argmax(axis=1), CLASSES),
        WHOLE,
    )
    yield Door(
        "confusion_matrix(predicted)",
        lambda y, n: confusion_matrix(samples.said[:n].argmax(axis=1), y, CLASSES),
        WHOLE,
        words=("predicted", "labels"),
    )
    yield Door(
        "classification_scores", lambda y, n: classification_scores(y, samples.said[:n]), WHOLE
    )
    yield Door(
        "roc_auc",
        lambda y, n: roc_auc(y, samples.said[:n, 0]),
        WHOLE | {"floats", "booleans", "column of floats"},
        words=("positive", "label", "labels"),
        base=lambda y: y % 2,
    )


def _losses(samples: Samples) -> Iterator[Door]:
    for cls in losses:
        if issubclass(cls, Difference):
            continue  # of values, see `array_doors`
        takes, loss = WHOLE | {"one-hot", "soft"}, cls()

        def slope(y: Any, n: int, loss: Any = loss) -> Any:
            value, cache = loss.forward(samples.said[:n], y)
            return value, loss.backward(cache)

        yield Door(f"{cls.__name__}()", lambda y, n, loss=loss: loss(y, samples.said[:n]), takes)
        yield Door(f"{cls.__name__}.forward", slope, takes)


def _metrics(samples: Samples) -> Iterator[Door]:
    for cls in metrics:
        if issubclass(cls, LossMetric):
            continue
        metric = cls(k=2) if cls.__name__ == "TopKAccuracy" else cls()
        yield Door(
            f"{cls.__name__}()",
            lambda y, n, metric=metric: metric(y, samples.said[:n]),
            WHOLE | {"one-hot", "soft"},
        )
    yield Door(
        "Accuracy() of one output",
        lambda y, n: gu.Accuracy()(y, samples.said[:n, :1]),
        WHOLE,
        base=lambda y: y % 2,
    )


def _training(samples: Samples) -> Iterator[Door]:
    x, takes = samples.x, LABELS | {"soft"}
    trained, rest = compiled(), {"batch_size": 4, "verbose": 0}
    trained.fit(x, np.arange(len(x)) % CLASSES, **rest)
    judges = trained.learner

    def fit(y: Any, n: int, **options: Any) -> Any:
        model = compiled()
        history = model.fit(x[:n], y, epochs=2, **rest, **options)
        return history, model.get_weights()

    def validated(y: Any, n: int) -> Any:
        known = np.arange(len(x)) % CLASSES
        return compiled().fit(x, known, validation_data=(x[:n], y), **rest)

    def ensemble(y: Any, n: int) -> Any:
        members = gu.Ensemble(compiled(), 2, bagging=True)
        return members.fit(x[:n], y, batch_size=4), members.model.get_weights()

    yield Door("Sequential.fit", fit, takes)
    yield Door("Sequential.fit, balanced", partial(fit, class_weight="balanced"), LABELS, slow=True)
    yield Door("Sequential.fit, validation_data", validated, takes, slow=True)
    yield Door("Sequential.evaluate", lambda y, n: dict(trained.evaluate(x[:n], y)), takes)
    yield Door("Ensemble.fit", ensemble, takes, slow=True)
    yield Door("Ensemble.evaluate", _ensemble_scores(trained, x), takes)
    refuses = NEVER, OUTSIDE, TEXT, "length", "objects"
    for name in ("profile", "diagnose"):  # what they answer are times and pages
        ask: Callable[..., Any] = getattr(trained, name)
        yield Door(
            f"Sequential.{name}",
            lambda y, n, ask=ask: ask(x[:n], y) and None,
            takes,
            tries=lambda form: form.kind in refuses,
            slow=True,
        )
    assert judges is trained.learner


def _ensemble_scores(model: gu.Sequential, x: Array) -> Callable[[Any, int], Any]:
    members = gu.Ensemble(model, 2)
    members.fit(x, np.arange(len(x)) % CLASSES)
    return lambda y, n: dict(members.evaluate(x[:n], y))


def _estimators(samples: Samples) -> Iterator[Door]:
    x, names = samples.x, tuple(map(str, range(CLASSES)))
    small = {"max_iter": 2, "random_state": 0}

    def fit(y: Any, n: int) -> Any:
        network = gu.GroundupClassifier((4,), **small).fit(x[:n], y)
        return network.loss_curve_, network.model_.get_weights()

    def partly(y: Any, n: int) -> Any:
        network = gu.GroundupClassifier((4,), **small)
        network.partial_fit(x[:n], y, classes=np.arange(CLASSES))
        return network.model_.get_weights()

    def perceptron(y: Any, n: int) -> Any:
        learned = gu.Perceptron(epochs=3).fit(x[:n], y)
        return [(epoch.errors, epoch.gate) for epoch in learned.history]

    shared = frozenset({"same", "swapped", "frame", "whole", "floats"})
    free = ANY - shared  # scikit-learn takes every kind of label for a class
    yield Door("GroundupClassifier.fit", fit, shared, free=free, foreign=True, slow=True)
    yield Door("GroundupClassifier.partial_fit", partly, shared, free=free, foreign=True, slow=True)
    yield Door(
        "Perceptron.fit",
        perceptron,
        frozenset(
            {"same", "swapped", "frame", "whole", "floats", "booleans", "one class", "one row"}
        ),
        words=("answers", "t", "labels"),
        base=lambda y: y % 2,
    )
    for part in ("train", "test"):
        yield Door(
            f"data.Dataset, y_{part}",
            partial(_dataset, part, x, names),
            frozenset({"same", "one class", "one row"}),
            free=frozenset({"empty", "whole"}),
        )


def _dataset(part: str, x: Array, names: tuple[str, ...], y: Any, n: int) -> Any:
    other = (x, np.arange(len(x)) % CLASSES)
    here = (x[:n], y)
    parts = (*here, *other) if part == "train" else (*other, *here)
    made = Dataset("given", *parts, names)
    return made.y_train, made.y_test, made.outputs
