"""What a contestant is given: a folder with the network, its first weights and the images.

Nothing here imports NumPy before it is needed: a contestant may want to set it up first.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

Weights = dict[str, "NDArray[Any]"]


@dataclass(frozen=True)
class Task:
    """One workload in terms that everybody understands.

    Args:
        network: the layers, each a mapping with "kind" and its options:
            conv (filters, size, pad), dense (units), norm (momentum of the old value, epsilon),
            relu, pool (2x2, stride 2), flatten (shape: of what comes in), dropout (rate);
            the last one gives logits.
        layers: the same network as groundup writes it.
        optimizer: "kind" (sgd or adam) and "learning_rate".
        batch: images in a step.
        metrics: with accuracy and validation.
        x, y: uint8 images (N, C, H, W) and int64 labels; x_val, y_val likewise.
        weights: first weights, "3.W" for W of network[3]: conv W (F, C, KH, KW) and b, dense
            W (D, M) and b, norm gamma and beta.
    """

    network: list[dict[str, Any]]
    layers: list[dict[str, Any]]
    optimizer: dict[str, Any]
    batch: int
    metrics: bool
    x: "NDArray[Any]"
    y: "NDArray[Any]"
    x_val: "NDArray[Any]"
    y_val: "NDArray[Any]"
    weights: Weights

    @classmethod
    def load(cls, folder: Path, batches: int = 0) -> "Task":
        """What `export` wrote; with `batches`, without dropout and on so many batches only."""
        import numpy as np

        task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        names = ("x", "y", "x_val", "y_val")
        arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in names}
        with np.load(folder / "weights.npz", allow_pickle=False) as file:
            weights = dict(file)
        if batches:
            arrays |= {name: arrays[name][: batches * task["batch"]] for name in ("x", "y")}
            for layer in (*task["network"], *task["layers"]):
                if layer["kind"].lower() == "dropout":
                    layer["rate"] = 0.0
        return cls(**task, **arrays, weights=weights)

    def order(self, shuffle: bool, seed: int) -> "NDArray[Any]":
        """In which order an epoch takes the images."""
        import numpy as np

        count = len(self.x)
        return np.random.default_rng(seed).permutation(count) if shuffle else np.arange(count)

    def weights_of(self, index: int) -> Weights:
        """The arrays of network[index] by their names."""
        stem = f"{index}."
        return {key[len(stem) :]: a for key, a in self.weights.items() if key.startswith(stem)}

    def channels_last(self) -> "Task":
        """The same for who keeps images as (N, H, W, C): x, and what comes after flatten."""
        import numpy as np

        weights, rows = dict(self.weights), None
        for index, layer in enumerate(self.network):
            if layer["kind"] == "flatten":
                C, H, W = layer["shape"]
                rows = np.arange(C * H * W).reshape(C, H, W).transpose(1, 2, 0).ravel()
            elif rows is not None and f"{index}.W" in weights:
                weights[f"{index}.W"], rows = weights[f"{index}.W"][rows], None
        turned = {
            name: np.ascontiguousarray(getattr(self, name).transpose(0, 2, 3, 1))
            for name in ("x", "x_val")
        }
        return Task(**{**vars(self), **turned, "weights": weights})
