"""Small real tables that come with scikit-learn: iris, wine, breast-cancer and diabetes, offline.

The test part is a fixed stratified fifth, whatever the seed of the run.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.data.dataset import Dataset, Source, Split, sources
from groundup.data.split import stratified_split
from groundup.rng import Stream


@dataclass(frozen=True)
class Bundled(Source):
    """The base of scikit-learn's tables."""

    @abstractmethod
    def bunch(self) -> Any:
        """What scikit-learn's loader gives."""

    def load_data(self) -> Split:
        """float64 features (N, D); int64 labels (N,), or float64 values (N,).

        >>> (x_train, y_train), (x_test, y_test) = iris.load_data()
        >>> x_train.shape, x_test.shape, np.bincount(y_test).tolist()
        ((120, 4), (30, 4), [10, 10, 10])
        """
        return self._split(self.bunch())

    def load(self) -> Dataset:
        """The same with the names of features and classes.

        >>> data = diabetes.load()
        >>> data.task, data.features[:3], data.targets
        ('regression', ('age', 'sex', 'bmi'), ('progression',))
        """
        bunch = self.bunch()
        (x_train, y_train), (x_test, y_test) = self._split(bunch)
        return Dataset(
            sources.name_of(type(self)), x_train, y_train, x_test, y_test,
            classes=tuple(map(str, bunch.get("target_names", ()))),
            features=tuple(map(str, bunch.feature_names)),
            targets=(bunch.get("target_name", "class"),),
        )  # fmt: skip

    def _split(self, bunch: Any) -> Split:
        x, y = bunch.data, bunch.target
        if y.dtype.kind != "f":
            y = y.astype(np.int64)
        stream = Stream(seed=0, name=sources.name_of(type(self)))
        train, test = stratified_split(y, (0.8, 0.2), stream)
        return (x[train], y[train]), (x[test], y[test])


@sources.register()
@dataclass(frozen=True)
class Iris(Bundled):
    """150 irises of 3 species by 4 lengths and widths in cm; comes with scikit-learn, offline.

    [Fisher 1936, The use of multiple measurements in taxonomic problems]
    """

    def bunch(self) -> Any:
        from sklearn.datasets import load_iris

        return load_iris()


@sources.register()
@dataclass(frozen=True)
class Wine(Bundled):
    """178 wines of 3 growers by 13 chemical measurements; comes with scikit-learn, offline.

    [Aeberhard & Forina 1991, UCI: Wine]
    """

    def bunch(self) -> Any:
        from sklearn.datasets import load_wine

        return load_wine()


@sources.register("breast_cancer", name="breast-cancer")
@dataclass(frozen=True)
class BreastCancer(Bundled):
    """569 tumors, malignant or benign, by 30 measurements; comes with scikit-learn, offline.

    [Wolberg, Mangasarian, Street & Street 1993, UCI: Breast Cancer Wisconsin (Diagnostic)]
    """

    def bunch(self) -> Any:
        from sklearn.datasets import load_breast_cancer

        return load_breast_cancer()


@sources.register()
@dataclass(frozen=True)
class Diabetes(Bundled):
    """442 patients by 10 measurements, and how diabetes progressed in a year: values to be told.

    Raw measurements, not scaled. [Efron, Hastie, Johnstone & Tibshirani 2004, Least angle
    regression]
    """

    def bunch(self) -> Any:
        from sklearn.datasets import load_diabetes

        bunch = load_diabetes(scaled=False)
        bunch["target_name"] = "progression"
        return bunch


iris, wine, breast_cancer, diabetes = Iris(), Wine(), BreastCancer(), Diabetes()
