"""The house holds: a room imports only from floors below its own, or from itself.

Read from the source, so that nothing has to run. Imports inside functions count too, but one that
reaches up may be listed in `REACHES_UP`. Some rules of style that no linter here knows come along.
"""

import ast
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import groundup

ROOT = Path(groundup.__file__).parent
FLOORS = {
    "typing": 0,
    "errors": 0,
    "checks": 0,
    "processor": 0,
    "rng": 0,
    "registry": 0,
    "storage": 0,
    "config": 0,
    "config_data": 0,
    "ops": 1,
    "statistics": 1,
    "layers": 2,
    "nn": 3,
    "data": 3,
    "train": 4,
    "report": 5,
    "tune": 6,
    "doctor": 7,
    "lab": 7,
    "formats": 7,
    "book": 7,
    "cli": 8,
    "sklearn": 8,
    "web": 8,
    "__init__": 8,
}
# (module, what it imports from above, inside a function): methods that must reach up.
REACHES_UP: set[tuple[str, str]] = {
    ("groundup.train.sequential", "groundup.doctor.of_model"),
    ("groundup.train.built", "groundup.report.of_training"),
    ("groundup.train.history", "groundup.report.of_training"),
}


class Import(NamedTuple):
    importer: str  # full module names
    imported: str
    line: int
    inside_function: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}


def room(module: str) -> str:
    """The part of the house: groundup.ops.reference.affine -> ops; groundup -> __init__."""
    part = [*module.split("."), "__init__"][1]
    return "cli" if part == "__main__" else part


def floor(module: str) -> int:
    return FLOORS[room(module)]


def ground(module: str) -> str:
    """The unit that may import from itself; the ground floor is one."""
    return "ground" if floor(module) == 0 else room(module)


def resolve(name: str) -> str | None:
    """The module of ours that holds `name`, the longest that exists."""
    parts = name.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((p for p in prefixes if p in SOURCES), None) if parts[0] == "groundup" else None


def imports(importer: str, tree: ast.Module) -> Iterator[Import]:
    is_package = SOURCES[importer].name == "__init__.py"

    def walk(node: ast.AST, inside: bool) -> Iterator[Import]:
        inner = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            names: list[str] = []
            if isinstance(child, ast.Import):
                names = [alias.name for alias in child.names]
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                if child.level:
                    above = importer.split(".")
                    above = above[: len(above) - child.level + is_package]
                    base = ".".join([*above, *([base] if base else [])])
                names = [f"{base}.{alias.name}" for alias in child.names]
            for name in names:
                found = resolve(name)
                if found is not None:
                    yield Import(importer, found, child.lineno, inner)
            yield from walk(child, inner)

    yield from walk(tree, False)


IMPORTS = [found for name, tree in TREES.items() for found in imports(name, tree)]


def allowed(found: Import) -> bool:
    a, b = found.importer, found.imported
    return ground(a) == ground(b) or floor(b) < floor(a)


def shown(found: Import) -> str:
    return f"{SOURCES[found.importer]}:{found.line} imports {found.imported}"


def test_every_room_is_on_a_floor() -> None:
    assert {room(name) for name in SOURCES} <= set(FLOORS)
    assert len(SOURCES) > 20
    assert len(IMPORTS) > 50


def test_modules_import_only_from_below_or_from_their_own_room() -> None:
    wrong = [shown(i) for i in IMPORTS if not i.inside_function and not allowed(i)]
    assert not wrong, "\n".join(wrong)


def test_functions_that_reach_up_are_listed() -> None:
    reaching = {
        (i.importer, i.imported): shown(i) for i in IMPORTS if i.inside_function and not allowed(i)
    }
    assert set(reaching) == REACHES_UP, "\n".join(reaching.values())


def test_no_circles() -> None:
    """Among modules, by their module-level imports; a package's own front page is no circle."""
    edges: dict[str, set[str]] = {name: set() for name in SOURCES}
    for i in IMPORTS:
        if not i.inside_function and i.imported != i.importer:
            edges[i.importer].add(i.imported)
    while True:  # take away what imports nothing that is left, until nothing moves
        free = {name for name, targets in edges.items() if not targets & set(edges)}
        if not free:
            break
        edges = {name: targets for name, targets in edges.items() if name not in free}
    assert not edges, f"circles among {sorted(edges)}"


def test_nothing_reaches_up_behind_type_checking() -> None:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                inside = [i for i in IMPORTS if i.importer == name and node.lineno <= i.line]
                inside = [i for i in inside if i.line <= (node.end_lineno or 0)]
                assert all(map(allowed, inside)), [shown(i) for i in inside]


# --- rules of style


def offenders(rule: Callable[[str, ast.Module], Iterable[object]]) -> list[str]:
    """Where a rule finds fault, as "file: what"."""
    return [f"{SOURCES[name]}: {what}" for name, tree in TREES.items() for what in rule(name, tree)]


def imported_names(tree: ast.Module) -> set[str]:
    """Every module and member that is imported, of ours or not, as a dotted name."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_no_file_is_too_long() -> None:
    def rule(name: str, tree: ast.Module) -> Iterator[str]:
        lines = SOURCES[name].read_text(encoding="utf-8").count("\n")
        if lines > 300:
            yield f"{lines} lines, 300 are allowed"

    assert not offenders(rule)


def test_every_file_says_what_it_is() -> None:
    assert not offenders(lambda name, tree: [] if ast.get_docstring(tree) else ["no docstring"])


# The book's scripts pickle their weights; there a stand-in is put for everything a pickle names.
PICKLES = "groundup.book.pickles"


def test_no_pickle() -> None:
    loaders = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}

    def rule(name: str, tree: ast.Module) -> Iterator[str]:
        found = (n for n in imported_names(tree) if n.split(".")[0] in loaders)
        yield from () if name == PICKLES else found
        for node in ast.walk(tree):
            said = isinstance(node, ast.keyword) and node.arg == "allow_pickle"
            if said and ast.unparse(node.value) != "False":
                yield f"line {node.lineno}: allow_pickle"

    assert not offenders(rule)


def test_no_print_outside_the_command_line() -> None:
    """But for the book's Trainer, which tells the reader of a script."""

    def rule(name: str, tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
            if called and room(name) != "cli" and name != "groundup.book.common.trainer":
                yield f"line {node.lineno}: print"

    assert not offenders(rule)


def test_no_randomness_but_our_own() -> None:
    """NumPy's Philox, in rng.py, is the one source; nothing is drawn from a global or the clock.

    The book's scripts draw from NumPy's global: it is seeded for them, and put back.
    """
    for_scripts = {f"np.random.{name}" for name in ("get_state", "seed", "set_state")}
    exempt = {("groundup.rng", "np.random.Philox")}
    exempt |= {("groundup.book.chance", used) for used in for_scripts}
    drawing = re.compile(r"(np|numpy)\.random\.\w+")

    def rule(name: str, tree: ast.Module) -> Iterator[str]:
        for node in ast.walk(tree):
            used = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if drawing.fullmatch(used) and (name, used) not in exempt:
                yield f"line {node.lineno}: {used}"
        foreign = re.compile(r"random(\..*)?|numpy\.random.*")
        yield from filter(foreign.fullmatch, imported_names(tree))

    assert not offenders(rule)


# --- the test itself can fail


@pytest.mark.parametrize(
    ("importer", "source", "legal"),
    [
        ("groundup.layers.dense", "from groundup import ops", True),
        ("groundup.layers.dense", "from groundup.layers.layer import Layer", True),
        ("groundup.layers.dense", "import groundup.rng", True),
        ("groundup.layers.dense", "from groundup.nn.chain import Chain", False),
        ("groundup.layers.dense", "from groundup import Sequential", False),
        ("groundup.layers.dense", "from ..nn import chain", False),
        ("groundup.layers.dense", "from . import layer", True),
        ("groundup.nn.chain", "from groundup.data import split", False),
        ("groundup.data.split", "import groundup.nn.chain", False),
        ("groundup.rng", "from groundup.errors import InputError", True),
        ("groundup.rng", "from groundup.ops import relu", False),
        ("groundup.errors", "if TYPE_CHECKING:\n    from groundup.layers import Layer", False),
        ("groundup.nn.chain", "import numpy", True),
    ],
)
def test_the_rule(importer: str, source: str, legal: bool) -> None:
    found = list(imports(importer, ast.parse(source)))
    assert all(map(allowed, found)) is legal
    assert all(not i.inside_function for i in found)


def test_an_import_in_a_function_is_known_as_one() -> None:
    source = "class A:\n    def f(self):\n        from groundup.train import loop\n"
    (found,) = imports("groundup.layers.dense", ast.parse(source))
    assert found.inside_function
    assert not allowed(found)


def test_rooms_of_one_floor_are_strangers() -> None:
    rooms = [name for name in FLOORS if FLOORS[name] > 0]
    for a, b in itertools.permutations(rooms, 2):
        found = Import(f"groundup.{a}", f"groundup.{b}", 1, False)
        if FLOORS[a] == FLOORS[b]:
            assert not allowed(found)
