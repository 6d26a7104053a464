"""MyGrad: tensors, its ReLU and softmax cross-entropy; the update by the hand-written Adam."""

import mygrad as mg
from mygrad.nnet.activations import relu
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.problem import Problem, Step
from benchmarks.subjects.hand import Adam


def build(problem: Problem) -> Step:
    """Return one training step, with weights stored ``(in, out)``."""
    weights = [mg.tensor(weight.T.copy()) for weight, _ in problem.layers]
    biases = [mg.tensor(bias) for _, bias in problem.layers]
    parameters = weights + biases
    adam = Adam([parameter.data for parameter in parameters])
    x, labels = problem.x, problem.labels

    def step() -> mg.Tensor:
        hidden = x
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            hidden = relu(mg.matmul(hidden, weight) + bias)
        loss = softmax_crossentropy(mg.matmul(hidden, weights[-1]) + biases[-1], labels)
        loss.backward()
        adam.step([parameter.grad for parameter in parameters])
        return loss

    return step
