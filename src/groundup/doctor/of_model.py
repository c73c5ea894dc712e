"""The diagnosis of a model made in Python: its own layers are trained, not those of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from groundup.config import Config, from_mapping
from groundup.data.dataset import Dataset
from groundup.doctor.diagnosis import Diagnosis, diagnose
from groundup.doctor.observe import watch
from groundup.errors import InputError
from groundup.nn.losses import CategoricalCrossentropy, losses
from groundup.nn.optimizers import optimizers
from groundup.registry import Registry, describe
from groundup.train.inputs import check_counts, examples_for, judges_for
from groundup.train.learner import Examples, Learner
from groundup.train.loop import Plan
from groundup.train.prepare import prepare
from groundup.train.run import Assembly
from groundup.typing import Array

ARRAYS = "arrays"  # what the data are called


def diagnose_model(
    learner: Learner,
    x: Any,
    y: Any,
    plan: Plan,
    judges: float | Sequence[Any],
) -> Diagnosis:
    """Train and diagnose

    Args:
        learner: compiled and untrained; it is trained.
        x, y: as for `Sequential.fit`.
        plan: how long and in which batches.
        judges: samples to validate with, as `validation_data`, or the share to hold out.

    Raises:
        InputError: data or labels that cannot be right, or soft labels.
    """
    given = examples_for(learner, x, y)
    share, others = (judges, None) if isinstance(judges, int | float) else (0.0, judges)
    train, held, _ = prepare(
        learner, given, judges_for(learner, share, others), None, plan.batch_size
    )
    config = _config(learner, plan, share)
    dataset = _dataset(learner, train, held)
    nothing = Examples(train.x[:0], train.y[:0])  # no test samples: nobody is to look at them
    return diagnose(watch(Assembly(config, dataset, learner, train, held, nothing, plan, ())))


def repeated(plan: Plan, batch_size: int | None, epochs: int | None) -> Plan:
    """The plan of the latest fit from its beginning, with what is given instead."""
    size = plan.batch_size if batch_size is None else batch_size
    last = plan.epochs - plan.first_epoch if epochs is None else epochs
    check_counts(1, batch_size=size, epochs=last)
    return replace(plan, batch_size=size, epochs=last, first_epoch=0)


def _dataset(learner: Learner, train: Examples, held: Examples | None) -> Dataset:
    """The arrays as a data set; its test part has to exist, but judges nothing here."""
    classes: tuple[str, ...] = ()
    if isinstance(learner.loss, CategoricalCrossentropy):
        if train.y.ndim > 1:
            raise InputError(
                "diagnose: y holds shares of classes. Give the class of each sample, as in "
                "y.argmax(axis=1)."
            )
        classes = learner.labels or tuple(map(str, range(learner.network.out_shape[-1])))
    test = held or train
    return Dataset(ARRAYS, _as_samples(train.x), train.y, _as_samples(test.x), test.y, classes)


def _as_samples(x: Array) -> Array:
    """(N, D) or (N, C, H, W), as data sets are."""
    if x.ndim in (2, 4):
        return x
    return x[:, None] if x.ndim == 3 else x.reshape(len(x), -1)


def _config(learner: Learner, plan: Plan, share: float) -> Config:
    """What the model is, as a configuration; its data have no name that could be loaded."""
    preparation = learner.preparation.preprocessors
    optimizer = _plain(learner.optimizer)
    loss = _plain(learner.loss)
    return from_mapping(
        {
            "seed": learner.seed,
            "data": {
                "name": ARRAYS,
                "validation": share,
                "preprocess": [_plain(one) for one in preparation],
            },
            "model": {"layers": [_plain(one) for one in learner.network.chain.layers]},
            "optimizer": _options(optimizer) | {"name": _name(optimizers, learner.optimizer)},
            "train": {
                "epochs": plan.epochs,
                "batch_size": plan.batch_size,
                "shuffle": plan.shuffle,
                "loss": loss if _options(loss) else _name(losses, learner.loss),
                "metrics": list(learner.metrics),
                "callbacks": [],
            },
        },
        "diagnose",
    )


def _plain(value: Any) -> dict[str, Any]:
    """The value in words; one of a class that no registry knows by its class's name alone."""
    try:
        return dict(describe(value))
    except InputError:
        return {"kind": type(value).__name__}


def _options(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in plain.items() if name != "kind"}


def _name(registry: Registry[Any], value: Any) -> str:
    return registry.name_of(type(value))
