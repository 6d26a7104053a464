"""What is done to the parameters of a network and their gradients: clipping, averaging, vectors, normalisation."""

from autograd_lite.nn.utils.averaging import AveragedModel
from autograd_lite.nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_
from autograd_lite.nn.utils.vectors import parameters_to_vector, vector_to_parameters
from autograd_lite.nn.utils.weight_norm import weight_norm

__all__ = [
    "AveragedModel",
    "clip_grad_norm_",
    "clip_grad_value_",
    "parameters_to_vector",
    "vector_to_parameters",
    "weight_norm",
]
