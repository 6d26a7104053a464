"""What is done to the gradients of a network between `backward()` and the step."""

from autograd_lite.nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_"]
