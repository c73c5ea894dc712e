"""What a script finds when it imports: the book's modules are ours, its neighbors stay its own.

`common.…` and `dataset.…` are always ours, even with the book's own folders beside the script. A
module such as `two_layer_net` is the script's own where it has one, and ours where it has not. A
script's `pickle` is the careful one. Libraries import as ever.
"""

import builtins
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from groundup.errors import InputError

OURS = ("common", "dataset")
ALWAYS = (
    *OURS,
    "common.functions",
    "common.gradient",
    "common.layers",
    "common.multi_layer_net",
    "common.multi_layer_net_extend",
    "common.optimizer",
    "common.trainer",
    "common.util",
    "dataset.mnist",
)
IF_MISSING = ("two_layer_net", "simple_convnet", "deep_convnet")
EXTRAS = {"matplotlib": "book", "mpl_toolkits": "book"}


@contextmanager
def provided(folder: Path) -> Iterator[dict[str, Any]]:
    """The modules of a run, of a script in `folder`; yields the builtins for its code.

    Afterwards what the script imported from its folder, and what stood for the book's, is gone.
    """
    before, path = dict(sys.modules), list(sys.path)
    names = scripts_builtins()
    found = [_Neighbors(folder, names), _IfMissing()]
    for name in [name for name in sys.modules if name.split(".")[0] in (*OURS, *IF_MISSING)]:
        del sys.modules[name]
    sys.modules.update({name: importlib.import_module(f"{__package__}.{name}") for name in ALWAYS})
    sys.path.insert(0, str(folder))
    sys.meta_path.insert(0, found[0])
    sys.meta_path.append(found[1])
    try:
        yield names
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in found]
        sys.path[:] = path
        for name in [name for name in sys.modules if _is_passing(name, before, folder)]:
            del sys.modules[name]
        sys.modules.update(before)


def scripts_builtins() -> dict[str, Any]:
    """Python's builtins, but for what `import` finds."""

    def find(name: str, *details: Any, **more: Any) -> Any:
        if name == "pickle":
            return importlib.import_module("groundup.book.pickles")
        try:
            return builtins.__import__(name, *details, **more)
        except ModuleNotFoundError as error:
            missing = (error.name or "").split(".")[0]
            if missing not in EXTRAS:
                raise
            raise InputError(
                f"the script needs {missing}, which is not installed. "
                f'Try: pip install "groundup[{EXTRAS[missing]}]"'
            ) from None

    return {**vars(builtins), "__import__": find}


class _Neighbors(MetaPathFinder):
    """Modules in the script's folder: their code is the script's own."""

    def __init__(self, folder: Path, names: Mapping[str, Any]) -> None:
        self.folder, self.names = folder, names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path or [str(self.folder)])
        if spec is None or not isinstance(spec.loader, SourceFileLoader):
            return None
        if not _is_within(spec.loader.path, self.folder):
            return None
        spec.loader = _Neighbor(spec.loader.name, spec.loader.path, self.names)
        return spec


class _Neighbor(SourceFileLoader):
    def __init__(self, fullname: str, path: str, names: Mapping[str, Any]) -> None:
        super().__init__(fullname, path)
        self.names = names

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = self.names
        super().exec_module(module)


class _IfMissing(MetaPathFinder, Loader):
    """The last to be asked: the book's modules that a script's folder may lack."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in IF_MISSING else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return importlib.import_module(f"groundup.book.siblings.{spec.name}")

    def exec_module(self, module: ModuleType) -> None:
        """It has been, when it was created."""


def _is_passing(name: str, before: Mapping[str, Any], folder: Path) -> bool:
    """Whether a module leaves with the script."""
    if name.split(".")[0] in (*OURS, *IF_MISSING):
        return True
    file = getattr(sys.modules[name], "__file__", None)
    return name not in before and bool(file) and _is_within(str(file), folder)


def _is_within(file: str, folder: Path) -> bool:
    """Whether a module is the script's neighbor, and not one of a library installed there."""
    path = Path(file).resolve()
    return path.is_relative_to(folder) and not {"site-packages", "dist-packages"} & {*path.parts}
