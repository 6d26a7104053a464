"""MyGrad."""

import contextlib
from typing import Any

import mygrad as mg
import numpy as np
from mygrad.operation_base import Operation

from benchmarks.features.checks import Wrong, close, nothing_compiled, nothing_named, points_at, same_dtype

A = np.array([[3.0, 1.0], [1.0, 2.0]])


def leaf(*numbers: float) -> Any:
    return mg.tensor(numbers, dtype=float)


def numpy() -> str:
    x = leaf(0.5, -0.5)
    np.tanh(x).sum().backward()
    close(x.grad, np.full(2, 1 - np.tanh(0.5) ** 2))
    try:
        np.linalg.solve(A, np.tanh(x)).sum().backward()
    except TypeError as error:
        return f"`np.tanh` is; {error}"


def assignment() -> None:
    x = leaf(1, 2, 3)
    y = x * 1
    y[0] = 5 * x[1]
    (y * y).sum().backward()
    close(x.grad, [0, 104, 6])


def long_chain() -> None:
    x = y = leaf(1)
    for _ in range(100_000):
        y = y * 1.0
    y.sum().backward()
    close(x.grad, [1])


def float32() -> None:
    for other in (2.0, np.full(3, 2.0)):
        x = mg.tensor(np.ones(3, np.float32))
        mg.tanh(x * other).mean().backward()
        same_dtype(x.grad.dtype)


def stale() -> str:
    x = leaf(1, 2)
    y = (x * x).sum()
    with contextlib.suppress(ValueError):
        x.data *= 10
    y.backward()
    close(x.grad, [2, 4])
    x = leaf(1, 2)
    y = (x * x).sum()
    x.data = x.data * 10
    y.backward()
    if x.grad.tolist() != [2, 4]:
        return f"in place it raises; after `x.data = x.data * 10` the gradient is {x.grad.tolist()}, not [2.0, 4.0]"


def loss_shapes() -> None:
    p, t = leaf(0, 1, 2).reshape(3, 1), np.array([0.0, 1.0, 2.0])
    close(((p - t) ** 2).mean(), 0)  # it has no regression losses, so this is how one writes it


def first_nan() -> None:
    try:
        with np.errstate(invalid="raise"):
            a = leaf(1, 3) - 2
            b = mg.log(a)
            (b * 3).sum().backward()
    except FloatingPointError as error:
        return points_at(error, "b = mg.log(a)")
    raise Wrong("nothing was raised")


def diagnosis() -> None:
    nothing_named("mygrad", "diagnos|gradcheck|check_grad|numerical_grad")


def hessian() -> None:
    x = leaf(1, 2)
    (x**3).sum().backward()
    x.grad.backward()


def forward_mode() -> None:
    nothing_named("mygrad", "jvp|forward_mode|pushforward")


def vmap() -> None:
    nothing_named("mygrad", "vmap")


class HalfSquare(Operation):
    """x², with a gradient that lacks the factor 2."""

    def __call__(self, x: Any) -> Any:
        self.variables = (x,)
        return x.data * x.data

    def backward_var(self, grad: Any, index: int, **kwargs: Any) -> Any:
        return grad * self.variables[0].data


def custom() -> None:
    x = leaf(3)
    mg.execute_op(HalfSquare, x).sum().backward()
    close(x.grad, [3])


def checkpoint() -> None:
    nothing_named("mygrad", "checkpoint|remat|recompute")


def optimizers() -> None:
    nothing_named("mygrad", "adam|optim")


def second_order() -> None:
    nothing_named("mygrad", "newton|lbfgs")


def estimators() -> None:
    nothing_named("mygrad", "sklearn|scikit|classifier")


def compiled() -> None:
    nothing_named("mygrad", "jit|compile")


def data_parallel() -> None:
    nothing_named("mygrad", "parallel|shard|distributed")


def device() -> None:
    nothing_named("mygrad", "device|cuda|gpu")


def sparse() -> None:
    from scipy.sparse import csr_array

    x = leaf(1, 2)
    (csr_array(A) @ x).sum().backward()
    close(x.grad, A.sum(axis=0))


def drawing() -> str:
    from mygrad.computational_graph import build_graph

    x = mg.tensor(1.5)
    y = 7 * x**2
    drawn = build_graph(y).source
    assert "1.5" in drawn
    assert "15.75" in drawn
    y.backward()
    assert "21" not in build_graph(y).source
    assert "1.5" not in build_graph(y).source
    return "values, no gradients: `backward` clears the graph; it needs graphviz"


def stepping() -> None:
    nothing_named("mygrad", "step_?through|step_?by_?step|walk_?through|animat")


def source() -> None:
    nothing_named("mygrad", "source|codegen|print")


def script() -> None:
    nothing_named("mygrad", "script|export")


def pure_python() -> None:
    nothing_compiled("mygrad")
