"""Gradients that were derived by hand, held against the engine's at every intermediate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.debugging.gradient_difference import CLOSE, close, digits, name_factor, ratio_of, refit, short
from autograd_lite.engine.array_like import to_array
from autograd_lite.engine.graph import backpropagate
from autograd_lite.engine.messages import describe
from autograd_lite.tensor.tensor import Tensor, node_value, seed


class Line(NamedTuple):
    """One array: its name and shape, whether it agrees, and how it differs."""

    name: str
    shape: tuple[int, ...]
    agrees: bool
    words: str


class Comparison:
    """What `compare` found; printed, a table in the order in which backpropagation comes to the arrays.

    Attributes
    ----------
    lines : list of Line
        Name, shape, whether it agrees, and how it differs.
    first : str or None
        The first array that differs: those behind it are wrong because it is, or may be.
    """

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.first = next((line.name for line in lines if not line.agrees), None)

    def __bool__(self) -> bool:
        return self.first is None

    def __repr__(self) -> str:
        names, shapes = (max((len(str(line[i])) for line in self.lines), default=0) for i in (0, 1))
        rows = [f"{name:{names}}  {shape!s:{shapes}}  {words}" for name, shape, _, words in self.lines]
        end = f"first differs: {self.first}" if self.first else "all agree"
        return "\n".join([*rows, end])


def compare(loss: Tensor, gradients: Mapping[str, tuple[Tensor, Any]]) -> Comparison:
    """Compare gradients that were derived by hand with the engine's, and name the first array that differs.

    Parameters
    ----------
    loss : Tensor
        One number.
    gradients : dict of str to (Tensor, array_like)
        Of each array that `loss` was computed from, its name: the tensor, be it a leaf or an intermediate result, and
        the gradient by hand. Nobody's ``.grad`` is read or touched.

    Returns
    -------
    Comparison
        True if all agree to six digits. Printed, it has a line for each array, the last computed first.

    Raises
    ------
    ValueError
        If `loss` was not computed from one of the tensors.
    RuntimeError
        If `loss` is more than one number, or has no gradient.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> w = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> h = np.tanh(w)
    >>> loss = (h * h).mean()
    >>> dh = 2 * h.data / 3
    >>> ag.compare(loss, {"h": (h, dh), "w": (w, dh * (1 - h.data))})
    h  (3,)  agrees to 15 digits
    w  (3,)  differs: most at [0], where it is 0.121046 and should be 0.213233
    first differs: w
    """
    nodes = {name: tensor.node for name, (tensor, _) in gradients.items()}
    with np.errstate(all="ignore"):
        found = backpropagate((loss.node,), (seed(loss.node),), node_value, nodes.values())
    for name, node in nodes.items():
        if node not in found:
            raise ValueError(f"{name!r}: no gradient of the loss reaches {describe(node)}: it was not computed from it")
    order = sorted(gradients, key=lambda name: -nodes[name].time)
    return Comparison([line(name, found[nodes[name]], to_array(gradients[name][1])) for name in order])


def line(name: str, g: Any, h: Any) -> Line:
    """How a gradient by hand compares with the engine's."""
    g, h = np.asarray(g, np.float64), np.asarray(h, np.float64)
    if g.shape != h.shape:
        cause, _ = refit([g], [h], [])
        return Line(name, g.shape, False, f"differs: it has shape {h.shape}" + (f" ({cause})" if cause else ""))
    if close(h, g):
        return Line(name, g.shape, True, f"agrees to {digits(g, h)} digits")
    return Line(name, g.shape, False, f"differs: {difference(g, h)}")


def difference(g: Any, h: Any) -> str:
    """How two arrays of one shape differ."""
    if not h.any():
        return "zero everywhere"
    if (ratio := ratio_of(h, g)) is not None:
        sign = "wrong sign everywhere" if ratio < 0 else ""
        factor = f"off by the constant factor {short(abs(ratio))}{name_factor(abs(ratio), {})}"
        return " and ".join(filter(None, [sign, factor if not math.isclose(abs(ratio), 1.0, rel_tol=CLOSE) else ""]))
    if g.ndim == 2 and g.shape[0] == g.shape[1] and close(h.T, g):
        return "transposed"
    place = np.unravel_index(np.argmax(np.nan_to_num(np.abs(h - g), nan=np.inf)), g.shape)
    where = f" at {list(map(int, place))}" if g.ndim else ""
    return f"most{where}, where it is {short(h[place])} and should be {short(g[place])}"
