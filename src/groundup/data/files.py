"""Data by name or by path: which reader is for which file, and from a configuration to a data set.

| path                                   | what it holds                                     |
|----------------------------------------|---------------------------------------------------|
| .csv .tsv .txt .data                   | a table, one row a sample                         |
| .npz                                   | arrays x and y, or x_train, y_train, x_test, …    |
| .npy, IDX                              | samples, their targets in a file beside           |
| a folder of folders                    | pictures, one folder a class                      |
| a folder of NPY or IDX files           | one such pair                                     |
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from groundup.data import dataset as datasets
from groundup.data.arrays import is_array, pairs_in, read_archive, read_pair
from groundup.data.dataset import Dataset, Task, sources
from groundup.data.folder import holds_pictures, read_folder
from groundup.data.samples import Samples, as_dataset, labels_of, values_of
from groundup.data.table import read_known, read_table
from groundup.errors import ConfigError, DataError, InputError, UnknownName
from groundup.storage import shown
from groundup.storage.reads import nearest

if TYPE_CHECKING:
    from groundup.config_data import DataConfig

TABLES = (".csv", ".tsv", ".txt", ".data")


class Kind(NamedTuple):
    """A kind of files: in words, whether a path is one, and how it is read."""

    words: str
    fits: Callable[[Path], bool]
    read: Callable[[Path, "DataConfig"], Samples]


def _one_name(path: Path, data: "DataConfig") -> str | None:
    if data.target is not None and not isinstance(data.target, str):
        raise ConfigError(
            f"data.target = {data.target!r}: for {shown(path)} expected the name of an array or "
            "file."
        )
    return data.target


def _only_pair(folder: Path, data: "DataConfig") -> Samples:
    found = pairs_in(folder)
    if len(found) != 1:
        names = ", ".join(shown(path.name) for path in found) or "none"
        raise InputError(
            f"{shown(folder)}: expected one pair of samples and targets, found {names}. Name the "
            "file of the samples."
        )
    return read_pair(found[0], _one_name(folder, data))


KINDS = (
    Kind(
        "a folder with one sub-folder of pictures for each class",
        lambda path: path.is_dir() and holds_pictures(path),
        lambda path, data: read_folder(path, data.image_size),
    ),
    Kind("a folder with a pair of NPY or IDX files", Path.is_dir, _only_pair),
    Kind(
        "a table (.csv, .tsv, .txt, .data)",
        lambda path: path.suffix.lower() in TABLES,
        lambda path, data: read_table(path, data.target),
    ),
    Kind(
        "an archive (.npz)",
        lambda path: path.suffix.lower() == ".npz",
        lambda path, data: read_archive(path, _one_name(path, data)),
    ),
    Kind(
        "a pair of NPY or IDX files",
        is_array,
        lambda path, data: read_pair(path, _one_name(path, data)),
    ),
)


def open_dataset(data: "DataConfig", seed: int = 0) -> Dataset:
    """The data that a configuration names, with a test part: its own, or a share drawn by `seed`.

    Raises InputError, DataError and ShapeError, which name file, row or picture.

    >>> from groundup.config_data import DataConfig
    >>> open_dataset(DataConfig(name="iris")).classes
    ('setosa', 'versicolor', 'virginica')
    """
    if data.path is None:
        return datasets.load(data.title)
    samples = read_samples_of(data)
    return as_dataset(data.title, samples, data.task, data.test, seed)


def read_samples_of(data: "DataConfig") -> Samples:
    """What lies at the configuration's path, by the first of `KINDS` that fits."""
    path = Path(data.path or "")
    if not _exists(path):
        raise InputError(f"there is no file or folder {shown(path)}.{nearest(path)}")
    kind = next((kind for kind in KINDS if kind.fits(path)), None)
    if kind is None:
        raise DataError(f"{shown(path)}: expected {'; '.join(kind.words for kind in KINDS)}.")
    return kind.read(path, data)


def judged(
    data: "DataConfig", task: Task, classes: Sequence[str], features: Sequence[str], count: int
) -> Dataset:
    """All samples at a path, for a network that knows these classes and columns to be judged by.

    count: how many features it takes. Both parts of the data set are the same samples, but those of
    a test part of their own if there is one. Raises as `open_dataset`, and DataError for a label
    that did not occur in training and a column that is missing.
    """
    path = Path(data.path or "")
    if path.suffix.lower() in TABLES and path.is_file():
        samples = read_known(path, features, count, data.target, labeled=True)
    else:
        samples = read_samples_of(data)
        samples = samples.test or samples
    y = values_of(samples) if task == "regression" else labels_of(samples, classes)
    names = tuple(classes) if task == "classification" else ()
    return Dataset(
        data.title, samples.x, y, samples.x, y, names, samples.features, samples.targets,
        samples.notes,
    )  # fmt: skip


def is_path(given: str) -> bool:
    """Whether what stands after --data is a path, not a data set's name; UnknownName if neither.

    A file that is called as a data set is meant with a folder before it: ./digits
    """
    try:
        sources[given]
    except UnknownName:
        path = Path(given)
        if _exists(path) or len(path.parts) > 1 or path.suffix:
            return True
        raise
    return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False
