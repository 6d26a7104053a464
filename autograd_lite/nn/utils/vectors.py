"""All parameters of a network as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_lite.tensor.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Any:
    """The elements of all parameters in one axis, in their order; recorded.

    Parameters
    ----------
    parameters : iterable of Tensor

    Returns
    -------
    Tensor, shape (elements,)

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.utils.parameters_to_vector(nn.Linear(2, 3).parameters()).shape
    (9,)
    """
    parts: list[Any] = [np.ravel(p) for p in parameters]
    return np.concatenate(parts)


def vector_to_parameters(vector: Any, parameters: Iterable[Tensor]) -> None:
    """Copy the elements of a vector into parameters, in their order.

    Parameters
    ----------
    vector : Tensor or array_like, shape (elements,)
    parameters : iterable of Tensor

    Raises
    ------
    ValueError
        If the vector has more or fewer elements than the parameters; nothing has changed then.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.Linear(1, 1)
    >>> nn.utils.vector_to_parameters(np.array([2.0, 5.0]), layer.parameters())
    >>> layer.weight.item(), layer.bias.item()
    (2.0, 5.0)
    """
    targets = list(parameters)
    values = vector.detach().numpy() if isinstance(vector, Tensor) else np.asarray(vector)
    sizes = [p.size for p in targets]
    if values.shape != (sum(sizes),):
        raise ValueError(f"a vector for these parameters has the shape ({sum(sizes)},), and not {values.shape}")
    for p, part in zip(targets, np.split(values, np.cumsum(sizes)[:-1]), strict=True):
        p.data = part.reshape(p.shape)
