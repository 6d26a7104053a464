"""micrograd, which has scalars only."""

import cmath
import sys
from typing import Any

import numpy as np
from micrograd.engine import Value

from benchmarks.features.checks import Missing, Wrong, close, nothing_compiled, nothing_named, same_dtype

A = np.array([[3.0, 1.0], [1.0, 2.0]])


def numpy() -> None:
    x = np.array([Value(0.5), Value(-0.5)])
    np.linalg.solve(A, np.tanh(x)).sum().backward()


def assignment() -> str:
    x = [Value(1.0), Value(2.0), Value(3.0)]
    y = [v * 1 for v in x]
    y[0] = 5 * x[1]
    sum(v * v for v in y).backward()
    close([v.grad for v in x], [0, 104, 6])
    return "in a list of scalars"


def chain() -> None:
    x = y = Value(1.0)
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    close(x.grad, 1)


def long_chain() -> str:
    try:
        chain()
    except RecursionError as error:
        sys.setrecursionlimit(1_000_000)
        chain()
        return f"after `sys.setrecursionlimit(1_000_000)`; before: {error}"


def float32() -> None:
    x = Value(np.float32(1))
    (x * 2.0).backward()
    same_dtype(type(x.grad))


def stale() -> None:
    x = Value(3.0)
    y = x * x
    x.data = 30.0
    y.backward()
    close(x.grad, 6)


def loss_shapes() -> str:
    p, t = [[Value(0.0)], [Value(1.0)], [Value(2.0)]], [0.0, 1.0, 2.0]
    try:
        sum((a - b) ** 2 for a, b in zip(p, t, strict=True))
    except TypeError as error:
        return f"it has no losses; written with lists: {error}"


def first_nan() -> None:
    a = Value(-1.0)
    b = a**0.5  # it has no logarithm
    (b * 3).backward()
    if cmath.isnan(b.data) or isinstance(b.data, complex):
        raise Wrong(f"the root of -1 is {b.data}, without an error")


def diagnosis() -> None:
    nothing_named("micrograd", "diagnos|gradcheck|check_grad|numerical_grad")


def hessian() -> None:
    x = Value(2.0)
    (x**3).backward()
    x.grad.backward()


def forward_mode() -> None:
    nothing_named("micrograd", "jvp|forward_mode|pushforward")


def vmap() -> None:
    nothing_named("micrograd", "vmap")


def half_square(x: Any) -> Any:
    """x², with a gradient that lacks the factor 2; written as the operations of the engine are."""
    y = Value(x.data * x.data, (x,))

    def backward() -> None:
        x.grad += y.grad * x.data

    y._backward = backward
    return y


def custom() -> None:
    x = Value(3.0)
    half_square(x).backward()
    close(x.grad, 3)


def checkpoint() -> None:
    nothing_named("micrograd", "checkpoint|remat|recompute")


def optimizers() -> None:
    nothing_named("micrograd", "adam|optim")


def second_order() -> None:
    nothing_named("micrograd", "newton|lbfgs")


def estimators() -> None:
    nothing_named("micrograd", "sklearn|scikit|classifier")


def compiled() -> None:
    nothing_named("micrograd", "jit|compile")


def data_parallel() -> None:
    nothing_named("micrograd", "parallel|shard|distributed")


def device() -> None:
    nothing_named("micrograd", "device|cuda|gpu")


def sparse() -> None:
    from scipy.sparse import csr_array

    x = np.array([Value(1.0), Value(2.0)])
    (csr_array(A) @ x).sum().backward()
    close([v.grad for v in x], A.sum(axis=0))


def drawing() -> str:
    try:
        nothing_named("micrograd", "draw|graphviz|dot_graph|visual")
    except Missing as missing:
        return f"a notebook of its repository has a `draw_dot` for both (read, not run); {missing}"


def stepping() -> None:
    nothing_named("micrograd", "step_?through|step_?by_?step|walk_?through|animat")


def source() -> None:
    nothing_named("micrograd", "source|codegen|print")


def script() -> None:
    nothing_named("micrograd", "script|export|save")


def pure_python() -> None:
    nothing_compiled("micrograd")
