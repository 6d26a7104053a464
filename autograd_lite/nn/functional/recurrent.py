"""One step of a recurrent net: from an input and a state to the next state."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.nn.functional.activation import sigmoid, tanh
from autograd_lite.nn.functional.conversion import tensor_fed, tensor_or_array
from autograd_lite.nn.functional.linear import linear
from autograd_lite.nn.functional.rectifier import relu
from autograd_lite.tensor.tensor import Tensor


def rnn_tanh_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Tensor:
    """tanh(W_ih x + b_ih + W_hh h + b_hh) (Elman 1990).

    Parameters
    ----------
    input : Tensor or array_like, shape (n, in) or (in,)
        Without a gradient it takes the dtype of the weights, and so does the state.
    hx : Tensor or array_like, shape (n, hidden) or (hidden,), optional
        The state h; None means zeros.
    w_ih, w_hh : Tensor, shapes (hidden, in), (hidden, hidden)
    b_ih, b_hh : Tensor, shape (hidden,), optional

    Returns
    -------
    Tensor, shape (n, hidden) or (hidden,)

    Raises
    ------
    ValueError
        If the input or the state has another shape.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> from autograd_lite.nn import functional as F
    >>> F.rnn_tanh_cell([[1.0]], [[0.5]], ag.tensor([[0.5]]), ag.tensor([[-1.0]]))
    tensor([[0.]])
    """
    return tanh_step(linear(input, w_ih, b_ih), states("RNNCell", input, (hx,), w_hh), w_hh, b_hh)[0]


def rnn_relu_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Tensor:
    """relu(W_ih x + b_ih + W_hh h + b_hh), with the parameters of `rnn_tanh_cell`.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> from autograd_lite.nn import functional as F
    >>> F.rnn_relu_cell([[1.0]], [[0.5]], ag.tensor([[1.0]]), ag.tensor([[-1.0]]))
    tensor([[0.5]])
    """
    return relu_step(linear(input, w_ih, b_ih), states("RNNCell", input, (hx,), w_hh), w_hh, b_hh)[0]


def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> tuple[Tensor, Tensor]:
    """The next state (h, c) of a long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000).

    With the gates i, f, o = sigmoid(…) and g = tanh(…), each of W_ih x + b_ih + W_hh h + b_hh with its own quarter of
    the weights in the order i, f, g, o: c' = f c + i g and h' = o tanh(c').

    Parameters
    ----------
    input : Tensor or array_like, shape (n, in) or (in,)
    hx : pair of Tensor or array_like, shape (n, hidden) or (hidden,), optional
        The state (h, c); None means zeros.
    w_ih, w_hh : Tensor, shapes (4 hidden, in), (4 hidden, hidden)
    b_ih, b_hh : Tensor, shape (4 hidden,), optional

    Returns
    -------
    h, c : Tensor, shape (n, hidden) or (hidden,)

    Raises
    ------
    ValueError
        If the input or the state has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> from autograd_lite.nn import functional as F
    >>> F.lstm_cell([[1.0]], ([[0.0]], [[3.0]]), ag.tensor(np.zeros((4, 1))), ag.tensor(np.zeros((4, 1))))[1]
    tensor([[1.5]])
    """
    given = states("LSTMCell", input, (None, None) if hx is None else hx, w_hh)
    return lstm_step(linear(input, w_ih, b_ih), given, w_hh, b_hh)


def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Tensor:
    """The next state of a gated recurrent unit (Cho et al. 2014).

    With r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh) and n = tanh(W_ih x + b_ih + r (W_hh h + b_hh)), each with its
    own third of the weights in the order r, z, n: h' = (1 - z) n + z h.

    Parameters
    ----------
    input : Tensor or array_like, shape (n, in) or (in,)
    hx : Tensor or array_like, shape (n, hidden) or (hidden,), optional
        The state h; None means zeros.
    w_ih, w_hh : Tensor, shapes (3 hidden, in), (3 hidden, hidden)
    b_ih, b_hh : Tensor, shape (3 hidden,), optional

    Returns
    -------
    Tensor, shape (n, hidden) or (hidden,)

    Raises
    ------
    ValueError
        If the input or the state has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> from autograd_lite.nn import functional as F
    >>> F.gru_cell([[1.0]], [[3.0]], ag.tensor(np.zeros((3, 1))), ag.tensor(np.zeros((3, 1))))
    tensor([[1.5]])
    """
    return gru_step(linear(input, w_ih, b_ih), states("GRUCell", input, (hx,), w_hh), w_hh, b_hh)[0]


# One step each: from what the input gives, W_ih x + b_ih, and the state to the next state.


def tanh_step(from_input: Any, state: Any, w_hh: Any, b_hh: Any) -> tuple[Tensor]:
    """That of `rnn_tanh_cell`."""
    return (tanh(from_input + linear(state[0], w_hh, b_hh)),)


def relu_step(from_input: Any, state: Any, w_hh: Any, b_hh: Any) -> tuple[Tensor]:
    """That of `rnn_relu_cell`."""
    return (relu(from_input + linear(state[0], w_hh, b_hh)),)


def lstm_step(from_input: Any, state: Any, w_hh: Any, b_hh: Any) -> tuple[Tensor, Tensor]:
    """That of `lstm_cell`."""
    h, c = state
    i, f, g, o = parts(from_input + linear(h, w_hh, b_hh), 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru_step(from_input: Any, state: Any, w_hh: Any, b_hh: Any) -> tuple[Tensor]:
    """That of `gru_cell`."""
    h = state[0]
    from_state = linear(h, w_hh, b_hh)
    hidden = h.shape[-1]
    both: Any = sigmoid(from_input[..., : 2 * hidden] + from_state[..., : 2 * hidden])
    r, z = parts(both, 2)
    n = tanh(from_input[..., 2 * hidden :] + r * from_state[..., 2 * hidden :])
    return (n + z * (h - n),)


def parts(x: Any, n: int) -> list[Any]:
    """The last axis in `n` equal parts."""
    size = x.shape[-1] // n
    return [x[..., i * size : (i + 1) * size] for i in range(n)]


def states(cell: str, input: Any, given: Any, w_hh: Any) -> list[Any]:
    """The states as tensors of the weights' dtype, zeros where None was given."""
    input, w_hh = tensor_or_array(input), tensor_or_array(w_hh)
    batch, hidden = np.shape(input)[:-1], w_hh.shape[1]
    if len(given) != 1 + (cell == "LSTMCell"):
        raise ValueError(f"{cell}: the state is a pair (h, c), not {len(given)} arrays")
    shape = (*batch, hidden)
    found = [tensor_fed(np.zeros(shape, w_hh.dtype) if h is None else h, w_hh.dtype) for h in given]
    for h in found:
        if h.shape != shape or len(shape) > 2:
            raise ValueError(
                f"{cell}(hidden_size={hidden}) takes an input (n, features) or (features,) and a state {shape[-2:]}; "
                f"the input has shape {np.shape(input)} and the state {h.shape}"
            )
    return found
