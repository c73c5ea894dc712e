"""Values as the Python that makes them: how a layer, an optimizer, a list stands in a script."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from groundup.data.preprocess import preprocessors
from groundup.errors import InputError
from groundup.layers.activations import activations
from groundup.layers.initializers import initializers
from groundup.nn.losses import losses
from groundup.registry import Registry

WIDTH = 88  # what formatters take where nothing is said
# Their objects are given by name, where they have no options or none is said.
_BY_NAME: tuple[Registry[Any], ...] = (activations, initializers, losses, preprocessors)
_INSIDE = {"Average": "nn", "Conv2DReLU": "layers", "DenseReLU": "layers"}  # else gu.NAME itself


class Group(NamedTuple):
    """Something in brackets: a call, list, tuple or dictionary; parts with what stands before."""

    head: str
    parts: tuple[tuple[str, "Source"], ...]
    tail: str


Source: TypeAlias = str | Group


def source(value: Any, always: Iterable[str] = ()) -> Source:
    """The expression whose value is this; `always`: options said even where they are the default

    >>> import groundup as gu
    >>> print(text(source(gu.Dense(64, "relu", kernel_initializer=gu.RandomNormal(0.0, 0.01)))))
    gu.Dense(64, activation="relu", kernel_initializer=gu.RandomNormal(stddev=0.01))
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return call(class_name(type(value)), *_arguments(value, tuple(always)))
    if isinstance(value, Mapping):
        return Group("{", tuple((f"{literal(key)}: ", source(v)) for key, v in value.items()), "}")
    if isinstance(value, list):
        return listed(map(source, value))
    if isinstance(value, tuple):
        last = ",)" if len(value) == 1 else ")"
        return Group("(", tuple(("", source(item)) for item in value), last)
    return literal(value)


def literal(value: Any) -> str:
    """A number, text, True, False or None, text in double quotes where it can be.

    >>> print(literal("relu"), literal('"'), literal(1e-4), literal(None))
    "relu" '"' 0.0001 None
    """
    value = value.item() if hasattr(value, "item") else value
    told = repr(value)
    is_single = isinstance(value, str) and told.startswith("'") and '"' not in told
    return f'"{told[1:-1]}"' if is_single else told


def listed(items: Iterable[Source]) -> Group:
    """[item, …]"""
    return Group("[", tuple(("", item) for item in items), "]")


def call(
    name: str, given: Iterable[Source] = (), options: Mapping[str, Source] | None = None
) -> Group:
    """name(given, …, option=…)"""
    parts = [("", one) for one in given]
    parts += [(f"{key}=", value) for key, value in (options or {}).items()]
    return Group(f"{name}(", tuple(parts), ")")


def text(what: Source, before: int = 0, after: int = 0, indent: int = 0) -> str:
    """It in one line if that fits, else its parts in the next, else each in a line of its own

    before, after: letters that stand in its first and last line besides.

    >>> print(text(call("gu.Sequential", ["a"], {"x": "b" * 78})))
    gu.Sequential(
        a, x=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    )
    """
    line = _line(what)
    if isinstance(what, str) or not what.parts or indent + before + len(line) + after <= WIDTH:
        return line
    deeper = indent + 4
    inner = _line(Group("", what.parts, ""))
    if len(what.head) > 1 and deeper + len(inner) <= WIDTH:  # of a call, as formatters do
        lines = [inner]
    else:
        lines = [f"{name}{text(part, len(name), 1, deeper)}," for name, part in what.parts]
    body = "".join(f"{' ' * deeper}{line}\n" for line in lines)
    return f"{what.head}\n{body}{' ' * indent}{what.tail[-1]}"


def _line(what: Source) -> str:
    if isinstance(what, str):
        return what
    parts = ", ".join(f"{said}{_line(part)}" for said, part in what.parts)
    return f"{what.head}{parts}{what.tail}"


def _arguments(value: Any, always: tuple[str, ...]) -> tuple[list[Source], dict[str, Source]]:
    """What a value was made with: required options by place, others that change it by name."""
    fields = [field for field in dataclasses.fields(value) if field.init]
    whole = {field.name: getattr(value, field.name) for field in fields}
    given, options = list[Source](), dict[str, Source]()
    for field in fields:
        if _is_required(field) and not field.kw_only and not options:
            given.append(option(whole[field.name]))
        elif field.name in always or not _is_left_out(value, whole, field.name):
            options[field.name] = option(whole[field.name])
    return given, options


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _is_left_out(value: Any, whole: Mapping[str, Any], name: str) -> bool:
    """Whether the same comes of not saying it: defaults such as "zeros" become objects."""
    others = {key: given for key, given in whole.items() if key != name}
    return _makes(value, type(value), others)


def _makes(value: Any, cls: type[Any], options: Mapping[str, Any]) -> bool:
    try:
        return bool(cls(**options) == value)
    except InputError:  # it needs more
        return False


def option(value: Any) -> Source:
    """Its name, where options take one and it is as it comes by that name; else `source`."""
    for registry in _BY_NAME:
        if type(value) in set(registry) and _makes(value, type(value), {}):
            return literal(registry.name_of(type(value)))
    return source(value)


def class_name(cls: type[Any]) -> str:
    """Where a script has a class from; InputError for one that is not groundup's."""
    if not cls.__module__.startswith("groundup."):
        raise InputError(
            f"{cls.__name__} of {cls.__module__}: a script knows only what groundup has. Write the "
            "script by hand."
        )
    return ".".join(filter(None, ("gu", _INSIDE.get(cls.__name__), cls.__name__)))
