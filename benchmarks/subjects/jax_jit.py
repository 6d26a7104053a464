"""JAX with the whole step in one ``jit``, its old state donated: nothing is left to Python but the call."""

from functools import partial

import jax
import jax.numpy as jnp

from benchmarks.problem import BETAS, EPSILON, LEARNING_RATE, Problem, Step

Layers = list[tuple[jax.Array, jax.Array]]
State = tuple[Layers, Layers, Layers, jax.Array]


def loss_function(layers: Layers, x: jax.Array, labels: jax.Array) -> jax.Array:
    """Mean softmax cross-entropy of the network's output."""
    for weight, bias in layers[:-1]:
        x = jax.nn.relu(x @ weight + bias)
    weight, bias = layers[-1]
    log_probabilities = jax.nn.log_softmax(x @ weight + bias)
    return -jnp.take_along_axis(log_probabilities, labels[:, None], axis=1).mean()


@partial(jax.jit, donate_argnums=0)
def train(state: State, x: jax.Array, labels: jax.Array) -> tuple[State, jax.Array]:
    """One step: loss, gradients and Adam."""
    layers, m, v, t = state
    beta1, beta2 = BETAS
    t = t + 1
    loss, gradients = jax.value_and_grad(loss_function)(layers, x, labels)
    m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradients)
    v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradients)
    rate = LEARNING_RATE / (1 - beta1**t)
    correction = jnp.sqrt(1 - beta2**t)
    layers = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / correction + EPSILON), layers, m, v)
    return (layers, m, v, t), loss


def build(problem: Problem) -> Step:
    """Return a step that waits for its result, with weights stored ``(in, out)``."""
    layers = [(jnp.array(weight.T), jnp.array(bias)) for weight, bias in problem.layers]
    m, v = (jax.tree.map(jnp.zeros_like, layers) for _ in range(2))
    state: State = (layers, m, v, jnp.float32(0))
    x, labels = jnp.array(problem.x), jnp.array(problem.labels)

    def step() -> jax.Array:
        nonlocal state
        state, loss = train(state, x, labels)
        return loss.block_until_ready()

    return step
