"""PyTorch with ``Adam(fused=True)``: the whole update in one native kernel, its fastest eager mode."""

from benchmarks.problem import Problem, Step
from benchmarks.subjects import torch_default


def build(problem: Problem) -> Step:
    """Return the same step as ``torch_default`` with the fused optimizer."""
    return torch_default.build(problem, fused=True)
