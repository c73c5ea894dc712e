"""Damaged files of every kind end in a clear error or in a data set, soon and in little memory.

200 mutations in all, the same ones every time, and errors that name the file; `python -m trust
files` tries thousands, beside judges that are not our readers.
"""

import io
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from groundup.config import DataConfig
from groundup.data import Dataset, open_dataset, write_idx
from groundup.errors import GroundupError

resource = pytest.importorskip("resource")

SECONDS, MEGABYTES = 5, 300
X, Y = np.arange(96, dtype=np.uint8).reshape(12, 2, 4), np.arange(12, dtype=np.uint8) % 3
LINES = "long,wide,kind\n" + "".join(f"{n}.5,{n % 7},k{n % 3}\n" for n in range(12))

QUOTED = "a,b,c\n" + "".join(f'"{n}",{n}, "k\n""{n % 3}"\n' for n in range(12))


def pictures(folder: Path, suffix: str, **options: object) -> Path:
    for name in "ab":
        for n in range(3):
            path = folder / "pictures" / name / f"{n}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.add.outer(np.arange(9) * n, np.arange(8) * 9).astype(np.uint8)
            Image.fromarray(pixels).convert("RGB").save(path, **options)
    return folder / "pictures" / "a" / f"1.{suffix}"


def idx(folder: Path) -> Path:
    write_idx(folder / "images.idx", X)
    write_idx(folder / "labels.idx", Y)
    return folder / "images.idx"


def labels(folder: Path) -> Path:
    idx(folder)
    return folder / "labels.idx"


def packed(folder: Path) -> Path:
    write_idx(folder / "images.idx.gz", X)
    write_idx(folder / "labels.idx", Y)
    return folder / "images.idx.gz"


def npy(folder: Path) -> Path:
    np.save(folder / "x.npy", X.astype(np.float32))
    np.save(folder / "y.npy", Y)
    return folder / "x.npy"


def npz(folder: Path) -> Path:
    np.savez(folder / "a.npz", x=X, y=Y)
    return folder / "a.npz"


def npz_deflated(folder: Path) -> Path:
    np.savez_compressed(folder / "a.npz", x=X, y=Y)
    return folder / "a.npz"


def table(text: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "a.csv").write_bytes(text)
        return folder / "a.csv"

    return write


# What is written, which file is damaged, what is opened then, and how often.
CASES = {
    "idx": (idx, None, 20),
    "idx labels": (labels, "images.idx", 10),
    "idx mapped": (idx, None, 10),
    "idx gzipped": (packed, None, 10),
    "npy": (npy, None, 5),
    "npy mapped": (npy, None, 5),
    "npz": (npz, None, 20),
    "npz deflated": (npz_deflated, None, 20),
    "csv": (table(LINES.encode()), None, 30),
    "csv quoted": (table(QUOTED.encode()), None, 10),
    "csv cp949": (table(LINES.replace("k", "꽃").encode("cp949")), None, 5),
    "csv utf-16": (table(LINES.encode("utf-16")), None, 5),
    "png": (lambda folder: pictures(folder, "png"), "pictures", 35),
    "jpeg": (lambda folder: pictures(folder, "jpg"), "pictures", 10),
    "bmp": (lambda folder: pictures(folder, "bmp"), "pictures", 5),
}


def test_there_are_enough():
    assert sum(count for _, _, count in CASES.values()) == 200


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, cut off, put in, taken out or said twice."""
    bad = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        at, to = sorted(int(k) for k in rng.integers(0, len(bad) + 1, 2))
        match rng.integers(0, 7):
            case 0:
                del bad[at:]
            case 1:
                bad[at:at] = rng.bytes(int(rng.integers(1, 9)))
            case 2:
                del bad[at : min(to, at + 8)]
            case 3:
                bad[to:to] = bad[at:to]
            case 4 if bad:
                bad[at % len(bad)] = (0, 255, 10, 34, 44, 45, 127)[rng.integers(0, 7)]
            case _ if bad:
                bad[at % len(bad)] ^= 1 << int(rng.integers(0, 8))
    return bytes(bad)


@pytest.fixture
def alarm() -> Iterator[Callable[[], None]]:
    """Called before each case: one that takes too long fails."""

    def late(*_: object) -> None:
        raise AssertionError(f"not done after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    yield lambda: signal.alarm(SECONDS)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def check(data: Dataset) -> None:
    for x in (data.x_train, data.x_test):
        assert np.isfinite(np.asarray(x)).all()
    assert len(data.y_train) == len(data.x_train) > 0
    assert data.x_train.size < 2**20


@pytest.mark.parametrize("case", CASES)
def test_mutations(case, tmp_path, monkeypatch, alarm):
    make, opened, count = CASES[case]
    if "mapped" in case:
        monkeypatch.setattr("groundup.data.mapped.MAP_FROM", 0)
    path = make(tmp_path)
    config = DataConfig(path=str(tmp_path / opened if opened else path))
    check(open_dataset(config))  # before anything is damaged
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    errors = 0
    for _ in range(count):
        path.write_bytes(mutated(whole, rng))
        alarm()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                check(open_dataset(config))
            except GroundupError as error:
                errors += 1
                assert str(tmp_path) in str(error) or "part" in str(error)  # names a file
    assert errors
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert kilobytes < MEGABYTES * 1024


def test_a_picture_of_which_every_byte_is_cut(tmp_path):
    file = io.BytesIO()
    Image.fromarray(X[0]).save(file, "PNG")
    path = pictures(tmp_path, "png")
    for end in range(0, len(file.getvalue())):
        path.write_bytes(file.getvalue()[:end])
        try:
            check(open_dataset(DataConfig(path=str(tmp_path / "pictures"), image_size=(4, 4))))
        except GroundupError as error:
            assert "1.png" in str(error)
