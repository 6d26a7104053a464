"""HIPS/autograd."""

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import checkpoint as checkpointed
from autograd import grad, make_jvp, make_vjp
from autograd import hessian as hessian_of
from autograd.extend import defvjp, primitive
from autograd.misc.optimizers import adam
from autograd.test_util import check_grads

from benchmarks.features.checks import Missing, Wrong, close, nothing_compiled, nothing_named, points_at, same_dtype

A = np.array([[3.0, 1.0], [1.0, 2.0]])


def numpy() -> str:
    x, expected = np.array([0.5, -0.5]), np.array([0.2, 0.4]) * (1 - np.tanh(0.5) ** 2)
    try:
        close(grad(lambda x: anp.sum(np.linalg.solve(A, np.tanh(x))))(x), expected)
    except TypeError as error:
        close(grad(lambda x: anp.sum(anp.linalg.solve(A, anp.tanh(x))))(x), expected)
        return f"as `autograd.numpy`; NumPy's own `solve`: {error}"


def assignment() -> None:
    def f(x: Any) -> Any:
        y = x * 1
        y[0] = 5 * x[1]
        return anp.sum(y * y)

    close(grad(f)(np.array([1.0, 2.0, 3.0])), [0, 104, 6])


def long_chain() -> None:
    def f(x: Any) -> Any:
        for _ in range(100_000):
            x = x * 1.0
        return x

    close(grad(f)(1.0), 1)


def float32() -> None:
    for other in (np.float32(2), np.full(3, 2.0)):
        x = np.ones(3, np.float32)
        same_dtype(grad(lambda x, other=other: anp.mean(anp.tanh(x * other)))(x).dtype)


def stale() -> None:
    x = np.array([1.0, 2.0])
    pullback, _ = make_vjp(lambda x: anp.sum(x * x))(x)
    x *= 10
    close(pullback(1.0), [2, 4])


def loss_shapes() -> None:
    p, t = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 2.0])
    close(anp.mean((p - t) ** 2), 0)  # it has no losses, so this is how one writes it


def first_nan() -> None:
    def f(x: Any) -> Any:
        a = x - 2
        b = anp.log(a)
        return anp.sum(b * 3)

    try:
        with np.errstate(invalid="raise"):
            grad(f)(np.array([1.0, 3.0]))
    except FloatingPointError as error:
        return points_at(error, "b = anp.log(a)")
    raise Wrong("nothing was raised")


@primitive
def half_square(x: Any) -> Any:
    """x², with a gradient that lacks the factor 2."""
    return x * x


defvjp(half_square, lambda y, x: lambda g: g * x)


def diagnosis() -> str:
    try:
        check_grads(half_square, modes=["rev"], order=1)(np.array([1.0, 2.0]))
    except AssertionError as error:
        return "" if "factor" in str(error) else "`check_grads` refuses it and prints both numbers, without a reason"
    raise Wrong("check_grads passes")


def hessian() -> None:
    close(hessian_of(lambda x: anp.sum(x**3))(np.array([1.0, 2.0])), [[6, 0], [0, 12]])


def forward_mode() -> None:
    close(make_jvp(anp.sin)(1.0)(1.0), [np.sin(1), np.cos(1)])


def vmap() -> None:
    nothing_named("autograd", "vmap")


def custom() -> None:
    close(grad(half_square)(3.0), 3)


def checkpoint() -> None:
    calls: list[int] = []

    def f(x: Any) -> Any:
        calls.append(1)
        return anp.sin(x)

    close(grad(checkpointed(f))(1.0), np.cos(1))
    close(len(calls), 2)


def optimizers() -> str:
    close(adam(grad(lambda x, step: anp.sum(x * x)), np.array([1.0, 2.0]), num_iters=300, step_size=0.03), [0, 0], 0.05)
    try:
        nothing_named("autograd", "schedule|cosine")
    except Missing as missing:
        return f"Adam; {missing}"


def second_order() -> None:
    nothing_named("autograd", "newton|lbfgs")


def estimators() -> None:
    nothing_named("autograd", "sklearn|scikit|classifier")


def compiled() -> None:
    nothing_named("autograd", "jit|compile")


def data_parallel() -> None:
    nothing_named("autograd", "parallel|shard|distributed")


def device() -> None:
    nothing_named("autograd", "device|cuda|gpu")


def sparse() -> None:
    from scipy.sparse import csr_array

    close(grad(lambda x: anp.sum(csr_array(A) @ x))(np.array([1.0, 2.0])), A.sum(axis=0))


def drawing() -> None:
    nothing_named("autograd", "draw|graphviz|dot_graph|visual")


def stepping() -> None:
    nothing_named("autograd", "step_?through|step_?by_?step|walk_?through|animat")


def source() -> None:
    nothing_named("autograd", "source|codegen|print")


def script() -> None:
    nothing_named("autograd", "script|export|save")


def pure_python() -> None:
    nothing_compiled("autograd")
