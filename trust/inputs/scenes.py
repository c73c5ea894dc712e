"""Things people do with arrays, lists and tables of theirs: to its end, or to an error midway.

A scene makes what is given from a stream, and does something with it; what it answers is looked at
again after everything given was written over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import groundup as gu
from groundup.errors import Diverged, GroundupError
from groundup.nn.losses import Difference, losses
from groundup.nn.optimizers import optimizers
from groundup.nn.schedules import StepDecay
from groundup.registry import build, describe
from groundup.rng import Stream
from trust.inputs.seen import is_value

Given = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """One thing somebody does.

    Args:
        name: what a fault calls it.
        given: arrays, lists and tables, drawn from a stream.
        act: what is done with them; the result is nothing where it ends in an error.
        error: the error in which it must end, if in one.
    """

    name: str
    given: Callable[[Stream], Given]
    act: Callable[[Given], Any]
    error: type[BaseException] | None = None


class Halted(Exception):
    """A callback has had enough."""


class Halt(gu.Callback):
    """Raises in the middle of a training."""

    def __init__(self, error: type[BaseException], moment: str) -> None:
        self.error, self.moment = error, moment

    def on_batch_end(self, context: Any) -> None:
        if self.moment == "batch" and context.step == 1:
            raise self.error("in a batch")

    def on_epoch_end(self, context: Any) -> None:
        if self.moment == "epoch":
            raise self.error("at an epoch's end")


def samples(stream: Stream) -> Given:
    """What a training may be given, everything at once."""
    count = 9 + int(stream.named("count").integers(0, 8, 1)[0])
    draw = stream.named("x")
    return {
        "x": draw.normal((count, 4), dtype=np.float32),
        "y": np.arange(count) % 3,
        "sample_weight": draw.named("w").uniform((count,), 0.5, 2.0),
        "class_weight": {0: 1.0, 2: 2.5},
        "validation_data": [draw.named("v").normal((6, 4)), np.arange(6) % 3, np.ones(6)],
    }


def pictures(stream: Stream) -> Given:
    return {
        "x": (stream.named("x").uniform((10, 1, 6, 6), 0, 255)).astype(np.uint8),
        "y": np.eye(3)[np.arange(10) % 3],
        "augment": ["shift:0.5", {"name": "noise", "stddev": 0.1}, gu.RandomRotation(10)],
    }


def _model(loss: str = "categorical_crossentropy", rate: float = 0.1, **options: Any) -> Any:
    layers = [gu.Dense(5, "relu", kernel_regularizer="l2:1e-3"), gu.Dense(3, "softmax")]
    model = gu.Sequential(layers, seed=3, **options)
    model.compile(gu.Momentum(rate), loss, metrics=["accuracy"])
    return model


def _fit(given: Given, model: Any = None, **options: Any) -> Any:
    model = model or _model()
    history = model.fit(**given, batch_size=4, epochs=2, verbose=0, **options)
    return history, model.get_weights(), model.predict(given["x"])


def _training() -> Iterator[Scene]:
    yield Scene("Sequential.fit", samples, _fit)
    for steps in (["rescale"], ["standardize"], ["minmax", "zca_whitening"]):
        yield Scene(
            f"Sequential.fit after {', '.join(steps)}",
            lambda stream, steps=steps: samples(stream) | {"preprocess": list(steps)},
            lambda given: _fit(
                {key: value for key, value in given.items() if key != "preprocess"},
                _model(preprocess=given["preprocess"]),
            ),
        )
    for error, moment in ((Halted, "batch"), (Halted, "epoch"), (KeyboardInterrupt, "batch")):
        yield Scene(
            f"Sequential.fit, {error.__name__} in a {moment}",
            lambda stream, error=error, moment=moment: (
                samples(stream) | {"callbacks": [Halt(error, moment)]}
            ),
            _fit,
            error,
        )
    yield Scene(
        "Sequential.fit that diverges",
        samples,
        lambda given: _fit(given, _model(rate=1e30)),
        Diverged,
    )
    yield Scene("Sequential.fit of pictures", pictures, _fit_pictures)
    yield Scene("Sequential.evaluate", samples, _evaluated)
    yield Scene("Ensemble.fit", samples, _ensemble)
    yield Scene(
        "Sequential.fit, wrong labels",
        lambda stream: samples(stream) | {"y": np.full(9, 7)},
        _fit,
        GroundupError,
    )
    yield Scene("Sequential.fit, wrong weights", _negative, _fit, GroundupError)
    yield Scene("Sequential.diagnose", samples, _diagnosed)


def _negative(stream: Stream) -> Given:
    given = samples(stream)
    given["sample_weight"][-1] = -1
    return given


def _fit_pictures(given: Given) -> Any:
    layers = [gu.Conv2D(2, 3), gu.MaxPooling2D(2), gu.Flatten(), gu.Dense(3, "softmax")]
    model = gu.Sequential(layers, seed=3, preprocess=["rescale"])
    model.compile("adam", "categorical_crossentropy")
    return _fit(given, model)


def _evaluated(given: Given) -> Any:
    model = _model()
    model.build((4,))
    rest = {key: given[key] for key in ("x", "y", "sample_weight")}
    return dict(model.evaluate(**rest)), model.predict(given["x"])


def _ensemble(given: Given) -> Any:
    members = gu.Ensemble(_model(), 2, bagging=True)
    return members.fit(**given, batch_size=4, epochs=1), members.predict(given["x"])


def _diagnosed(given: Given) -> None:
    model = _model()
    judges = given["validation_data"][:2]
    model.diagnose(given["x"], given["y"], epochs=1, validation_data=judges)


def _estimators() -> Iterator[Scene]:
    def of(stream: Stream) -> Given:
        given = samples(stream)
        return {
            "X": given["x"].astype(np.float64),
            "y": given["y"],
            "sample_weight": given["sample_weight"],
            "hidden_layer_sizes": [4, 3],
            "class_weight": {0: 2.0},
            "classes": np.arange(3),
        }

    def made(given: Given, cls: Any = gu.GroundupClassifier, **options: Any) -> Any:
        return cls(given["hidden_layer_sizes"], max_iter=2, random_state=0, batch_size=4, **options)

    def classified(given: Given) -> Any:
        network = made(given, class_weight=given["class_weight"])
        network.fit(given["X"], given["y"], sample_weight=given["sample_weight"])
        return network.predict_proba(given["X"]), network.loss_curve_, network.classes_

    def partly(given: Given) -> Any:
        network = made(given).partial_fit(given["X"], given["y"], classes=given["classes"])
        return network.predict_proba(given["X"]), network.classes_

    def regressed(given: Given) -> Any:
        network = made(given, gu.GroundupRegressor).fit(given["X"], given["X"][:, :2])
        return network.predict(given["X"]), network.target_mean_, network.target_scale_

    yield Scene("GroundupClassifier.fit", of, classified)
    yield Scene("GroundupClassifier.partial_fit", of, partly)
    yield Scene("GroundupRegressor.fit", of, regressed)


def _values() -> Iterator[Scene]:
    """Objects that are made from lists and tables."""

    def lists(stream: Stream) -> Given:
        return {
            "layers": [gu.Dense(2), {"kind": "ReLU"}],
            "operations": ["shift", {"name": "zoom"}],
            "subpolicies": [["rotation"], ["zoom", "noise"]],
            "columns": [1, 0],
            "feature_range": [0.0, 2.0],
            "value_range": [0.0, 1.0],
            "shape": [4],
            "table": {"kind": "Adam", "learning_rate": describe(StepDecay(0.1, 0.5, 10))},
        }

    def values(given: Given) -> Any:
        made = [
            gu.Chain(given["layers"]),
            gu.Augment(given["operations"], value_range=given["value_range"]),
            gu.Policy(given["subpolicies"]),
            gu.OneHot(given["columns"]),
            gu.MinMax(given["feature_range"]),
            gu.Dense(2, input_shape=given["shape"]),
            build(given["table"]),
        ]
        return [*map(repr, made), _Later(made)]

    def weights(stream: Stream) -> Given:
        return {"weights": [stream.normal((4, 5)), stream.normal(5), np.ones((5, 3)), np.ones(3)]}

    def put(given: Given) -> Any:
        model = _model()
        model.build((4,))
        model.set_weights(given["weights"])
        return model.get_weights(), _Later([model.get_weights])

    yield Scene("values made from lists", lists, values)
    yield Scene("Sequential.set_weights", weights, put)


class _Later:
    """What is asked only when the result is looked at."""

    def __init__(self, made: list[Any]) -> None:
        self.made = made

    def __call__(self) -> Any:
        return [repr(one) if is_value(one) else one() for one in self.made]


def _functions() -> Iterator[Scene]:
    def arrays(stream: Stream) -> Given:
        rows = stream.uniform((8, 3), 0.1, 1.0)
        return {
            "y_pred": rows / rows.sum(axis=1, keepdims=True),
            "y_true": np.arange(8) % 3,
            "weight": stream.named("w").uniform((8,)),
            "vector": stream.named("v").normal((24,)),
        }

    for cls in losses:
        yield Scene(f"{cls.__name__}", arrays, lambda given, cls=cls: _lost(cls(), given))
    for cls in optimizers:
        yield Scene(f"{cls.__name__}", arrays, lambda given, cls=cls: _moved(cls(), given))


def _lost(loss: Any, given: Given) -> Any:
    y_pred = given["y_pred"]
    t = given["vector"].reshape(8, 3) if isinstance(loss, Difference) else given["y_true"]
    value, cache = loss.forward(y_pred, t, given["weight"])
    return value, loss.backward(cache)


def _moved(optimizer: Any, given: Given) -> Any:
    theta = np.ones(24)  # its own memory, which an update may use
    state = optimizer.init(theta)
    for _ in range(3):
        theta, state = optimizer.update(theta, given["vector"], state)
    return theta, dict(state)


def scenes() -> tuple[Scene, ...]:
    """All of them."""
    return tuple(
        scene for group in (_training, _estimators, _values, _functions) for scene in group()
    )
