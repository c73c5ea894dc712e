"""A preprocessor as scikit-learn wants it: an object that keeps what it has learned.

Imported when it is asked for, since scikit-learn takes its time.
"""

from typing import Any

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from groundup.checks import as_numbers, as_table
from groundup.data.preprocess.base import Preprocessor, preprocessors
from groundup.typing import Array


class Transformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A step of scikit-learn's pipelines and searches; the preprocessor in it stays a value.

    scikit-learn's `fit` changes its object, and its pipelines write into their steps, which a
    preprocessor, a frozen value shared by networks and files, must not allow. So this holds both:
    `preprocessor`, and `parameters_` once fitted. `Standardize().as_transformer()` makes one.

    Args:
        preprocessor: the object or its name; a search varies it whole, as in
            {"transformer__preprocessor": [ZCAWhitening(epsilon=e) for e in (1e-5, 0.1)]}.

    >>> x = [[1.0, 7.0], [3.0, 7.0]]
    >>> scale = Transformer("standardize").fit(x)
    >>> scale.transform(x)
    array([[-1.,  0.],
           [ 1.,  0.]], dtype=float32)
    >>> scale.inverse_transform(scale.transform(x))
    array([[1., 7.],
           [3., 7.]], dtype=float32)
    """

    def __init__(self, preprocessor: Preprocessor | str = "standardize") -> None:
        self.preprocessor = preprocessor

    def fit(self, X: Any, y: Any = None) -> "Transformer":
        """Learn from X (N, D) or (N, C, H, W); y is not looked at."""
        x = validate_data(self, as_table(X, "X"), **_AS_IT_IS)
        self.parameters_ = self._value().fit(x)
        return self

    def transform(self, X: Any) -> Array:
        """What the preprocessor makes of X, float32."""
        check_is_fitted(self)
        x = validate_data(self, as_table(X, "X"), reset=False, **_AS_IT_IS)
        return self._value().transform(self.parameters_, x)

    def inverse_transform(self, X: Any) -> Array:
        """The raw values again, to rounding."""
        check_is_fitted(self)
        return self._value().inverse(self.parameters_, as_numbers(X, "X"))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # always float32
        return tags

    def _value(self) -> Preprocessor:
        return preprocessors.resolve(self.preprocessor)


_AS_IT_IS: dict[str, Any] = {"dtype": "numeric", "allow_nd": True}
