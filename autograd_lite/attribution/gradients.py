"""Attributions from the gradient at the input: saliency, gradient × input, SmoothGrad.

All take a batch, and give an array of its shape. A module is run in evaluation mode and is afterwards in the modes that
it was in; no `.grad` is touched, and nothing but the input is differentiated. Rows are taken to be independent of each
other, as they are in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.autograd import grad
from autograd_lite.engine.grad_mode import enable_grad, no_grad
from autograd_lite.engine.random import default_generator
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.nn import Module
from autograd_lite.nn.functional.conversion import floating
from autograd_lite.tensor.leaving import differentiating
from autograd_lite.tensor.tensor import Tensor, variable
from autograd_lite.train.fit import modes_restored

__all__ = [
    "batch_of",
    "chosen",
    "evaluated",
    "gradient_times_input",
    "input_gradient",
    "saliency",
    "smooth_grad",
    "values_of",
]

Array = NDArray[Any]
Model = Callable[[Any], Any]


def saliency(model: Model, x: Any, target: Any = None) -> Array:
    """``|∂score/∂x|``, by how much the score changes when an input does (Simonyan, Vedaldi and Zisserman 2013).

    Parameters
    ----------
    model : Module or callable
        Turns x into scores of shape (n, classes), (n, 1) or (n,).
    x : Tensor or array_like, shape (n, ...)
        The inputs; integers become float64.
    target : int or array_like of int, shape (n,), optional
        Whose score: a class for all rows, or one for each. By default each row's class with the highest score.

    Returns
    -------
    ndarray, of the shape and dtype of x

    Raises
    ------
    TypeError
        If targets are no integers.
    ValueError
        If the model gives no score for each row, or a target is out of range.
    RuntimeError
        If the scores do not depend on x.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import attribution
    >>> weights = np.array([[1.0, -2.0], [3.0, 4.0]])
    >>> attribution.saliency(lambda x: x @ weights, np.ones((1, 2)), target=1)
    array([[2., 4.]])
    """
    with evaluated(model):
        x = batch_of(x)
        return np.asarray(np.absolute(input_gradient(model, x, chosen(model, x, target))))


def gradient_times_input(model: Model, x: Any, target: Any = None) -> Array:
    """∂score/∂x · x, how much each input brings in to first order (Shrikumar et al. 2016).

    Parameters
    ----------
    model, x, target
        As in `saliency`.

    Returns
    -------
    ndarray, of the shape and dtype of x

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As in `saliency`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import attribution
    >>> attribution.gradient_times_input(lambda x: (x * x).sum(axis=1), np.array([[1.0, -3.0]]))
    array([[ 2., 18.]])
    """
    with evaluated(model):
        x = batch_of(x)
        attributions: Array = x * input_gradient(model, x, chosen(model, x, target))
        return attributions


def smooth_grad(
    model: Model,
    x: Any,
    n: int = 50,
    sigma: float | None = None,
    generator: np.random.Generator | None = None,
    target: Any = None,
) -> Array:
    """The mean of ∂score/∂x over n noisy copies of x (Smilkov et al. 2017).

    Parameters
    ----------
    model, x, target
        As in `saliency`; a class that is not given is the one of the highest score without noise.
    n : int
        How many copies.
    sigma : float, optional
        Standard deviation of the noise; by default .15 of the range from the smallest to the largest number in x.
    generator : numpy.random.Generator, optional
        Where the noise is drawn from; the package's own by default, which `manual_seed` restarts.

    Returns
    -------
    ndarray, of the shape and dtype of x

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As in `saliency`; and if `n` is below 1 or `sigma` negative.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import attribution
    >>> attribution.smooth_grad(lambda x: 3 * x[:, 0], np.ones((1, 2)), n=4, generator=np.random.default_rng(0))
    array([[3., 0.]])
    """
    if n < 1 or (sigma is not None and not sigma >= 0):
        raise ValueError(f"smooth_grad needs n from 1 and sigma from 0, not n={n} and sigma={sigma}")
    with evaluated(model):
        x = batch_of(x)
        target = chosen(model, x, target)
        spread = 0.15 * (x.max() - x.min()) if sigma is None else sigma
        generator = generator or default_generator()
        total = np.zeros_like(x)
        for _ in range(n):
            noise = generator.standard_normal(x.shape).astype(x.dtype)
            total += input_gradient(model, x + x.dtype.type(spread) * noise, target)
        mean: Array = total / n
        return mean


# What they are made of.


@contextmanager
def evaluated(model: Model) -> Iterator[None]:
    """Run with a module in evaluation mode, and with its modes as they were afterwards."""
    if not isinstance(model, Module):
        yield
        return
    with modes_restored(model):
        model.eval()
        yield


def batch_of(x: Any) -> Array:
    """The inputs as an array of floating numbers, with rows."""
    array: Array = np.asarray(floating(x).detach().numpy())
    if not array.ndim or not array.size:
        raise ValueError(f"x must be a batch of shape (n, ...) n from 1, and has shape {array.shape}: write x[None]")
    return array


def scores_of(model: Model, x: Any) -> Any:
    """The scores, of shape (n, classes)."""
    scores = floating(model(x))
    if scores.ndim not in (1, 2) or len(scores) != len(x):
        raise ValueError(
            f"the model must give scores of shape ({len(x)}, classes) or ({len(x)},), and gives {scores.shape}"
        )
    return scores.reshape(len(x), -1)


def values_of(model: Model, x: Array) -> Array:
    """As `scores_of`, as an array."""
    with no_grad():
        values: Array = scores_of(model, Tensor(x)).numpy()
    return values


def chosen(model: Model, x: Array, target: Any) -> Array:
    """The class of each row whose score is explained."""
    scores = values_of(model, x)
    if target is None:
        return np.asarray(scores.argmax(axis=1))
    classes = array_from(target)
    if classes.dtype.kind not in "iu":
        raise TypeError(f"target is a class or one for each row, an integer, and not {classes.dtype}")
    if classes.shape not in ((), (len(x),)) or (classes < 0).any() or (classes >= scores.shape[1]).any():
        raise ValueError(
            f"target must be from 0 to {scores.shape[1] - 1}, one for all rows or one for each of {len(x)}: {target}"
        )
    return np.broadcast_to(classes, len(x))


def input_gradient(model: Model, x: Array, target: Array) -> Array:
    """∂score/∂x of each row."""
    with enable_grad():
        inputs = variable(x)
        with differentiating([inputs]):
            scores = scores_of(model, inputs)
        total = scores[np.arange(len(x)), target].sum()
        (gradient,) = grad(total, inputs)
    return np.asarray(gradient)
