"""``conventions.npz``: functions where calculus leaves a choice: ties, bounds, kinks and poles.

A case holds

``function``   NumPy's name (``max``, ``linalg.norm``), or the engine's where NumPy has none:
               ``relu sigmoid softplus softmax log_softmax logsumexp``
``inputs``     dict of arrays, in the order of the positional arguments
``settings``   keywords with NumPy's names (``axis``, ``keepdims``, ``ddof``, ``ord``)
``output``
``seed``       the gradient that flows in
``gradients``  for the inputs that are differentiated here; pass the other inputs as constants

so that a test is one loop: ``getattr(numpy, function)(*inputs, **settings)``. Recording checks that
NumPy gives the same output. Gradients may be ±inf (``sqrt`` at 0); none is NaN.

PyTorch has two answers for the maximum along an axis: ``amax`` shares the gradient evenly among
ties (recorded here, as for the full reduction), ``max(dim)`` gives it to one index (not recorded).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import gradients, leaf, normal

TIES = np.array([[1.0, 3.0, 3.0, 2.0], [5.0, 5.0, 5.0, 5.0], [0.0, -1.0, 4.0, -1.0]])
ONE_TIE = np.array([2.0, 7.0, 7.0, 1.0, 7.0])
ZEROS = np.array([[2.0, 0.0, 3.0, -1.0], [0.0, 4.0, 0.0, 5.0], [1.5, 2.0, -3.0, 0.5]])
LEFT, RIGHT = np.array([1.0, 2.0, 3.0, 0.0]), np.array([1.0, 3.0, 2.0, 0.0])
BOUNDS = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
KINK = np.array([-1.5, 0.0, 2.0])
NULL_ROW = np.array([[3.0, -4.0, 0.0], [0.0, 0.0, 0.0], [2.0, 2.0, -2.0]])
FLAT_ROW = np.array([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0]])
INFINITE = np.array([[-np.inf, 1.0, 2.0], [0.5, -np.inf, -np.inf], [1000.0, -1000.0, 1000.0]])
FAR = np.array([[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0], [20.0, -20.0, 0.0]])
WIDE = np.array([-1000.0, -100.0, -20.0, 0.0, 20.0, 100.0, 1000.0])

# name, function, PyTorch's expression of the tensors, inputs, settings, names not differentiated
Compute = Callable[..., torch.Tensor]
Row = tuple[str, str, Compute, dict[str, Any], dict[str, Any], tuple[str, ...]]


def reductions() -> list[Row]:
    """Return the reductions, in full, along an axis, along two, and keeping dimensions."""
    rows: list[Row] = []

    def add(function: str, compute: Compute, x: np.ndarray, **settings: Any) -> None:
        shown = ", ".join([str(x.shape), *(f"{k}={v}" for k, v in settings.items())])
        rows.append((f"{function}({shown})", function, compute, {"x": x}, settings, ()))

    for name in ("max", "min", "amax", "amin"):
        reduce = torch.amax if "max" in name else torch.amin
        # x.max() and x.min(), PyTorch's full reductions, have a gradient formula of their own
        full = {"max": torch.max, "min": torch.min}.get(name, reduce)
        add(name, full, TIES)
        add(name, full, ONE_TIE if "max" in name else -ONE_TIE)
        for axis in (0, 1, -1, (0, 1)):
            add(name, lambda x, f=reduce, a=axis: f(x, dim=a), TIES, axis=axis)
        add(name, lambda x, f=reduce: f(x, dim=1, keepdim=True), TIES, axis=1, keepdims=True)
    for name in ("var", "std"):
        f = getattr(torch, name)
        for ddof in (0, 1):
            add(name, lambda x, f=f, d=ddof: f(x, correction=d), TIES, ddof=ddof)
            add(name, lambda x, f=f, d=ddof: f(x, dim=1, correction=d), FLAT_ROW, axis=1, ddof=ddof)
        add(name, lambda x, f=f: f(x, correction=0), np.array([4.0]), ddof=0)
        add(name, lambda x, f=f: f(x, dim=0, correction=0), np.full((4, 2), 0.1), axis=0, ddof=0)
        rows[-1] = (f"{name} of .1, .1, .1, .1: rounding must not show", *rows[-1][1:])
    add("prod", torch.prod, np.array([2.0, 0.0, 3.0]))
    add("prod", torch.prod, np.array([2.0, 0.0, 3.0, 0.0]))
    add("prod", torch.prod, np.array([2.0, -1.0, 3.0, 0.5, 4.0]))
    for axis in (0, 1):
        add("prod", lambda x, a=axis: torch.prod(x, a), ZEROS, axis=axis)
        add("cumprod", lambda x, a=axis: torch.cumprod(x, a), ZEROS, axis=axis)
        add("cumsum", lambda x, a=axis: torch.cumsum(x, a), ZEROS, axis=axis)
    add("cumprod", lambda x: torch.cumprod(x, 0), np.array([2.0, 0.0, 3.0, 0.0, 5.0]))
    norm = torch.linalg.vector_norm
    add("linalg.norm", norm, np.zeros(3))
    add("linalg.norm", norm, np.zeros((2, 2)))
    add("linalg.norm", norm, NULL_ROW)
    for order in (None, 2, 1, 3, np.inf, -np.inf):
        settings = {} if order is None else {"ord": order}
        p = 2 if order is None else order
        add("linalg.norm", lambda x, p=p: norm(x, p, dim=1), NULL_ROW, axis=1, **settings)
    for axis in (0, 1):
        add("logsumexp", lambda x, a=axis: torch.logsumexp(x, a), INFINITE, axis=axis)
        add("softmax", lambda x, a=axis: torch.softmax(x, a), FAR, axis=axis)
        add("log_softmax", lambda x, a=axis: torch.log_softmax(x, a), FAR, axis=axis)
    add("sort", lambda x: torch.sort(x, dim=1, stable=True).values, TIES, axis=1)
    return rows


def elementwise() -> list[Row]:
    """Return functions of one argument, of two, and those with constants among the arguments."""
    one: list[tuple[str, Compute, np.ndarray]] = [
        ("absolute", torch.abs, KINK),
        ("sign", torch.sign, KINK),
        ("relu", torch.relu, KINK),
        ("sqrt", torch.sqrt, np.array([0.0, 4.0])),
        ("log", torch.log, np.array([0.0, 2.0])),
        ("log1p", torch.log1p, np.array([-1.0, 0.0])),
        ("reciprocal", torch.reciprocal, np.array([0.0, 2.0])),
        ("arcsin", torch.arcsin, np.array([-1.0, 0.0, 1.0])),
        ("arccos", torch.arccos, np.array([-1.0, 0.0, 1.0])),
        ("sinc", torch.sinc, np.array([-0.5, 0.0, 1.0, 2.5])),
        ("sigmoid", torch.sigmoid, WIDE),
        ("tanh", torch.tanh, WIDE),
        ("softplus", torch.nn.functional.softplus, WIDE),
    ]
    zero_base = {"x": np.array([0.0, 0.0, 0.0, 0.0, 2.0]), "y": np.array([0.0, 1.0, 2.0, 0.5, 0.0])}
    unequal = {"a": np.array([-np.inf, -np.inf, 1000.0, 3.0]), "b": np.array([1.0, 2.0, 0.0, 3.0])}
    signs = np.array([True, False, True])
    rows: list[Row] = [(name, name, compute, {"x": x}, {}, ()) for name, compute, x in one]
    for name in ("maximum", "minimum", "fmax", "fmin"):
        rows.append((name, name, getattr(torch, name), {"a": LEFT, "b": RIGHT}, {}, ()))
    for exponent in (0.0, 1.0, 2.0, 0.5, 3.0, -1.0):
        x = np.array([0.0, 1.0, 4.0, *([] if exponent == 0.5 else [-2.0])])
        inputs = {"x": x, "y": np.array(exponent)}
        name = f"x**{exponent} at 0"
        rows.append((name, "power", lambda x, _, p=exponent: x**p, inputs, {}, ("y",)))
    zero = {"x": np.array(0.0), "y": np.array([0.0, 1.0, 2.0, 0.5])}
    limits = {"low": np.array(-1.0), "high": np.array(1.0)}
    moving = {"low": np.full(6, -1.0), "high": np.array([1.0, 1.0, 1.0, 1.0, 1.0, 2.0])}
    rows += [
        ("x**y, x = 0 or y = 0", "power", torch.pow, zero_base, {}, ()),
        ("0**x", "power", torch.pow, zero, {}, ("x",)),
        ("logaddexp", "logaddexp", torch.logaddexp, unequal, {}, ()),
        ("arctan2 at 0, 0", "arctan2", torch.arctan2, {"a": np.zeros(1), "b": np.zeros(1)}, {}, ()),
        ("clip at bounds", "clip", torch.clamp, {"x": BOUNDS, **limits}, {}, ("low", "high")),
        ("clip, bounds differentiated", "clip", torch.clamp, {"x": BOUNDS, **moving}, {}, ()),
        (
            "where", "where", torch.where,
            {"condition": signs, "a": np.array([1.0, 2.0, 3.0]), "b": np.array([4.0, 5.0, 6.0])},
            {}, ("condition",),
        ),
        (
            "where, broadcast", "where", torch.where,
            {"condition": signs, "a": normal("where", 2, 3), "b": np.array(4.0)},
            {}, ("condition",),
        ),
    ]  # fmt: skip
    return rows


def cases() -> list[dict[str, Any]]:
    """Return every case."""
    return [compare(*row) for row in reductions() + elementwise()]


def compare(
    name: str,
    function: str,
    compute: Compute,
    inputs: dict[str, np.ndarray],
    settings: dict[str, Any],
    constants: tuple[str, ...],
) -> dict[str, Any]:
    """Compute one function and return its case."""
    leaves = {key: leaf(x) for key, x in inputs.items() if key not in constants}
    output = compute(*(leaves.get(key, torch.tensor(x)) for key, x in inputs.items()))
    seed = torch.tensor(np.abs(normal("conventions", *output.shape)) + 0.5)
    found = gradients(output, seed, leaves)
    assert not any(g.isnan().any() for g in found.values()), (name, found)
    agree_with_numpy(name, function, inputs, settings, output)
    return {
        "name": name,
        "function": function,
        "inputs": inputs,
        "settings": settings,
        "output": output,
        "seed": seed,
        "gradients": found,
    }


def agree_with_numpy(
    name: str, function: str, inputs: dict[str, Any], settings: dict[str, Any], output: torch.Tensor
) -> None:
    """Raise where NumPy has the function and another result."""
    numpy_function: Any = np
    for part in function.split("."):
        numpy_function = getattr(numpy_function, part, None)
    if numpy_function is not None:
        with np.errstate(all="ignore"):
            expected = numpy_function(*inputs.values(), **settings)
        np.testing.assert_allclose(output.detach(), expected, rtol=1e-14, atol=1e-15, err_msg=name)
