import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from groundup.data.preprocess import (
    MinMax,
    OneHot,
    Preprocessor,
    Rescale,
    Standardize,
    preprocessors,
)
from groundup.errors import DataError, InputError, ShapeError, UnknownName

rng = np.random.default_rng(0)
images = rng.integers(0, 200, (5000, 3, 2, 4)).astype(np.uint8)  # more rows than one chunk
table = rng.normal([1.0, -50.0, 1e6], [2.0, 0.1, 30.0], (300, 3))


@pytest.mark.parametrize("largest", [255, 16])
def test_rescale_divides_by_the_largest_value(largest):
    x = np.array([[[[0, largest]]]], np.uint8)
    parameters = Rescale().fit(x)
    assert parameters["scale"].tolist() == [largest]
    y = Rescale().transform(parameters, np.arange(17, dtype=np.uint8).reshape(1, 1, 1, 17))
    np.testing.assert_array_equal(y.ravel(), np.arange(17, dtype=np.float32) / largest)


def test_rescale_takes_the_absolute_value_and_leaves_zeros():
    assert Rescale().fit(np.array([[1.0, -4.0]]))["scale"] == 4
    assert Rescale().fit(np.array([[-128, 5]], np.int8))["scale"] == 128
    assert Rescale().fit(np.zeros((3, 2)))["scale"] == 1


def test_standardize_agrees_with_scikit_learn():
    from sklearn.preprocessing import StandardScaler

    y = Standardize().transform(Standardize().fit(table), table)
    np.testing.assert_allclose(y, StandardScaler().fit_transform(table), rtol=1e-5, atol=1e-6)


def test_standardize_works_per_channel_on_images():
    parameters = Standardize().fit(images)
    assert parameters["mean"].shape == parameters["std"].shape == (3, 1, 1)
    np.testing.assert_allclose(parameters["mean"][:, 0, 0], images.mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(parameters["std"][:, 0, 0], images.std((0, 2, 3)), rtol=1e-12)
    y = Standardize().transform(parameters, images).astype(np.float64)
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_feature_that_never_varies_becomes_zero_not_nan(dtype):
    x = np.full((97, 2), 0.1, dtype)  # the mean of many 0.1 is not 0.1
    x[:, 1] = np.arange(97)
    parameters = Standardize().fit(x)
    assert parameters["std"][0] == 1
    assert (Standardize().transform(parameters, x)[:, 0] == 0).all()


def test_a_large_mean_costs_no_digits():
    years = np.array([[1.6e9], [1.6e9 + 1], [1.6e9 + 2]])  # float32 steps by 128 here
    y = Standardize().transform(Standardize().fit(years), years)
    np.testing.assert_allclose(y[:, 0], [-1.2247449, 0, 1.2247449], rtol=1e-6)


def test_min_max_agrees_with_scikit_learn():
    from sklearn.preprocessing import MinMaxScaler

    for ends in ((0, 1), (-2.5, 0.5)):
        parameters = MinMax(ends).fit(table)
        y = MinMax(ends).transform(parameters, table)
        np.testing.assert_allclose(y, MinMaxScaler(ends).fit_transform(table), atol=1e-6)
        np.testing.assert_allclose([y.min(0), y.max(0)], np.transpose([ends] * 3), atol=1e-6)
        assert MinMax(ends).transform(parameters, table + 1e3).min() > ends[1]  # later data


def test_min_max_works_per_channel_and_leaves_constants_at_its_start():
    x = images.copy()
    x[:, 1] = 7
    parameters = MinMax((1, 3)).fit(x)
    assert parameters["min"].shape == (3, 1, 1)
    y = MinMax((1, 3)).transform(parameters, x)
    assert y.min((0, 2, 3)).tolist() == [1, 1, 1]
    assert y.max((0, 2, 3)).tolist() == [3, 1, 3]


@pytest.mark.parametrize("ends", [(1, 0), (1, 1), (0,), "01", (0, np.inf), (0, None), 1])
def test_impossible_ranges_are_refused(ends):
    with pytest.raises(InputError, match="feature_range="):
        MinMax(ends)


class TestOneHot:
    x = np.array([[3.0, 0.5, -1.0], [7.0, 0.25, 2.0], [3.0, 0.75, 5.0], [1.0, 0.5, 2.0]])

    def test_agrees_with_scikit_learn(self):
        from sklearn.preprocessing import OneHotEncoder

        y = OneHot().transform(OneHot().fit(self.x), self.x)
        expected = OneHotEncoder(sparse_output=False).fit_transform(self.x)
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, expected)

    def test_other_columns_stay_between(self):
        encode = OneHot(columns=(2, 0))
        parameters = encode.fit(self.x)
        y = encode.transform(parameters, self.x)
        assert y[1].tolist() == [0, 0, 1, 0.25, 0, 1, 0]
        np.testing.assert_array_equal(encode.inverse(parameters, y), self.x)
        assert encode.raw_shape(parameters, (7,)) == (3,)

    def test_values_of_later_chunks_count(self):
        x = np.zeros((9000, 1), np.int64)
        x[8999] = 4
        assert OneHot().fit(x)["categories"].tolist() == [0, 4]

    def test_unknown_values(self):
        parameters = OneHot().fit(self.x)
        new = np.array([[3.0, 0.5, 2.0], [3.0, 0.5, 6.0]])
        with pytest.raises(DataError, match=r"x is 6.0 in sample 1, column 2: .* only -1, 2, 5"):
            OneHot().transform(parameters, new)
        encode = OneHot(unknown="zeros")
        y = encode.transform(parameters, new)
        assert y[1, 6:].tolist() == [0, 0, 0]
        assert np.isnan(encode.inverse(parameters, y)[1, 2])

    def test_what_is_no_category_is_refused(self):
        with pytest.raises(DataError, match="column 1 has more than 1,000 different values"):
            OneHot().fit(np.stack([np.zeros(2000), np.arange(2000)], axis=1))
        with pytest.raises(InputError, match="only the columns 0 to 2"):
            OneHot(columns=(3,)).fit(self.x)
        for columns in ((), "0", (-1,), (0.5,)):
            with pytest.raises(InputError, match="columns="):
                OneHot(columns=columns)
        with pytest.raises(ShapeError, match="had 3 features"):
            OneHot().transform(OneHot().fit(self.x), self.x[:, :2])
        with pytest.raises(ShapeError, match="transform gives 9 columns"):
            OneHot().inverse(OneHot().fit(self.x), self.x)
        with pytest.raises(ShapeError, match=r"expects \(N, D\)"):
            OneHot().fit(images)


@pytest.mark.parametrize(
    "preprocessor", [cls() for cls in preprocessors if cls is not OneHot], ids=repr
)
class TestEveryPreprocessor:
    @pytest.mark.parametrize("x", [images, table, table.astype(np.float32)])
    def test_gives_float32_writes_nothing_and_inverts(self, preprocessor: Preprocessor, x):
        frozen = x.copy()
        frozen.flags.writeable = False
        parameters = preprocessor.fit(frozen)
        y = preprocessor.transform(parameters, frozen)
        assert y.dtype == np.float32
        assert y.shape == x.shape
        back = preprocessor.inverse(parameters, y)
        np.testing.assert_allclose(back, x, rtol=2e-6, atol=1e-4)
        assert preprocessor.out_shape(x.shape[1:]) == y.shape[1:]
        assert preprocessor.raw_shape(parameters, y.shape[1:]) == x.shape[1:]

    def test_parameters_can_be_saved_as_tensors(self, preprocessor: Preprocessor):
        for value in preprocessor.fit(images).values():
            assert value.dtype in (np.float32, np.float64)
            assert value.ndim >= 1
            assert value.flags.c_contiguous

    def test_one_sample_is_enough(self, preprocessor: Preprocessor):
        y = preprocessor.transform(preprocessor.fit(table[:1]), table[:1])
        assert np.isfinite(y).all()

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_refuses_what_is_not_finite(self, preprocessor: Preprocessor, bad):
        x = np.zeros((5000, 3))
        x[4200, 1] = bad
        with pytest.raises(DataError, match=r"sample 4200, position \[1\]"):
            preprocessor.fit(x)

    def test_refuses_nothing(self, preprocessor: Preprocessor):
        with pytest.raises(DataError, match="nothing to fit"):
            preprocessor.fit(np.zeros((0, 3)))

    @example(np.array([[0.0], [1e-45]], np.float32))
    @given(
        arrays(
            np.float32,
            array_shapes(min_dims=2, max_dims=2),
            elements=st.floats(-1e6, 1e6, width=32),
        )
    )
    def test_is_finite_for_any_table(self, preprocessor: Preprocessor, x):
        parameters = preprocessor.fit(x)
        y = preprocessor.transform(parameters, x)
        assert np.isfinite(y).all()
        np.testing.assert_allclose(preprocessor.inverse(parameters, y), x, rtol=1e-4, atol=1.0)


def test_another_width_is_refused():
    parameters = Standardize().fit(table)
    with pytest.raises(ShapeError, match="3 features"):
        Standardize().transform(parameters, table[:, :1])
    with pytest.raises(ShapeError, match="3 channels"):
        Standardize().inverse(Standardize().fit(images), images[:, :1])


def test_other_ranks_and_endless_values_are_refused():
    with pytest.raises(ShapeError, match="expected"):
        Standardize().fit(np.zeros((2, 28, 28)))
    with pytest.raises(DataError, match="beyond float64"):
        Standardize().fit(np.array([[1e200], [-1e200]]))
    with pytest.raises(DataError, match="more than float64"):
        MinMax().fit(np.array([[1.5e308], [-1.5e308]]))


def test_arguments_may_be_named():
    parameters = Standardize().fit(x=table)
    y = Standardize().transform(parameters, x=table.tolist())
    np.testing.assert_array_equal(y, Standardize().transform(x=table, parameters=parameters))
    np.testing.assert_allclose(Standardize().inverse(parameters=parameters, x=y), table, atol=1e-5)
    with pytest.raises(TypeError, match="'rows'"):
        Standardize().fit(rows=table)


def test_names():
    assert preprocessors.resolve("rescale") == Rescale()
    assert preprocessors.resolve({"kind": "standardize"}) == Standardize()
    with pytest.raises(UnknownName, match="Did you mean 'standardize'"):
        preprocessors.resolve("standardise")
