"""Estimators that are trained by gradients, and that scikit-learn can search, validate and put into pipelines.

They have the names and the parameters of scikit-learn's own, and two more: `optimizer` takes any of `ag.optim`, and
`module` any network. Needs scikit-learn 1.6.

Examples
--------
>>> from sklearn.datasets import load_wine
>>> from sklearn.model_selection import GridSearchCV
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from autograd_lite.interop.sklearn import LogisticRegression
>>> pipeline = make_pipeline(StandardScaler(), LogisticRegression())
>>> search = GridSearchCV(pipeline, {"logisticregression__C": [1e-5, 1.0]}, cv=3)
>>> search.fit(*load_wine(return_X_y=True)).best_params_
{'logisticregression__C': 1.0}
"""

from autograd_lite.support.optional_dependency import optional

optional("sklearn", "autograd_lite.interop.sklearn", "data")

from autograd_lite.interop.sklearn.linear import LinearRegression, LogisticRegression  # noqa: E402 - see above
from autograd_lite.interop.sklearn.perceptron import MLPClassifier, MLPRegressor  # noqa: E402

__all__ = ["LinearRegression", "LogisticRegression", "MLPClassifier", "MLPRegressor"]
