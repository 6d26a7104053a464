"""autograd_lite with the same step as `ours`, compiled."""

import autograd_lite as ag
from benchmarks.problem import Problem, Step
from benchmarks.subjects.ours import model_and_step


def build(problem: Problem) -> Step:
    """Return one compiled training step; the loss comes back as a Tensor."""
    step = ag.compile(model_and_step(problem))
    x, labels = problem.x, problem.labels
    return lambda: step(x, labels)
