"""What is timed: a table of networks, optimizers and sizes, and what one measurement is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Measure = Literal["train", "fit", "first", "predict"]
UNITS: Mapping[Measure, tuple[str, float]] = {
    "train": ("ms a step", 1e3),
    "fit": ("s an epoch", 1.0),
    "first": ("s", 1.0),
    "predict": ("ms", 1e3),
}
RATES = {"sgd": 0.01, "adam": 0.001}
IN_SHAPE, CLASSES = (1, 28, 28), 10


@dataclass(frozen=True)
class Workload:
    """One row of the benchmark.

    Args:
        name: on the command line and of the files with the results.
        title: in tables.
        model: of the zoo, with its options; or layers, each by its kind and options.
        optimizer: a key of RATES.
        measure: "train" a step of an epoch over the images; "fit" an epoch with accuracy and
            validation; "first" the same from the start of a process; "predict" all images once.
        batch: images in a step, or handed to the network at a time.
        images, validation: how many.
        threads: processor cores that everybody may use; None for all.
        only: who takes part; empty for everybody who can.
    """

    name: str
    title: str
    model: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    optimizer: str = "sgd"
    measure: Measure = "train"
    batch: int = 100
    images: int = 6000
    validation: int = 0
    threads: int | None = None
    only: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-self.images // self.batch)

    def quick(self) -> "Workload":
        """The same with few images, to see that it works."""
        return replace(
            self, images=min(self.images, 5 * self.batch), validation=min(self.validation, 256)
        )


MLP = {"name": "multi-layer"}
NORMALIZED = {"name": "multi-layer", "batch_norm": True, "dropout": 0.2}
NETWORKS = (
    ("mlp", "MLP 784-100×5-10", MLP),
    ("mlp-bn-dropout", "MLP with batch normalization and dropout 0.2", NORMALIZED),
    ("simple-convnet", "SimpleConvNet (30 5×5, pooling, 100)", {"name": "simple-convnet"}),
    ("deep-convnet", "DeepConvNet (16-16-32-32-64-64 3×3)", {"name": "deep-convnet"}),
)
OPTIMIZERS = (("sgd", "SGD"), ("adam", "Adam"))
EPOCH = {
    "model": {"name": "keras-dnn"},
    "optimizer": "adam",
    "batch": 128,
    "images": 60_000,
    "validation": 10_000,
}
PREDICTION = {"measure": "predict", "batch": 1000, "images": 10_000}

WORKLOADS = (
    *(
        Workload(f"{name}-{optimizer}", f"{title}, {shown}", model, optimizer)
        for name, title, model in NETWORKS
        for optimizer, shown in OPTIMIZERS
    ),
    Workload("keras-dnn-epoch", "keras-dnn, an epoch of fit", measure="fit", **EPOCH),
    Workload("keras-dnn-first", "keras-dnn, first epoch of a process", measure="first", **EPOCH),
    Workload("keras-dnn-predict", "keras-dnn, 10,000 images", {"name": "keras-dnn"}, **PREDICTION),
    Workload(
        "simple-convnet-predict",
        "SimpleConvNet, 10,000 images",
        {"name": "simple-convnet"},
        **PREDICTION,
    ),
)

RIVALS = ("ours", "torch-eager", "torch-tuned", "jax-jit", "jax-scan")
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
WIDTHS = (50, 100, 200, 500, 1000, 2000)
DEPTHS = (2, 3, 5, 10, 20)
CHANNELS = (8, 16, 32, 64, 128)
THREADS = (1, 2, 4, 8)


def _convolutions(channels: int) -> tuple[Mapping[str, Any], ...]:
    convolution = {"kind": "Conv2D", "filters": channels, "kernel_size": 3, "padding": 1}
    inner = {**convolution, "activation": "relu", "kernel_initializer": "he"}
    output = {"kind": "Dense", "units": CLASSES, "activation": "softmax"}
    pooling = {"kind": "MaxPooling2D", "pool_size": 2}
    return ({**inner}, {**inner}, pooling, {**inner}, pooling, {"kind": "Flatten"}, output)


def _batch(size: int) -> Workload:
    """As many whole batches as 6,000 images give, but at least two."""
    images = max(2, 6000 // size) * size
    name = f"sweep-batch-{size}"
    return Workload(name, f"MLP, batch {size}", MLP, "adam", batch=size, images=images, only=RIVALS)


def _sweep(name: str, value: int, title: str, model: Any, **options: Any) -> Workload:
    full, shown = f"sweep-{name}-{value}", f"{title} {value}"
    return Workload(full, shown, model, "adam", only=RIVALS, **options)


SWEEPS = (
    *(_batch(size) for size in BATCHES),
    *(_sweep("width", width, "MLP, width", {**MLP, "units": width}) for width in WIDTHS),
    *(_sweep("depth", depth, "MLP, depth", {**MLP, "depth": depth}) for depth in DEPTHS),
    *(
        _sweep("channels", count, "Three 3×3 convolutions, channels", _convolutions(count))
        for count in CHANNELS
    ),
    *(
        _sweep(f"threads-{model['name']}", count, f"{title}, threads", model, threads=count)
        for name, title, model in NETWORKS
        if name != "mlp-bn-dropout"
        for count in THREADS
    ),
)


def chosen(names: Sequence[str]) -> list[Workload]:
    """The workloads of these names, or whose names begin with one and "-"; without any, WORKLOADS.

    Raises:
        LookupError: nothing is called so.
    """
    if not names:
        return list(WORKLOADS)
    every = (*WORKLOADS, *SWEEPS)
    for name in names:
        if not any(_is(workload, name) for workload in every):
            raise LookupError(f"no workload is called {name!r}; --list shows them all.")
    return [workload for workload in every if any(_is(workload, name) for name in names)]


def _is(workload: Workload, name: str) -> bool:
    return workload.name == name or workload.name.startswith(f"{name}-")
