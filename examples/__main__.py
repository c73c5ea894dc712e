"""Runs the notebooks of this folder and saves them with what they show: `python -m examples`.

Names of notebooks as arguments take these alone. Needs `pip install 'groundup[notebooks]'`.
"""

import argparse
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent


def executed(path: Path) -> str:
    """The notebook with its outputs, as the text of a file; CellExecutionError where a cell fails.

    Files that it writes go to a folder that is thrown away.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        at = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=300, resources=at, record_timing=False).execute()
    notebook.metadata["language_info"] = {"name": "python"}  # of the machine it ran on no word
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", ()):
                del output["data"]["text/plain"]  # the same once more, without its pictures
    return nbformat.writes(notebook) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples", description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks; by default all")
    named = [FOLDER / f"{Path(name).stem}.ipynb" for name in parser.parse_args().names]
    for path in named or sorted(FOLDER.glob("*.ipynb")):
        path.write_text(executed(path), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
