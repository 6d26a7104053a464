"""Initial values: functions that fill a leaf in place and return it.

A weight of shape (out, in, …) has ``fan_in = in · …`` inputs to each output and ``fan_out = out · …`` outputs from
each input, the dots standing for the size of a receptive field. Numbers are drawn in float64 and then rounded to the
leaf's dtype, so a seed gives the same values in every precision.
"""

from __future__ import annotations

import itertools
import math
from typing import TypeAlias

import numpy as np

from autograd_lite.engine.random import default_generator
from autograd_lite.tensor.tensor import Tensor

Generator: TypeAlias = "np.random.Generator | None"
GAINS = {
    **dict.fromkeys(("linear", "sigmoid", *(f"conv{n}d" for n in (1, 2, 3))), 1.0),
    **dict.fromkeys((f"conv_transpose{n}d" for n in (1, 2, 3)), 1.0),
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By what to multiply the weights before a nonlinearity so that variances stay the same.

    Parameters
    ----------
    nonlinearity : {"linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"}
        Convolutions ("conv2d") count as linear.
    param : float, optional
        The slope of leaky_relu below 0, .01 by default.

    Raises
    ------
    ValueError
        If the nonlinearity is not known.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.init.calculate_gain("leaky_relu", 1.0)
    1.0
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope * slope))
    if nonlinearity not in GAINS:
        raise ValueError(f"no gain is known for {nonlinearity!r}: it is one of {', '.join(GAINS)}, leaky_relu")
    return GAINS[nonlinearity]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> Tensor:
    """Fill with numbers from the uniform distribution on [a, b).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.Parameter(np.zeros((2, 3)))
    >>> nn.init.uniform_(weight, -1, 1, np.random.default_rng(0)) is weight
    True
    >>> bool(np.all((weight.data >= -1) & (weight.data < 1)))
    True
    """
    tensor.data = (generator or default_generator()).uniform(a, b, tensor.shape)
    return tensor


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator = None) -> Tensor:
    """Fill with numbers from the normal distribution.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.init.normal_(nn.Parameter(np.zeros((2, 3))), std=0.01)
    >>> bool(np.all(np.absolute(weight.data) < 0.1))
    True
    """
    tensor.data = (generator or default_generator()).normal(mean, std, tensor.shape)
    return tensor


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.init.constant_(nn.Parameter([1.0, 2.0]), 0.5)
    tensor([0.5, 0.5], dtype=float32, requires_grad=True)
    """
    tensor.data = np.full(tensor.shape, val)
    return tensor


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.init.zeros_(nn.Parameter([1.0, 2.0]))
    tensor([0., 0.], dtype=float32, requires_grad=True)
    """
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> nn.init.ones_(nn.Parameter([1.0, 2.0]))
    tensor([1., 1.], dtype=float32, requires_grad=True)
    """
    return constant_(tensor, 1.0)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Fill uniformly between ±gain · √(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.init.xavier_uniform_(nn.Parameter(np.zeros((4, 2))))
    >>> bool(np.all(np.absolute(weight.data) <= 1))
    True
    """
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Fill normally, with standard deviation gain · √(2 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.init.xavier_normal_(nn.Parameter(np.zeros((300, 300))))
    >>> bool(abs(weight.data.std() - 1 / np.sqrt(300)) < 1e-3)
    True
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Fill uniformly between ±gain · √(3 / fan) (He et al. 2015).

    Parameters
    ----------
    tensor : Tensor, shape (out, in, …)
    a : float
        The slope of leaky_relu below 0; 0 makes it relu.
    mode : {"fan_in", "fan_out"}
        Whether the variances are to stay the same forward or backward.
    nonlinearity : str
        What follows, as in `calculate_gain`.
    generator : numpy.random.Generator, optional

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes, or `mode` or `nonlinearity` is not known.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.init.kaiming_uniform_(nn.Parameter(np.zeros((4, 6))))
    >>> bool(np.all(np.absolute(weight.data) <= 1))
    True
    """
    bound = math.sqrt(3) * kaiming_deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Fill normally, with standard deviation gain / √fan (He et al. 2015).

    Parameters
    ----------
    tensor, a, mode, nonlinearity, generator
        As in `kaiming_uniform_`.

    Raises
    ------
    ValueError
        As in `kaiming_uniform_`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.init.kaiming_normal_(nn.Parameter(np.zeros((200, 450))), nonlinearity="relu")
    >>> bool(abs(weight.data.std() - 1 / 15) < 1e-3)
    True
    """
    return normal_(tensor, 0.0, kaiming_deviation(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Fill with gain times a matrix whose rows, or columns if these are fewer, are orthonormal (Saxe et al. 2014).

    All axes after the first count as columns. The matrix comes from the QR decomposition of normal numbers; the
    signs of R's diagonal make it uniform among all such matrices (Mezzadri 2007).

    Raises
    ------
    ValueError
        If the tensor has fewer than two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.init.orthogonal_(nn.Parameter(np.zeros((2, 3)))).data
    >>> np.allclose(weight @ weight.T, np.eye(2), atol=1e-6)
    True
    """
    fans(tensor)
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    drawn = (generator or default_generator()).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    tensor.data = gain * (q if rows >= columns else q.T).reshape(tensor.shape)
    return tensor


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator = None,
) -> Tensor:
    """Fill normally, with numbers between `a` and `b` only: those outside are drawn again.

    Raises
    ------
    ValueError
        If hardly any normal number lies between `a` and `b`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> weight = nn.init.trunc_normal_(nn.Parameter(np.zeros((20, 30))), std=0.02, a=-0.04, b=0.04)
    >>> bool(abs(weight.data).max() <= 0.04)
    True
    """
    inside = (math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2))) / 2
    if not inside > 1e-3:
        raise ValueError(f"hardly any number of mean {mean} and deviation {std} lies between a={a} and b={b}")
    source = generator or default_generator()
    drawn = source.normal(mean, std, tensor.shape)
    while (outside := (drawn < a) | (drawn > b)).any():
        drawn[outside] = source.normal(mean, std, int(outside.sum()))
    tensor.data = np.clip(drawn.astype(tensor.dtype), a, b)
    return tensor


def eye_(tensor: Tensor) -> Tensor:
    """Fill with the identity matrix.

    Raises
    ------
    ValueError
        If the tensor is no matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.init.eye_(nn.Parameter(np.zeros((2, 2)))).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if tensor.ndim != 2:
        raise ValueError(f"the identity is a matrix, and this tensor has shape {tensor.shape}")
    tensor.data = np.eye(tensor.shape[0], tensor.shape[1])
    return tensor


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill filters so that a convolution gives the channels that it gets, as far as there are outputs for them.

    Parameters
    ----------
    tensor : Tensor, shape (out, in, …)
        Filters of one to three axes.
    groups : int

    Raises
    ------
    ValueError
        If the tensor has other axes, or the groups do not divide the outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.init.dirac_(nn.Parameter(np.zeros((2, 2, 3)))).tolist()
    [[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]
    """
    if tensor.ndim not in (3, 4, 5) or tensor.shape[0] % groups:
        raise ValueError(f"filters have 3 to 5 axes, the first a multiple of groups={groups}, not {tensor.shape}")
    filters = np.zeros(tensor.shape)
    outputs, middle = tensor.shape[0] // groups, tuple(n // 2 for n in tensor.shape[2:])
    for group, i in itertools.product(range(groups), range(min(outputs, tensor.shape[1]))):
        filters[(group * outputs + i, i, *middle)] = 1
    tensor.data = filters
    return tensor


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs an output has, and how many outputs an input."""
    if tensor.ndim < 2:
        raise ValueError(f"a weight has at least the axes (out, in), and this tensor has shape {tensor.shape}")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def kaiming_deviation(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """gain / √fan."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' or 'fan_out', not {mode!r}")
    fan = fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)
