"""Small faults planted in the code: drawn at random, by the operators of cosmic-ray.

A place in the code is drawn first, then one of the operators that fit there, so that a `+` with
eleven replacements does not count eleven times as much as a `not` with one.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from groundup.rng import Stream

# These two need the names of variables to insert.
UNUSED = ("core/VariableInserter", "core/VariableReplacer")


@dataclass(frozen=True)
class Mutant:
    """One changed place.

    Args:
        file: relative to the root, with "/".
        line: where the change begins, from 1.
        operator: cosmic-ray's name of the change.
        occurrence: which of the places in the file where this operator fits, from 0.
        change: the line before and after.
        code: the whole changed file.
    """

    file: str
    line: int
    operator: str
    occurrence: int
    change: str
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.change}"


def drawn(root: Path, files: Sequence[str], seed: int) -> Iterator[Mutant]:
    """Mutants of these files, none twice; the same ones for the same seed and code."""
    places = [
        (file, begin[0], operators)
        for file in files
        for (begin, _), operators in _places(_source(root, file)).items()
    ]
    order = Stream(seed, "search", "mutants").permutation(len(places)).tolist()
    picks = Stream(seed, "search", "operators").uniform((len(places),)).tolist()
    for number in order:
        file, line, operators = places[number]
        made = _mutant(root, file, line, *operators[int(picks[number] * len(operators))])
        if made is not None:
            yield made


def _mutant(root: Path, file: str, line: int, operator: str, occurrence: int) -> Mutant | None:
    """None where nothing but an annotation or a comment changed, or where it is no Python."""
    from cosmic_ray.mutating import mutate_code

    source = _source(root, file)
    code = mutate_code(source, _operators()[operator], occurrence)
    try:
        if code is None or _meaning(code) == _meaning(source):
            return None
    except SyntaxError:
        return None
    before, after = (text.split("\n")[line - 1].strip() for text in (source, code))
    return Mutant(file, line, operator, occurrence, f"`{before}` → `{after}`", code)


def _places(source: str) -> dict[tuple[Any, Any], list[tuple[str, int]]]:
    """Where each operator fits: {(begin, end): [(operator, occurrence)]}."""
    from cosmic_ray.ast import ast_nodes, get_ast

    places: dict[tuple[Any, Any], list[tuple[str, int]]] = {}
    seen = dict.fromkeys(_operators(), 0)
    for node in ast_nodes(get_ast(source)):
        for name, operator in _operators().items():
            for begin, end in operator.mutation_positions(node):
                places.setdefault((begin, end), []).append((name, seen[name]))
                seen[name] += 1
    return places


@cache
def _operators() -> dict[str, Any]:
    from cosmic_ray import plugins

    names = sorted(set(plugins.operator_names()) - set(UNUSED))
    return {name: plugins.get_operator(name)() for name in names}


@cache
def _source(root: Path, file: str) -> str:
    return (root / file).read_text("utf-8")


class _Bare(ast.NodeTransformer):
    """Code without annotations: what stands there is checked by mypy, not by tests."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        node.annotation = ast.Constant(None)
        self.generic_visit(node)
        return node


def _meaning(source: str) -> str:
    return ast.dump(_Bare().visit(ast.parse(source)))
