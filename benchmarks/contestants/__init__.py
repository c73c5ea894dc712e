"""Who takes part. Each module has `prepare(task, **options)`, which answers a `Trainer`.

A contestant sees the same uint8 images as all others, gathers its own batches from them and scales
them by 1/255. Beyond that each does as its users would.
"""

import importlib
import importlib.util
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks.task import Task
from benchmarks.workloads import Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Trainer(Protocol):
    """A network that is ready to be trained."""

    def train(self, epochs: int, shuffle: bool) -> Sequence[float]:
        """Train on all images of the task; the mean loss of each epoch. Nothing is left pending."""

    def predict(self, images: "NDArray[Any]") -> "NDArray[Any]":
        """Probabilities (N, 10) of uint8 images (N, C, H, W), as at inference."""


ROOMY = {  # memory that was freed stays at hand: without it some peers drown in page faults
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
}
ALL: tuple[Measure, ...] = ("train", "fit", "first", "predict")
BY_HAND: tuple[Measure, ...] = ("train", "predict")  # no `fit` with metrics and validation
DENSE = ("flatten", "dense", "relu")


@dataclass(frozen=True)
class Contestant:
    """One way to train.

    Args:
        label: in tables.
        module: of this package.
        packages: what must be installed.
        measures: what it can be timed at.
        otherwise: why at nothing else.
        kinds: the layers it is for; empty for all.
        beyond: what is said of layers of other kinds.
        options: of its `prepare`.
        environment: of its process.
        whole_epochs: an epoch is one compiled call; the others are called step by step.
        needs_compiler: a C++ compiler at run time.
    """

    label: str
    module: str
    packages: tuple[str, ...]
    measures: tuple[Measure, ...]
    otherwise: str = "has no fit with metrics and validation"
    kinds: tuple[str, ...] = ()
    beyond: str = "has no {} layer"
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=lambda: ROOMY)
    whole_epochs: bool = False
    needs_compiler: bool = False

    def missing(self) -> str:
        """What this machine lacks for it, or nothing."""
        lacking = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if lacking:
            return f"not installed: {', '.join(lacking)} (make bench installs it)"
        if self.needs_compiler and not any(map(shutil.which, ("g++", "clang++"))):
            return "needs a C++ compiler, and none was found"
        return ""

    def unable(self, measure: Measure, kinds: Sequence[str]) -> str:
        """Why it cannot take part in such a workload, or nothing."""
        if measure not in self.measures:
            return self.otherwise
        unknown = sorted(set(kinds) - set(self.kinds)) if self.kinds else []
        return self.beyond.format(", ".join(unknown)) if unknown else ""

    def versions(self) -> str:
        """Its packages with their versions."""
        names = [{"sklearn": "scikit-learn"}.get(name, name) for name in self.packages]
        return ", ".join(f"{name} {version(name)}" for name in names)

    def prepare(self, task: Callable[[], Task]) -> Trainer:
        """The trainer. Its module is imported before the task is loaded."""
        module = importlib.import_module(f"{__name__}.{self.module}")
        trainer: Trainer = module.prepare(task(), **self.options)
        return trainer


KERAS = {"KERAS_BACKEND": "jax", **ROOMY}
CONTESTANTS: Mapping[str, Contestant] = {
    "ours": Contestant("groundup", "ours", ("groundup",), ALL, environment={}),
    "torch-eager": Contestant("PyTorch eager", "pytorch", ("torch",), BY_HAND),
    "torch-tuned": Contestant(
        "PyTorch channels_last, fused optimizer",
        "pytorch",
        ("torch",),
        BY_HAND,
        options={"tuned": True},
    ),
    "torch-compile": Contestant(
        "PyTorch compiled, channels_last, fused",
        "pytorch",
        ("torch",),
        BY_HAND,
        options={"tuned": True, "compiled": True},
        needs_compiler=True,
    ),
    "jax-jit": Contestant("JAX, a jitted step", "jax_functions", ("jax",), BY_HAND),
    "jax-scan": Contestant(
        "JAX, a scanned epoch",
        "jax_functions",
        ("jax",),
        ("train",),
        "differs only while training step by step",
        kinds=(*DENSE, "norm", "dropout"),
        beyond="has {} layers, which XLA runs many times slower in a scan than in a jitted step",
        options={"scan": True},
        whole_epochs=True,
    ),
    "keras": Contestant("Keras on JAX", "keras_on_jax", ("keras", "jax"), ALL, environment=KERAS),
    "keras-cached": Contestant(
        "Keras on JAX, compilation cached",
        "keras_on_jax",
        ("keras", "jax"),
        ("first",),
        "differs only in the first epoch of a process",
        options={"cache": True},
        environment=KERAS,
    ),
    "sklearn": Contestant(
        "scikit-learn MLPClassifier",
        "sklearn_mlp",
        ("sklearn",),
        BY_HAND,
        kinds=DENSE,
    ),
    "numpy": Contestant("NumPy float64, as in the book", "numpy_book", ("numpy",), BY_HAND),
}
