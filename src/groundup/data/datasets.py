"""The data sets that groundup knows by name; `gu.datasets.mnist.load_data()` as in Keras."""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from groundup.data.bundled import breast_cancer, diabetes, iris, wine
from groundup.data.dataset import Dataset, Source, Split, sources
from groundup.data.idx import read_idx
from groundup.data.split import stratified_split
from groundup.errors import CorruptFile, DataError, InputError
from groundup.rng import Stream
from groundup.storage import cache_folder, shown
from groundup.typing import Array

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
# SHA-256 of each file, unpacked and as the mirrors pack it. Copies packed by others differ in the
# second and are as good.
MNIST_FILES = {
    "train-images-idx3-ubyte": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    "train-labels-idx1-ubyte": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    "t10k-images-idx3-ubyte": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    "t10k-labels-idx1-ubyte": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
}
__all__ = ["Digits", "Mnist", "breast_cancer", "diabetes", "digits", "iris", "mnist", "wine"]
_DIGITS = tuple(str(digit) for digit in range(10))


@sources.register()
@dataclass(frozen=True)
class Digits(Source):
    """1,797 handwritten digits of 8×8 pixels from 0 to 16; comes with scikit-learn, offline.

    The test part is a fixed stratified fifth, whatever the seed of the run.
    [Alpaydin & Kaynak 1998, UCI: Optical recognition of handwritten digits, its test set]
    """

    def load_data(self) -> Split:
        """uint8 images (1438, 8, 8) and (359, 8, 8), uint8 labels.

        >>> (x_train, y_train), (x_test, y_test) = digits.load_data()
        >>> x_train.shape, x_test.shape, int(x_train.max())
        ((1438, 8, 8), (359, 8, 8), 16)
        """
        x, y = _all_digits()
        train, test = stratified_split(y, (0.8, 0.2), Stream(seed=0, name="digits"))
        return (x[train], y[train]), (x[test], y[test])

    def load(self) -> Dataset:
        """uint8 images (N, 1, 8, 8)."""
        return _with_channel("digits", self.load_data())


@sources.register()
@dataclass(frozen=True)
class Mnist(Source):
    """70,000 handwritten digits of 28×28 pixels from 0 to 255; downloaded once, 11 MB.

    Looked for in $GROUNDUP_DATA/mnist, in $GROUNDUP_DATA, then in the user's cache, where the
    first of the `mirrors` that has them puts them; with mirrors=() nothing is downloaded.
    [LeCun, Cortes & Burges 1998]
    """

    mirrors: tuple[str, ...] = MIRRORS

    def load_data(self) -> Split:
        """uint8 images (60000, 28, 28) and (10000, 28, 28), uint8 labels, as Keras has them.

        Raises CorruptFile for a file that is not the real one, DataError where it cannot be had.
        """
        x_train, y_train, x_test, y_test = (self._read(name) for name in MNIST_FILES)
        return (x_train, y_train), (x_test, y_test)

    def load(self) -> Dataset:
        """uint8 images (N, 1, 28, 28)."""
        return _with_channel("mnist", self.load_data())

    def fetch(self) -> Path:
        """Download what the cache lacks or holds damaged; answers the folder."""
        for name, (unpacked, _) in MNIST_FILES.items():
            try:
                read_idx(_cached(name), sha256=unpacked)
            except InputError:
                self._download(name)
        return _cached("").parent

    def files(self) -> tuple[Path, ...]:
        """The four files on this machine, fewer where some would have to be downloaded."""
        return tuple(path for path in map(_found, MNIST_FILES) if path is not None)

    def _read(self, name: str) -> Array:
        path = _found(name) or self._download(name)
        try:
            return read_idx(path, sha256=MNIST_FILES[name][0])
        except CorruptFile as error:
            raise CorruptFile(f"{error} Delete it, then run `groundup data fetch mnist`.") from None

    def _download(self, name: str) -> Path:
        from groundup.data.fetch import fetch  # brings the network modules

        urls = [f"{mirror}/{name}.gz" for mirror in self.mirrors]
        try:
            return fetch(_cached(name), urls, MNIST_FILES[name][1])
        except DataError as error:
            raise DataError(
                f"mnist: {name} or {name}.gz is not in {' nor in '.join(map(shown, _folders()))}; "
                f"{error}\nWith a network, run `groundup data fetch mnist`; without one, set "
                "GROUNDUP_DATA to a folder that holds the four files, or use `digits`."
            ) from None


digits = Digits()
mnist = Mnist()


def _found(name: str) -> Path | None:
    places = (folder / f"{name}{end}" for folder in _folders() for end in ("", ".gz"))
    return next((place for place in places if place.is_file()), None)


def _all_digits() -> tuple[Array, Array]:
    """scikit-learn's images (1797, 8, 8) and labels, uint8, from its file where that lies as usual

    To import scikit-learn takes longer than to train on them.
    """
    found = find_spec("sklearn")
    for folder in found.submodule_search_locations or () if found else ():
        path = Path(folder, "datasets", "data", "digits.csv.gz")
        if path.is_file():
            table = np.loadtxt(path, np.uint8, delimiter=",")
            return table[:, :64].reshape(-1, 8, 8), table[:, 64]
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)


def _folders() -> list[Path]:
    own = os.environ.get("GROUNDUP_DATA")
    return [*([Path(own, "mnist"), Path(own)] if own else []), cache_folder() / "mnist"]


def _cached(name: str) -> Path:
    return cache_folder() / "mnist" / f"{name}.gz"


def _with_channel(name: str, split: Split) -> Dataset:
    (x_train, y_train), (x_test, y_test) = split
    return Dataset(
        name=name,
        x_train=x_train[:, np.newaxis],
        y_train=y_train.astype(np.int64),
        x_test=x_test[:, np.newaxis],
        y_test=y_test.astype(np.int64),
        classes=_DIGITS,
    )
