"""What a type checker says of expressions that users write; `test_types` compares it with the comments."""

from typing import reveal_type

import numpy as np

import autograd_lite as ag
from autograd_lite import nn

x = ag.tensor([[1.0, 2.0]], requires_grad=True)
reveal_type(x * 2)  # Tensor
reveal_type(2 - x)  # Tensor
reveal_type(x**2)  # Tensor
reveal_type(-x)  # Tensor
reveal_type(x @ np.ones((2, 1)))  # Tensor
reveal_type(x == 1)  # Tensor
reveal_type(x[0])  # Tensor
reveal_type(x.sum())  # Tensor
reveal_type(x.mean(axis=0, keepdims=True))  # Tensor
reveal_type(x.reshape(2, 1))  # Tensor
reveal_type(x.T)  # Tensor
reveal_type(x.astype(np.float32))  # Tensor
reveal_type(x.tanh())  # Tensor
reveal_type(x.unsqueeze(0).permute(2, 0, 1))  # Tensor
reveal_type(x.topk(1).values)  # Tensor
reveal_type(x.detach())  # Tensor
reveal_type(x.shape)  # tuple[int, ...]
reveal_type(ag.zeros(3))  # Tensor
reveal_type(ag.randn(2, 3))  # Tensor
reveal_type(ag.cat([x, x]))  # Tensor
reveal_type(nn.functional.softmax(x))  # Tensor
reveal_type(nn.Linear(2, 3).weight)  # Parameter
reveal_type(nn.Linear(2, 3).state_dict())  # dict[str, Any]
