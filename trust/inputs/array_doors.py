"""Every public entry that takes numbers: samples, predictions, targets, weights, parameters."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import groundup as gu
from groundup.data.preprocess import preprocessors
from groundup.layers import Layer, layers
from groundup.rng import Stream
from groundup.typing import Array
from trust.inputs.array_forms import EXACT, SHAPES, VALUES
from trust.inputs.examples import example_of
from trust.inputs.plain_arrays import (
    LABELS,
    OF_IMAGES,
    SEED,
    column,
    features,
    images,
    own_type,
    work_type,
)
from trust.inputs.value_doors import value_doors
from trust.inputs.verdict import Door


def array_doors(plain: Array) -> tuple[Door, ...]:
    """All of them; `plain` (N, 32) says what stands beside the array that is given."""
    groups = (_networks, _layers, _training, _weights, _estimators)
    own = tuple(door for group in groups for door in group(plain))
    return (*own, *value_doors(plain))


def _networks(plain: Array) -> Iterator[Door]:
    """Each layer in a network: built for these samples, asked with others."""
    for cls in layers:
        layer, base = example_of(cls, features(plain), images(plain))
        model = gu.Sequential([layer, gu.Flatten(), gu.Dense(3)], seed=SEED)
        model.build(base(plain).shape[1:])
        same = frozenset() if base is images else frozenset({"flattened"})
        yield Door(
            f"Sequential([{cls.__name__}]).predict",
            lambda x, n, model=model: model.predict(x),
            EXACT | {"length"} | same,
            words=("x",),
            base=base,
        )


def _training(plain: Array) -> Iterator[Door]:
    labels = LABELS[: len(plain)]
    takes, rest = EXACT | {"flattened"}, {"batch_size": 4, "verbose": 0}

    def network(units: int = 3, **options: Any) -> gu.Sequential:
        model = gu.Sequential(
            [gu.Dense(3, "relu"), gu.Dense(units, "softmax")], seed=SEED, **options
        )
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        model.build((4,))
        return model

    trained = network()

    def fit(x: Any, n: int, **options: Any) -> Any:
        model = network()
        return model.fit(x, labels, epochs=2, **rest, **options), model.get_weights()

    def validated(x: Any, n: int) -> Any:
        return network().fit(features(plain), labels, validation_data=(x, labels), **rest)

    def ensemble(x: Any, n: int) -> Any:
        members = gu.Ensemble(network(), 2)
        return members.fit(x, labels, batch_size=4), members.predict(x)

    def values(y: Any, n: int) -> Any:
        model = gu.Sequential([gu.Dense(4)], seed=SEED)
        model.compile("sgd", "mse")
        return model.fit(features(plain), y, **rest), model.get_weights()

    x = {"words": ("x",), "base": features}
    yield Door("Sequential.fit, x", fit, takes, **x)
    yield Door("Sequential.fit, x split", partial(fit, validation_split=0.5), takes, slow=True, **x)
    yield Door("Sequential.fit, x validated", validated, takes, slow=True, **x)
    yield Door("Sequential.evaluate, x", lambda x, n: dict(trained.evaluate(x, labels)), takes, **x)
    yield Door("Ensemble.fit, x", ensemble, takes, slow=True, **x)
    yield Door("Sequential.fit, values y", values, takes, words=("y",), base=features)
    for cls in preprocessors:
        if cls().out_shape((4,)) is None:
            continue  # a network has to be built for what only the data can tell
        yield Door(
            f"Sequential.fit, {cls.__name__}",
            partial(_prepared_fit, cls, labels),
            takes | {"length"},
            base=features,
            words=("x",),
            plain_for=work_type,
            free=SHAPES,
            slow=True,
            tries=lambda form: form.kind != "length",
        )


def _prepared_fit(cls: type[Any], labels: Array, x: Any, n: int) -> Any:
    model = gu.Sequential([gu.Dense(3, "softmax")], seed=SEED, preprocess=[cls()])
    model.compile("adam", "categorical_crossentropy")
    return model.fit(x, labels, batch_size=4, verbose=0), model.get_weights(), model.predict(x)


def _weights(plain: Array) -> Iterator[Door]:
    x, labels = features(plain), LABELS[: len(plain)]
    takes, common = EXACT | {"flat"}, {"words": ("sample_weight", "weights"), "base": _weighing}

    def network() -> gu.Sequential:
        model = gu.Sequential([gu.Dense(3, "softmax")], seed=SEED)
        model.compile("sgd", "categorical_crossentropy")
        model.build((4,))
        return model

    def fit(w: Any, n: int) -> Any:
        model = network()
        return model.fit(x, labels, 4, sample_weight=w, verbose=0), model.get_weights()

    def judged(w: Any, n: int) -> Any:
        return network().fit(x, labels, 4, validation_data=(x, labels, w), verbose=0)

    def classifier(w: Any, n: int) -> Any:
        made = gu.GroundupClassifier((4,), max_iter=2, random_state=0).fit(
            x, labels, sample_weight=w
        )
        return made.loss_curve_, made.model_.get_weights()

    def handed_out(w: Any, n: int) -> Any:
        return [batch.weight for batch in gu.batches(x, labels, 4, sample_weight=w)]

    def loss(w: Any, n: int) -> Any:
        return gu.MeanSquaredError()(x, x / 2, sample_weight=w)

    free, given = frozenset({"huge", "channels last"}), {"tries": lambda form: form.name != "None"}
    common |= given
    yield Door("Sequential.fit, sample_weight", fit, takes, free=free, **common)
    yield Door("validation_data, sample_weight", judged, takes, free=free, slow=True, **common)
    yield Door(
        "evaluate, sample_weight",
        lambda w, n: dict(network().evaluate(x, labels, sample_weight=w)),
        takes,
        free=free,
        **common,
    )
    yield Door(
        "GroundupClassifier.fit, sample_weight", classifier, takes, free=free, slow=True, **common
    )
    yield Door("batches, sample_weight", handed_out, takes, free=free, **common)
    yield Door("loss, sample_weight", loss, takes, free=free, **common)


def _weighing(plain: Array) -> Array:
    return column(plain) + 1


def _estimators(plain: Array) -> Iterator[Door]:
    x, labels = features(plain), LABELS[: len(plain)]
    small = {"max_iter": 2, "random_state": 0, "batch_size": 4}
    free = frozenset({"objects", "text", "dates", "flattened", "huge", "length"}) | SHAPES
    common = {"foreign": True, "free": free, "base": features}
    classifier = gu.GroundupClassifier((4,), **small).fit(x, labels)
    regressor = gu.GroundupRegressor((4,), **small).fit(x, x[:, 0])

    def fit(x: Any, n: int) -> Any:
        made = gu.GroundupClassifier((4,), **small).fit(x, labels)
        return made.loss_curve_, made.model_.get_weights()

    def values(y: Any, n: int) -> Any:
        made = gu.GroundupRegressor((4,), **small).fit(x, y)
        return made.loss_curve_, made.predict(x)

    yield Door("GroundupClassifier.fit, X", fit, EXACT, slow=True, **common)
    yield Door(
        "GroundupClassifier.predict_proba",
        lambda x, n: classifier.predict_proba(x),
        EXACT,
        **common,
    )
    yield Door("GroundupRegressor.predict", lambda x, n: regressor.predict(x), EXACT, **common)
    yield Door("GroundupRegressor.fit, y", values, EXACT, slow=True, **common)
    learned = gu.Perceptron(epochs=2).fit(x, labels % 2)
    perceptron = {"words": ("x",), "base": features}
    yield Door(
        "Perceptron.fit, x",
        lambda x, n: gu.Perceptron(epochs=2).fit(x, labels % 2).gate.w,
        EXACT | {"flattened"},
        free=frozenset({"wider", "narrower", "one column", "huge"}),
        **perceptron,
    )
    yield Door(
        "Perceptron, predict",
        lambda x, n: learned.predict(x),
        EXACT | {"length", "flattened"},
        free=VALUES | {"empty"},
        **perceptron,
    )


def _layers(plain: Array) -> Iterator[Door]:
    """Each layer alone, asked with arrays: it computes in the type that it gets."""
    for cls in layers:
        layer, base = example_of(cls, features(plain), images(plain))
        made = layer.init(Stream(SEED), base(plain).shape[1:])
        arrays = frozenset({"same", "swapped", "floats"})
        fixed = not made.params and not made.state and base is features

        def forward(x: Any, n: int, layer: Layer = layer, made: Any = made) -> Array:
            return layer.forward(made.params, made.state, x, gu.Mode())[0]

        yield Door(
            f"{cls.__name__}.forward",
            forward,
            arrays | {"length"} | (frozenset() if base is images else {"flattened"}),
            words=("x",),
            base=base,
            plain_for=own_type,
            free=VALUES
            | {"whole", "booleans", "same", "frame", "empty", "no features", "objects"}
            | (SHAPES if fixed else frozenset())
            | (OF_IMAGES if base is images else {"deep", "deeper"}),
        )
