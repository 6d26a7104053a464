"""Functions of functions: gradients, products, Jacobians, checkpoints and gradients of one's own."""

from autograd_lite.transforms.checkpoints import checkpoint
from autograd_lite.transforms.custom import custom_vjp
from autograd_lite.transforms.gradients import grad, value_and_grad
from autograd_lite.transforms.jacobians import hessian, jacobian
from autograd_lite.transforms.products import gnvp, hvp, jvp, linearize, vjp
from autograd_lite.transforms.where_safe import where_safe

__all__ = [
    "checkpoint",
    "custom_vjp",
    "gnvp",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "value_and_grad",
    "vjp",
    "where_safe",
]
