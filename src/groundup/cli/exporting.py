"""What `groundup export` does: write a run for other programs, and say what was written."""

import shlex
from pathlib import Path

from groundup.cli import output
from groundup.cli.runs import open_run
from groundup.errors import InputError
from groundup.formats import onnx_difference, to_onnx, to_python
from groundup.formats.onnx_file import INSTALL
from groundup.formats.onnx_preprocess import input_type
from groundup.storage import shown
from groundup.train.inputs import raw_shape
from groundup.train.learner import Learner
from groundup.train.sequential import Sequential

TOLERANCE = 1e-4  # float32, summed up in another order; 1e-7 to 1e-6 is usual


def export(run: Path, onnx: Path | None, python: Path | None, json: bool) -> bool:
    """Write what is asked for; whether all of it is right."""
    if onnx is None and python is None:
        raise InputError("export as what? Add --onnx model.onnx or --python train.py.")
    for file in filter(None, (onnx, python)):
        if file.exists():
            raise InputError(f"{shown(file)} already exists. Choose another name, or remove it.")
    if python is not None and not run.is_dir():
        raise InputError(
            f"--python: {shown(run)} is a model file, which names no data. Give the directory of "
            "its run."
        )
    learner = open_run(run).learner
    written, difference = dict[str, str](), None
    if onnx is not None:
        model = Sequential.of(learner)
        to_onnx(model, onnx)
        written["onnx"] = shown(onnx)
        difference = onnx_difference(model, onnx)
    if python is not None:
        to_python(run, python)
        written["python"] = shown(python)
    if json:
        output.show_json({"run": str(run), **written, "difference": difference})
    else:
        output.show(output.facts(_in_words(learner, written, difference)))
    return difference is None or difference <= TOLERANCE  # NaN is not


def _in_words(
    learner: Learner, written: dict[str, str], difference: float | None
) -> dict[str, str]:
    words = dict[str, str]()
    if "onnx" in written:
        words |= {"onnx": written["onnx"], "input": _input(learner), **_checked(difference)}
    if "python" in written:
        words |= {"python": written["python"], "run": f"python {shlex.quote(written['python'])}"}
    return words


def _checked(difference: float | None) -> dict[str, str]:
    """Whether onnxruntime answers as the network does."""
    if difference is None:
        return {"not checked": f"onnxruntime is not installed. {INSTALL}"}
    if difference <= TOLERANCE:
        return {"checked": f"onnxruntime answers as the network does, to {difference:.1e}"}
    return {"checked": f"onnxruntime answers differently: by {difference:.1e}"}


def _input(learner: Learner) -> str:
    """What the graph takes."""
    shape = raw_shape(learner) or learner.network.in_shape
    said = f"x ({', '.join(['N', *map(str, shape)])}), {input_type(learner, shape)}, raw"
    parts = [type(one).__name__ for one in learner.preparation.preprocessors]
    return f"{said}; {', '.join(parts)} included" if parts else said
