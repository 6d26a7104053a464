"""The step-through: backpropagation as a page that goes through it step by step."""

from autograd_lite.stepthrough.step_through import StepThrough, step_through

__all__ = ["StepThrough", "step_through"]
