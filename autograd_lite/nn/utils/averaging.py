"""A model whose parameters are the mean of another's in the course of training."""

from __future__ import annotations

import copy
from typing import Any

from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Buffer


class AveragedModel(Module):
    """A copy of a model whose parameters follow those of the original: their mean, or a moving one.

    The mean of the last epochs generalises better than the end (Izmailov et al. 2018); a moving mean is what Polyak
    and Juditsky (1992) take. Buffers, such as running statistics, are copied.

    Parameters
    ----------
    model : Module
    decay : float, optional
        How much of the mean stays in each update; without it, all that was seen counts the same.

    Attributes
    ----------
    module : Module
        The copy.
    n_averaged : Buffer
        How often it was updated.

    Raises
    ------
    ValueError
        If `decay` does not lie between 0 and 1.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> model = nn.Linear(1, 1, bias=False)
    >>> averaged = nn.utils.AveragedModel(model)
    >>> for value in (1.0, 2.0, 6.0):
    ...     model.weight.data = [[value]]
    ...     averaged.update_parameters(model)
    >>> averaged.module.weight.item()
    3.0
    """

    def __init__(self, model: Module, decay: float | None = None) -> None:
        if decay is not None and not 0 <= decay <= 1:
            raise ValueError(f"decay must lie between 0 and 1, and is {decay}")
        self.n_averaged = Buffer(0)
        self.module = copy.deepcopy(model)
        self.decay = decay

    def forward(self, *inputs: Any, **settings: Any) -> Any:
        return self.module(*inputs, **settings)

    def update_parameters(self, model: Module) -> None:
        """Let the mean take in the parameters as they are now; the first time they are taken as they are."""
        count: Any = self.n_averaged
        new = 1.0 / (float(count.data) + 1)
        new = 1.0 - self.decay if self.decay is not None and count.data else new
        with no_grad():
            for (_, mean), (_, value) in zip(self.module.tensors(), model.tensors(), strict=True):
                kept: Any = mean
                mean.data = value.data if isinstance(mean, Buffer) else kept.data + (value.data - kept.data) * new
            count.data = count.data + 1
