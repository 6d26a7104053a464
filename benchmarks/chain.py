"""The cost of one recorded operation: a chain of 2,000 scalar operations, forward and backward.

Nothing but overhead: every value is a 0-d float64, so the arithmetic itself costs nothing.
"""

from collections.abc import Callable
from typing import Any

CYCLES = 500
OPERATIONS = 4 * CYCLES
START, FACTOR, SHIFT = 0.5, 0.9, 0.1

Chain = tuple[Callable[[], Any], Callable[[Any], float]]


def chain(y: Any, factor: Any, shift: Any, tanh: Callable[[Any], Any]) -> Any:
    """Four operations, 500 times over."""
    for _ in range(CYCLES):
        y = y * factor
        y = y + shift
        y = tanh(y)
        y = y - 0.05
    return y


def of_tensors(leaf: Callable[[float], Any], tanh: Callable[[Any], Any]) -> Chain:
    """The chain for a library with ``backward()`` and ``.grad``."""

    def forward() -> tuple[Any, Any]:
        factor = leaf(FACTOR)
        return chain(leaf(START), factor, leaf(SHIFT), tanh), factor

    def backward(recorded: tuple[Any, Any]) -> float:
        y, factor = recorded
        y.backward()
        return float(factor.grad)

    return forward, backward


def ours() -> Chain:
    """autograd_lite with 0-d double tensors."""
    import autograd_lite as ag

    return of_tensors(lambda value: ag.tensor(value, dtype="float64", requires_grad=True), ag.tanh)


def torch_default() -> Chain:
    """PyTorch with 0-d double tensors."""
    import torch

    return of_tensors(lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True), torch.tanh)


def mygrad_mlp() -> Chain:
    """MyGrad with 0-d tensors."""
    import mygrad

    return of_tensors(mygrad.tensor, mygrad.tanh)


def hips() -> Chain:
    """HIPS/autograd: ``make_vjp`` records the chain, calling the vjp walks it."""
    import autograd.numpy as anp
    from autograd.core import make_vjp
    from autograd.extend import vspace

    def recorded_chain(leaves: Any) -> Any:
        start, factor, shift = leaves
        return chain(start, factor, shift, anp.tanh)

    def forward() -> Any:
        vjp, y = make_vjp(recorded_chain, (START, FACTOR, SHIFT))
        return vjp, vspace(y).ones()

    def backward(recorded: Any) -> float:
        vjp, seed = recorded
        return float(vjp(seed)[1])

    return forward, backward


CHAINS: dict[str, Callable[[], Chain]] = {
    "ours": ours,
    "torch_default": torch_default,
    "hips": hips,
    "mygrad_mlp": mygrad_mlp,
}
