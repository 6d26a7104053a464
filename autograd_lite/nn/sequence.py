"""Recurrent layers: cells along whole sequences, in layers and in both directions."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd_lite.nn import functional as F
from autograd_lite.nn import init
from autograd_lite.nn.functional import recurrent
from autograd_lite.nn.functional.conversion import tensor_fed
from autograd_lite.nn.functional.linear import linear
from autograd_lite.nn.module import Module
from autograd_lite.nn.parameter import Parameter
from autograd_lite.tensor.tensor import Tensor

DIRECTIONS = ("", "_reverse")


class Recurrent(Module):
    """What the layers share: the weights of all cells, and the walk along the sequence.

    Parameters are named and drawn as in PyTorch, uniformly between ±1/√hidden_size.
    """

    gates = 1
    states: tuple[str, ...] = ("h",)
    weight_ih_l0: Parameter

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: Any = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.input_size, self.hidden_size = operator.index(input_size), operator.index(hidden_size)
        self.num_layers, self.bias, self.batch_first = operator.index(num_layers), bias, batch_first
        self.dropout, self.bidirectional, self.generator = dropout, bidirectional, generator
        if min(self.input_size, self.hidden_size, self.num_layers) < 1:
            raise ValueError(
                f"{type(self).__name__} needs at least one number in, one in the state and one layer, not "
                f"{input_size}, {hidden_size} and {num_layers}"
            )
        rows, inside = self.gates * self.hidden_size, self.hidden_size * len(self.directions)
        for name in self.cells():
            width = self.input_size if name.startswith("l0") else inside
            setattr(self, f"weight_ih_{name}", Parameter(np.zeros((rows, width)), dtype))
            setattr(self, f"weight_hh_{name}", Parameter(np.zeros((rows, self.hidden_size)), dtype))
            for kind in ("bias_ih", "bias_hh") if bias else ():
                setattr(self, f"{kind}_{name}", Parameter(np.zeros(rows), dtype))
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, generator)

    @property
    def directions(self) -> tuple[str, ...]:
        """The ends of the names of the cells of one layer."""
        return DIRECTIONS[: 1 + self.bidirectional]

    def cells(self) -> list[str]:
        """The ends of the names of all weights: one for each layer and direction."""
        return [f"l{layer}{direction}" for layer in range(self.num_layers) for direction in self.directions]

    def forward(self, input: Any, hx: Any = None) -> tuple[Tensor, Any]:
        x = tensor_fed(input, self.weight_ih_l0.dtype)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            axes = "n, length" if self.batch_first else "length, n"
            raise ValueError(
                f"{type(self).__name__}({self.input_size}, {self.hidden_size}) takes ({axes}, {self.input_size}) or "
                f"(length, {self.input_size}), and the input has shape {x.shape}"
            )
        batched = x.ndim == 3
        x = x[:, None] if not batched else np.swapaxes(x, 0, 1) if self.batch_first else x
        states, last = iter(self.initial(hx, x.shape[1], batched)), []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = F.dropout(x, self.dropout, self.training, self.generator)
            along = [self.walk(x, f"l{layer}{end}", next(states)) for end in self.directions]
            x = np.concatenate([shown for shown, _ in along], axis=-1) if self.bidirectional else along[0][0]
            last += [state for _, state in along]
        x = x[:, 0] if not batched else np.swapaxes(x, 0, 1) if self.batch_first else x
        final: Any = [np.stack(kind) if batched else np.stack(kind)[:, 0] for kind in zip(*last, strict=True)]
        return x, tuple(final) if len(self.states) > 1 else final[0]

    def walk(self, x: Any, name: str, state: Any) -> tuple[Any, Any]:
        """What one cell shows at each place of a sequence (length, n, features), and its last state."""
        weight, bias = getattr(self, f"weight_hh_{name}"), getattr(self, f"bias_hh_{name}", None)
        given: Any = linear(x, getattr(self, f"weight_ih_{name}"), getattr(self, f"bias_ih_{name}", None))
        backwards = name.endswith(DIRECTIONS[1])
        shown = []
        for i in reversed(range(len(given))) if backwards else range(len(given)):
            state = self.next(given[i], state, weight, bias)
            shown.append(state[0])
        return np.stack(shown[::-1] if backwards else shown), state

    def next(self, *given: Any) -> tuple[Tensor, ...]:
        """The state of a cell after one step."""
        raise NotImplementedError

    def initial(self, hx: Any, n: int, batched: bool) -> list[tuple[Any, ...]]:
        """For each cell its state before the first step, zeros where none is given."""
        dtype, cells = self.weight_ih_l0.dtype, len(self.cells())
        expected = (cells, n, self.hidden_size) if batched else (cells, self.hidden_size)
        given = (None,) * len(self.states) if hx is None else hx if len(self.states) > 1 else (hx,)
        if len(given) != len(self.states):
            raise ValueError(f"{type(self).__name__}: the state is a pair (h, c), not {len(given)} arrays")
        found = [tensor_fed(np.zeros(expected, dtype) if h is None else h, dtype) for h in given]
        for h in found:
            if h.shape != expected:
                raise ValueError(f"{type(self).__name__}: the state has shape {h.shape}, and {expected} is expected")
        return [tuple(h[i] if batched else h[i][None] for h in found) for i in range(cells)]

    def extra_repr(self) -> str:
        parts = [f"{self.input_size}, {self.hidden_size}"]
        parts += [f"num_layers={self.num_layers}"] if self.num_layers > 1 else []
        names = ("bias", "batch_first", "dropout", "bidirectional")
        plain = (True, False, 0, False)
        parts += [f"{n}={getattr(self, n)}" for n, v in zip(names, plain, strict=True) if getattr(self, n) != v]
        return ", ".join(parts)


class RNN(Recurrent):
    """`RNNCell` along a sequence (Elman 1990).

    Called with a sequence (length, n, input_size), or (n, length, input_size) if `batch_first`, or one without a batch,
    and perhaps a state (layers · directions, n, hidden_size), it gives what the last layer shows at each place, and the
    last state of every cell.

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of an input and of the state.
    num_layers : int
        How many layers there are; each but the first runs along what the one before it shows.
    nonlinearity : {"tanh", "relu"}
    bias : bool
        Whether there are b_ih and b_hh.
    batch_first : bool
        Whether the batch is the first axis of inputs and outputs; the state is not concerned.
    dropout : float
        In training, the probability of dropping an element between layers.
    bidirectional : bool
        Whether there is a second cell in each layer, which runs from the end to the beginning.
    dtype : dtype, optional
        float32 by default.
    generator : numpy.random.Generator, optional
        Where the parameters are drawn from; the package's own by default, which `manual_seed` restarts.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 : Parameter
        Of the first layer; ``weight_ih_l1`` and so on of the others, ``weight_ih_l0_reverse`` of the way back.

    Raises
    ------
    ValueError
        If a size is below 1 or the nonlinearity is not known; in a call, if the input or the state does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> output, state = nn.RNN(3, 5, num_layers=2)(np.zeros((10, 4, 3)))
    >>> output.shape, state.shape
    ((10, 4, 5), (2, 4, 5))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", **settings: Any
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'nonlinearity is "tanh" or "relu", not {nonlinearity!r}')
        super().__init__(input_size, hidden_size, num_layers, **settings)
        self.nonlinearity = nonlinearity

    def next(self, *given: Any) -> tuple[Tensor, ...]:
        """The state after one step."""
        return (recurrent.tanh_step if self.nonlinearity == "tanh" else recurrent.relu_step)(*given)

    def extra_repr(self) -> str:
        return super().extra_repr() + (", nonlinearity=relu" if self.nonlinearity == "relu" else "")


class LSTM(Recurrent):
    """`LSTMCell` along a sequence (Hochreiter and Schmidhuber 1997); its state is the pair (h, c).

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype, generator
        As in `RNN`.

    Raises
    ------
    ValueError
        As in `RNN`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> output, (h, c) = nn.LSTM(3, 5, bidirectional=True, batch_first=True)(np.zeros((4, 10, 3)))
    >>> output.shape, h.shape, c.shape
    ((4, 10, 10), (2, 4, 5), (2, 4, 5))
    """

    gates, states = 4, ("h", "c")
    next = staticmethod(recurrent.lstm_step)


class GRU(Recurrent):
    """`GRUCell` along a sequence (Cho et al. 2014).

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype, generator
        As in `RNN`.

    Raises
    ------
    ValueError
        As in `RNN`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> output, state = nn.GRU(3, 5)(np.zeros((10, 4, 3)))
    >>> output.shape, state.shape
    ((10, 4, 5), (1, 4, 5))
    """

    gates = 3
    next = staticmethod(recurrent.gru_step)
