"""The shell: a chain of layers with its weights, in the words of Keras."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from groundup.checks import check_list
from groundup.data.preprocess import preprocessors
from groundup.errors import InputError
from groundup.layers.layer import Layer
from groundup.nn.chain import Chain
from groundup.nn.losses import Loss, losses
from groundup.nn.metrics import Metric
from groundup.nn.network import build
from groundup.nn.optimizers import Optimizer, optimizers
from groundup.rng import Stream
from groundup.train.built import Built
from groundup.train.callback import Callback
from groundup.train.history import History
from groundup.train.inputs import (
    Verbose,
    as_augment,
    check_asking,
    check_callbacks,
    check_counts,
    examples_for,
    judges_for,
    named_metrics,
    network_shape,
    progress_bar,
)
from groundup.train.learner import EVALUATION_BATCH, Learner, Preparation
from groundup.train.loop import Plan, Training
from groundup.train.prepare import prepare
from groundup.train.profile import Profile, profile
from groundup.train.scores import Scores
from groundup.typing import Shape


class Sequential(Built):
    """A network of layers in a row that learns from arrays.

    It is built, that is given its weights, by `build`, by a first layer with `input_shape`, or by
    the first `fit`. A second `fit` goes on training.

    Args:
        layers: the layers in order, a chain of them, or one; more with `add`.
        name: how the model is called, in its summary and its file.
        seed: of initial weights, dropout, shuffling and splits: same seed, same bits.
        dtype: float32 to train, float64 to check.
        preprocess: what raw inputs go through first, such as ["rescale"]; learned from the training
            data by the first `fit`, saved with the model.

    >>> import groundup as gu
    >>> (x, y), (x_test, y_test) = gu.datasets.digits.load_data()
    >>> model = gu.Sequential([gu.Flatten(), gu.Dense(32, "relu"), gu.Dense(10, "softmax")],
    ...                       preprocess=["rescale"])
    >>> model.compile(gu.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    >>> history = model.fit(x, y, epochs=5, verbose=0)
    >>> loss, accuracy = model.evaluate(x_test, y_test)
    >>> accuracy > 0.9
    True
    """

    def __init__(
        self,
        layers: Iterable[Layer] | Layer = (),
        name: str | None = None,
        *,
        seed: int = 0,
        dtype: DTypeLike = "float32",
        preprocess: Sequence[Any] = (),
    ) -> None:
        if isinstance(layers, Layer):
            layers = layers.layers if isinstance(layers, Chain) else (layers,)
        check_list("Sequential", layers=layers, preprocess=preprocess)
        self._name = str(name or "sequential")
        self._chain = Chain(tuple(layers))
        self._seed = int(Stream(seed).seed)
        if dtype not in ("float32", "float64", np.float32, np.float64):
            raise InputError(f"dtype={dtype!r}: expected float32 or float64.")
        self._dtype = np.dtype(dtype)
        self._preprocess = tuple(preprocessors.resolve(given) for given in preprocess)
        self._compiled: tuple[Loss, Optimizer, dict[str, Metric]] | None = None
        self._learner: Learner | None = None
        self.history: History | None = None
        self._plan = Plan(epochs=10, batch_size=32)  # of the latest fit
        self._build_if_known()

    @property
    def name(self) -> str:
        """How the model is called."""
        return self._name

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in order."""
        return tuple(self._chain.layers)

    def add(self, layer: Layer) -> None:
        """Put a layer at the end; before the network is built by `fit` or `build`."""
        with self._whole():
            self._chain = Chain((*self._chain.layers, layer))
            self._build_if_known()

    def build(self, input_shape: Shape) -> None:
        """Draw the weights for inputs of this shape (without N)."""
        if self._learner is not None and self._learner.epochs_trained:
            raise InputError("this network is trained already. Make a new Sequential.")
        if not self._chain.layers:
            raise InputError("this network has no layers. Add some: model.add(Dense(10)).")
        if not isinstance(input_shape, Sequence) or not input_shape:
            raise InputError(f"input_shape={input_shape!r}: expected sizes without N, as (784,).")
        network, vector, running = build(self._chain, input_shape, self._seed, self._dtype)
        preparation = Preparation(self._preprocess)
        self._learner = Learner(network, vector, running, self._seed, preparation, name=self._name)
        if self._compiled is not None:
            self._learner.compile(*self._compiled)

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Sequence[Any] = ()
    ) -> None:
        """Say what is minimized, how, and what is shown besides the loss.

        Args:
            optimizer: a name or an object such as Adam(1e-3).
            loss, metrics: likewise, such as CategoricalCrossentropy(from_logits=True).
        """
        if loss is None:
            raise InputError(f"compile: which loss? Expected one of {', '.join(losses.names())}.")
        self._compiled = losses.resolve(loss), optimizers.resolve(optimizer), named_metrics(metrics)
        if self._learner is not None:
            self._learner.compile(*self._compiled)

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: Verbose = "auto",
        callbacks: Sequence[Callback] = (),
        validation_split: float = 0.0,
        validation_data: Sequence[Any] | None = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        augment: Any = None,
    ) -> History:
        """Train for `epochs - initial_epoch` passes over the data.

        Every sample is seen once an epoch, the odd last batch included; means are weighted by
        samples. The loss that is logged is the data's; regularizers stand in "penalty".

        Args:
            x, y: raw inputs (N, …); labels (N,), one-hot or soft (N, C), or targets (N, D).
            batch_size, shuffle: samples in an update; True, False (as x comes) or "stratified".
            epochs: the epoch before which to stop.
            verbose: 0 silent, 1 a bar, 2 a line an epoch, on stderr; "auto" is 1.
            callbacks: objects such as EarlyStopping(patience=5).
            validation_split: this share of the data, drawn by the seed and stratified by class
                (Keras takes the last rows as they come), is not trained on but judged by.
            validation_data: (x, y) or (x, y, sample_weight) instead.
            class_weight, sample_weight: {class: weight} or "balanced"; (N,).
            initial_epoch: the number of the first epoch, for going on.
            augment: an Augment, its list or a Policy: trains on new variants of x in each epoch.

        Raises:
            Diverged: the loss turned NaN or infinite; names epoch, step and layer.
            InputError: data, labels or options that cannot be right.
        """
        if self._compiled is None:
            raise InputError("fit: compile first, as in model.compile('adam', 'mse').")
        check_counts(0, epochs=epochs, initial_epoch=initial_epoch)
        check_asking(batch_size, verbose)
        check_callbacks(callbacks)
        with self._whole():
            if self._learner is None:
                self.build(network_shape(x, self._preprocess))
            learner = self.learner
            given = examples_for(learner, x, y, sample_weight)
            judges = judges_for(learner, validation_split, validation_data)
            train, held, notes = prepare(learner, given, judges, class_weight, batch_size)
            plan = Plan(epochs, batch_size, initial_epoch, shuffle, as_augment(augment, train.x))
            bar = progress_bar(verbose, notes)
        self._plan = plan
        self.history = history = History()  # filled as epochs end: an error leaves what was done
        return Training(learner, train, held, plan, callbacks, onlookers=bar, history=history).run()

    def evaluate(
        self,
        x: Any,
        y: Any,
        batch_size: int = EVALUATION_BATCH,
        verbose: Verbose = "auto",
        sample_weight: Any = None,
    ) -> Scores:
        """Loss and metrics, means over the samples of x (N, …) and y; silent for any `verbose`.

        `loss, accuracy = model.evaluate(x, y)` and `model.evaluate(x, y)["accuracy"]` both do.
        """
        if self._compiled is None:
            raise InputError("evaluate: compile first, so that there is a loss.")
        check_asking(batch_size, verbose)
        examples = examples_for(self.learner, x, y, sample_weight)
        return Scores(self.learner.evaluate(examples, batch_size))

    def profile(self, x: Any, y: Any, batch_size: int = 32, steps: int = 30) -> Profile:
        """What a step on x (N, …) and y costs by layer, measured: `print(model.profile(x, y))`.

        Some steps are trained on a copy; the model stays as it is. InputError says why a network
        that is trained layer by layer, as one in float64 is, cannot be measured so.
        """
        if self._compiled is None:
            raise InputError("profile: compile first, so that there is a step to take.")
        learner = copy(self.learner)
        learner.preparation = replace(learner.preparation)
        train, _, _ = prepare(learner, examples_for(learner, x, y), 0.0, None, batch_size)
        return profile(learner, train, batch_size, steps)

    def diagnose(
        self,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        epochs: int | None = None,
        validation_split: float = 0.1,
        validation_data: Sequence[Any] | None = None,
    ) -> Any:
        """What keeps this network from learning, as a `Diagnosis`: `print(model.diagnose(x, y))`.

        An untrained copy is trained on x (N, …) and y from the model's seed and looked into; the
        model stays as it is. A loss that diverges is evidence, no error.

        Args:
            x, y, validation_split, validation_data: as for `fit`.
            batch_size, epochs: by default those of the latest fit, before any 32 and 10.
        """
        from groundup.doctor.of_model import diagnose_model, repeated

        if self._compiled is None:
            raise InputError("diagnose: compile first, so that there is something to train.")
        plan = repeated(self._plan, batch_size, epochs)
        judges = validation_split if validation_data is None else validation_data
        return diagnose_model(self._untrained(x), x, y, plan, judges)

    @property
    def learner(self) -> Learner:
        """The built network with its arrays."""
        if self._learner is None:
            raise InputError(
                "this network has no weights yet: fit it, call build(input_shape), or give the "
                "first layer an input_shape."
            )
        return self._learner

    @classmethod
    def of(cls, learner: Learner) -> "Sequential":
        """The shell around arrays that exist, as after loading."""
        model = cls((), learner.name, seed=learner.seed, dtype=learner.vector.dtype)
        model._chain, model._learner = learner.network.chain, learner
        model._preprocess = learner.preparation.preprocessors
        if learner.loss is not None and learner.optimizer is not None:
            model._compiled = (learner.loss, learner.optimizer, dict(learner.metrics))
        return model

    def _untrained(self, x: Any) -> Learner:
        """A copy of the compiled network with the weights that it begins with."""
        shape = self._learner and self._learner.network.in_shape
        copied = Sequential(
            self._chain, self._name, seed=self._seed, dtype=self._dtype, preprocess=self._preprocess
        )
        copied._compiled = self._compiled
        copied.build(shape or network_shape(x, self._preprocess))
        return copied.learner

    def _build_if_known(self) -> None:
        built = self._learner.network.in_shape if self._learner else None
        shape = built or next((layer.input_shape for layer in self._chain.layers), None)
        if shape:
            self.build(shape)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """What ends with an error has not happened."""
        chain, learner = self._chain, self._learner
        preparation = learner and replace(learner.preparation)
        try:
            yield
        except BaseException:
            self._chain, self._learner = chain, learner
            if learner and preparation:
                learner.preparation = preparation
            raise
