"""Options of every class and call: what they cannot be is refused, by name and at once."""

import re
import warnings
from dataclasses import fields
from typing import Any

import numpy as np

from groundup.errors import GroundupError, InputError
from trust.claim import Outcome, Tell
from trust.inputs.bad_values import same_otherwise
from trust.inputs.owners import Option, options, registered, usual

FILES = ("filename", "filepath", "log_dir")


def check(size: int, tell: Tell) -> Outcome:
    """Every value for every option; the table is the same each time."""
    outcome, counts = Outcome(), {"options": 0, "classes": 0}
    for option in options():
        counts["options"] += 1
        for value in option.wrong:
            _note(outcome, option, value, refused(option, value))
        for value in option.perhaps:
            _note(outcome, option, value, kept(option, value))
        for value in same_otherwise(option.usual):
            _note(outcome, option, value, kept(option, value))
    for cls in registered():
        counts["classes"] += 1
        for name, hint in misspelled(cls):
            fault = unknown(cls, name, hint)
            outcome.tried += 1
            outcome.expect(fault is None, f"{cls.__name__}({name}=…): {fault}")
    tell(f"{outcome.tried:,} tried, {len(outcome.faults):,} faults")
    outcome.facts |= counts
    return outcome


def _note(outcome: Outcome, option: Option, value: Any, fault: str | None) -> None:
    outcome.tried += 1
    given = f"{option.owner}({option.name}={value!r:.60})"
    outcome.expect(fault is None, f"{given}: {fault}")


def refused(option: Option, value: Any) -> str | None:
    """What is wrong with how a wrong value is refused; None if nothing is."""
    made, error = _tried(option, value)
    if error is None:
        return f"expected a refusal, found {made!r:.120}"
    return _unclear(option, error)


def kept(option: Option, value: Any) -> str | None:
    """What is wrong with a value that may be taken: another is held, or a refusal is not clear."""
    made, error = _tried(option, value)
    if error is not None:
        return _unclear(option, error)
    if not option.keeps:
        return None
    held = getattr(made, option.name)
    if isinstance(held, np.generic | np.ndarray) and not isinstance(held, str):
        return f"{held!r:.60} of type {type(held).__name__} is held."
    if _same(held, _plain(value)):
        return None
    if not isinstance(held, int | float) and _same(made, option.make(_plain(value))):
        return None  # an object or a pair that the value stands for
    return f"{held!r:.60} of type {type(held).__name__} is held."


def _same(held: Any, value: Any) -> bool:
    try:
        return bool(held == value)
    except Exception:
        return False


def _plain(value: Any) -> Any:
    """The same of Python's own types."""
    return value.item() if isinstance(value, np.generic) else value


def _tried(option: Option, value: Any) -> tuple[Any, BaseException | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return option.make(value), None
        except Exception as error:
            return None, error


def _unclear(option: Option, error: BaseException) -> str | None:
    if not isinstance(error, GroundupError):
        return f"{type(error).__name__}: {str(error)[:160]}"
    message = str(error)
    parts = (part.rstrip("s") for part in option.name.split("_") if len(part) > 3)
    words = (option.name, *parts, "file name" if option.name in FILES else option.name)
    named = any(word in message.lower() for word in words)
    told = re.search(r"[Ee]xpect|unknown|is no |Did you mean|takes no", message)
    return None if named and told else f"the refusal does not name it, or not why: {message[:160]}"


def misspelled(cls: type[Any]) -> list[tuple[str, str]]:
    """(a keyword that the class does not know, the one that it is to be told)."""
    names = [field.name for field in fields(cls) if field.init]
    slips = [(name[:1] + name[2:], name) for name in names if len(name) > 4]
    slips = [(slip, name) for slip, name in slips if slip not in names]
    return [*slips, ("xyzzy_plugh", "")]


def unknown(cls: type[Any], name: str, hint: str) -> str | None:
    """What is wrong with how an unknown keyword is refused."""
    try:
        cls(**usual(cls), **{name: 1})
    except InputError as error:
        if not isinstance(error, TypeError):
            return f"expected a TypeError, found {type(error).__name__}"
        clear = name in str(error) and hint in str(error)
        return None if clear else f"the nearest word is not told: {error}"
    except Exception as error:
        return f"expected a refusal, found {type(error).__name__}: {error}"
    return "it was swallowed."
