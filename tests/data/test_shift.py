"""Covariate shift: no more false alarms than allowed, and what is planted is found."""

import math

import numpy as np
import pytest

from groundup.data.rows import Rows
from groundup.data.shift import Shift, measure_shift
from groundup.data.two_samples import _aucs, _delong, classifier_auc
from groundup.errors import DataError, InputError, ShapeError
from groundup.rng import Stream


def normal(seed, n, d=3):
    return Stream(seed, "search", "shift-test").normal((n, d))


def alarms(change, seeds=range(40), n=200, d=3):
    found = []
    for seed in seeds:
        z = normal(seed, 2 * n, d)
        found.append(measure_shift(z[:n], change(z[n:].copy()), seed=seed))
    return found


def move_mean(z):
    z[:, 1] += 0.6
    return z


def widen(z):
    z[:, 1] *= 2.0
    return z


def correlate(z):
    """Every single feature stays standard normal."""
    z[:, 1] = 0.7 * z[:, 0] + math.sqrt(1 - 0.7**2) * z[:, 1]
    return z


def test_few_false_alarms() -> None:
    """The level is 5 %: of 200, more than 19 come with a probability of 1 %."""
    found = alarms(lambda z: z, range(200), n=60)
    assert sum(one.seen for one in found) <= 19
    assert {one.verdict for one in found if not one.seen} == {"no shift seen"}


def test_few_false_alarms_among_whole_numbers_with_outliers() -> None:
    seen = 0
    for seed in range(100):
        z = np.round(normal(seed, 120) ** 3)
        seen += measure_shift(z[:60], z[60:], seed=seed).seen
    assert seen <= 12


def test_the_interval_covers_chance_where_sets_are_alike() -> None:
    found = alarms(lambda z: z, range(200), n=60)
    covered = sum(one.classifier.low <= 0.5 <= one.classifier.high for one in found)
    assert covered >= 180


def test_a_mean_that_moved_is_found_and_named() -> None:
    found = alarms(move_mean)
    named = [one for one in found if one.shifted == ("feature 2",)]
    assert len(named) >= 36
    first = named[0]
    assert first.verdict == "shift in 1 of 3 features: feature 2"
    assert first.features[0].name == "feature 2"
    assert np.mean([one.features[0].effect for one in named]) == pytest.approx(0.6, abs=0.1)


def test_a_spread_that_grew_is_found() -> None:
    found = alarms(widen)
    assert sum(one.seen for one in found) == 40
    spreads = [f.spread for one in found for f in one.features if f.name == "feature 2"]
    assert np.mean(spreads) == pytest.approx(2.0, abs=0.1)


def test_correlation_alone_is_found_by_the_classifier_alone() -> None:
    found = alarms(correlate)
    assert sum(one.told_apart for one in found) >= 38
    assert sum(bool(one.shifted) for one in found) <= 4
    verdicts = {one.verdict for one in found if not one.shifted and one.told_apart}
    assert verdicts == {"shift in how features go together, though no single one differs"}


def test_many_features_by_their_principal_components() -> None:
    mixing = normal(99, 60, 60)
    z = normal(1, 600, 60)
    a, b = z[:300] @ mixing, (z[300:] * 1.4) @ mixing
    assert measure_shift(a, b).told_apart
    assert not measure_shift(a, z[300:] @ mixing).seen


def test_too_few_samples_is_said() -> None:
    z = normal(0, 30)
    found = measure_shift(z[:15], z[15:])
    assert found.classifier is None
    assert not found.seen
    assert found.verdict.startswith("cannot tell: too few samples (15 and 15); a mean that moves")
    one_each = measure_shift(z[:1], z[1:2]).verdict
    assert one_each.endswith("too few samples (1 and 1); no shift of a mean would be seen")


def test_even_of_few_samples_a_large_shift_is_seen() -> None:
    z = normal(0, 30)
    assert measure_shift(z[:15], z[15:] + 5.0).shifted == ("feature 1", "feature 2", "feature 3")


@pytest.mark.parametrize(("n", "m"), [(300, 40), (40, 300)])
def test_sets_of_unlike_size(n, m) -> None:
    z = normal(3, n + m)
    assert not measure_shift(z[:n], z[n:]).seen
    assert measure_shift(z[:n], z[n:] + 0.9).told_apart


def test_constant_columns_images_and_rows_on_the_disk() -> None:
    z = normal(4, 100, 12).reshape(100, 3, 2, 2)
    z[:, 0, 0, 0] = 7.0
    plain = measure_shift(z[:50], z[50:])
    assert len(plain.features) == 12
    assert measure_shift(Rows(z[:50]), Rows(z[50:])) == plain
    moved = z[50:].copy()
    moved[:, 0, 0, 0] = 8.0
    (first, *_) = measure_shift(z[:50], moved).features
    assert (first.name, first.distance, first.effect) == ("feature 1", 1.0, math.inf)


def test_the_same_seed_gives_the_same_bits() -> None:
    z = normal(5, 12_000, 2)
    one, again = (measure_shift(z[:6000], z[6000:], seed=3) for _ in range(2))
    assert one == again
    assert one.samples == (5000, 5000)
    assert measure_shift(z[:6000], z[6000:], seed=4) != one


def test_auc_and_its_variance_by_counting_pairs() -> None:
    low, high = np.round(normal(6, 9, 1)[:, 0], 1), np.round(normal(7, 7, 1)[:, 0] + 0.5, 1)
    wins = (high[:, None] > low) + 0.5 * (high[:, None] == low)
    labels = np.repeat([False, True], [9, 7])
    auc = _aucs(np.concatenate([low, high])[:, None], labels[:, None])[0]
    assert auc == pytest.approx(wins.mean())
    variance = wins.mean(axis=1).var(ddof=1) / 7 + wins.mean(axis=0).var(ddof=1) / 9
    assert _delong(low, high) == pytest.approx(variance)


def test_p_of_the_classifier_is_that_of_permutations() -> None:
    z = normal(8, 80)
    auc, low, high, p = classifier_auc(z[:40], z[40:] + 3.0, Stream(0, "split"))
    assert (auc, p) == (pytest.approx(1.0, abs=0.02), 1 / 500)
    assert low <= auc <= high <= 1.0


def test_what_cannot_be_compared() -> None:
    with pytest.raises(ShapeError, match="expected one shape"):
        measure_shift(np.zeros((5, 2)), np.zeros((5, 3)))
    with pytest.raises(DataError, match="without samples"):
        measure_shift(np.zeros((0, 2)), np.zeros((5, 2)))
    with pytest.raises(DataError, match="not finite"):
        measure_shift(np.full((5, 2), np.nan), np.zeros((5, 2)))
    with pytest.raises(InputError, match="level=0"):
        measure_shift(np.zeros((5, 2)), np.zeros((5, 2)), level=0)


def test_as_plain_data() -> None:
    found: Shift = alarms(move_mean, [0])[0]
    plain = found.plain()
    assert plain["verdict"] == str(found)
    assert plain["features"][0]["name"] == "feature 2"
    assert set(plain["classifier"]) == {"auc", "low", "high", "p"}
