"""L-BFGS: a quasi-Newton method that remembers the last steps in place of a matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_lite.engine.grad_mode import enable_grad
from autograd_lite.optim.full_vector import WholeStep
from autograd_lite.optim.line_search import Trial, strong_wolfe
from autograd_lite.optim.optimizer import Group
from autograd_lite.tensor.tensor import plain


class LBFGS(WholeStep):
    r"""Limited-memory BFGS (Liu and Nocedal 1989; Nocedal and Wright 2006, algorithm 7.4).

    With the last m steps sᵢ and the changes of the gradient yᵢ along them, ρᵢ = 1 / yᵢᵀsᵢ, the inverse Hessian is
    approximated without ever being formed::

        q ← -g;    from the latest i to the oldest:  aᵢ ← ρᵢ sᵢᵀq,  q ← q - aᵢ yᵢ
        d ← q · yᵀs / yᵀy;    from the oldest to the latest:  d ← d + (aᵢ - ρᵢ yᵢᵀd) sᵢ
        θ ← θ + t d

    One call of `step` makes up to `max_iter` such iterations.

    Parameters
    ----------
    params : iterable of Tensor
        What is trained: one group, one dtype.
    lr : float
        The step t, or with a line search the first one that is tried.
    max_iter : int
        Iterations per call of `step`.
    max_eval : int, optional
        Evaluations per call of `step`: ``max_iter * 5 // 4`` unless given.
    tolerance_grad : float
        Stop when no component of the gradient is larger.
    tolerance_change : float
        Stop when neither the loss nor any parameter changes by more.
    history_size : int
        The m above.
    line_search_fn : None or "strong_wolfe"
        How t is found: `lr` always, or a line search, which makes every iteration go down.

    Raises
    ------
    ValueError
        If a setting is out of range, or there is more than one group.
    TypeError
        If the parameters have several dtypes.

    Notes
    -----
    Take all of the data, or always the same batch, within a step: differences of gradients of different batches say
    nothing about curvature. A closure that is called often may be compiled: ``ag.compile(closure, keep_grads=True)``.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor([-1.2, 1.0], requires_grad=True)
    >>> optimizer = ag.optim.LBFGS([x], max_iter=100, line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> loss_before = optimizer.step(closure)
    >>> f"{x:.3f}"
    '[1.000 1.000]'
    """

    nonnegative = ("lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )

    def check(self, settings: Group) -> None:
        """Refuse settings out of range."""
        super().check(settings)
        if settings["history_size"] < 1:
            raise ValueError(f"LBFGS: history_size must be at least 1, and is {settings['history_size']}")
        if settings["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                f"LBFGS: line_search_fn must be None or 'strong_wolfe', and is {settings['line_search_fn']!r}"
            )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to `max_iter` iterations.

        Parameters
        ----------
        closure : callable
            Clears the gradients, computes the loss, calls its `backward` and returns it; called for each evaluation.

        Returns
        -------
        object
            What `closure` gave first: the loss before the step.

        Raises
        ------
        FloatingPointError
            If the loss is not finite before the step; nothing has been moved then.
        """
        closure = self.required(closure, "clears the gradients, computes the loss, calls backward() and returns it")
        settings, memory = self.param_groups[0], self.memory
        with enable_grad():
            result = closure()
            loss, g, evaluations = self.finite(float(plain(result))), self.gradient(), 1
            memory["func_evals"] = memory.get("func_evals", 0) + 1
            for iteration in range(1, settings["max_iter"] + 1):
                if np.max(np.abs(g), initial=0) <= settings["tolerance_grad"]:
                    break
                d = self.direction(g)
                t = settings["lr"] * (min(1.0, 1 / float(np.sum(np.abs(g)))) if memory["n_iter"] == 1 else 1)
                memory.update(d=d, t=t, prev_flat_grad=g, prev_loss=loss)
                start = Trial(0.0, loss, g, float(g @ d))
                if start.slope > -settings["tolerance_change"]:
                    break
                last = iteration == settings["max_iter"]
                trial, count = self.go(closure, start, d, t, settings["max_eval"] - evaluations, last)
                memory["t"], loss, g, evaluations = trial.t, trial.f, trial.g, evaluations + count
                memory["func_evals"] += count
                small = settings["tolerance_change"]
                moved = np.max(np.abs(d)) * abs(trial.t) > small and abs(loss - start.f) >= small
                if evaluations >= settings["max_eval"] or not moved or not np.isfinite(loss):
                    break
        return result

    def direction(self, g: Any) -> Any:
        """The direction d for the gradient g; what the last step has shown is remembered."""
        memory = self.memory
        memory["n_iter"] = memory.get("n_iter", 0) + 1
        if memory["n_iter"] == 1:
            memory.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -g
        changes, steps, rho = memory["old_dirs"], memory["old_stps"], memory["ro"]
        y, s = g - memory["prev_flat_grad"], memory["d"] * memory["t"]
        if (curvature := float(y @ s)) > 1e-10:
            for row, new in ((changes, y), (steps, s), (rho, 1 / curvature)):
                row.append(new)
                del row[: -self.param_groups[0]["history_size"]]
            memory["H_diag"] = curvature / float(y @ y)
        q, a = -g, [0.0] * len(rho)
        for i in reversed(range(len(rho))):
            a[i] = rho[i] * float(steps[i] @ q)
            q -= a[i] * changes[i]
        d = q * memory["H_diag"]
        for i in range(len(rho)):
            d += (a[i] - rho[i] * float(changes[i] @ d)) * steps[i]
        return d

    def go(
        self, closure: Callable[[], Any], start: Trial, d: Any, t: float, max_evaluations: int, last: bool
    ) -> tuple[Trial, int]:
        """Move along d; what is known there, and the number of evaluations that it took."""
        point = self.flat.values.copy()

        def evaluate(t: float) -> tuple[float, Any]:
            self.move(point + t * d)
            return float(plain(closure())), self.gradient()

        if self.param_groups[0]["line_search_fn"]:
            smallest = self.param_groups[0]["tolerance_change"]
            try:
                trial, count = strong_wolfe(evaluate, d, start, t, max_evaluations=max_evaluations, smallest=smallest)
            except BaseException:
                self.move(point)
                raise
            self.move(point + trial.t * d)
            return trial, count
        if last:  # in a stochastic setting the value that nobody asks for need not be computed
            self.move(point + t * d)
            return Trial(t, start.f, start.g, start.slope), 0
        return Trial(t, *evaluate(t), 0.0), 1
