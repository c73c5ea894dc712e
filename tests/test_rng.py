"""Random numbers against their specification, published known answers, and distribution tests."""

import csv
import hashlib
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.errors import InputError
from groundup.rng import Stream

stats = pytest.importorskip("scipy.stats")

MASK = 2**64 - 1
steady = settings(deadline=None, derandomize=True)
P_VALUE = 1e-4  # seeds are fixed, so a distribution test either always passes or never


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> list[int]:
    """Philox4x64-10 straight from the paper, in Python integers: four words from one counter."""
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        p0, p1 = 0xD2E7470EE14C6C93 * c0, 0xCA5A826395121157 * c2
        c0, c1, c2, c3 = (p1 >> 64) ^ c1 ^ k0, p1 & MASK, (p0 >> 64) ^ c3 ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & MASK, (k1 + 0xBB67AE8584CAA73B) & MASK
    return [c0, c1, c2, c3]


def philox_words(key: tuple[int, int], high: tuple[int, int, int], count: int) -> list[int]:
    """The words of draw blocks 1, 2, 3, … (NumPy counts up before each block)."""
    blocks = (philox(key, (block, *high)) for block in range(1, 2 + count // 4))
    return [word for block in blocks for word in block][:count]


def expected_words(s: Stream, count: int) -> list[int]:
    digest = hashlib.sha256(f"{s.purpose}/{s.name}".encode()).digest()
    key = (int(s.seed), int.from_bytes(digest[:8], "little"))
    return philox_words(key, (s.sample, s.epoch, s.step), count)


# --- the oracle itself, on answers nobody here wrote


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [  # kat_vectors of Random123, the authors' own library
        (
            (0, 0, 0, 0),
            (0, 0),
            (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
        ),
        (
            (MASK,) * 4,
            (MASK, MASK),
            (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
        ),
        (
            (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
            (0x452821E638D01377, 0xBE5466CF34E90C6C),
            (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
        ),
    ],
)
def test_oracle_known_answers(counter, key, answer) -> None:
    assert philox(key, counter) == list(answer)


@pytest.mark.parametrize("number", [1, 2])
def test_oracle_on_numpys_test_set(number: int) -> None:
    """NumPy's published words: the seed is hashed to a key, the counter starts at 0."""
    file = resources.files("numpy.random") / f"tests/data/philox-testset-{number}.csv"
    if not file.is_file():
        pytest.skip("this build of NumPy ships no test data")
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    key = np.random.SeedSequence(int(rows[0][1], 16)).generate_state(2, np.uint64)
    words = [int(value, 16) for _, value in rows[1:]]
    assert len(words) == 1000
    assert philox_words((int(key[0]), int(key[1])), (0, 0, 0), 1000) == words


# --- words


@steady
@given(
    seed=st.integers(0, MASK),
    purpose=st.sampled_from(["init", "dropout", "shuffle", "augment", "split", "search"]),
    name=st.text(max_size=12).filter(lambda s: s.isprintable()),
    epoch=st.integers(0, 2**40),
    step=st.integers(0, MASK),
    sample=st.integers(0, MASK),
    count=st.integers(0, 13),
)
def test_words_follow_the_specification(seed, purpose, name, epoch, step, sample, count) -> None:
    s = Stream(seed, purpose).named(name).at(epoch=epoch, step=step, sample=sample)
    assert s.words(count).tolist() == expected_words(s, count)


def test_words_that_must_never_change() -> None:
    """Files and published figures hang on these: a change here breaks every recorded seed."""
    s = Stream(0, "init").named("dense_1").named("W")
    assert s.name == "dense_1/W"
    assert [hex(w) for w in s.words(2).tolist()] == FROZEN_WORDS
    assert s.uniform(2).tolist() == FROZEN_UNIFORM
    np.testing.assert_allclose(s.normal(3), FROZEN_NORMAL, rtol=1e-14)
    assert s.integers(0, 100, 5).tolist() == FROZEN_INTEGERS
    assert s.permutation(8).tolist() == FROZEN_PERMUTATION


FROZEN_WORDS = ["0x5ab515c79558a9f6", "0xa2997ea516b96282"]
FROZEN_UNIFORM = [0.35432563898698055, 0.6351546433495279]
FROZEN_NORMAL = [-0.9515779994564368, -1.0814698886365035, -1.4992244994182664]
FROZEN_INTEGERS = [35, 63, 26, 56, 63]
FROZEN_PERMUTATION = [6, 2, 0, 7, 3, 1, 4, 5]


def test_halves_are_low_then_high() -> None:
    s = Stream(3)
    whole = s.words(3).tolist()
    expected = [part for w in whole for part in (w & 0xFFFFFFFF, w >> 32)]
    assert s.halves(6).tolist() == expected
    assert s.halves(5).tolist() == expected[:5]
    assert s.halves(5).dtype == np.uint32


# --- the conversions, by their definition


def test_uniform_is_the_high_bits() -> None:
    s = Stream(11)
    assert s.uniform(9).tolist() == [(w >> 11) / 2**53 for w in s.words(9).tolist()]
    low = s.uniform(9, dtype=np.float32)
    assert low.tolist() == [(h >> 8) / 2**24 for h in s.halves(9).tolist()]
    assert low.dtype == np.float32


def test_normal_is_box_and_muller() -> None:
    s = Stream(11)
    drawn = s.normal(5, mean=2.0, stddev=3.0)
    words = s.words(6).tolist()
    for i in range(5):
        u, v = (words[i - i % 2] >> 11) + 1, words[i - i % 2 + 1] >> 11
        radius = np.sqrt(-2 * np.log(u / 2**53))
        wave = (np.cos, np.sin)[i % 2]
        assert drawn[i] == pytest.approx(2 + 3 * radius * wave(2 * np.pi * v / 2**53), abs=1e-12)


@pytest.mark.parametrize("shape", [(), 0, 5, (3,), (2, 3), [4, 1, 2], np.int64(3), (0, 4)])
def test_shapes(shape) -> None:
    s, wanted = Stream(1), np.empty(shape).shape
    assert s.uniform(shape).shape == wanted
    assert s.normal(shape).shape == wanted
    assert s.integers(0, 9, shape).shape == wanted
    assert s.keep_mask(shape, 0.5).shape == wanted


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("low,high", [(0.0, 1.0), (-0.05, 0.05), (3.0, 3.5), (2.0, 2.0)])
def test_uniform_range(dtype, low, high) -> None:
    drawn = Stream(2).uniform(100_000, low, high, dtype)
    assert drawn.dtype == dtype
    assert drawn.min() >= np.asarray(low, dtype)
    assert drawn.max() <= np.asarray(high, dtype)
    assert drawn.mean() == pytest.approx((low + high) / 2, abs=4 * (high - low) / 1000)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_unit_interval_is_half_open(dtype, monkeypatch) -> None:
    """All bits set, the largest number there is, stays below 1; no bit set never asks log(0)."""
    for word in (MASK, 0):
        monkeypatch.setattr(
            Stream, "words", lambda self, n, word=word: np.full(n, word, dtype=np.uint64)
        )
        assert Stream().uniform(4, dtype=dtype).min() >= 0
        assert Stream().uniform(4, dtype=dtype).max() < 1
        assert np.isfinite(Stream().normal(4, dtype=dtype)).all()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distributions(seed: int, dtype) -> None:
    s = Stream(seed, "augment").named("distribution").at(epoch=seed)
    assert stats.kstest(s.uniform(20_000, dtype=dtype), "uniform").pvalue > P_VALUE
    assert stats.kstest(s.normal(20_001, 1.0, 2.0, dtype), "norm", (1.0, 2.0)).pvalue > P_VALUE
    faces = np.bincount(s.integers(1, 7, 60_000), minlength=7)
    assert faces[0] == 0
    assert stats.chisquare(faces[1:]).pvalue > P_VALUE


def test_neighbors_are_uncorrelated() -> None:
    """In steps, samples, epochs and seeds next to each other, and inside one pair of Box-Muller."""
    n = 4000
    s = Stream(5, "dropout").named("dropout_1")
    here = s.uniform(n)
    others = [
        s.at(step=1).uniform(n),
        s.at(epoch=1).uniform(n),
        s.at(sample=1).uniform(n),
        Stream(6, "dropout").named("dropout_1").uniform(n),
        Stream(5, "dropout").named("dropout_2").uniform(n),
    ]
    table = np.corrcoef([here, *others]) - np.eye(6)
    assert np.abs(table).max() < 4.5 / np.sqrt(n)
    first, second = s.normal(2 * n).reshape(n, 2).T
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(n)
    assert abs(np.corrcoef(first**2, second**2)[0, 1]) < 4 / np.sqrt(n)


@steady
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, MASK))
def test_prefix_stability(short: int, more: int, seed: int) -> None:
    """A longer draw begins with the shorter one."""
    s, long = Stream(seed), short + more
    assert (s.words(long)[:short] == s.words(short)).all()
    assert (s.halves(long)[:short] == s.halves(short)).all()
    assert (s.uniform(long)[:short] == s.uniform(short)).all()
    f4 = np.float32
    assert (s.uniform(long, dtype=f4)[:short] == s.uniform(short, dtype=f4)).all()
    np.testing.assert_allclose(s.normal(long)[:short], s.normal(short), rtol=1e-14)
    assert (s.integers(-5, 5, long)[:short] == s.integers(-5, 5, short)).all()
    assert (s.keep_mask(long, 0.3)[:short] == s.keep_mask(short, 0.3)).all()


def test_float32_normals_are_the_float64_ones_rounded() -> None:
    s = Stream(9)
    assert (s.normal(100, dtype=np.float32) == s.normal(100).astype(np.float32)).all()


# --- integers and permutations


@steady
@given(st.integers(-(2**40), 2**40), st.integers(1, 2**32), st.integers(0, MASK))
def test_integers_stay_in_range(low: int, span: int, seed: int) -> None:
    drawn = Stream(seed).integers(low, low + span, 50)
    assert drawn.dtype == np.int64
    assert low <= drawn.min()
    assert drawn.max() < low + span


@pytest.mark.parametrize("low,high", [(0, 0), (3, 2), (0, 2**32 + 1)])
def test_integers_without_room(low: int, high: int) -> None:
    with pytest.raises(InputError, match=r"expected 0 < high - low"):
        Stream().integers(low, high, 3)


@steady
@given(st.integers(0, 300), st.integers(0, MASK))
def test_permutation_is_one(count: int, seed: int) -> None:
    drawn = Stream(seed, "shuffle").permutation(count)
    assert sorted(drawn.tolist()) == list(range(count))


def test_permutations_are_equally_likely() -> None:
    seen: dict[tuple[int, ...], int] = {}
    for step in range(6000):
        order = tuple(Stream(0, "shuffle").at(step=step).permutation(3).tolist())
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    assert stats.chisquare(list(seen.values())).pvalue > P_VALUE


# --- masks


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.15, 0.5, 0.9, 1.0])
def test_keep_mask_rate(rate: float) -> None:
    n = 200_000
    kept = Stream(4, "dropout").keep_mask((n,), rate)
    assert kept.dtype == np.bool_
    sigma = np.sqrt(n * rate * (1 - rate))
    assert abs(kept.sum() - n * (1 - rate)) <= 4 * sigma


def test_rate_0_keeps_the_smallest_number_and_rate_1_drops_the_largest(monkeypatch) -> None:
    for word, rate, kept in ((0, 0.0, True), (MASK, 1.0, False), (2**63, 0.5, True)):
        monkeypatch.setattr(
            Stream, "words", lambda self, n, word=word: np.full(n, word, dtype=np.uint64)
        )
        assert Stream().keep_mask(2, rate)[1] == kept


def test_a_higher_rate_keeps_a_part_of_what_a_lower_one_keeps() -> None:
    s = Stream(4, "dropout")
    assert not (s.keep_mask(1000, 0.6) & ~s.keep_mask(1000, 0.2)).any()


# --- streams


def test_purposes_names_and_moments_are_independent() -> None:
    base = Stream(0, "init").named("dense_1")
    streams = [
        base,
        Stream(1, "init").named("dense_1"),
        Stream(0, "init").named("dense_2"),
        Stream(0, "init").named("dense_1").named("W"),
        base.of("dropout"),
        base.of("shuffle"),
        base.at(epoch=1),
        base.at(step=1),
        base.at(sample=1),
    ]
    drawn = {tuple(s.words(4).tolist()) for s in streams}
    assert len(drawn) == len(streams)
    assert len({word for words in drawn for word in words}) == 4 * len(streams)


def test_adding_a_part_moves_nobodys_draws() -> None:
    """Draws hang on names alone: neither order nor number of other draws matters."""
    root = Stream(7)
    before = root.named("dense_1").normal(5), root.named("dense_2").normal(5)
    root.named("batch_normalization_1").uniform(1000)
    after = root.named("dense_1").normal(5), root.named("dense_2").normal(5)
    for a, b in zip(before, after, strict=True):
        assert a.tobytes() == b.tobytes()


def test_at_changes_only_what_is_given() -> None:
    s = Stream(1, "dropout", "d", epoch=2, step=3, sample=4)
    assert s.at(step=9) == Stream(1, "dropout", "d", epoch=2, step=9, sample=4)
    assert s.at(epoch=0, sample=0) == Stream(1, "dropout", "d", epoch=0, step=3, sample=0)
    assert s.at() == s
    assert s.of("init").name == "d"


@pytest.mark.parametrize("seed", [-1, 2**64, np.int64(-3)])
def test_seed_out_of_range(seed) -> None:
    with pytest.raises(InputError, match=r"expected 0 <= seed < 2\*\*64"):
        Stream(seed)


@pytest.mark.parametrize("seed", [1.5, 1.0, True, None, "0", np.float64(2)])
def test_seed_that_is_no_whole_number(seed) -> None:
    with pytest.raises(InputError, match="expected a whole number"):
        Stream(seed)


def test_numpy_seeds_are_the_same_seeds() -> None:
    for seed in (np.int64(5), np.uint8(5)):
        assert (Stream(seed).words(3) == Stream(5).words(3)).all()
    assert (Stream(np.uint64(MASK)).words(3) == Stream(MASK).words(3)).all()
