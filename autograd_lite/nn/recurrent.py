"""Recurrent cells: layers that are called once for each element of a sequence and hand a state on."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn import init
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor


class Cell(Module):
    """What the cells share: weights and biases for `gates` gates, drawn uniformly between ±1/√hidden_size."""

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.input_size, self.hidden_size = operator.index(input_size), operator.index(hidden_size)
        if self.input_size < 1 or self.hidden_size < 1:
            raise ValueError(
                f"{type(self).__name__} needs at least one number in and one in the state, not {input_size} and "
                f"{hidden_size}"
            )
        rows = self.gates * self.hidden_size
        self.weight_ih = Parameter(np.zeros((rows, self.input_size)), dtype)
        self.weight_hh = Parameter(np.zeros((rows, self.hidden_size)), dtype)
        self.bias_ih = Parameter(np.zeros(rows), dtype) if bias else None
        self.bias_hh = Parameter(np.zeros(rows), dtype) if bias else None
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, generator)

    def weights(self) -> tuple[Any, ...]:
        """The parameters, as the functions take them."""
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias_ih is not None else ", bias=False")


class RNNCell(Cell):
    """tanh(W_ih x + b_ih + W_hh h + b_hh), or relu(…) (Elman 1990).

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of an input and of the state.
    bias : bool
        Whether there are b_ih and b_hh.
    nonlinearity : {"tanh", "relu"}
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        Where the parameters are drawn from; the package's own by default, which `manual_seed` restarts.

    Attributes
    ----------
    weight_ih, weight_hh : Parameter, shapes (hidden_size, input_size), (hidden_size, hidden_size)
    bias_ih, bias_hh : Parameter, shape (hidden_size,), or None

    Raises
    ------
    ValueError
        If a size is below 1 or the nonlinearity is not known; in a call, if the input is not (n, input_size) or
        (input_size,), or the state does not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> cell, h = nn.RNNCell(3, 5), None
    >>> for x in np.zeros((10, 2, 3)):  # a sequence of 10, in a batch of 2
    ...     h = cell(x, h)
    >>> h.shape
    (2, 5)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'nonlinearity is "tanh" or "relu", not {nonlinearity!r}')
        super().__init__(input_size, hidden_size, bias, dtype, generator)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        cell = F.rnn_tanh_cell if self.nonlinearity == "tanh" else F.rnn_relu_cell
        return cell(input, hx, *self.weights())

    def extra_repr(self) -> str:
        return super().extra_repr() + (", nonlinearity=relu" if self.nonlinearity == "relu" else "")


class LSTMCell(Cell):
    """Long short-term memory: gates decide what is forgotten, written and shown (Hochreiter and Schmidhuber 1997).

    It is called with an input and the state, the pair (h, c) or None for zeros, and gives the next (h, c); the
    equations are those of `functional.lstm_cell`.

    Parameters
    ----------
    input_size, hidden_size, bias, dtype, generator
        As in `RNNCell`.

    Attributes
    ----------
    weight_ih, weight_hh : Parameter, shapes (4 hidden_size, input_size), (4 hidden_size, hidden_size)
        For the gates i, f, g, o, in this order.
    bias_ih, bias_hh : Parameter, shape (4 hidden_size,), or None

    Raises
    ------
    ValueError
        As in `RNNCell`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> cell, state = nn.LSTMCell(3, 5), None
    >>> for x in np.zeros((10, 2, 3)):
    ...     h, c = state = cell(x, state)
    >>> h.shape, c.shape
    ((2, 5), (2, 5))
    """

    gates = 4

    def forward(self, input: Any, hx: Any = None) -> tuple[Tensor, Tensor]:
        return F.lstm_cell(input, hx, *self.weights())


class GRUCell(Cell):
    """A gated recurrent unit: gates decide what of the state is read and what is kept (Cho et al. 2014).

    The equations are those of `functional.gru_cell`.

    Parameters
    ----------
    input_size, hidden_size, bias, dtype, generator
        As in `RNNCell`.

    Attributes
    ----------
    weight_ih, weight_hh : Parameter, shapes (3 hidden_size, input_size), (3 hidden_size, hidden_size)
        For the gates r, z, n, in this order.
    bias_ih, bias_hh : Parameter, shape (3 hidden_size,), or None

    Raises
    ------
    ValueError
        As in `RNNCell`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.GRUCell(3, 5)(np.zeros((2, 3))).shape
    (2, 5)
    """

    gates = 3

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        return F.gru_cell(input, hx, *self.weights())
