"""Training steps of the textbook's scripts: on groundup's modules, beside the book's own code.

The scripts here do what the book's training scripts do in each step: the gradient, the update, and
the loss of the same batch again. Each contestant is a process of its own; they take turns, of a few
steps each. With --threads 1 the processor's time counts, which a busy machine spares most.

python -m benchmarks book FOLDER [--only NAME…] [--rounds N] [--threads N] [--out FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.tables import aligned
from groundup.train.worker import THREAD_LIMITS

ROOT = Path(__file__).parent.parent

BEGIN = """
import json, sys, time
import numpy as np
from common.optimizer import SGD, Adam
clock = time.process_time if {one_thread} else time.perf_counter
x = np.random.rand({batch}, 784).astype(np.float32){images}
t = np.random.randint(0, 10, {batch})
"""
STEPS = """
for line in sys.stdin:
    times = []
    for _ in range({steps}):
        begin = clock()
        grads = network.gradient(x, t)
        optimizer.update(network.params, grads)
        network.loss(x, t)
        times.append(clock() - begin)
    print(json.dumps(times), flush=True)
"""


@dataclass(frozen=True)
class Case:
    """A step of a script; `path` is the chapter whose network classes it takes, if it has some."""

    title: str
    make: str
    steps: int
    batch: int = 100
    path: str = ""
    images: bool = False

    def script(self, threads: int | None) -> str:
        """Answers each line of stdin with the seconds of some steps."""
        images = ".reshape(-1, 1, 28, 28)" if self.images else ""
        begin = BEGIN.format(one_thread=threads == 1, batch=self.batch, images=images)
        return begin + self.make + STEPS.format(steps=self.steps)


MULTI = "from common.multi_layer_net{0} import MultiLayerNet{1}\nnetwork = MultiLayerNet{1}("
CASES: Mapping[str, Case] = {
    "by-hand": Case(
        "ch04, the script's own TwoLayerNet by np.dot, SGD",
        "from two_layer_net import TwoLayerNet\n"
        "t = np.eye(10)[t]\nnetwork, optimizer = TwoLayerNet(784, 50, 10), SGD(0.1)",
        40, path="ch04",
    ),
    "two-layer": Case(
        "ch05, the script's own TwoLayerNet, SGD",
        "from two_layer_net import TwoLayerNet\n"
        "network, optimizer = TwoLayerNet(784, 50, 10), SGD(0.1)",
        40, path="ch05",
    ),
    "multi-layer": Case(
        "ch06, MultiLayerNet 784-100×4-10, SGD",
        MULTI.format("", "") + "784, [100] * 4, 10)\noptimizer = SGD()", 40, batch=128,
    ),
    "multi-layer-adam": Case(
        "ch06, MultiLayerNet 784-100×4-10, Adam",
        MULTI.format("", "") + "784, [100] * 4, 10)\noptimizer = Adam()", 40, batch=128,
    ),
    "batch-norm": Case(
        "ch06, MultiLayerNetExtend 784-100×5-10, batch normalization, SGD",
        MULTI.format("_extend", "Extend")
        + "784, [100] * 5, 10, use_batchnorm=True)\noptimizer = SGD()", 40,
    ),
    "simple-convnet": Case(
        "ch07, the script's own SimpleConvNet, Adam",
        "from simple_convnet import SimpleConvNet\n"
        "network, optimizer = SimpleConvNet(), Adam()",
        3, path="ch07", images=True,
    ),
    "deep-convnet": Case(
        "ch08, the script's own DeepConvNet, Adam",
        "from deep_convnet import DeepConvNet\nnetwork, optimizer = DeepConvNet(), Adam()",
        1, path="ch08", images=True,
    ),
}  # fmt: skip


def start(case: Case, folder: Path, script: Path, ours: bool, threads: int | None) -> Any:
    """A contestant, waiting for its first turn."""
    given = script.read_text(encoding="utf-8")
    if case.path:  # the book's network class, on whoever's layers
        given = f"import sys\nsys.path.insert(0, {str(folder / case.path)!r})\n" + given
    own = script.with_name(f"{'ours' if ours else 'theirs'}.py")
    own.write_text(given, encoding="utf-8")
    command = ["-m", "groundup", "book", "run", str(own)] if ours else [str(own)]
    limits = dict.fromkeys(THREAD_LIMITS, str(threads)) if threads else {}
    return subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **limits, **({} if ours else {"PYTHONPATH": str(folder)})},
    )  # fmt: skip


def measure(case: Case, folder: Path, rounds: int, threads: int | None) -> dict[str, list[float]]:
    """Seconds of each step, of both, in turns; the first turn is not counted."""
    with tempfile.TemporaryDirectory(prefix="groundup-book-") as place:
        script = Path(place) / "script.py"
        script.write_text(case.script(threads), encoding="utf-8")
        workers = {
            name: start(case, folder, script, name == "ours", threads) for name in ("book", "ours")
        }
        found: dict[str, list[float]] = {name: [] for name in workers}
        try:
            for turn in range(rounds + 1):
                for name, worker in workers.items():
                    print(turn, file=worker.stdin, flush=True)
                    times = json.loads(worker.stdout.readline())
                    found[name] += times if turn else []
        finally:
            for worker in workers.values():
                worker.kill()
                worker.communicate()
    return found


def table(results: Mapping[str, Mapping[str, Sequence[float]]]) -> list[str]:
    """Medians and the ratio of them, in lines."""
    lines = [("a step of", "the book's code", "groundup", "faster by", "by the fastest step")]
    for name, found in results.items():
        book, ours = found["book"], found["ours"]
        middle = median(book) / median(ours)
        lines.append(
            (
                CASES[name].title,
                f"{median(book) * 1e3:.2f} ms",
                f"{median(ours) * 1e3:.2f} ms",
                f"{middle:.1f}×",
                f"{min(book) / min(ours):.1f}×",
            )
        )
    return aligned(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks book", description=__doc__)
    parser.add_argument("folder", type=Path, help="a clone of one edition's scripts")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="NAME")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contestant")
    parser.add_argument("--threads", type=int, help="of each contestant; by default all cores")
    parser.add_argument("--out", type=Path, help="a JSON file for all times")
    given = parser.parse_args(arguments)
    folder = given.folder.absolute()
    if not (folder / "common" / "layers.py").is_file():
        parser.error(f"{given.folder} holds no common/layers.py: name a clone of the scripts")
    results = {}
    for name in given.only:
        results[name] = measure(CASES[name], folder, given.rounds, given.threads)
        print(f"{name}: measured", file=sys.stderr, flush=True)
    print(*table(results), sep="\n")
    if given.out:
        given.out.write_text(json.dumps(results), encoding="utf-8")
    return 0
