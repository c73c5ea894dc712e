"""What a test of Keras's asks for and has no counterpart here."""

from collections.abc import Mapping
from typing import Any


class Foreign(Exception):
    """Says why a test is left out."""


class Absent:
    """A name of Keras's that means nothing here; it may be mentioned or derived from, not used."""

    def __init__(self, name: str, *_: Any) -> None:
        self.name = name

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise Foreign(f"no {self.name}")

    def __getattr__(self, name: str) -> "Absent":
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.name}.{name}")


class Namespace:
    """A module of Keras's with our stand-ins in it; what else is asked of it is absent."""

    def __init__(self, name: str, **known: Any) -> None:
        self._name = name
        vars(self).update(known)

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}")


def taken(
    given: Mapping[str, Any], ours: Mapping[str, str], neutral: Mapping[str, tuple[Any, ...]]
) -> dict[str, Any]:
    """Keras's options under our names; `neutral` are those that change nothing at these values."""
    options = {}
    for name, value in given.items():
        if name in ours:
            options[ours[name]] = value
        elif name == "name":
            continue
        elif not any(value is same or value == same for same in neutral.get(name, ())):
            raise Foreign(f"no option {name}={value!r}")
    return options
