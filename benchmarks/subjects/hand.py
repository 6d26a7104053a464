"""What a competent person writes in plain NumPy: backprop by hand, Adam parameter by parameter."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.problem import BETAS, EPSILON, LEARNING_RATE, Floats, Problem, Step


class Adam:
    """Adam (Kingma & Ba, 2015) in its textbook form; also drives the libraries that bring no optimizer."""

    def __init__(self, parameters: Sequence[Floats]) -> None:
        self.parameters = parameters
        self.m = [np.zeros_like(parameter) for parameter in parameters]
        self.v = [np.zeros_like(parameter) for parameter in parameters]
        self.t = 0

    def step(self, gradients: Sequence[Floats]) -> None:
        """Update the parameters in place."""
        beta1, beta2 = BETAS
        self.t += 1
        for i, (parameter, gradient) in enumerate(zip(self.parameters, gradients, strict=True)):
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * gradient
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * gradient**2
            m_hat = self.m[i] / (1 - beta1**self.t)
            v_hat = self.v[i] / (1 - beta2**self.t)
            parameter -= LEARNING_RATE * m_hat / (np.sqrt(v_hat) + EPSILON)


def build(problem: Problem) -> Step:
    """Return one training step written out by hand, with weights stored ``(in, out)``."""
    weights = [weight.T.copy() for weight, _ in problem.layers]
    biases = [bias.copy() for _, bias in problem.layers]
    adam = Adam(weights + biases)
    x, labels = problem.x, problem.labels
    batch, rows = len(x), np.arange(len(x))

    def step() -> Any:
        # forward
        activations = [x]
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            activations.append(np.maximum(activations[-1] @ weight + bias, 0))
        logits = activations[-1] @ weights[-1] + biases[-1]

        # mean softmax cross-entropy
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -log_probabilities[rows, labels].mean()

        # backward
        gradient = np.exp(log_probabilities)
        gradient[rows, labels] -= 1
        gradient /= batch
        weight_gradients: list[Floats] = []
        bias_gradients: list[Floats] = []
        for i in reversed(range(len(weights))):
            weight_gradients.insert(0, activations[i].T @ gradient)
            bias_gradients.insert(0, gradient.sum(axis=0))
            if i > 0:
                gradient = gradient @ weights[i].T * (activations[i] > 0)

        adam.step(weight_gradients + bias_gradients)
        return loss

    return step
