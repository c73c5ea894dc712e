"""What a process loads before it has anything to show for it."""

import subprocess
import sys

import pytest

HEAVY = {
    "sklearn", "scipy.linalg", "matplotlib", "rich", "pydantic", "typer", "jinja2", "safetensors",
    "tensorboardX", "asyncio", "PIL",
}  # fmt: skip

MODEL = """
import numpy as np
model = gu.Sequential([gu.Flatten(), gu.Dense(16, "relu"), gu.BatchNormalization(),
                       gu.Dropout(0.2), gu.Dense(3, "softmax")], preprocess=["rescale"])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
x = np.arange(20 * 16, dtype=np.uint8).reshape(20, 4, 4)
model.fit(x, np.arange(20) % 3, validation_split=0.2, verbose=0)
model.predict(x)
"""


def loaded(code):
    """The modules that a fresh process has after this code."""
    code += "\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_package_alone_loads_next_to_nothing():
    ours = {name for name in loaded("import groundup") if name.startswith("groundup")}
    assert ours == {"groundup", "groundup.processor"}
    assert not loaded("import groundup") & {"numpy", "numba", "llvmlite", *HEAVY}


@pytest.mark.parametrize(
    ("code", "spared"),
    [
        ("import groundup as gu; gu.Sequential", {"numba", "llvmlite", "scipy"} | HEAVY),
        ("import groundup as gu" + MODEL, HEAVY),
    ],
)
def test_modules_that_nobody_needs_are_not_loaded(code, spared):
    assert loaded(code) & spared == set()


def test_numba_still_finds_linear_algebra():
    code = """
import numba, numpy as np
import groundup.ops.cpu.host
assert "scipy.linalg" not in sys.modules
print(numba.njit(lambda a: np.dot(a, a).sum())(np.eye(2)))
"""
    done = subprocess.run(
        [sys.executable, "-c", "import sys" + code], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["2.0"]
