"""Gradients of given outputs in given inputs, to any order, without touching anybody's `.grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.grad_mode import enable_grad
from autograd_lite.engine.graph import backpropagate
from autograd_lite.engine.messages import describe
from autograd_lite.tensor.leaving import keep
from autograd_lite.tensor.tensor import Tensor, node_value, seed, wrap


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    create_graph: bool = False,
    allow_unused: bool = False,
    retain_graph: bool | None = None,
) -> tuple[Any, ...]:
    """The gradients of the sum of `outputs`, weighted by `grad_outputs`, in `inputs`.

    Parameters
    ----------
    outputs, inputs : Tensor or sequence of Tensor
        Inputs may be leaves or anything that was computed on the way.
    grad_outputs : array_like or sequence, optional
        One weight of its output's shape for each output; 1 for outputs of one element.
    create_graph : bool
        Record the backward pass: the gradients are Tensors that can be differentiated again.
    allow_unused : bool
        Give None for an input that no output depends on, instead of raising.
    retain_graph : bool, optional
        Without effect: a graph lives as long as what was computed, however often it is walked back.

    Returns
    -------
    tuple
        One gradient per input, in its shape and dtype: NumPy arrays, or Tensors with `create_graph`.

    Raises
    ------
    RuntimeError
        If an output has no history, or an input was not used and `allow_unused` is False.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor(2.0, requires_grad=True)
    >>> (first,) = ag.autograd.grad(x**3, x, create_graph=True)
    >>> (second,) = ag.autograd.grad(first, x)
    >>> first.item(), second.item()
    (12.0, 12.0)
    """
    roots = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    targets = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    weights = grad_outputs if isinstance(grad_outputs, list | tuple) else [grad_outputs] * len(roots)
    if len(weights) != len(roots):
        raise ValueError(f"{len(roots)} outputs need {len(roots)} grad_outputs, not {len(weights)}")
    for root in roots:
        if not root.requires_grad:
            raise RuntimeError(f"{describe(root.node)} was not computed from anything that requires a gradient")
        if not create_graph:
            keep(root.node, "autograd.grad", "pass create_graph=True")

    nodes = [root.node for root in roots]
    seeds = [seed(node, weight) for node, weight in zip(nodes, weights, strict=True)]
    wanted = [target.node for target in targets]
    with np.errstate(all="ignore"):
        if create_graph:
            with enable_grad():
                recorded = [
                    weight if isinstance(weight, Tensor) else Tensor(values)
                    for weight, values in zip(weights, seeds, strict=True)
                ]
                found = backpropagate(nodes, recorded, wrap, wanted)
        else:
            found = backpropagate(nodes, seeds, node_value, wanted)
    for target in targets:
        if target.node not in found and not allow_unused:
            raise RuntimeError(
                f"no output depends on {describe(target.node)}: pass allow_unused=True to get None for it"
            )
    return tuple(found.get(target.node) for target in targets)
