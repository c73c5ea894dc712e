"""Names to classes and back: how "adam", {"kind": "Adam", …} and Adam(…) are one thing.

A registered class is a frozen dataclass, a value: what it is, it says in its fields. So one pair of
functions, `build` and `describe`, reads and writes every layer, optimiser and schedule in a
configuration or a model file, and no file can name anything but a registered class.
"""

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

from groundup.errors import InputError, UnknownName, UnknownOption, did_you_mean

T = TypeVar("T")
_WORDS = (
    "PReLU",
    "ReLU",
    "TensorBoard",
    "NaN",
    "AdamW",
    "RMS",
)  # one each, whatever their capitals
OPTION_ALIASES = {"lr": "learning_rate"}
_everything: dict[str, type[Any]] = {}


@functools.cache
def snake_case(name: str) -> str:
    """
    >>> snake_case("MaxPooling2D"), snake_case("ReLU"), snake_case("HeNormal"), snake_case("L2")
    ('max_pooling2d', 'relu', 'he_normal', 'l2')
    """
    for word in _WORDS:
        name = name.replace(word, word.capitalize())
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Registry(Generic[T]):
    """The named classes of one kind, such as all optimisers.

    >>> shapes: Registry[object] = Registry("shape")
    >>> @shapes.register("disc")
    ... @dataclasses.dataclass(frozen=True)
    ... class Circle:
    ...     radius: float = 1.0
    >>> shapes.resolve("disc"), shapes.resolve({"kind": "Circle", "radius": 2.0})
    (Circle(radius=1.0), Circle(radius=2.0))
    >>> shapes.resolve("circel")
    Traceback (most recent call last):
    groundup.errors.UnknownName: unknown shape 'circel'. Did you mean 'circle'?

    Args:
        kind: what error messages call one of them.
        base: their base class; objects of unregistered classes under it are taken, too.
    """

    def __init__(self, kind: str, base: type[Any] | None = None) -> None:
        self.kind = kind
        self.base = base
        self._classes: dict[str, type[T]] = {}  # by canonical name
        self._spellings: dict[str, str] = {}  # to canonical names
        self._parsers: list[Callable[[str], T | None]] = []

    def register(self, *aliases: str, name: str = "") -> Callable[[type[Any]], type[Any]]:
        """Class decorator: know this class by its name, its snake_case name and `aliases`

        Lists call it by `name`, the snake_case one if none is given.
        """

        def add(cls: type[Any]) -> type[Any]:
            taken = _everything.setdefault(cls.__name__, cls)
            if (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
                raise InputError(  # files know a class by its name alone
                    f"{self.kind} {cls.__name__}: {taken.__module__} has registered a class of "
                    "that name. Choose another."
                )
            check_options(cls)
            plain = snake_case(cls.__name__)
            canonical = name or plain
            self._classes[canonical] = _everything[cls.__name__] = cls
            for spelling in (canonical, plain, cls.__name__, *aliases):
                self._spellings[spelling.lower()] = canonical
            return cls

        return add

    def parse(self, parser: Callable[[str], T | None]) -> Callable[[str], T | None]:
        """Function decorator: a spelling with a value in it, such as "std:0.01"."""
        self._parsers.append(parser)
        return parser

    def __iter__(self) -> Iterator[type[T]]:
        return iter(self._classes.values())

    def names(self) -> list[str]:
        """Every class by its one canonical name, in order of registration."""
        return list(self._classes)

    def name_of(self, cls: type[T]) -> str:
        """The canonical name of a class; of an unregistered one, its name in snake_case."""
        return next(
            (n for n, known in self._classes.items() if known is cls), snake_case(cls.__name__)
        )

    def __getitem__(self, name: str) -> type[T]:
        found = self._spellings.get(name.lower())
        if found is None:
            hint = did_you_mean(name, self._spellings, self._classes)
            raise UnknownName(f"unknown {self.kind} {name!r}. {hint}")
        return self._classes[found]

    def resolve(self, given: Any) -> T:
        """An instance from an instance, a class, a name, or a mapping with "kind" (or "name")."""
        if isinstance(given, str):
            parsed = (parser(given) for parser in self._parsers)
            found = next((value for value in parsed if value is not None), None)
            return self[given]() if found is None else found
        if isinstance(given, Mapping):
            options = {str(key): value for key, value in given.items()}
            name = options.pop("kind", None) or options.pop("name", None)
            if not isinstance(name, str):
                raise InputError(f'{self.kind} {dict(given)!r}: expected a "kind", its name.')
            return self[name](**options)
        members = (self.base,) if self.base else tuple(self._classes.values())
        if isinstance(given, type) and issubclass(given, members) and not inspect.isabstract(given):
            return cast(T, given())
        if isinstance(given, members):
            return cast(T, given)
        raise InputError(
            f"{given!r} is no {self.kind}: expected an object or a name: {', '.join(self.names())}."
        )


def check_options(cls: type[Any]) -> None:
    """Make `cls(…)` translate aliases and answer an unknown keyword with "did you mean"

    A missing option is refused as clearly, since configurations and files call `cls` too.
    """
    plain = cls.__init__
    known = [field.name for field in dataclasses.fields(cls) if field.init]
    signature = inspect.signature(plain)

    @functools.wraps(plain)
    def __init__(self: Any, /, *args: Any, **options: Any) -> None:  # noqa: N807
        for alias, name in OPTION_ALIASES.items():
            if alias in options and name in known:
                if name in options:
                    raise UnknownOption(f"{cls.__name__}: {alias} and {name} are the same option.")
                options[name] = options.pop(alias)
        for option in options:
            if option not in known:
                hint = did_you_mean(option, known)
                raise UnknownOption(f"{cls.__name__} takes no option {option!r}. {hint}")
        try:
            signature.bind(self, *args, **options)
        except TypeError as error:
            raise UnknownOption(f"{cls.__name__}: {error}.") from None
        plain(self, *args, **options)

    cls.__init__ = __init__


def describe(value: Any) -> Any:
    """Plain data from which `build` makes an equal object: {"kind": name, **changed fields}."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if _everything.get(type(value).__name__) is not type(value):
            raise InputError(
                f"{type(value).__name__} cannot be written to a file: no registry knows it, so no "
                "file could be read again. Register the class, as in @layers.register()."
            )
        fields = {
            field.name: describe(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.init and not _is_default(field, getattr(value, field.name))
        }
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, list | tuple):
        return [describe(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): describe(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "item"):  # a NumPy scalar
        return value.item()
    raise InputError(f"{value!r} cannot be written to a file: expected a registered class.")


def build(data: Any) -> Any:
    """The inverse of `describe`."""
    if isinstance(data, Mapping) and "kind" in data:
        options = {key: build(item) for key, item in data.items() if key != "kind"}
        cls = _everything.get(data["kind"]) if isinstance(data["kind"], str) else None
        if cls is None:
            hint = did_you_mean(str(data["kind"]), _everything)
            raise UnknownName(f"unknown class {data['kind']!r}. {hint}")
        return cls(**options)
    if isinstance(data, Mapping):
        return {key: build(item) for key, item in data.items()}
    if isinstance(data, list):
        return tuple(build(item) for item in data)
    return data


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return field.default is not dataclasses.MISSING and bool(value == field.default)
