"""Integrated gradients: attributions that add up to the difference of two scores."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.attribution.gradients import Model, batch_of, chosen, evaluated, input_gradient, values_of
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.engine.warnings import AutogradWarning
from autograd_lite.tensor.tensor import Tensor

__all__ = ["CompletenessWarning", "integrated_gradients"]

Array = NDArray[Any]

RULES = ("gauss", "midpoint", "trapezoid")
TOLERANCE = 0.01


class CompletenessWarning(AutogradWarning):
    """Attributions do not add up to the difference of the scores."""


def integrated_gradients(
    model: Model,
    x: Any,
    baseline: Any = None,
    steps: int = 50,
    target: Any = None,
    *,
    rule: str = "gauss",
    return_delta: bool = False,
) -> Any:
    """(x - baseline) · the mean of ∂score/∂x on the straight way from baseline to x (Sundararajan et al. 2017).

    The attributions of a row add up to score(x) - score(baseline): completeness, which is checked.

    Parameters
    ----------
    model, x, target
        As in `saliency`; a class that is not given is the one of the highest score at x.
    baseline : array_like that broadcasts to the shape of x, optional
        What stands for "nothing there"; 0 by default.
    steps : int
        At how many points the gradient is taken.
    rule : {"gauss", "midpoint", "trapezoid"}
        How they are chosen and weighted; Gauss–Legendre is by far the most exact where the model is smooth.
    return_delta : bool
        Whether to give, for each row, what the sum of the attributions misses the difference of the scores by.

    Returns
    -------
    ndarray, of the shape and dtype of x; or a pair of it and the deltas, shape (n,)

    Warns
    -----
    CompletenessWarning
        If a row's attributions miss the difference by more than 1 % of what was distributed, ``Σ |attribution|``.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As in `saliency`; and if there are too few `steps`, `rule` is not known, or `baseline` has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import attribution
    >>> x = np.array([[1.0, -3.0]])
    >>> attribution.integrated_gradients(lambda x: (x**2).sum(axis=1), x).round(9)
    array([[1., 9.]])
    """
    places, weights = points(rule, steps)
    with evaluated(model):
        x = batch_of(x)
        start = start_of(baseline, x)
        target = chosen(model, x, target)
        total = np.zeros_like(x)
        for place, weight in zip(places, weights, strict=True):
            total += x.dtype.type(weight) * input_gradient(model, start + x.dtype.type(place) * (x - start), target)
        attributions = (x - start) * total
        rows = np.arange(len(x))
        difference = (values_of(model, x) - values_of(model, start))[rows, target]
    delta = attributions.reshape(len(x), -1).sum(axis=1) - difference
    check_completeness(delta, np.absolute(attributions).reshape(len(x), -1).sum(axis=1), difference, steps)
    return (attributions, delta) if return_delta else attributions


def points(rule: str, steps: int) -> tuple[Array, Array]:
    """Places in [0, 1], and weights that sum to 1.

    Examples
    --------
    >>> points("midpoint", 2), points("trapezoid", 3)
    ((array([0.25, 0.75]), array([0.5, 0.5])), (array([0. , 0.5, 1. ]), array([0.25, 0.5 , 0.25])))
    """
    if rule not in RULES:
        raise ValueError(f"rule is one of {', '.join(RULES)}, not {rule!r}")
    fewest = 2 if rule == "trapezoid" else 1
    if steps < fewest:
        raise ValueError(f"integrated_gradients needs at least {fewest} steps by the {rule} rule, not {steps}")
    if rule == "gauss":
        places, weights = np.polynomial.legendre.leggauss(steps)
        return (places + 1) / 2, weights / 2
    if rule == "midpoint":
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    weights = np.full(steps, 1 / (steps - 1))
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, steps), weights


def start_of(baseline: Any, x: Array) -> Array:
    """Where the way begins, in the shape and dtype of x."""
    if baseline is None:
        return np.zeros_like(x)
    start = array_from(baseline.detach() if isinstance(baseline, Tensor) else baseline, x.dtype)
    try:
        return np.broadcast_to(start, x.shape)
    except ValueError:
        raise ValueError(
            f"baseline has shape {start.shape}, which does not broadcast to that of x, {x.shape}"
        ) from None


def check_completeness(delta: Array, distributed: Array, difference: Array, steps: int) -> None:
    """Warn of a row whose attributions miss the difference of the scores."""
    bound = TOLERANCE * np.maximum(distributed, np.absolute(difference))
    worst = int(np.argmax(np.absolute(delta) - bound))
    if np.isnan(delta).any() or abs(delta[worst]) > bound[worst]:
        warnings.warn(
            f"the attributions of row {worst} add up to {difference[worst] + delta[worst]:.4g}, and the score differs "
            f"from the baseline's by {difference[worst]:.4g}: take more than steps={steps}, or look whether the score "
            "jumps or is not finite on the way",
            CompletenessWarning,
            stacklevel=3,
        )
