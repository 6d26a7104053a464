"""`minimize`: SciPy's minimizers with exact derivatives."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.random import default_generator
from autograd_lite.optim.scipy_objective import Form, Objective

#: What each of SciPy's methods takes beside the value: the gradient, and products with the Hessian or the Hessian.
METHODS: dict[str, tuple[str, ...]] = {
    "Nelder-Mead": (),
    "Powell": (),
    "COBYLA": (),
    "COBYQA": (),
    "CG": ("jac",),
    "BFGS": ("jac",),
    "L-BFGS-B": ("jac",),
    "TNC": ("jac",),
    "SLSQP": ("jac",),
    "Newton-CG": ("jac", "hessp"),
    "trust-ncg": ("jac", "hessp"),
    "trust-krylov": ("jac", "hessp"),
    "trust-constr": ("jac", "hessp"),
    "trust-exact": ("jac", "hess"),
    "dogleg": ("jac", "hess"),
}
GLOBAL = ("basinhopping", "dual_annealing")


def minimize(
    f: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...] = (),
    method: str | None = None,
    *,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    rng: int | np.random.Generator | None = None,
    compile: bool = False,
) -> Any:
    """Minimize a function with SciPy's minimizers, which get exact gradients and Hessian-vector products of it.

    Parameters
    ----------
    f : callable
        ``f(x, *args)`` gives one number. It is written with NumPy's functions.
    x0 : array_like or tree
        Where to begin: an array, a number, a list of numbers (taken as an array, as SciPy does), or a dict, list or
        tuple of arrays; `f` gets its argument in this form. The search runs in float64 whatever the dtype of `x0`:
        in float32 line searches stop at rounding errors.
    args : tuple
        Further arguments of `f`, constants.
    method : str, optional
        By default as in SciPy: ``"BFGS"``, with bounds ``"L-BFGS-B"``, with constraints ``"SLSQP"``. There are
        ``"BFGS"``, ``"L-BFGS-B"``, ``"CG"``, ``"TNC"``, ``"SLSQP"`` (gradients); ``"Newton-CG"``, ``"trust-ncg"``,
        ``"trust-krylov"``, ``"trust-constr"`` (Hessian-vector products); ``"trust-exact"``, ``"dogleg"`` (the
        Hessian); ``"Nelder-Mead"``, ``"Powell"``, ``"COBYLA"``, ``"COBYQA"`` (values alone). Global search:
        ``"basinhopping"`` (Wales and Doye 1997), ``"dual_annealing"`` (Xiang et al. 1997; needs `bounds`), both with
        the exact gradient in their local minimizer, L-BFGS-B.
    bounds, tol : optional
        As in ``scipy.optimize.minimize``; bounds have one pair per number, in the order of `x0`.
    constraints : optional
        As in ``scipy.optimize.minimize``. The function of a constraint given as a dict gets its argument in the form
        of `x0`, and its derivative is exact if the dict has none.
    callback : callable, optional
        As in SciPy, for the method chosen; gets the point in the form of `x0`.
    options : mapping, optional
        As in ``scipy.optimize.minimize``; for global search the keywords of SciPy's function (``niter``, ``T``,
        ``stepsize``, ``maxiter``, ``minimizer_kwargs`` …).
    rng : int or Generator, optional
        What global search draws from; the default generator (`manual_seed`) if left out.
    compile : bool
        Compile value and gradient, and products with the Hessian: several times faster for functions of many small
        steps, after tracing once. What cannot be traced runs eagerly, with a warning. `f` must do nothing but compute.

    Returns
    -------
    scipy.optimize.OptimizeResult
        `x` in the form and dtypes of `x0`; everything else as SciPy gives it, with flat vectors.

    Raises
    ------
    ValueError
        If there is no such method, it lacks its bounds, or it is a global search and gets constraints.
    TypeError
        If `x0` holds something else than real numbers, or `f` does not give one number.
    ModuleNotFoundError
        If SciPy is not installed.

    References
    ----------
    J. Nocedal and S. J. Wright, Numerical Optimization, 2nd edition, 2006: chapters 4 to 7 and 18.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> def rosenbrock(x):
    ...     return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    >>> result = ag.optim.minimize(rosenbrock, [-1.2, 1.0], method="Newton-CG")
    >>> f"{result.x[0]:.4f} {result.x[1]:.4f}"
    '1.0000 1.0000'

    >>> line = lambda p: np.sum((p["slope"] * np.arange(3.0) + p["offset"] - np.array([1.0, 3.0, 5.0])) ** 2)
    >>> found = ag.optim.minimize(line, {"slope": 0.0, "offset": 0.0}).x
    >>> f"{found['slope']:.4f} {found['offset']:.4f}"
    '2.0000 1.0000'
    """
    optimize = scipy_optimize()
    constrained = constraints is not None and (not isinstance(constraints, Sequence) or len(constraints) > 0)
    if method is None:
        method = "SLSQP" if constrained else "BFGS" if bounds is None else "L-BFGS-B"
    name = {known.lower(): known for known in (*METHODS, *GLOBAL)}.get(str(method).lower())
    if name is None:
        raise ValueError(f"minimize has no method {method!r}: there are {', '.join((*METHODS, *GLOBAL))}")
    objective = Objective(f, Form(x0), args, compile)
    form, told = objective.form, callback and objective.form.told(callback)
    if name in GLOBAL:
        if constrained:
            raise ValueError(f"{name} searches between bounds, and knows no constraints: add a penalty to f")
        search = basin_hopping if name == "basinhopping" else dual_annealing
        draws = default_generator() if rng is None else rng
        result = search(optimize, objective, bounds, tol, told, dict(options or {}), draws)
    else:
        offered = {"jac": objective.gradient, "hessp": objective.product, "hess": objective.hessian}
        derivatives = {key: offered[key] for key in METHODS[name]}
        result = optimize.minimize(
            objective.value if derivatives else objective.value_alone,
            form.start,
            method=name,
            bounds=bounds,
            constraints=form.constrained(constraints),
            tol=tol,
            callback=told,
            options=options and dict(options),
            **derivatives,
        )
    result.x = form.given_back(result.x)
    return result


def local_search(objective: Objective, bounds: Any, tol: float | None, given: Any) -> dict[str, Any]:
    """The settings of the local minimizer in a global search, with the exact gradient."""
    settings = {"method": "L-BFGS-B", "jac": objective.gradient, "bounds": bounds, "tol": tol, **(given or {})}
    return {key: value for key, value in settings.items() if value is not None}


def basin_hopping(
    optimize: Any, objective: Objective, bounds: Any, tol: Any, callback: Any, options: dict[str, Any], rng: Any
) -> Any:
    """SciPy's basin hopping."""
    options["minimizer_kwargs"] = local_search(objective, bounds, tol, options.get("minimizer_kwargs"))
    run = optimize.basinhopping
    return run(objective.value, objective.form.start, callback=callback, **source(run, rng), **options)


def dual_annealing(
    optimize: Any, objective: Objective, bounds: Any, tol: Any, callback: Any, options: dict[str, Any], rng: Any
) -> Any:
    """SciPy's dual annealing."""
    if bounds is None:
        raise ValueError("dual_annealing searches between bounds: give bounds=[(low, high), …], one pair per number")
    options["minimizer_kwargs"] = local_search(objective, bounds, tol, options.get("minimizer_kwargs"))
    run, x0 = optimize.dual_annealing, objective.form.start
    return run(objective.value_alone, bounds, x0=x0, callback=callback, **source(run, rng), **options)


def source(run: Callable[..., Any], rng: Any) -> dict[str, Any]:
    """The generator under the name that this version of SciPy gives it."""
    return {"rng" if "rng" in inspect.signature(run).parameters else "seed": rng}


def scipy_optimize() -> Any:
    """SciPy's minimizers."""
    try:
        from scipy import optimize
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'minimize hands over to SciPy, which is not installed: pip install "autograd_lite[special]"',
            name=error.name,
        ) from None
    return optimize
