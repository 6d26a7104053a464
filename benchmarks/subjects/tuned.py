"""NumPy tuned by hand: every array allocated once, ``out=`` everywhere, Adam over one flat buffer."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.problem import BETAS, EPSILON, LEARNING_RATE, Floats, Problem, Step


def build(problem: Problem) -> Step:
    """Return one training step that allocates nothing of the size of a tensor."""
    x, labels = problem.x, problem.labels
    batch, rows = len(x), np.arange(len(x))
    shapes = [shape for weight, bias in problem.layers for shape in (weight.T.shape, bias.shape)]
    parameters, gradients = flat_buffer(shapes), flat_buffer(shapes)
    views, gradient_views = split(parameters, shapes), split(gradients, shapes)
    weights, biases = views[::2], views[1::2]
    weight_gradients, bias_gradients = gradient_views[::2], gradient_views[1::2]
    for i, (weight, bias) in enumerate(problem.layers):
        weights[i][...] = weight.T
        biases[i][...] = bias

    outputs = [np.empty((batch, bias.size), np.float32) for bias in biases]
    output_gradients = [np.empty_like(output) for output in outputs]
    active = [np.empty(output.shape, bool) for output in outputs]
    inputs = [x, *outputs[:-1]]
    transposed_inputs = [array.T for array in inputs]
    transposed_weights = [weight.T for weight in weights]
    logits, logit_gradient, last = outputs[-1], output_gradients[-1], len(weights) - 1
    column, picked = np.empty((batch, 1), np.float32), np.empty(batch, np.float32)
    update = adam(parameters, gradients)

    def step() -> Any:
        # forward
        for i, output in enumerate(outputs):
            inputs[i].dot(weights[i], out=output)
            np.add(output, biases[i], out=output)
            if i < last:
                np.maximum(output, 0, out=output)

        # mean softmax cross-entropy and its gradient
        np.max(logits, axis=1, keepdims=True, out=column)
        np.subtract(logits, column, out=logits)
        np.exp(logits, out=logit_gradient)
        np.sum(logit_gradient, axis=1, keepdims=True, out=column)
        np.divide(logit_gradient, column, out=logit_gradient)
        np.log(column, out=column)
        np.subtract(column[:, 0], logits[rows, labels], out=picked)
        loss = picked.sum() / batch
        logit_gradient[rows, labels] -= 1
        np.divide(logit_gradient, batch, out=logit_gradient)

        # backward
        for i in range(last, -1, -1):
            gradient = output_gradients[i]
            transposed_inputs[i].dot(gradient, out=weight_gradients[i])
            np.sum(gradient, axis=0, out=bias_gradients[i])
            if i > 0:
                gradient.dot(transposed_weights[i], out=output_gradients[i - 1])
                np.greater(outputs[i - 1], 0, out=active[i - 1])
                np.multiply(output_gradients[i - 1], active[i - 1], out=output_gradients[i - 1])

        update()
        return loss

    return step


def adam(parameters: Floats, gradients: Floats) -> Callable[[], None]:
    """Adam over flat arrays, with the two bias corrections folded into scalars."""
    beta1, beta2 = BETAS
    m, v, scratch = np.zeros_like(parameters), np.zeros_like(parameters), np.empty_like(parameters)
    t = 0

    def update() -> None:
        nonlocal t
        t += 1
        np.multiply(m, beta1, out=m)
        np.multiply(gradients, 1 - beta1, out=scratch)
        np.add(m, scratch, out=m)
        np.multiply(v, beta2, out=v)
        np.multiply(gradients, gradients, out=scratch)
        np.multiply(scratch, 1 - beta2, out=scratch)
        np.add(v, scratch, out=v)
        np.sqrt(v, out=scratch)
        np.divide(scratch, (1 - beta2**t) ** 0.5, out=scratch)
        np.add(scratch, EPSILON, out=scratch)
        np.divide(m, scratch, out=scratch)
        np.multiply(scratch, LEARNING_RATE / (1 - beta1**t), out=scratch)
        np.subtract(parameters, scratch, out=parameters)

    return update


def flat_buffer(shapes: list[tuple[int, ...]]) -> Floats:
    """One array with room for all the shapes."""
    return np.empty(sum(int(np.prod(shape)) for shape in shapes), np.float32)


def split(buffer: Floats, shapes: list[tuple[int, ...]]) -> list[Floats]:
    """Consecutive views of a flat buffer."""
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    parts = np.split(buffer, ends)
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
