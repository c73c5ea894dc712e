"""The textbook's own scripts, unchanged, where they are at hand.

GROUNDUP_BOOK names a clone of oreilly-japan/deep-learning-from-scratch or of
WegraLee/deep-learning-from-scratch, or a folder that holds both. What trains is marked long.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("GROUNDUP_BOOK", "")
# Seconds of a slow core that a script of these names may take, and the least that it reaches.
LONG = {
    "gradient_check": (300, None),
    "batch_norm_gradient_check": (900, None),
    "train_neuralnet": (900, 0.9),
    "train_convnet": (1800, 0.98),
    "train_deepnet": (7200, 0.99),
    "overfit_dropout": (900, 0.4),
}
MINUTES = (300, None)
PREDICTS = {"neuralnet_mnist": 0.9352, "neuralnet_mnist_batch": 0.9352}


def scripts() -> list[Path]:
    """Those of chapters 2 to 8, in every edition at hand."""
    if not FOLDER:
        return []
    folder = Path(FOLDER)
    here = sorted(folder.glob("ch0[2-8]/*.py")) or sorted(folder.glob("*/ch0[2-8]/*.py"))
    return [path.absolute() for path in here]


def case(path: Path):
    """One script; from chapter 6 on, and where it trains or checks, it takes minutes."""
    long = path.stem in LONG or path.parent.name in ("ch06", "ch07", "ch08")
    return pytest.param(path, id="/".join(path.parts[-3:]), marks=[pytest.mark.long] * long)


def said(text: str) -> float:
    """The last number but whole ones, the accuracy that a script ends with."""
    return float(re.findall(r"\d\.\d+", text)[-1])


@pytest.mark.skipif(not FOLDER, reason="GROUNDUP_BOOK names no folder of the textbook's scripts")
@pytest.mark.skipif(
    "GROUNDUP_DATA" not in os.environ, reason="GROUNDUP_DATA names no folder with MNIST"
)
@pytest.mark.parametrize("script", [case(path) for path in scripts()] or [Path("none")])
def test_it_runs(script, tmp_path):
    pytest.importorskip("matplotlib")
    book = shutil.copytree(script.parent.parent, tmp_path / "book")  # some write beside themselves
    command = [
        sys.executable,
        "-m",
        "groundup",
        "book",
        "run",
        f"{script.parent.name}/{script.name}",
    ]
    seconds, least = LONG.get(script.stem, MINUTES)
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "figures")],
        cwd=book, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shows = "show()" in script.read_text(encoding="utf-8")
    assert (tmp_path / "figures").is_dir() == shows
    if script.stem in PREDICTS:
        assert f"{PREDICTS[script.stem]}" in done.stdout
    if script.stem == "gradient_check" and script.parent.name == "ch05":
        found = dict(line.split(":") for line in done.stdout.split())
        assert all(float(difference) < 1e-9 for difference in found.values()), found
    if least is not None and re.search(r"\d\.\d+", done.stdout):
        assert said(done.stdout) > least
