"""The shell of an ensemble: networks that differ in their seeds alone, trained apart, averaged."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from groundup.checks import as_whole, refusal
from groundup.errors import InputError
from groundup.train.callback import Callback
from groundup.train.executor import ExecutorFactory, inline
from groundup.train.history import History
from groundup.train.inputs import (
    as_augment,
    check_asking,
    check_callbacks,
    check_counts,
    examples_for,
    judges_for,
    network_shape,
)
from groundup.train.learner import EVALUATION_BATCH, Examples, Learner, Preparation
from groundup.train.loop import Plan, Training
from groundup.train.members import Comparison, bootstrap, compare, fresh, join, members_of
from groundup.train.prepare import prepare
from groundup.train.scores import Scores
from groundup.train.sequential import Sequential
from groundup.train.threads import limited_threads
from groundup.typing import Array


class Ensemble:
    """K networks of one kind, trained from seeds s, s + 1, …, and the average of what they say

    y = 1/K Σₖ fₖ(x): probabilities of classes, or values. What single networks get wrong by chance
    is averaged away. With bagging each learns from its own bootstrap resample of the training data:
    as many samples, drawn with replacement.
    [Saito 2016, 6.4.3; Hansen & Salamon 1990; Breiman 1996, "Bagging predictors"]

    Args:
        model: a compiled network, the pattern of the members; it is itself not trained.
        members: K.
        bagging: whether to resample.

    >>> import groundup as gu
    >>> (x, y), (x_test, y_test) = gu.datasets.digits.load_data()
    >>> model = gu.Sequential([gu.Flatten(), gu.Dense(16, "relu"), gu.Dense(10, "softmax")],
    ...                       preprocess=["rescale"])
    >>> model.compile(gu.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
    >>> ensemble = gu.Ensemble(model, members=3, bagging=True)
    >>> histories = ensemble.fit(x, y, epochs=4)
    >>> scores = ensemble.compare(x_test, y_test)
    >>> scores.ensemble["accuracy"] > scores.mean("accuracy")
    True
    """

    def __init__(self, model: Sequential, members: int = 5, *, bagging: bool = False) -> None:
        if not isinstance(model, Sequential):
            raise refusal("model", model, "a compiled Sequential", "Ensemble")
        if not isinstance(bagging, bool | np.bool_):
            raise refusal("bagging", bagging, "True or False", "Ensemble")
        self.pattern = model
        self.size = as_whole(members, "members")
        self.bagging = bool(bagging)
        self._learner: Learner | None = None

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        epochs: int = 1,
        callbacks: Sequence[Callback] = (),
        validation_split: float = 0.0,
        validation_data: Sequence[Any] | None = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        augment: Any = None,
        executor: ExecutorFactory | None = None,
    ) -> list[History]:
        """Train all members anew; silent. The histories, in the members' order.

        All share the preprocessing and the validation samples. Each computes on one thread, so the
        result is the same wherever it is computed.

        Args:
            x, y, batch_size, epochs, validation_split, validation_data, shuffle, class_weight,
                sample_weight, augment: as for `Sequential.fit`.
            callbacks: each member gets copies, so they should not write files.
            executor: where members are trained; by default one after the other, here.
                `local_pool(4)` trains four at a time.

        Raises:
            Diverged: a member's loss turned NaN or infinite.
            InputError: data, labels or options that cannot be right.
        """
        check_counts(0, epochs=epochs)
        check_asking(batch_size, 0)
        check_callbacks(callbacks)
        pattern = self._built_pattern(x)
        first = fresh(pattern, pattern.seed, Preparation(pattern.preparation.preprocessors))
        given = examples_for(first, x, y, sample_weight)
        judges = judges_for(first, validation_split, validation_data)
        with limited_threads(1):
            train, held, _ = prepare(first, given, judges, class_weight, batch_size)
        others = (fresh(pattern, pattern.seed + k, first.preparation) for k in range(1, self.size))
        plan = Plan(epochs, batch_size, 0, shuffle, as_augment(augment, train.x))
        with (executor or inline())() as pool:
            futures = [
                pool.submit(_trained, member, train, held, plan, callbacks, self.bagging)
                for member in (first, *others)
            ]
            trained = [future.result() for future in futures]
        self._learner = join([learner for learner, _ in trained])
        return [history for _, history in trained]

    @property
    def model(self) -> Sequential:
        """The ensemble as one network: to evaluate, predict, save, and look into."""
        if self._learner is None:
            raise InputError("this ensemble has no weights yet: fit it.")
        return Sequential.of(self._learner)

    @property
    def members(self) -> tuple[Sequential, ...]:
        """The single networks."""
        return tuple(Sequential.of(learner) for learner in members_of(self.model.learner))

    def evaluate(self, x: Any, y: Any, batch_size: int = EVALUATION_BATCH) -> Scores:
        """Loss and metrics of the average, means over the samples."""
        return self.model.evaluate(x, y, batch_size)

    def predict(self, x: Any, batch_size: int = EVALUATION_BATCH) -> Array:
        """The average of the members' outputs for raw inputs x (N, …)."""
        return self.model.predict(x, batch_size)

    def compare(self, x: Any, y: Any) -> Comparison:
        """Each member beside the ensemble: `print(ensemble.compare(x_test, y_test))`."""
        learner = self.model.learner
        comparison = compare(learner, examples_for(learner, x, y))
        assert comparison is not None
        return comparison

    def save(self, path: Path | str) -> None:
        """Write all members as one model file, which `load_model` reads."""
        self.model.save(path)

    @classmethod
    def of(cls, model: Sequential) -> "Ensemble":
        """The ensemble that `load_model` read; InputError if it is a single network."""
        members = members_of(model.learner)
        if not members:
            raise InputError(f"{model.name} is a single network, no ensemble.")
        ensemble = cls(Sequential.of(members[0]), len(members))
        ensemble._learner = model.learner
        return ensemble

    def _built_pattern(self, x: Any) -> Learner:
        if self.pattern._learner is None:
            self.pattern.build(network_shape(x, self.pattern._preprocess))
        learner = self.pattern.learner
        if learner.optimizer is None:
            raise InputError("Ensemble: compile the model first, as in compile('adam', 'mse').")
        return learner


def _trained(
    learner: Learner,
    train: Examples,
    validation: Examples | None,
    plan: Plan,
    callbacks: Sequence[Callback],
    bagging: bool,
) -> tuple[Learner, History]:
    """The learner after its training; the task of a worker."""
    if bagging:
        train = bootstrap(train, learner.seed)
    with limited_threads(1):
        history = Training(learner, train, validation, plan, deepcopy(list(callbacks))).run()
    return learner, history
