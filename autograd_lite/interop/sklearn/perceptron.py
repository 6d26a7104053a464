"""Multilayer perceptrons, and networks of your own, as classifiers and regressors."""

from __future__ import annotations

import inspect
import math
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.interop.sklearn.base import ATTRIBUTES, PARAMETERS, GradientDescentEstimator, keep
from autograd_lite.interop.sklearn.settings import ACTIVATIONS, layer_sizes
from autograd_lite.interop.sklearn.tasks import Classifier, Regressor
from autograd_lite.nn import Linear, Module, Sequential, init

__all__ = ["MLPClassifier", "MLPRegressor"]

NETWORK_PARAMETERS = f"""
    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        The sizes of the hidden layers.
    activation : str
        After each hidden layer: "identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu" or
        "softplus".{PARAMETERS}
    module : class or callable, optional
        Makes the network in place of hidden layers of these sizes: ``module(n_features, n_outputs)`` is a Module that
        turns (n, n_features) into (n, n_outputs). It gets ``generator=`` too if it has such a parameter; what does not
        draw from it draws from the package's own, and is not covered by `random_state`.
"""


class Perceptron(GradientDescentEstimator):
    """Affine layers with an activation between them, or a network of the user's."""

    hidden_layer_sizes: Any
    activation: str
    module: Any

    def _learned(self) -> None:
        layers = [layer for layer in self.module_.modules() if type(layer) is Linear]
        if self.module is None:
            self.coefs_ = [layer.weight.detach().numpy().T.copy() for layer in layers]
            self.intercepts_ = [layer.bias.detach().numpy().copy() for layer in layers if layer.bias is not None]
            self.n_layers_ = len(layers) + 1

    def _network(self, arrays: list[Any], outputs: int, generator: np.random.Generator) -> Module:
        features, dtype = arrays[0].shape[1], arrays[0].dtype
        if self.module is not None:
            return made_module(self.module, features, outputs, dtype, generator)
        sizes = [features, *layer_sizes(self.hidden_layer_sizes), outputs]
        layers: list[Module] = []
        for fan_in, fan_out in pairwise(sizes):
            layer = Linear(fan_in, fan_out, dtype=dtype, generator=generator)
            bound = math.sqrt((2 if self.activation == "logistic" else 6) / (fan_in + fan_out))  # as in scikit-learn
            for parameter in layer.parameters():
                init.uniform_(parameter, -bound, bound, generator)
            layers += [layer, ACTIVATIONS[self.activation]()]
        return Sequential(*layers[:-1])


def made_module(module: Any, features: int, outputs: int, dtype: Any, generator: np.random.Generator) -> Module:
    """The network that a class or function makes; refuse what cannot be trained on these data."""
    try:
        takes_generator = "generator" in inspect.signature(module).parameters
    except ValueError:  # what has no signature
        takes_generator = False
    settings: dict[str, Any] = {"generator": generator} if takes_generator else {}
    made = module(features, outputs, **settings)
    if not isinstance(made, Module):
        raise TypeError(f"module={module!r} gave a {type(made).__name__}, not a Module")
    made.to(dtype).eval()
    with no_grad():
        shape = made(np.zeros((2, features), dtype)).shape
    if shape != (2, outputs):
        raise ValueError(
            f"module={module!r} gave a network that turns (2, {features}) into {shape}, and not into (2, {outputs})"
        )
    return made


class MLPClassifier(Classifier, Perceptron):
    __doc__ = f"""A multilayer perceptron that learns classes; or labels, of which a row may have several.
{NETWORK_PARAMETERS}    class_weight : "balanced", dict or None
        What the rows of each class count for; "balanced" is inversely to how many there are.

    Attributes
    ----------
    classes_ : ndarray{ATTRIBUTES}

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from autograd_lite.interop.sklearn import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((16,), learning_rate_init=0.02, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95, model.predict_proba(X[:1]).round(1)
    (True, array([[1., 0., 0.]]))
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        class_weight: Any = None,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str | None = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        optimizer: Any = None,
        module: Any = None,
    ) -> None:
        keep(self, locals())


class MLPRegressor(Regressor, Perceptron):
    __doc__ = f"""A multilayer perceptron that learns numbers, of which there may be several for each row.

    It learns the standardised target, so that y needs no scaling; `tol` and the losses refer to that.
{NETWORK_PARAMETERS}
    Attributes
    ----------
    target_mean_, target_scale_
        What the target is standardised by.{ATTRIBUTES}

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite.interop.sklearn import MLPRegressor
    >>> x = np.linspace(-3, 3, 100).reshape(-1, 1)
    >>> model = MLPRegressor((64,), learning_rate_init=0.02, tol=1e-6, max_iter=1000, random_state=0)
    >>> model.fit(x, 1000 + np.sin(x[:, 0])).score(x, 1000 + np.sin(x[:, 0])) > 0.99
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str | None = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        optimizer: Any = None,
        module: Any = None,
    ) -> None:
        keep(self, locals())
