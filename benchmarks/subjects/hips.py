"""HIPS/autograd: gradients by ``value_and_grad``, the update by the hand-written Adam."""

from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad

from benchmarks.problem import Floats, Problem, Step
from benchmarks.subjects.hand import Adam


def build(problem: Problem) -> Step:
    """Return one training step, with weights stored ``(in, out)``."""
    parameters = [array for weight, bias in problem.layers for array in (weight.T.copy(), bias.copy())]
    adam = Adam(parameters)
    x, labels = problem.x, problem.labels
    rows = np.arange(len(x))

    def loss_function(parameters: list[Floats]) -> Any:
        hidden = x
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            hidden = anp.maximum(anp.dot(hidden, weight) + bias, 0)
        logits = anp.dot(hidden, parameters[-2]) + parameters[-1]
        shifted = logits - anp.max(logits, axis=1, keepdims=True)
        log_totals = anp.log(anp.sum(anp.exp(shifted), axis=1))
        return anp.mean(log_totals - shifted[rows, labels])

    gradient_function = value_and_grad(loss_function)

    def step() -> Any:
        loss, gradients = gradient_function(parameters)
        adam.step(gradients)
        return loss

    return step
