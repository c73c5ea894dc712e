"""Files of ours, all with checksums: any change is refused, or repaired to fewer whole records.

- Model files, checkpoints, data with a known SHA-256: whatever is opened after a change is wrong.
- Logs: what is read is a beginning of the records that were written, to the bit, with one for each
  whole line that is still there; the next writer then finds the same ones. A study's log and a
  comparison's have their own readers on top.

Numba's files in the kernel cache are no format of ours; they lie in the user's own cache folder.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import groundup as gu
from groundup.config import from_mapping
from groundup.data import read_idx, write_idx
from groundup.lab.folder import Folder as Comparison
from groundup.lab.plan import make_plan
from groundup.lab.runs import Run
from groundup.nn.layout import leaves
from groundup.rng import Stream
from groundup.storage import Log, read_log
from groundup.train import model_file
from groundup.train.progress import Progress, Resume, Totals
from groundup.tune.folder import Folder as Study
from groundup.tune.folder import read_story
from groundup.tune.history import Trial
from groundup.tune.plan import Plan
from groundup.tune.records import Order, Terms, asked
from groundup.tune.search import Search
from groundup.tune.space import make_space
from trust.files.kind import Kind, Verdict, same


@cache
def model(version: int) -> gu.Sequential:
    """A network that has learned a little; version 1 has other shapes."""
    made = gu.Sequential(
        [gu.Dense(4 + version, "relu"), gu.BatchNormalization(), gu.Dense(3, "softmax")],
        preprocess=["standardize"], seed=version,
    )  # fmt: skip
    made.compile("adam", "categorical_crossentropy", ["accuracy"])
    x = Stream(version).normal((12, 5), dtype=np.float32)
    made.fit(x, Stream(version).integers(0, 3, 12), batch_size=6, epochs=1, verbose=0)
    return made


def _write_model(folder: Path, version: int) -> None:
    model(version).save(folder / "m.safetensors")


def _write_checkpoint(folder: Path, version: int) -> None:
    progress = Progress(2, 1, (2, 0), 17, Totals(8, {"loss": 1.5, "accuracy": float("nan")}))
    states = ({"best": np.float64(0.25), "wait": version}, {"history": [0.1, 0.2]})
    model_file.save(folder / "m.safetensors", model(version).learner, Resume(progress, states))


def _read_model(folder: Path) -> list[Any]:
    learner, resume = model_file.load(folder / "m.safetensors")
    arrays = [(name, array) for name, array in leaves(learner.params)]
    return [arrays, learner.running, learner.slots, learner.labels, resume is None]


def _write_pinned(folder: Path, version: int) -> None:
    data = Stream(version).integers(0, 256, (6, 3, 4)).astype(np.uint8)
    write_idx(folder / "pinned.idx.gz", data)
    write_idx(folder / "plain", data)
    digest = hashlib.sha256((folder / "plain").read_bytes()).hexdigest()
    (folder / "digest").write_text(digest, "ascii")


def _read_pinned(folder: Path) -> Any:
    return read_idx(folder / "pinned.idx.gz", sha256=(folder / "digest").read_text("ascii"))


def unchanged(data: bytes, found: Any, whole: Sequence[Any]) -> Verdict:
    """Only what was written may come out, as where a byte of no meaning was hit."""
    return None if any(same(found, one) for one in whole) else "opened, and is not what was written"


def _refused(data: bytes, found: Any, whole: Sequence[Any]) -> Verdict:
    return "was opened after its bytes had changed"


def _write_metrics(folder: Path, version: int) -> None:
    with Log(folder / "metrics.jsonl") as log:
        for n in range(6 + version):
            record = {"epoch": n, "loss": 1 / (n + 3), "x": float("nan"), "name": 'é,"crc":' * n}
            log.append({"kind": "epoch" if n % 2 else "step", **record, "version": version})


SPACE = {"optimizer.learning_rate": "log:1e-4..1e-1", "model.l2": "log:1e-8..1e-4"}


def _write_study(folder: Path, version: int) -> None:
    config = from_mapping({"model": {"name": "multi-layer"}, "train": {"epochs": 4}})
    space = make_space(SPACE)
    plan = Plan(config, Search(space, best="high", epochs=4, trials=5 + version), "accuracy")
    with Study.create(folder / "study", plan, Terms()) as study:
        for n in range(3 + version):
            settings = space.settings([0.1 + 0.2 * n, 0.3])
            study.note(asked([Order(n, settings)], float(n)))
            curve = (0.25, 0.5 + 0.1 * n)
            study.note(Trial(n, settings, "finished", curve[-1], curve, curve, 2.0).record())


def _read_story(folder: Path) -> Any:
    story = read_story(folder / "study")
    return [*_records(folder / "study" / "study.jsonl"), repr(story.begun.history.trials)]


def _write_comparison(folder: Path, version: int) -> None:
    plan = make_plan(from_mapping({"model": {"name": "multi-layer"}}), {"init": ["he", "xavier"]})
    with Comparison.create(folder / "lab", plan) as lab:
        for n in range(3 + version):
            scores, curves = {"test_accuracy": 0.5 + n / 16}, {"loss": [1.0, 0.5 / (n + 1)]}
            lab.keep(Run("he", None, n, "comparison", scores, curves, "", 2.0, 1.5, 0.25))


def _read_comparison(folder: Path) -> Any:
    records = _records(folder / "lab" / "runs.jsonl")
    with Comparison.open(folder / "lab") as lab:
        assert len(lab.runs()) == len(records[0]) - 1
        lab.plan()
    return records


def _records(path: Path) -> list[Any]:
    """What a reader finds, and what is there after a writer has taken the log up."""
    before = read_log(path)
    Log(path).close()
    return [before, read_log(path)]


def _read_metrics(folder: Path) -> list[Any]:
    return _records(folder / "metrics.jsonl")


def beginning(data: bytes, found: Any, whole: Sequence[Any]) -> Verdict:
    """A beginning of what was written, for the reader and for the next writer.

    Only a last line that lacks its newline may be left out: who skips a damaged one in the middle
    has the next writer cut away what stands behind it.
    """
    before, after = found[:2]
    lines = data.count(b"\n")
    if not lines <= len(before) <= lines + 1:
        return f"{lines} whole lines are there, {len(before)} records were read"
    if not same(before, after):
        return f"{len(before)} records were read, {len(after)} after the repair"
    if not any(same(before, written[0][: len(before)]) for written in whole):
        return "has records that were not written so"
    return None


KINDS = (
    Kind("model file", "m.safetensors", _write_model, _read_model, _refused),
    Kind("checkpoint", "m.safetensors", _write_checkpoint, _read_model, _refused),
    Kind("data with a known SHA-256", "pinned.idx.gz", _write_pinned, _read_pinned, unchanged),
    Kind("log of a run", "metrics.jsonl", _write_metrics, _read_metrics, beginning),
    Kind("log of a study", "study/study.jsonl", _write_study, _read_story, beginning),
    Kind("log of a comparison", "lab/runs.jsonl", _write_comparison, _read_comparison, beginning),
)
