"""The gradient rules: one file per family of functions, one row per function.

A rule is an ordinary NumPy expression of the incoming gradient `g`, the output `y` and the function's own arguments,
made of functions that have rows themselves. So the same rule runs on arrays (backpropagation at NumPy's speed), on
tensors (gradients that are recorded, to any order) and while a program is traced.
"""

from autograd_lite.rules import contractions, elementwise, indexing, neural, reductions, shaping

__all__ = ["contractions", "elementwise", "indexing", "neural", "reductions", "shaping"]
