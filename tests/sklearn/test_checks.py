"""What scikit-learn asks of every estimator; none of it is expected to fail."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from groundup import GroundupClassifier, GroundupRegressor


@parametrize_with_checks([GroundupClassifier(), GroundupRegressor()])
def test_what_scikit_learn_asks_of_an_estimator(estimator, check):
    check(estimator)
