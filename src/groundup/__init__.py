"""groundup: deep learning from the ground up.

Every name in `__init__.pyi` can be had as `groundup.NAME`. It is imported when it is first asked
for, so that `import groundup` costs next to nothing.
"""

import ast as _ast
import importlib as _importlib
from pathlib import Path as _Path
from typing import Any as _Any

from groundup.processor import tell_blas as _tell_blas

__version__ = "0.1.0"

_tell_blas()  # before anything here imports NumPy

_stub = _ast.parse(_Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_homes = {
    name.asname or name.name: (f"{__name__}.{node.module}" if node.module else __name__, name.name)
    for node in _stub.body
    if isinstance(node, _ast.ImportFrom)
    for name in node.names
}
__all__ = sorted(_homes)


def __getattr__(name: str) -> _Any:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _homes[name]
    if module == __name__:
        return _importlib.import_module(f"{__name__}.{name}")
    home = _importlib.import_module(module)
    try:
        value = getattr(home, attribute)
    except AttributeError:  # a module in it that nobody has imported yet
        value = _importlib.import_module(f"{module}.{attribute}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
