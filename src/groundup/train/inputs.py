"""What users hand to fit, evaluate and predict, checked once and made one."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from groundup.checks import BETWEEN, SHARE, as_array, as_number, as_weights
from groundup.data.augment import Augment, Augmentation
from groundup.data.labels import as_targets, class_weights
from groundup.data.preprocess import Preprocessor
from groundup.data.rows import Rows, chunks, select
from groundup.data.split import train_validation_split
from groundup.errors import DataError, InputError, ShapeError
from groundup.nn.losses import CategoricalCrossentropy, Loss
from groundup.nn.metrics import Metric, metrics
from groundup.nn.targets import as_distribution
from groundup.rng import Stream
from groundup.train.callback import Callback
from groundup.train.learner import Examples, Learner
from groundup.typing import Array, Shape, is_whole

Verbose: TypeAlias = Literal["auto", 0, 1, 2]

_ANY = (1, 1, 1)
_LARGEST = np.finfo(np.float32).max


def check_inputs(x: Any, in_shape: Shape | None) -> Array:
    """x (N, …) as an array of real finite numbers with the shape that the network expects.

    >>> check_inputs([[1.0, float("nan")]], None)
    Traceback (most recent call last):
    groundup.errors.DataError: x is nan at sample 0, position (1,): expected finite numbers. \
Remove the sample or fill the value in.
    """
    x = x if isinstance(x, Rows) else as_array(x, "x")
    if x.dtype.kind not in "biuf":
        raise DataError(f"x has dtype {x.dtype}: expected real numbers. Encode text as numbers.")
    if x.ndim < 2:
        raise ShapeError(
            f"x has shape {x.shape}: expected (N, D) or (N, C, H, W), one row a sample."
        )
    if x.size == 0:
        raise DataError(f"x of shape {x.shape} is empty: expected samples to learn or to judge.")
    if in_shape is not None and x.shape[1:] != in_shape:
        raise ShapeError(
            f"x has shape {x.shape}: the network expects (N, {', '.join(map(str, in_shape))}). "
            "Reshape x, or build the network for these inputs."
        )
    if x.dtype.kind == "f":
        for begin, part in chunks(x):
            bad = ~(np.abs(part) <= _LARGEST)  # NaN is bad, too
            if bad.any():
                row, *rest = (int(i) for i in np.argwhere(bad)[0])
                value = part[(row, *rest)]
                raise DataError(
                    f"x is {value} at sample {begin + row}, position {tuple(rest)}: expected "
                    "finite numbers. Remove the sample or fill the value in."
                )
    return x


def examples_for(learner: Learner, x: Any, y: Any, weight: Any = None) -> Examples:
    """`check_examples` by a compiled network's shapes and loss."""
    assert learner.loss is not None
    out_shape = learner.network.out_shape
    return check_examples(x, y, weight, raw_shape(learner), out_shape, learner.loss)


def raw_shape(learner: Learner) -> Shape | None:
    """The shape of a raw sample; None where preprocessing changes it and has learned nothing."""
    shape, preparation = learner.network.in_shape, learner.preparation
    if preparation.parameters is None:
        return shape if prepared_shape(preparation.preprocessors, _ANY) == _ANY else None
    pairs = zip(preparation.preprocessors, preparation.parameters, strict=True)
    for preprocessor, parameters in reversed(list(pairs)):
        shape = preprocessor.raw_shape(parameters, shape)
    return shape


def raw_inputs(learner: Learner, x: Any) -> Array:
    """x (N, …) as `check_inputs` wants it, in the shape of raw samples."""
    return check_inputs(x, raw_shape(learner))


def network_shape(x: Any, chosen: Sequence[Preprocessor]) -> Shape:
    """The shape that a network sees of raw inputs x (N, …) behind these preprocessors."""
    shape = prepared_shape(chosen, check_inputs(x, None).shape[1:])
    if shape is None:
        raise InputError(
            "preprocess: how many features it leaves is only known once it has learned. Give a "
            "whole number of components, or build the network for as many: build(input_shape)."
        )
    return shape


def prepared_shape(chosen: Sequence[Preprocessor], shape: Shape) -> Shape | None:
    """What preprocessors make of samples of this shape; None where only the data can tell."""
    for preprocessor in chosen:
        out_shape = preprocessor.out_shape(shape)
        if out_shape is None:
            return None
        shape = out_shape
    return shape


def check_examples(
    x: Any, y: Any, weight: Any, in_shape: Shape | None, out_shape: Shape, loss: Loss
) -> Examples:
    """x, y and sample weights that belong together: labels for cross-entropy, else targets."""
    x = check_inputs(x, in_shape)
    y = as_array(y, "y")
    if isinstance(loss, CategoricalCrossentropy):
        targets = _as_classes(y, out_shape)
    else:
        targets = _as_values(y, out_shape)
    if len(targets) != len(x):
        raise ShapeError(f"x holds {len(x)} samples and y {len(targets)}: expected as many.")
    return Examples(x, targets, None if weight is None else check_weights(weight, len(x)))


def check_weights(weight: Any, count: int) -> Array:
    """Sample weights (N,): finite, not negative, not all 0."""
    weight = as_weights(weight, count)
    if not weight.any():
        raise DataError("sample_weight: every weight is zero: expected numbers not all of them 0.")
    return weight.astype(np.float64)


def weigh_classes(examples: Examples, class_weight: Any, classes: int) -> Examples:
    """Examples weighted by class besides: "balanced" or {class: weight}."""
    if class_weight is None:
        return examples
    if examples.y.dtype.kind != "i":
        raise InputError(
            f"class_weight: y of type {examples.y.dtype} and shape {examples.y.shape} holds no "
            "class labels: expected one class a sample. Use sample_weight."
        )
    if class_weight != "balanced" and not isinstance(class_weight, Mapping):
        raise InputError(
            f'class_weight={class_weight!r}: expected "balanced" or {{class: weight}}.'
        )
    weight = class_weights(examples.y, class_weight, classes)[examples.y]
    if examples.weight is not None:
        weight = weight * examples.weight
    return Examples(examples.x, examples.y, weight)


def hold_out(examples: Examples, share: float, seed: int) -> tuple[Examples, Examples]:
    """(to train with, to validate with): a share of every class, drawn by the seed."""
    share = as_number(share, "validation_split", BETWEEN)
    kept, held = train_validation_split(examples.y, share, Stream(seed))

    def part(index: Array) -> Examples:
        weight = None if examples.weight is None else examples.weight[index]
        return Examples(select(examples.x, index), examples.y[index], weight)

    return part(kept), part(held)


def as_augment(given: Any, x: Array) -> Augment | None:
    """An Augment, or the list or the one operation for it, with the range of the training data x

    None for nothing.
    """
    if given is None:
        return None
    given = [given] if isinstance(given, Augmentation) else given
    augment = given if isinstance(given, Augment) else Augment(given)
    return augment.fit(x) if augment.operations else None


def named_metrics(given: Sequence[Any]) -> dict[str, Metric]:
    """Metrics by the name under which they are logged."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(f"metrics={given!r}: expected a list, such as ['accuracy'].")
    named: dict[str, Metric] = {}
    for item in given:
        metric = metrics.resolve(item)
        if metric.name in named:
            raise InputError(f"metrics: two of them are called {metric.name!r}.")
        named[metric.name] = metric
    return named


def check_asking(batch_size: Any, verbose: Any) -> None:
    """Refuse what is no size of a batch, and no verbosity of Keras's."""
    check_counts(1, batch_size=batch_size)
    if verbose not in ("auto", 0, 1, 2):
        raise InputError(f'verbose={verbose!r}: expected 0, 1, 2 or "auto".')


def progress_bar(verbose: Any, notes: Sequence[str]) -> list[Callback]:
    """What `verbose` asks for: nothing, a bar, or a line an epoch."""
    from groundup.train.callbacks import ProgressBar

    return [ProgressBar(bar=verbose != 2, notes=tuple(notes))] if verbose else []


def check_counts(least: int, **values: Any) -> None:
    """Refuse what is no whole number of at least `least`."""
    for name, value in values.items():
        if not is_whole(value) or value < least:
            raise InputError(f"{name}={value!r}: expected a whole number >= {least}.")


def check_callbacks(given: Any) -> None:
    """Refuse what is no list of callbacks."""
    if not isinstance(given, Sequence) or not all(isinstance(item, Callback) for item in given):
        raise InputError(
            f"callbacks={given!r}: expected a list of objects such as EarlyStopping()."
        )


def judges_for(learner: Learner, share: float, given: Any) -> Examples | float:
    """What to validate with: (x, y) or (x, y, sample_weight) if given, else a share of the data."""
    if given is None:
        return as_number(share, "validation_split", SHARE)
    if not isinstance(given, tuple | list) or len(given) not in (2, 3):
        raise InputError("validation_data: expected (x, y) or (x, y, sample_weight).")
    return examples_for(learner, *given)


def _as_classes(y: Array, out_shape: Shape) -> Array:
    """Labels (N,); or, of rows that are not all 0 and 1, distributions (N, C)."""
    if len(out_shape) != 1 or out_shape[0] < 2:
        raise ShapeError(
            f"the network gives (N, {', '.join(map(str, out_shape))}): cross-entropy expects "
            '(N, C) with C >= 2 classes. End it with Dense(C, activation="softmax").'
        )
    rows = y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind == "f"
    if rows and not ((y == 0) | (y == 1)).all():
        return as_distribution(y, np.empty((len(y), *out_shape), y.dtype), "y")
    return as_targets(y, out_shape[-1])


def _as_values(y: Array, out_shape: Shape) -> Array:
    if y.dtype.kind not in "biuf":
        raise DataError(f"y has dtype {y.dtype}: expected real numbers.")
    if y.ndim == 1 and out_shape == (1,):
        y = y[:, None]
    if y.shape[1:] != out_shape:
        raise ShapeError(
            f"y has shape {y.shape}, the network gives (N, {', '.join(map(str, out_shape))}): "
            "expected as many. For class labels use the loss categorical_crossentropy."
        )
    y = y.astype(np.float64)
    bad = ~(np.abs(y) <= _LARGEST)
    if bad.any():
        row, *rest = (int(i) for i in np.argwhere(bad)[0])
        raise DataError(f"y is {y[(row, *rest)]} at sample {row}: expected finite numbers.")
    return y
