"""`Dropout`: noise that keeps units from relying on each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.dropout import check_probability
from autograd_lite.nn.module import Module
from autograd_lite.tensor.tensor import Tensor


class Dropout(Module):
    """In training, set each element to 0 with probability `p` and multiply the others by 1 / (1 - p).

    In evaluation it gives its input (Srivastava et al. 2014, with the scale moved into training).

    Parameters
    ----------
    p : float
        From 0 to 1.
    generator : numpy.random.Generator, optional
        The package's own by default, which `manual_seed` restarts.
    inplace : bool
        Accepted as PyTorch's is, and without effect: the input keeps its values.

    Raises
    ------
    ValueError
        If `p` is not a probability.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.Dropout(0.5, generator=np.random.default_rng(0))
    >>> layer(np.ones(5)), layer.eval()(np.ones(5))
    (tensor([2., 2., 2., 0., 0.]), tensor([1., 1., 1., 1., 1.]))
    """

    def __init__(self, p: float = 0.5, generator: np.random.Generator | None = None, *, inplace: bool = False) -> None:
        check_probability(type(self).__name__, p)
        self.p, self.generator, self.inplace = p, generator, inplace

    def forward(self, input: Any) -> Tensor:
        return F.dropout(input, self.p, self.training, self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Dropout2d(Dropout):
    """As `Dropout`, of whole channels of images: neighbouring places tell the same (Tompson et al. 2015).

    Parameters
    ----------
    p, generator, inplace
        As in `Dropout`.

    Raises
    ------
    ValueError
        If `p` is not a probability; in a call, if the input is not (n, channels, height, width) or without n.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.Dropout2d().eval()(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    def forward(self, input: Any) -> Tensor:
        return F.dropout2d(input, self.p, self.training, self.generator)
