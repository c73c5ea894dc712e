"""Keras's test files, read from the installed wheel: parsed, never imported.

A file's own imports are dropped and its names bound to our stand-ins, so its tests run on groundup
with the arrays, settings and tolerances that stand in them. Nothing of Keras itself is loaded.
"""

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trust.numbers.keras_tests.foreign import Absent

KEPT = ("parameterized", "property", "staticmethod", "classmethod")


@dataclass(frozen=True)
class Case:
    """One test with one row of its parameters."""

    file: str
    test: str
    row: Any
    suite: type

    def __str__(self) -> str:
        return f"{self.file}, {self.suite.__name__}.{self.test}{'' if self.row == () else self.row}"


def folder() -> Path:
    """Where Keras's sources lie; ModuleNotFoundError where it is not installed."""
    found = importlib.util.find_spec("keras")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("keras is not installed")
    return Path(found.origin).parent / "src"


def cases(file: str, names: Mapping[str, Any]) -> Iterator[Case]:
    """The tests of a file, bound to these names."""
    path = folder() / file
    tree = ast.parse(path.read_text("utf-8"), str(path))
    bound = {"__name__": file, **names}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = (alias.asname or alias.name).partition(".")[0]
                bound.setdefault(name, Absent(name))
    tree.body = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):  # of marks only parameters matter
            node.decorator_list = [d for d in node.decorator_list if _root(d) in KEPT]
    exec(compile(tree, str(path), "exec"), bound)
    for name, suite in list(bound.items()):
        if isinstance(suite, type) and suite.__module__ == file and name.endswith("Test"):
            for test in vars(suite):
                if test.startswith("test_"):
                    rows = getattr(vars(suite)[test], "rows", [()])
                    yield from (Case(file, test, row, suite) for row in rows)


def _root(decorator: ast.expr) -> str:
    """ "parameterized", of @parameterized.parameters(…)."""
    while not isinstance(decorator, ast.Name):
        decorator = decorator.func if isinstance(decorator, ast.Call) else decorator.value
    return decorator.id
