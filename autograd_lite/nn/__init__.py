"""Neural networks: modules, losses, initialisation; the names and conventions are PyTorch's."""

from autograd_lite.nn import functional, init, utils
from autograd_lite.nn.activation import (
    GELU,
    GLU,
    Identity,
    LogSigmoid,
    LogSoftmax,
    Mish,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from autograd_lite.nn.container import Sequential
from autograd_lite.nn.convolution import Conv2d
from autograd_lite.nn.dropout import Dropout
from autograd_lite.nn.embedding import Embedding
from autograd_lite.nn.linear import Linear
from autograd_lite.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from autograd_lite.nn.module import Module
from autograd_lite.nn.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from autograd_lite.nn.parameter import Buffer, Parameter
from autograd_lite.nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from autograd_lite.nn.rectifier import ELU, SELU, Hardswish, Hardtanh, LeakyReLU, PReLU, ReLU, ReLU6
from autograd_lite.nn.recurrent import GRUCell, LSTMCell, RNNCell
from autograd_lite.nn.shape import Flatten

__all__ = [
    "Module",
    "Parameter",
    "Buffer",
    "Sequential",
    "Linear",
    "Conv2d",
    "MaxPool2d",
    "AvgPool2d",
    "AdaptiveAvgPool2d",
    "Embedding",
    "RNNCell",
    "LSTMCell",
    "GRUCell",
    "Dropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "LayerNorm",
    "Flatten",
    "Identity",
    "ReLU",
    "LeakyReLU",
    "ELU",
    "SELU",
    "GELU",
    "SiLU",
    "Softplus",
    "Sigmoid",
    "Tanh",
    "Hardtanh",
    "Softmax",
    "LogSoftmax",
    "MSELoss",
    "L1Loss",
    "SmoothL1Loss",
    "HuberLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "NLLLoss",
    "KLDivLoss",
    "functional",
    "init",
    "utils",
    "PReLU",
    "ReLU6",
    "Hardswish",
    "Mish",
    "LogSigmoid",
    "Softsign",
    "GLU",
]
