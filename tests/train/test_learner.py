"""The arrays of a training: copies of a network are networks of their own."""

import copy

import numpy as np

import groundup as gu


def test_a_copy_trains_by_itself_and_to_the_same_bits() -> None:
    x = gu.Stream(0).normal((64, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    model = gu.Sequential([gu.Dense(8, "relu"), gu.BatchNormalization(), gu.Dense(2, "softmax")])
    model.compile(gu.Adam(0.01), "categorical_crossentropy")
    model.fit(x, y, epochs=2, verbose=0)
    before = model.predict(x)
    other = copy.deepcopy(model)
    assert np.array_equal(other.predict(x), before)
    other.fit(x, y, epochs=2, verbose=0)
    assert np.array_equal(model.predict(x), before)
    assert not np.allclose(other.predict(x), before)
    model.fit(x, y, epochs=2, verbose=0)
    assert np.array_equal(other.predict(x), model.predict(x))
