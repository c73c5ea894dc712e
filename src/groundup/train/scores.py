"""What `evaluate` answers: numbers in Keras's order that also know their names."""

from collections.abc import Mapping
from typing import Any, SupportsIndex, overload

from groundup.errors import UnknownName, did_you_mean


class Scores(tuple[float, ...]):
    """The loss, then each metric; every one by its place or by its name, also when it is alone

    Args:
        named: the values by name, the loss first.

    Raises:
        UnknownName: asked for a name that is none of them.

    >>> scores = Scores({"loss": 0.25, "accuracy": 0.9})
    >>> loss, accuracy = scores
    >>> scores["accuracy"], scores[0], dict(scores)
    (0.9, 0.25, {'loss': 0.25, 'accuracy': 0.9})
    >>> scores
    Scores(loss=0.25, accuracy=0.9)
    """

    _names: tuple[str, ...]

    def __new__(cls, named: Mapping[str, float]) -> "Scores":
        scores = super().__new__(cls, named.values())
        scores._names = tuple(named)
        return scores

    def __getnewargs__(self) -> tuple[dict[str, float]]:
        return (dict(self.items()),)

    def keys(self) -> tuple[str, ...]:
        """The names in order."""
        return self._names

    def items(self) -> list[tuple[str, float]]:
        """(name, value) pairs in order."""
        return list(zip(self._names, self, strict=True))

    @overload
    def __getitem__(self, key: SupportsIndex | str, /) -> float: ...
    @overload
    def __getitem__(self, key: "slice[Any, Any, Any]", /) -> tuple[float, ...]: ...
    def __getitem__(self, key: Any, /) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key not in self._names:
            raise UnknownName(f"no score is called {key!r}. {did_you_mean(key, self._names)}")
        return self[self._names.index(key)]

    def __contains__(self, key: object) -> bool:
        return key in self._names if isinstance(key, str) else super().__contains__(key)

    def __repr__(self) -> str:
        return f"Scores({', '.join(f'{name}={value:.6g}' for name, value in self.items())})"
