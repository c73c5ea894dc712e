"""Networks as scikit-learn's estimators: for its pipelines, searches and cross-validation.

>>> from sklearn.datasets import load_iris
>>> from sklearn.model_selection import cross_val_score
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> x, y = load_iris(return_X_y=True)
>>> network = GroundupClassifier(hidden_layer_sizes=(20,), learning_rate=0.01, random_state=0)
>>> bool(cross_val_score(make_pipeline(StandardScaler(), network), x, y, cv=3).mean() > 0.9)
True
"""

from groundup.sklearn.classifier import GroundupClassifier
from groundup.sklearn.regressor import GroundupRegressor

__all__ = ["GroundupClassifier", "GroundupRegressor"]
