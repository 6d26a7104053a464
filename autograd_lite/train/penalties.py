"""Penalties on the size of the parameters, to be added to a loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd_lite.nn import Module
from autograd_lite.tensor.tensor import Tensor

__all__ = ["l1_penalty", "l2_penalty"]


def l1_penalty(parameters: Module | Iterable[Tensor]) -> Any:
    """Return ``Σ |p|``, which drives parameters to exactly zero (the lasso; Tibshirani 1996).

    Parameters
    ----------
    parameters : Module or iterable of Tensor
        What is penalised; of a module all parameters that learn, biases among them. For the weights only pass
        ``[p for p in model.parameters() if p.ndim > 1]``.

    Returns
    -------
    Tensor
        A scalar, in the dtype of the parameters; its gradient at 0 is 0.

    Raises
    ------
    ValueError
        If there are no parameters.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([3.0, -4.0], requires_grad=True)
    >>> ag.l1_penalty([w]).item()
    7.0

    In a training, as part of the loss:

    >>> model = ag.nn.Linear(3, 1)
    >>> mse = ag.nn.MSELoss()
    >>> loss = lambda prediction, target: mse(prediction, target) + 1e-3 * ag.l1_penalty(model)
    """
    return summed(parameters, lambda p: abs(p).sum())


def l2_penalty(parameters: Module | Iterable[Tensor]) -> Any:
    """Return Σ p², which keeps parameters small (ridge; Hoerl and Kennard 1970).

    ``weight_decay=c`` in `SGD` is ``c / 2 * l2_penalty(model)`` added to the loss. In adaptive optimizers the two
    differ (Loshchilov and Hutter 2019): prefer `AdamW` with its `weight_decay` there.

    Parameters
    ----------
    parameters : Module or iterable of Tensor
        What is penalised; of a module all parameters that learn, biases among them.

    Returns
    -------
    Tensor
        A scalar, in the dtype of the parameters.

    Raises
    ------
    ValueError
        If there are no parameters.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> w = ag.tensor([3.0, -4.0], requires_grad=True)
    >>> penalty = ag.l2_penalty([w])
    >>> penalty.backward()
    >>> penalty.item(), w.grad
    (25.0, array([ 6., -8.]))
    """
    return summed(parameters, lambda p: (p * p).sum())


def summed(parameters: Module | Iterable[Tensor], size: Callable[[Any], Any]) -> Any:
    """The sizes of all parameters, added up."""
    if isinstance(parameters, Module):
        parameters = [p for p in parameters.parameters() if p.requires_grad]
    if isinstance(parameters, Tensor):
        raise TypeError("a penalty takes a module or a sequence of tensors: write [tensor], not tensor")
    sizes = [size(p) for p in parameters]
    if not sizes:
        raise ValueError("there are no parameters to penalise (a generator that was already used up gives none)")
    total = sizes[0]
    for other in sizes[1:]:
        total = total + other
    return total
