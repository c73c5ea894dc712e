"""One script of the book, run unchanged."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import CodeType

from groundup.book.chance import seeded
from groundup.book.figures import file_picture, filing
from groundup.book.modules import provided
from groundup.errors import InputError
from groundup.storage import AnyPath, read_bytes, shown

LIMIT = 2**20  # bytes of a script
SEEDS = 2**32  # NumPy's own generator takes no more
BACKEND = "module://groundup.book.backend"


def run_script(
    script: AnyPath, args: Sequence[str] = (), seed: int = 0, out: AnyPath | None = None
) -> None:
    """Run a script as `python SCRIPT ARGS` would in the script's folder, on groundup's layers

    Args:
        script: a Python file, such as a chapter's train_neuralnet.py.
        args: what it finds in sys.argv.
        seed: of all that is drawn, by the script from NumPy and by our modules.
        out: the folder for figures, which are then files; by default they are windows where there
            is a display, and go to "figures" where there is none.

    Raises InputError where there is no such script; whatever the script raises is passed on.

    >>> import tempfile
    >>> script = Path(tempfile.mkdtemp()) / "hello.py"
    >>> _ = script.write_text("from common.functions import softmax\\nprint(softmax(np.zeros(2)))")
    >>> run_script(script)
    Traceback (most recent call last):
    NameError: name 'np' is not defined
    >>> _ = script.write_text("from common.functions import *\\nprint(softmax(np.zeros(2)))")
    >>> run_script(script)
    [0.5 0.5]
    """
    path = Path(script).resolve()
    if not 0 <= seed < SEEDS:
        raise InputError(f"seed={seed}: expected 0 <= seed < 2**32.")
    code = _compiled(path)
    with ExitStack() as stack:
        if out is not None or not _has_display():
            stack.enter_context(filing(Path(out or "figures"), path.stem))
            stack.enter_context(_without_windows())
        stack.enter_context(seeded(seed))
        stack.enter_context(_as_a_program(path, args))
        names = stack.enter_context(provided(path.parent))
        exec(code, {"__name__": "__main__", "__file__": str(path), "__builtins__": names})


def _compiled(path: Path) -> CodeType:
    source = read_bytes(path, LIMIT)
    try:
        return compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{shown(path)} is not a Python script: {error}.") from None


@contextmanager
def _as_a_program(path: Path, args: Sequence[str]) -> Iterator[None]:
    """The script's own arguments and folder: the book's scripts open files beside them."""
    argv, folder = sys.argv, Path.cwd()
    sys.argv = [str(path), *args]
    os.chdir(path.parent)
    try:
        yield
    finally:
        sys.argv = argv
        os.chdir(folder)


def _has_display() -> bool:
    given = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return given or sys.platform in ("win32", "darwin")


@contextmanager
def _without_windows() -> Iterator[None]:
    """matplotlib and Pillow show pictures as files meanwhile."""
    from PIL import Image

    before = os.environ.get("MPLBACKEND"), Image.Image.show
    os.environ["MPLBACKEND"] = BACKEND
    Image.Image.show = file_picture  # type: ignore[method-assign, assignment]
    _switch(BACKEND)
    try:
        yield
    finally:
        Image.Image.show = before[1]  # type: ignore[method-assign]
        _switch("agg")
        del os.environ["MPLBACKEND"]
        if before[0] is not None:
            os.environ["MPLBACKEND"] = before[0]


def _switch(backend: str) -> None:
    """A matplotlib that is loaded already looks at no environment."""
    if sys.modules.get("matplotlib"):
        sys.modules["matplotlib"].use(backend)
