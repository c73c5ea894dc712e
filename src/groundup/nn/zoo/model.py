"""What a network of the zoo is: options, and a function from a shape to layers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from groundup.checks import as_whole
from groundup.errors import InputError
from groundup.layers import Dense, Layer
from groundup.registry import Registry
from groundup.typing import Shape


@dataclass(frozen=True)
class Model(ABC):
    """The base of every network of the zoo."""

    @property
    def name(self) -> str:
        """What tables and command lines call it, such as "multi-layer"."""
        return zoo.name_of(type(self))

    @abstractmethod
    def layers(self, in_shape: Shape, classes: int) -> list[Layer]:
        """The layers for inputs of `in_shape` (without N) and this many classes, 0 for regression.

        Raises:
            ShapeError: inputs that the network cannot take.
        """

    def outputs(self, classes: int, **options: Any) -> Dense:
        """The last dense layer: a softmax over classes, or one plain number."""
        classes = as_whole(classes, "classes", 0, self.name)
        if classes == 1:
            raise InputError(
                f"{self.name}(classes=1): one class leaves nothing to choose. Give 2 or more, "
                "or 0 for regression."
            )
        if classes == 0:
            return Dense(1, **options)
        return Dense(classes, activation="softmax", **options)


zoo: Registry[Model] = Registry("model", Model)
