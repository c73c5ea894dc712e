"""What a network of the zoo is: options, and a function from a shape to layers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from groundup.checks import as_whole, naming
from groundup.errors import InputError
from groundup.layers import Dense, Layer, layers
from groundup.layers.initializers import initializers
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
    def layers(self, in_shape: Shape, classes: int, values: int = 1) -> list[Layer]:
        """The layers for inputs of `in_shape` (without N) and this many classes

        With classes=0, for regression, the network gives so many `values` as they are.

        Raises:
            ShapeError: inputs that the network cannot take.
        """

    def expect_parts(self) -> None:
        """Refuse initial values or an activation that nobody knows, before there are layers."""
        if hasattr(self, "init"):
            with naming(f"{self.name}: init"):
                initializers.resolve(self.init)
        if hasattr(self, "activation"):
            with naming(f"{self.name}: activation"):
                layers.resolve(self.activation)

    def outputs(self, classes: int, values: int, **options: Any) -> Dense:
        """The last dense layer: a softmax over classes, or plain numbers

        Plain numbers are near 0 at first, so that a regression begins by answering the mean of its
        (standardized) targets and has nothing to unlearn.
        """
        classes = as_whole(classes, "classes", 0, self.name)
        if classes == 1:
            raise InputError(
                f"{self.name}(classes=1): one class leaves nothing to choose. Give 2 or more, "
                "or 0 for regression."
            )
        if classes == 0:
            count = as_whole(values, "values", who=self.name)
            return Dense(count, **options | {"kernel_initializer": "std:0.01"})
        return Dense(classes, activation="softmax", **options)


zoo: Registry[Model] = Registry("model", Model)
