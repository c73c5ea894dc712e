"""What Optuna calls our dimensions."""

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from groundup.tune.dimensions import Categorical, Dimension, Integer, LogUniform, Uniform
from groundup.tune.optuna_trials import parameter


class Halves(Dimension):
    """A dimension that Optuna has no word for: 0, ½, 1, 1½ …"""

    def at(self, u):
        return round(u * 10) / 2

    def place(self, value):
        return value / 5

    def holds(self, value):
        return value in self.grid(11)

    def grid(self, points):
        return tuple(k / 2 for k in range(11))

    @property
    def words(self):
        return "halves"


CASES = [
    (Uniform(-1.0, 0.5), FloatDistribution(-1.0, 0.5), 0.25, 0.25),
    (LogUniform(1e-6, 1e-2), FloatDistribution(1e-6, 1e-2, log=True), 1e-4, 1e-4),
    (Integer(1, 9), IntDistribution(1, 9), 4, 4),
    (Integer(16, 256, log=True), IntDistribution(16, 256, log=True), 100, 100),
    (Categorical(("sgd", "adam")), CategoricalDistribution(("sgd", "adam")), "adam", "adam"),
    (Categorical((None, 0.5)), CategoricalDistribution((None, 0.5)), None, None),
    (
        Categorical(([50], [50, 5])),
        CategoricalDistribution(("[50]", "[50, 5]")),
        (50, 5),
        "[50, 5]",
    ),
    (Categorical((True, 1, 2)), CategoricalDistribution((0, 1, 2)), 1, 1),  # for Python True == 1
    (Categorical((2, 1)), CategoricalDistribution((2, 1)), 2, 2),
    (Halves(), FloatDistribution(0.0, 1.0), 3.5, 0.7),
]


@pytest.mark.parametrize(("dimension", "distribution", "value", "theirs"), CASES)
def test_each_dimension_is_the_distribution_that_means_the_same(
    dimension, distribution, value, theirs
):
    known = parameter(dimension)
    assert known.distribution == distribution
    assert known.given(value) == theirs
    assert known.distribution._contains(known.distribution.to_internal_repr(theirs))


@pytest.mark.parametrize("dimension", [case[0] for case in CASES])
def test_every_value_survives_the_way_there_and_back(dimension):
    known = parameter(dimension)
    values = dimension.grid(7)
    assert [known.taken(known.given(value)) for value in values] == list(values)
    assert [type(known.taken(known.given(value))) for value in values] == [*map(type, values)]
