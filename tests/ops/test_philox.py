"""The generator inside the kernels draws the words of `groundup.rng`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup import ops
from groundup.ops import Draws
from groundup.ops.dispatch import kernels
from groundup.ops.reference import philox
from groundup.rng import Stream

WORD = st.integers(0, 2**64 - 1)


def expected(stream, samples, first, blocks):
    words = [stream.at(sample=n).words(4 * (first + blocks))[4 * first :] for n in samples]
    return np.array(words, np.uint64).reshape(len(samples), 4 * blocks)


@given(
    seed=WORD,
    samples=st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=5),
    epoch=WORD,
    step=WORD,
    first=st.integers(0, 3),
    blocks=st.integers(1, 5),
    purpose=st.sampled_from(["dropout", "augment"]),
)
def test_the_words_of_each_sample_s_stream(seed, samples, epoch, step, first, blocks, purpose):
    stream = Stream(seed, purpose).named("noise_1").at(epoch=epoch, step=step)
    wanted = expected(stream, samples, first, blocks)
    draws = Draws(stream, np.array(samples))
    np.testing.assert_array_equal(kernels("philox").philox_words(draws, first, blocks), wanted)
    np.testing.assert_array_equal(philox.philox_words(draws, first, blocks), wanted)
    np.testing.assert_array_equal(ops.philox_words(draws, first, blocks), wanted)


def test_many_samples_by_many_threads():
    stream = Stream(3, "augment").at(epoch=2)
    draws = Draws(stream, np.arange(1000)[::-1])
    words = ops.philox_words(draws, 0, 50)
    np.testing.assert_array_equal(words[::333], expected(stream, [999, 666, 333, 0], 0, 50))


@pytest.mark.parametrize(
    ("key", "counter", "words"),
    [  # known answers of Random123, the authors' own library
        (
            (0, 0),
            (0, 0, 0, 0),
            (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
        ),
        (
            (0x452821E638D01377, 0xBE5466CF34E90C6C),
            (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
            (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
        ),
    ],
)
def test_known_answers(key, counter, words):
    assert kernels("philox").philox(*map(np.uint64, (*key, *counter))) == words
