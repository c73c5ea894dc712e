"""What can be asked of a network that has its weights."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from groundup.errors import InputError
from groundup.train import model_file
from groundup.train.inputs import Verbose, check_asking, raw_inputs
from groundup.train.learner import EVALUATION_BATCH, Learner
from groundup.train.summary import Summary, summarize
from groundup.typing import Array, Tree


class Built(ABC):
    """Weights, shapes and files of a network, whoever trains it."""

    @property
    @abstractmethod
    def learner(self) -> Learner:
        """The built network with its arrays; InputError before it is built."""

    def predict(
        self, x: Any, batch_size: int = EVALUATION_BATCH, verbose: Verbose = "auto"
    ) -> Array:
        """y for raw inputs x (N, …): (N, C) after a softmax, else (N, D); always silent."""
        learner = self.learner
        check_asking(batch_size, verbose)
        return learner.predict(raw_inputs(learner, x), batch_size)

    def summary(self) -> Summary:
        """Shapes, parameters, memory and multiply-adds per layer: `print(model.summary())`."""
        learner = self.learner
        return summarize(learner.network, learner.vector.itemsize, learner.name)

    def save(self, path: Path | str) -> None:
        """Write the model file: weights, optimizer state, preprocessing, everything."""
        model_file.save(path, self.learner)

    @property
    def params(self) -> Tree:
        """The parameters by layer and name, views that share the network's memory."""
        return self.learner.params

    def get_weights(self) -> list[Array]:
        """Copies of all parameters, then of all running state."""
        return [array.copy() for array in self.learner.arrays()]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Put back what `get_weights` gave."""
        self.learner.set_arrays(weights)

    def __repr__(self) -> str:
        kind = type(self).__name__
        try:
            return f"<{kind} {self.learner.name}: {self.count_params():,} parameters>"
        except InputError:
            return f"<{kind} without weights>"

    def _repr_html_(self) -> str:
        from groundup.report.of_training import model_shown

        return model_shown(self)

    def count_params(self) -> int:
        """How many numbers the network learns."""
        return int(self.learner.vector.size)
