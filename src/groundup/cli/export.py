"""groundup export: a trained network for other programs, and its training as a script."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json, Run

Onnx: TypeAlias = Annotated[
    Path | None,
    typer.Option("--onnx", metavar="FILE", help="The network as an ONNX file, as model.onnx."),
]
Python: TypeAlias = Annotated[
    Path | None,
    typer.Option("--python", metavar="FILE", help="The training as a script, as train.py."),
]


def export(run: Run, onnx: Onnx = None, python: Python = None, json: Json = False) -> None:
    """Write a trained network as an ONNX file, or the script that trains it again.

    The ONNX file takes raw samples, and its answers are compared with the network's own if
    onnxruntime is installed; ends with code 3 if they differ. The script needs a run directory.

    \b
    Examples:
      groundup export runs/first --onnx model.onnx
      groundup export model.safetensors --onnx model.onnx
      groundup export runs/first --python train.py
    """
    from groundup.cli import exporting

    if not exporting.export(run, onnx, python, json):
        raise typer.Exit(3)
