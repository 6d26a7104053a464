"""Newton's method, with the exact Hessian."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_lite.autograd import grad
from autograd_lite.engine.grad_mode import enable_grad
from autograd_lite.optim.full_vector import WholeStep, flattened
from autograd_lite.tensor.tensor import Tensor

LARGEST = 4096  # parameters: their Hessian takes 128 MiB, and its eigenvalues a minute


class Newton(WholeStep):
    r"""Damped Newton steps with the exact Hessian, for small problems: up to 4096 parameters.

    With the gradient g, the Hessian H = V Λ Vᵀ, the damping λ and the learning rate α::

        θ ← θ - α V (|Λ| + λ)⁻¹ Vᵀ g

    Where H is positive definite and λ = 0 this is Newton's step H⁻¹g. The absolute values make every step go down,
    at saddle points and maxima too (Nocedal and Wright 2006, section 3.4; Dauphin et al. 2014), and λ shortens it
    where the curvature is small (Levenberg 1944). Directions along which the loss is constant are left alone.

    Parameters
    ----------
    params : iterable of Tensor
        What is trained: one group, one dtype.
    lr : float
        α. Steps shorter than 1 are the safer ones far from a minimum.
    damping : float
        λ.

    Raises
    ------
    ValueError
        If a setting is negative, there is more than one group, or there are too many parameters.
    TypeError
        If the parameters have several dtypes.

    Notes
    -----
    A step records the gradient once and walks back through it once for each parameter.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> w = ag.tensor([5.0, -3.0], requires_grad=True)
    >>> optimizer = ag.optim.Newton([w])
    >>> loss = optimizer.step(lambda: ((w - np.array([1.0, 2.0])) ** 2 * np.array([1.0, 50.0])).sum())
    >>> w
    tensor([1., 2.], requires_grad=True)
    """

    nonnegative = ("lr", "damping")

    def __init__(self, params: Iterable[Any], lr: float = 1.0, damping: float = 0.0) -> None:
        super().__init__(params, lr=lr, damping=damping)
        if (n := self.flat.values.size) > LARGEST:
            raise ValueError(
                f"Newton solves with all {n:,} × {n:,} second derivatives, which is meant for up to {LARGEST:,} "
                "parameters: take LBFGS or HessianFree"
            )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make one step.

        Parameters
        ----------
        closure : callable
            Computes the loss and returns it, as a tensor. It need not call `backward`, and may: gradients and Hessian
            come from the history of the loss, so a closure written for `LBFGS` serves as well.

        Returns
        -------
        Tensor
            What `closure` gave: the loss before the step.

        Raises
        ------
        TypeError
            If `closure` gives no tensor.
        FloatingPointError
            If the loss, its gradient or its Hessian is not finite; nothing has been moved then.
        """
        closure = self.required(closure, "computes the loss and returns it")
        with enable_grad():
            loss = closure()
        if not isinstance(loss, Tensor) or not loss.requires_grad:
            raise TypeError("Newton derives from the loss itself: the closure must return it as a tensor with history")
        self.finite(loss.item())
        g, matrix = gradient_and_hessian(loss, self.flat.parameters)
        if not (np.isfinite(g).all() and np.isfinite(matrix).all()):
            raise FloatingPointError(
                "the first or second derivatives of the loss are not finite, and no parameter has been changed: "
                "ag.detect_anomaly() names the operation"
            )
        settings = self.param_groups[0]
        self.move(self.flat.values - settings["lr"] * solution(g, matrix, settings["damping"]))
        return loss


def gradient_and_hessian(loss: Tensor, parameters: list[Tensor]) -> tuple[Any, Any]:
    """First and second derivatives as a vector and a matrix, zeros for parameters that the loss does not use."""
    recorded = grad(loss, parameters, create_graph=True, allow_unused=True)
    g = flattened(recorded, parameters)
    offsets = np.cumsum([0, *(p.size for p in parameters)]).tolist()
    matrix = np.zeros((g.size, g.size), g.dtype)
    for first, p in zip(recorded, offsets, strict=False):
        if first is None or not first.requires_grad:
            continue
        for k, index in enumerate(np.ndindex(first.shape)):
            unit = np.zeros(first.shape, first.dtype)
            unit[index] = 1
            matrix[p + k] = flattened(grad(first, parameters, unit, allow_unused=True), parameters)
    return g, matrix


def solution(g: Any, matrix: Any, damping: float) -> Any:
    """V (|Λ| + λ)⁻¹ Vᵀ g, without the directions in which there is no curvature but rounding."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    size = np.abs(values) + damping
    noise = g.size * np.finfo(g.dtype).eps * np.max(size, initial=0)
    curved = size > noise
    return vectors[:, curved] @ ((vectors[:, curved].T @ g) / size[curved])
