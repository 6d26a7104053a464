"""Hessian-free optimization: Newton's step by conjugate gradients, from products of the Gauss–Newton matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_lite.autograd import grad
from autograd_lite.engine.grad_mode import enable_grad, no_grad
from autograd_lite.engine.messages import describe
from autograd_lite.optim.full_vector import WholeStep, flattened
from autograd_lite.optim.optimizer import Group
from autograd_lite.tensor.tensor import Tensor, plain
from autograd_lite.tensor.trees import flatten, map_leaves
from autograd_lite.transforms.gradients import value_and_grad
from autograd_lite.transforms.recording import Recording

KEPT = 0.95  # of the last solution, where the next one starts (Martens and Sutskever 2012, section 20.10)
HALVINGS = 6  # of a step that goes up, before it is given up


class HessianFree(WholeStep):
    r"""Hessian-free optimization (Martens 2010), in the Gauss–Newton form (Schraudolph 2002).

    For a loss L(z) of outputs z = f(θ), with J = ∂z/∂θ, G = Jᵀ L''(z) J and the damping λ::

        p ← about (G + λ)⁻¹ (-g)       by conjugate gradients, from .95 times the last p
        θ ← θ + α p                    α halved while the loss does not fall; at last the step is given up

    G is never formed: a product with it costs a little more than a gradient. λ follows the rule of Levenberg and
    Marquardt: with ρ the fall of the loss by the first αp divided by the fall gᵀ(αp) + ½ (αp)ᵀG(αp) that the quadratic
    model foretells, λ ← ⅔ λ if ρ > ¾, and λ ← 3/2 λ if ρ < ¼. It stands in ``param_groups[0]["damping"]``.

    Needs SciPy.

    Parameters
    ----------
    params : iterable of Tensor
        What is trained: one group, one dtype.
    lr : float
        The α that is tried first.
    damping : float
        The λ to begin with.
    max_cg : int
        At most so many products per step.
    cg_tolerance : float
        Conjugate gradients end when the residual is this small, relative to the gradient.

    Attributes
    ----------
    products : int
        How many products with G there have been.
    evaluations : int
        How often the closure has been called.

    Raises
    ------
    ValueError
        If a setting is out of range, or there is more than one group.
    TypeError
        If the parameters have several dtypes.

    Notes
    -----
    The loss must be convex in the outputs (squared errors and cross-entropies are), so that G has no negative
    curvature. It sees the parameters through the outputs only: for a penalty on weights put these among the outputs.

    In products of matrices a gradient costs 3 for each layer, a product with G 4 and a value 1.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> from autograd_lite import nn
    >>> generator = ag.manual_seed(0)
    >>> x = np.linspace(-2, 2, 50)[:, None]
    >>> model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1)).to(np.float64)
    >>> optimizer = ag.optim.HessianFree(model.parameters(), damping=0.1)
    >>> def closure():
    ...     return model(x), lambda z: nn.functional.mse_loss(z, np.sin(2 * x))
    >>> for _ in range(30):
    ...     loss = optimizer.step(closure)
    >>> loss < 1e-3
    True
    """

    nonnegative = ("lr", "damping", "cg_tolerance")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        damping: float = 1.0,
        max_cg: int = 100,
        cg_tolerance: float = 0.03,
    ) -> None:
        super().__init__(params, lr=lr, damping=damping, max_cg=max_cg, cg_tolerance=cg_tolerance)
        self.products = self.evaluations = 0

    def check(self, settings: Group) -> None:
        """Refuse settings out of range."""
        super().check(settings)
        if settings["max_cg"] < 1:
            raise ValueError(f"HessianFree: max_cg must be at least 1, and is {settings['max_cg']}")

    def step(self, closure: Callable[[], Any] | None = None) -> float:
        """Make one step.

        Parameters
        ----------
        closure : callable
            Gives a pair: what the model gives for the data, a tensor or a tree of them, and the loss as a function of
            that. It calls no `backward`.

        Returns
        -------
        float
            The loss before the step.

        Raises
        ------
        TypeError
            If `closure` gives something else.
        ValueError
            If the loss depends on parameters in other ways than through the outputs.
        FloatingPointError
            If the loss is not finite; nothing has been moved then.
        ModuleNotFoundError
            If SciPy is not installed.
        """
        closure = self.required(closure, "returns (outputs, loss), the loss a function of the outputs")
        settings = self.param_groups[0]
        with enable_grad():
            curvature = Curvature(*self.evaluated(closure), self.flat.parameters)
        before = self.finite(curvature.loss)
        p = self.solve(curvature, settings)
        if (ratio := self.descend(closure, curvature, p, before)) > 0.75:
            settings["damping"] *= 2 / 3
        elif not ratio >= 0.25:
            settings["damping"] *= 3 / 2
        return before

    def evaluated(self, closure: Callable[[], Any]) -> tuple[Any, Callable[..., Any]]:
        """What the closure gives, if it is what it should be."""
        self.evaluations += 1
        pair = closure()
        if not isinstance(pair, tuple) or len(pair) != 2 or not callable(pair[1]):
            raise TypeError(
                "HessianFree's closure gives (outputs, loss), the loss a function of the outputs, as in "
                f"(model(x), lambda z: mse_loss(z, y)), and not {describe(pair)}"
            )
        return pair

    def solve(self, curvature: Curvature, settings: Group) -> Any:
        """About (G + λ)⁻¹ (-g)."""
        linalg = sparse_linalg()
        g = curvature.gradient

        def product(v: Any) -> Any:
            self.products += 1
            return (
                curvature.product(self.parts(v.astype(g.dtype, copy=False).ravel())) + settings["damping"] * v.ravel()
            )

        matrix = linalg.LinearOperator((g.size, g.size), matvec=product, dtype=g.dtype)
        start = KEPT * self.memory["solution"] if "solution" in self.memory else None
        p, _ = linalg.cg(matrix, -g, start, rtol=settings["cg_tolerance"], maxiter=settings["max_cg"])
        self.memory["solution"] = p
        return p

    def descend(self, closure: Callable[[], Any], curvature: Curvature, p: Any, before: float) -> float:
        """Go along p as far as the loss falls, or nowhere; the ratio ρ of the first step that is tried."""
        point, step = self.flat.values.copy(), self.param_groups[0]["lr"] * p
        self.products += 1
        foretold = float(curvature.gradient @ step) + float(step @ curvature.product(self.parts(step))) / 2
        ratio = -np.inf
        try:
            for k in range(HALVINGS + 1):
                self.move(point + 0.5**k * step)
                with no_grad():
                    outputs, loss = self.evaluated(closure)
                    after = float(loss(outputs))
                if k == 0:
                    ratio = (after - before) / foretold if foretold < 0 else -np.inf
                if after < before:
                    return ratio
        except BaseException:
            self.move(point)
            raise
        self.move(point)
        return ratio


class Curvature:
    """Value, gradient and Gauss–Newton products of a loss of outputs, from their history: nothing runs again.

    J v has no rules of its own: ``Jᵀ u`` is linear in u, so walking back through its recording gives J v.
    """

    def __init__(self, outputs: Any, loss: Callable[..., Any], parameters: list[Tensor]) -> None:
        leaves, self.rebuild = flatten(outputs)
        if not leaves or not all(isinstance(z, Tensor) and z.requires_grad for z in leaves):
            raise TypeError("the outputs that HessianFree's closure gives must be tensors with history")
        self.outputs: list[Tensor] = leaves
        self.parameters = parameters
        self.call = Recording(gradient_and_value, (map_leaves(lambda z: z.data, outputs), loss), {}, 0, has_aux=True)
        value: Any = self.call.aux
        if self.call.outside or self.call.leads_outside([value]):
            raise ValueError(
                "the loss that HessianFree's closure gives may depend on parameters through the outputs only: put what "
                "else it needs among them, as in ((model(x), w), lambda z: mse_loss(z[0], y) + (z[1] ** 2).sum())"
            )
        self.loss = float(plain(value))
        self.dummies = [Tensor(np.zeros(z.shape, z.dtype), requires_grad=True) for z in leaves]
        pulled = grad(leaves, parameters, self.dummies, create_graph=True, allow_unused=True)
        self.used = [i for i, g in enumerate(pulled) if g is not None and g.requires_grad]
        if not self.used:
            raise ValueError("the outputs that HessianFree's closure gives depend on none of its parameters")
        self.transposed = [pulled[i] for i in self.used]
        self.gradient = self.pull(self.call.lowered(self.call.result))

    def pull(self, weights: Any) -> Any:
        """Jᵀ u, as one vector."""
        return flattened(grad(self.outputs, self.parameters, flatten(weights)[0], allow_unused=True), self.parameters)

    def push(self, tangents: list[Any]) -> Any:
        """J v, in the form of the outputs."""
        changes = grad(self.transposed, self.dummies, [tangents[i] for i in self.used], allow_unused=True)
        pairs = zip(changes, self.dummies, strict=True)
        return self.rebuild([np.zeros(z.shape, z.dtype) if change is None else change for change, z in pairs])

    def product(self, tangents: list[Any]) -> Any:
        """G v, as one vector, for v in the shapes of the parameters."""
        return self.pull(self.call.pullback(self.push(tangents)))


def gradient_and_value(outputs: Any, loss: Callable[..., Any]) -> tuple[Any, Any]:
    """The gradient of a loss in the outputs, and its value."""
    value, gradient = value_and_grad(loss)(outputs)
    return gradient, value


def sparse_linalg() -> Any:
    """SciPy's iterative solvers."""
    try:
        from scipy.sparse import linalg
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'HessianFree solves with SciPy, which is not installed: pip install "autograd_lite[special]"',
            name=error.name,
        ) from None
    return linalg
