"""JAX, with optax for losses and optimizers."""

import contextlib
import os

os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")  # two devices, for data_parallel

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.features.checks import Missing, Wrong, close, nothing_compiled, nothing_named, points_at, same_dtype

A = np.array([[3.0, 1.0], [1.0, 2.0]])


def numpy() -> str:
    x, expected = np.array([0.5, -0.5]), np.array([0.2, 0.4]) * (1 - np.tanh(0.5) ** 2)
    try:
        close(jax.grad(lambda x: np.linalg.solve(A, np.tanh(x)).sum())(x), expected)
    except jax.errors.TracerArrayConversionError as error:
        close(jax.grad(lambda x: jnp.linalg.solve(A, jnp.tanh(x)).sum())(x), expected)
        return f"as `jax.numpy`; NumPy's own: {str(error).splitlines()[0]}"


def assignment() -> str:
    close(jax.grad(lambda x: (x.at[0].set(5 * x[1]) ** 2).sum())(jnp.array([1.0, 2.0, 3.0])), [0, 104, 6])
    try:
        jnp.ones(3)[0] = 5
    except TypeError as error:
        return f"as `x.at[i].set(v)`, a new array; else: {str(error).split('. ')[0]}"


def long_chain() -> None:
    def f(x: Any) -> Any:
        return jax.lax.scan(lambda y, _: (y * 1.0, None), x, None, length=100_000)[0]

    close(jax.grad(f)(1.0), 1)


def float32() -> None:
    jax.config.update("jax_enable_x64", True)
    for other in (2.0, jnp.full(3, 2.0)):
        x = jnp.ones(3, jnp.float32)
        same_dtype(jax.grad(lambda x, other=other: jnp.tanh(x * other).mean())(x).dtype)


def stale() -> str:
    x = jnp.array([1.0, 2.0])
    with contextlib.suppress(TypeError):
        x[0] = 10
    close(x, [1, 2])
    numbers = np.array([1.0, 2.0], np.float32)
    _, pullback = jax.vjp(lambda x: jnp.sum(x * x), numbers)
    numbers *= 10
    (gradient,) = pullback(np.float32(1))
    if gradient.tolist() != [2, 4]:
        return f"a `jax.Array` cannot be changed; when a NumPy input is, the gradient is {gradient.tolist()}"


def loss_shapes() -> str:
    p, t = jnp.array([[0.0], [1.0], [2.0]]), jnp.array([0.0, 1.0, 2.0])
    accepted = []
    for loss in (optax.squared_error, optax.huber_loss, optax.sigmoid_binary_cross_entropy):
        try:
            assert loss(p, t).shape == (3, 3)
            accepted.append(loss.__name__)
        except ValueError:
            pass
    if optax.squared_error.__name__ in accepted:
        raise Wrong("squared_error gives 3 × 3 losses")
    return f"`squared_error` does; {' and '.join(accepted)} give 3 × 3 losses" if accepted else ""


def first_nan() -> None:
    jax.config.update("jax_debug_nans", True)

    def f(x: Any) -> Any:
        a = x - 2
        b = jnp.log(a)
        return (b * 3).sum()

    try:
        jax.grad(f)(jnp.array([1.0, 3.0]))
    except FloatingPointError as error:
        return points_at(error, "b = jnp.log(a)")
    raise Wrong("nothing was raised")


@jax.custom_vjp
def half_square(x: Any) -> Any:
    """x², with a gradient that lacks the factor 2."""
    return x * x


half_square.defvjp(lambda x: (x * x, x), lambda x, g: (g * x,))


def diagnosis() -> str:
    from jax.test_util import check_grads

    try:
        check_grads(half_square, (jnp.array([1.0, 2.0]),), order=1, modes="rev")
    except AssertionError as error:
        return "" if "factor" in str(error) else "`check_grads` refuses it and prints what differs, without a reason"
    raise Wrong("check_grads passes")


def hessian() -> None:
    close(jax.hessian(lambda x: (x**3).sum())(jnp.array([1.0, 2.0])), [[6, 0], [0, 12]])


def forward_mode() -> None:
    close(jax.jvp(jnp.sin, (1.0,), (1.0,)), [np.sin(1), np.cos(1)])


def vmap() -> None:
    close(jax.vmap(jnp.dot)(jnp.ones((4, 3)), jnp.ones((4, 3))), [3, 3, 3, 3])


def custom() -> None:
    close(jax.grad(half_square)(3.0), 3)


def checkpoint() -> None:
    calls: list[int] = []

    def f(x: Any) -> Any:
        jax.debug.callback(lambda: calls.append(1))
        return jnp.sin(jnp.sin(x))

    close(jax.grad(jax.checkpoint(f))(1.0), np.cos(1) * np.cos(np.sin(1)))
    jax.effects_barrier()
    close(len(calls), 2)


def optimizers() -> None:
    x, optimizer = jnp.array([1.0, 2.0]), optax.adam(optax.cosine_decay_schedule(0.1, 100))
    state = optimizer.init(x)
    for _ in range(100):
        updates, state = optimizer.update(jax.grad(lambda x: (x * x).sum())(x), state)
        x = optax.apply_updates(x, updates)
    close(x, [0, 0], 0.05)


def second_order() -> str:
    def f(x: Any) -> Any:
        return x @ A @ x / 2

    x, optimizer = jnp.array([1.0, 2.0]), optax.lbfgs()
    state, value_and_grad = optimizer.init(x), optax.value_and_grad_from_state(f)
    for _ in range(10):
        value, grad = value_and_grad(x, state=state)
        updates, state = optimizer.update(grad, state, x, value=value, grad=grad, value_fn=f)
        x = optax.apply_updates(x, updates)
    close(x, [0, 0], 1e-3)
    try:
        nothing_named("optax", "newton(?!_schulz)")
    except Missing as missing:
        return f"L-BFGS; {missing}"


def estimators() -> None:
    nothing_named("jax", "sklearn|scikit")


def compiled() -> None:
    w, optimizer = jnp.ones((3, 1)), optax.adam(0.01)

    @jax.jit
    def step(w: Any, state: Any, x: Any) -> Any:
        loss, gradient = jax.value_and_grad(lambda w: (jnp.tanh(x @ w) ** 2).mean())(w)
        updates, state = optimizer.update(gradient, state, w)
        return optax.apply_updates(w, updates), state, loss

    state, losses = optimizer.init(w), []
    for _ in range(3):
        w, state, loss = step(w, state, jnp.ones((8, 3)))
        losses.append(float(loss))
    assert losses[2] < losses[1] < losses[0]


def data_parallel() -> None:
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("batch",))
    assert mesh.size == 2
    x = jax.device_put(jnp.arange(8.0), jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("batch")))
    close(jax.jit(jax.grad(lambda w, x: ((w * x) ** 2).mean()))(2.0, x), 70)


def device() -> None:
    x = jax.device_put(jnp.ones(3), jax.devices("cpu")[0])
    assert jax.grad(lambda x: x.sum())(x).devices() == {jax.devices("cpu")[0]}


def sparse() -> None:
    from jax.experimental.sparse import BCOO

    matrix = BCOO.fromdense(A)
    close(jax.grad(lambda x: (matrix @ x).sum())(jnp.array([1.0, 2.0])), A.sum(axis=0))


def drawing() -> str:
    lowered = jax.jit(jax.grad(lambda x: jnp.tanh(x).sum())).lower(jnp.ones(3))
    assert "tanh" in lowered.compiler_ir("hlo").as_hlo_dot_graph()
    return "`as_hlo_dot_graph` draws the compiler's operations with their shapes, without numbers"


def stepping() -> None:
    nothing_named("jax", "step_?through|step_?by_?step|walk_?through|animat")


def jaxpr() -> str:
    return str(jax.make_jaxpr(jax.grad(lambda x: jnp.tanh(x).sum()))(jnp.ones(3)))


def source() -> None:
    assert "tanh" in jaxpr()


def script() -> None:
    try:
        compile(jaxpr(), "a jaxpr", "exec")
    except SyntaxError as error:
        raise Wrong("a jaxpr is text in a language of its own, which Python cannot run") from error


def pure_python() -> None:
    nothing_compiled("jax")
    nothing_compiled("jaxlib")
