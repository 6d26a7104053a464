"""Who is timed. A subject is a row here and a module of the same name in this folder.

The module has ``build(problem) -> step``: a function that makes the model once and returns a callable
that does one training step (forward, backward, Adam) and returns the loss as the library gives it —
no conversion to a Python float that the library would not do anyway.
"""

from typing import NamedTuple


class Subject(NamedTuple):
    """One row of the tables: its title, the package it needs, and whether it is this project's."""

    title: str
    library: str
    is_ours: bool = False
    has_chain: bool = False
    has_gmm: bool = False


SUBJECTS = {
    "ours": Subject("autograd_lite, eager", "autograd_lite", is_ours=True, has_chain=True, has_gmm=True),
    "compiled": Subject("autograd_lite, compiled", "autograd_lite", is_ours=True),
    "hand": Subject("NumPy, hand-written", "numpy"),
    "tuned": Subject("NumPy, hand-tuned", "numpy"),
    "torch_default": Subject("PyTorch, default Adam", "torch", has_chain=True, has_gmm=True),
    "torch_fused": Subject("PyTorch, fused Adam", "torch"),
    "jax_jit": Subject("JAX, jit", "jax"),
    "hips": Subject("HIPS/autograd", "autograd", has_chain=True, has_gmm=True),
    "mygrad_mlp": Subject("MyGrad", "mygrad", has_chain=True),
}
