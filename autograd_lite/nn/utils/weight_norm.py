"""Weights as a length and a direction."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter


class Normalized:
    """What gives a module its weight for the time of a call: g · v / ‖v‖."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name, self.dim = name, dim

    def length(self, v: Any) -> Any:
        """The length of each part of v along the axis, or of all of it; axes are kept."""
        axes = tuple(i for i in range(v.ndim) if self.dim is None or i != self.dim % v.ndim)
        return np.sqrt(np.sum(v * v, axis=axes, keepdims=True))

    def before(self, module: Module, inputs: Any) -> None:
        """Compute the weight."""
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        setattr(module, self.name, g * (v / self.length(v)))

    def after(self, module: Module, inputs: Any, output: Any) -> None:
        """Forget the weight, which was computed."""
        delattr(module, self.name)


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Let a module learn length and direction of a weight, g · v / ‖v‖, in its place (Salimans and Kingma 2016).

    The parameters have PyTorch's names, ``weight_g`` and ``weight_v``; ``weight`` itself is there during a call only.

    Parameters
    ----------
    module : Module
    name : str
        Which parameter.
    dim : int, optional
        The axis along which there are several lengths, the outputs by default; None for one length.

    Returns
    -------
    Module
        The same.

    Raises
    ------
    TypeError
        If the module has no such parameter.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> layer = nn.utils.weight_norm(nn.Linear(2, 3))
    >>> {name: p.shape for name, p in layer.named_parameters()}
    {'bias': (3,), 'weight_g': (3, 1), 'weight_v': (3, 2)}
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Parameter):
        raise TypeError(f"{type(module).__name__} has no parameter {name!r}")
    normalized = Normalized(name, dim)
    delattr(module, name)
    setattr(module, f"{name}_g", Parameter(normalized.length(weight.data), weight.dtype))
    setattr(module, f"{name}_v", Parameter(weight.data, weight.dtype))
    module.register_forward_pre_hook(normalized.before)
    module.register_forward_hook(normalized.after)
    return module
