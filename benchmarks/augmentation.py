"""Rotation, shift and noise on 28×28 images, in batches: groundup, a SciPy loop and Keras's layers.

Each contestant is a process of its own. They take turns, A B C A B C …, over the same images, with
the same strengths, and hand out float32 from 0 to 1 ("bytes" are uint8 from 0 to 255); whose values
have another mean or spread than ours does not play.

python -m benchmarks augmentation [--quick] [--rounds N] [--out FOLDER]
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contestants import KERAS, ROOMY
from benchmarks.export import synthetic
from benchmarks.tables import aligned, quartiles

DEGREES, PIXELS, STDDEV = 15.0, 2.0, 0.1
BATCH, IMAGES, QUICK_IMAGES = 128, 12_800, 640
TOLERANCE = 0.05  # of mean and standard deviation, relative
REST = 0.1  # seconds between turns, for the threads of the last one to fall asleep
ROOT = Path(__file__).parent.parent

Augmenter = Callable[[Any, Any, int], Any]
"""From a batch (B, 1, 28, 28), the indices of its images and the epoch to its variants."""


def ours(value_range: tuple[float, float]) -> Augmenter:
    import groundup as gu

    kinds = [gu.RandomRotation(DEGREES), gu.RandomShift(PIXELS), gu.RandomNoise(STDDEV)]
    augment, stream = gu.Augment(kinds, value_range), gu.Stream(seed=0)
    return lambda x, indices, epoch: augment(x, indices, stream.at(epoch=epoch))


def scipy_loop() -> Augmenter:
    from scipy import ndimage

    rng = np.random.default_rng(0)

    def augment(x: Any, indices: Any, epoch: int) -> Any:
        y = np.empty_like(x)
        for n, image in enumerate(x):
            turned = ndimage.rotate(
                image[0], rng.uniform(-DEGREES, DEGREES), reshape=False, order=1
            )
            y[n, 0] = ndimage.shift(turned, rng.uniform(-PIXELS, PIXELS, 2), order=1)
        y += STDDEV * rng.standard_normal(y.shape, np.float32)
        return np.clip(y, 0, 1)

    return augment


def keras_layers() -> Augmenter:
    """In one jitted function, as within Keras's own training step."""
    import jax
    import keras

    options = {"fill_mode": "constant", "data_format": "channels_last"}
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.RandomRotation(DEGREES / 360, seed=0, **options),
            keras.layers.RandomTranslation(PIXELS / 28, PIXELS / 28, seed=1, **options),
            keras.layers.GaussianNoise(STDDEV, seed=2),
        ]
    )
    state = [variable.value for variable in model.non_trainable_variables]

    @jax.jit
    def step(state: Any, x: Any) -> Any:
        y, state = model.stateless_call([], state, x, training=True)
        return jax.numpy.clip(y, 0, 1), state

    def augment(x: Any, indices: Any, epoch: int) -> Any:
        nonlocal state
        y, state = step(state, x.transpose(0, 2, 3, 1))
        return np.asarray(y)

    return augment


CONTESTANTS: Mapping[str, tuple[str, Callable[[], Augmenter], str, Mapping[str, str]]] = {
    "ours": ("groundup", lambda: ours((0, 1)), "groundup", {}),
    "bytes": ("groundup, bytes", lambda: ours((0, 255)), "groundup", {}),
    "scipy": ("SciPy, image by image", scipy_loop, "scipy", ROOMY),
    "keras": ("Keras on JAX, one jitted step", keras_layers, "keras", KERAS),
}


def work(name: str, count: int) -> None:
    """A worker: each line of stdin is an epoch to run, each answer its seconds, mean and spread."""
    (x, _), indices = synthetic(count), np.arange(count)
    for edge in (x[:, :, :4], x[:, :, 24:], x[:, :, :, :4], x[:, :, :, 24:]):
        edge[...] = 0  # as MNIST: what comes in from beyond an edge then does not matter
    x = x if name == "bytes" else x.astype(np.float32) / 255
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    augment = CONTESTANTS[name][1]()
    for line in sys.stdin:
        epoch = int(line)
        began = time.perf_counter()
        seen = [
            augment(x[i : i + BATCH], indices[i : i + BATCH], epoch) for i in range(0, count, BATCH)
        ]
        seconds = time.perf_counter() - began
        values = np.concatenate(seen).astype(np.float64) / (255 if name == "bytes" else 1)
        facts = [seconds, float(values.mean()), float(values.std())]
        print(json.dumps(facts), file=answers, flush=True)


def start(name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.augmentation", "--worker", name, str(count)]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **CONTESTANTS[name][3]}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def ask(worker: "subprocess.Popen[str]", epoch: int) -> tuple[float, float, float]:
    """Seconds of an epoch, and the mean and spread of what it gave."""
    assert worker.stdin is not None and worker.stdout is not None
    print(epoch, file=worker.stdin, flush=True)
    seconds, mean, spread = json.loads(worker.stdout.readline())
    return seconds, mean, spread


def measure(names: list[str], rounds: int, count: int) -> dict[str, list[float]]:
    """Images a second in each round, by contestant."""
    workers = {name: start(name, count) for name in names}
    try:
        facts = {name: [ask(worker, 0), ask(worker, 0)][1][1:] for name, worker in workers.items()}
        for name, fact in facts.items():
            if not np.allclose(fact, facts["ours"], rtol=TOLERANCE):
                print(f"{name}: mean and spread {fact}, ours {facts['ours']}", file=sys.stderr)
                workers.pop(name).kill()
        rates: dict[str, list[float]] = {name: [] for name in workers}
        for epoch in range(1, rounds + 1):
            for name, worker in workers.items():
                time.sleep(REST)
                rates[name].append(count / ask(worker, epoch)[0])
        return rates
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()


def table(rates: Mapping[str, list[float]]) -> list[str]:
    """Medians, quartiles and ratios, in lines."""
    middle = {name: statistics.median(values) for name, values in rates.items()}
    lines = [("contestant", "images a second", "quartiles", "ours is faster by")]
    for name in sorted(rates, key=lambda name: -middle[name]):
        low, high = quartiles(rates[name])
        ratio = "" if name == "ours" else f"{middle['ours'] / middle[name]:.2f}×"
        spread = f"{low:,.0f} – {high:,.0f}"
        lines.append((CONTESTANTS[name][0], f"{middle[name]:,.0f}", spread, ratio))
    return aligned(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks augmentation", description=__doc__)
    parser.add_argument("--worker", nargs=2, metavar=("NAME", "COUNT"), help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="few images: see that it works")
    parser.add_argument("--rounds", type=int, default=11, help="turns of each contestant")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    given = parser.parse_args(arguments)
    if given.worker:
        work(given.worker[0], int(given.worker[1]))
        return 0
    from groundup.storage import write_text
    from groundup.train.environment import environment

    names = [name for name, entry in CONTESTANTS.items() if importlib.util.find_spec(entry[2])]
    rounds, count = (1, QUICK_IMAGES) if given.quick else (given.rounds, IMAGES)
    rates = measure(names, rounds, count)
    print(f"Rotation ±{DEGREES:g}°, shift ±{PIXELS:g} pixels, noise {STDDEV:g}; batches of {BATCH}")
    print(*table(rates), sep="\n")
    given.out.mkdir(parents=True, exist_ok=True)
    result = {"images_per_second": rates, "machine": environment(), "quick": given.quick}
    write_text(given.out / "augmentation.json", json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
