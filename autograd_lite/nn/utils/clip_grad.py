"""Clipping of gradients, after `backward()` and before the step; in a compiled step, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import wide
from autograd_lite.engine.storage import Leaf
from autograd_lite.engine.tracing_protocol import array_from, known, require
from autograd_lite.tensor.tensor import Tensor

TINY = 1e-6  # PyTorch's: keeps the division from failing where all gradients are 0


def with_gradient(parameters: Tensor | Iterable[Tensor]) -> list[Leaf]:
    """The leaves that have a gradient; a single one counts as a list. An iterator that is used up is refused."""
    leaves = [p.leaf for p in ([parameters] if isinstance(parameters, Tensor) else parameters)]
    if not leaves and isinstance(parameters, Iterator):
        raise ValueError(
            "there are no parameters to clip: an iterator that was used up gives none. Write model.parameters() again, "
            "or keep list(model.parameters())"
        )
    return [leaf for leaf in leaves if leaf is not None and leaf.grad is not None]


def norm_of(x: Any, norm_type: float) -> Any:
    """The p-norm of all elements of an array."""
    if norm_type == np.inf:
        return np.max(np.abs(x), initial=0.0)
    if norm_type == 2:
        return np.sqrt(np.sum(np.square(np.abs(x) if np.iscomplexobj(x) else x)))
    return np.sum(np.abs(x) ** norm_type) ** (1 / norm_type)


def norm_of_all(arrays: list[Any], norm_type: float) -> Any:
    """The p-norm of all elements of all arrays; computed again, of scaled ones, where powers leave the dtype's range.

    The scale is a power of two, with which no number is rounded: so a compiled step, which cannot look and always
    scales, gives the same bits.
    """

    def together(norm_type: float, scale: Any) -> Any:
        return norm_of(np.stack([norm_of(x if scale is None else x / scale, norm_type) for x in arrays]), norm_type)

    with np.errstate(over="ignore", under="ignore"):
        norm = together(norm_type, None)
    limits = np.finfo(norm.dtype)
    if norm_type == np.inf or (known(norm) and (limits.tiny / limits.eps**2) ** (1 / norm_type) < norm < np.inf):
        return norm
    scale = np.spacing(np.minimum(together(np.inf, None), limits.max / 2)) * norm.dtype.type(1 / limits.eps)
    return together(norm_type, scale) * scale


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Any:
    """Scale the gradients of all parameters together so that their norm is at most `max_norm`.

    Against exploding gradients (Pascanu, Mikolov and Bengio 2013): the direction stays. Every gradient ``g`` becomes
    ``g · min(1, max_norm / (norm + 1e-6))``.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are passed over.
    max_norm : float
        The largest norm of all gradients, taken as one vector.
    norm_type : float
        p of the p-norm, more than 0; ``float("inf")`` for the largest absolute value.
    error_if_nonfinite : bool
        Whether to raise if the norm is inf or NaN. Otherwise inf makes the gradients 0 (those that are inf: NaN), and
        NaN makes them NaN.

    Returns
    -------
    NumPy number
        The norm before clipping; 0.0 if nothing has a gradient.

    Raises
    ------
    ValueError
        If `max_norm` or `norm_type` is out of range, or the parameters are an iterator that is used up.
    RuntimeError
        If the norm is inf or NaN and that is to be an error; the gradients are as before then.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> norm = ag.nn.utils.clip_grad_norm_([w], max_norm=1.0)
    >>> f"{norm:.1f}", w.grad.round(3)
    ('5.0', array([0.6, 0.8]))
    """
    norm_type = float(norm_type)  # "inf" is one
    if not norm_type > 0:
        raise ValueError(f"norm_type must be more than 0 (2, 1, float('inf') …), and is {norm_type}")
    if max_norm < 0:
        raise ValueError(f"max_norm must not be negative, and is {max_norm}")
    leaves = with_gradient(parameters)
    if not leaves:
        return 0.0
    total_norm = norm_of_all([wide(leaf.grad) for leaf in leaves], norm_type)
    if error_if_nonfinite:
        require(
            np.isfinite(total_norm),
            RuntimeError(
                f"the gradients have a norm (p = {norm_type}) that is inf or NaN and cannot be clipped: look for its "
                "cause with ag.detect_anomaly(), or give error_if_nonfinite=False"
            ),
        )
    coefficient = np.minimum(max_norm / (total_norm + TINY), 1.0)
    for leaf in leaves:
        dtype = leaf.grad.dtype
        leaf.grad = array_from((wide(leaf.grad) * coefficient.astype(wide(leaf.grad).dtype)).astype(dtype))
    return total_norm


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Move every element of the gradients into [-clip_value, clip_value].

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are passed over.
    clip_value : float
        The largest absolute value.

    Raises
    ------
    ValueError
        If `clip_value` is negative, or the parameters are an iterator that is used up.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([3.0, -0.1], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> ag.nn.utils.clip_grad_value_([w], 0.5)
    >>> w.grad
    array([ 0.5, -0.1])
    """
    if clip_value < 0:
        raise ValueError(f"clip_value must not be negative, and is {clip_value}")
    for leaf in with_gradient(parameters):
        leaf.grad = array_from(np.clip(leaf.grad, -clip_value, clip_value))
