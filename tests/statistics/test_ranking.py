"""Rankings: in order, told apart where they differ, one group where they do not."""

import numpy as np
import pytest

from groundup.errors import InputError, ShapeError
from groundup.rng import Stream
from groundup.statistics.ranking import _groups, rank


def methods(seed, shifts, n=10):
    """Values that share the seed's own part, as paired runs do."""
    stream = Stream(seed, "search", "ranking")
    common, own = stream.named("common").normal(n), stream.named("own").normal((len(shifts), n))
    return {
        name: 5 * common + 0.3 * own[k] + shift for k, (name, shift) in enumerate(shifts.items())
    }


def test_order_and_groups() -> None:
    ranking = rank(methods(4, {"c": 4.0, "a": 0.0, "b": 0.05, "d": 9.0}))
    assert set(ranking.names[:2]) == {"a", "b"} and ranking.names[2:] == ("c", "d")
    assert [ranking.letters(name) for name in ("a", "b", "c", "d")] == ["a", "a", "b", "c"]
    assert list(ranking.means) == sorted(ranking.means)
    for one in ranking.comparisons:  # b - a, with a the better
        assert one.test.mean >= 0 and one.p >= one.test.p
    assert len(ranking.comparisons) == 6


def test_high_values_may_be_the_good_ones() -> None:
    values = methods(0, {"low": 0.0, "high": 4.0})
    assert rank(values).names == ("low", "high")
    assert rank(values, best="high").names == ("high", "low")


def test_pairing_is_used() -> None:
    """Against the scatter of the seeds, which is 5, a shift of 1 would go under."""
    assert len(rank(methods(1, {"a": 0.0, "b": 1.0})).groups) == 2


def test_methods_that_are_the_same_are_rarely_told_apart() -> None:
    """Of 300 rankings of five equal methods, more than 25 are split once in 100 times."""
    shifts = dict.fromkeys("abcde", 0.0)
    assert sum(len(rank(methods(seed, shifts)).groups) > 1 for seed in range(300)) <= 25


@pytest.mark.parametrize(
    ("apart", "groups"),
    [
        ([], ["abc"]),
        ([("a", "c")], ["ab", "bc"]),
        ([("a", "b")], ["ac", "bc"]),
        ([("a", "c"), ("b", "c")], ["ab", "c"]),
        ([("a", "b"), ("a", "c"), ("b", "c")], ["a", "b", "c"]),
    ],
)
def test_groups(apart, groups) -> None:
    assert ["".join(group) for group in _groups("abc", apart)] == groups


def test_groups_are_all_largest_sets_without_a_pair_apart() -> None:
    """Against trying all sets of six."""
    names = "abcdef"
    for seed in range(30):
        u = Stream(seed, "search", "groups").uniform(15)
        pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
        apart = [pair for pair, value in zip(pairs, u, strict=True) if value < 0.4]
        sets = [{name for k, name in enumerate(names) if bits >> k & 1} for bits in range(1, 2**6)]
        free = [s for s in sets if not any(a in s and b in s for a, b in apart)]
        largest = {"".join(sorted(s)) for s in free if not any(s < other for other in free)}
        assert {"".join(group) for group in _groups(names, apart)} == largest


def test_what_is_refused() -> None:
    with pytest.raises(ShapeError, match="as many for each"):
        rank({"a": [1.0, 2.0], "b": [1.0, 2.0, 3.0]})
    with pytest.raises(InputError, match="two or more"):
        rank({"a": [1.0], "b": [2.0]})
    assert rank({"a": np.ones(3)}).groups == (("a",),)
