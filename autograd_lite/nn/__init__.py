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
from autograd_lite.nn.attention import MultiheadAttention, TransformerEncoderLayer
from autograd_lite.nn.container import Sequential
from autograd_lite.nn.convolution import Conv2d
from autograd_lite.nn.dropout import Dropout, Dropout2d
from autograd_lite.nn.embedding import Embedding
from autograd_lite.nn.embedding_bag import EmbeddingBag
from autograd_lite.nn.holders import ModuleDict, ModuleList, ParameterList
from autograd_lite.nn.likelihood import GaussianNLLLoss, PoissonNLLLoss
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
from autograd_lite.nn.margin import CosineSimilarity, HingeEmbeddingLoss, TripletMarginLoss
from autograd_lite.nn.module import Module
from autograd_lite.nn.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from autograd_lite.nn.parameter import Buffer, Parameter
from autograd_lite.nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from autograd_lite.nn.rectifier import ELU, SELU, Hardswish, Hardtanh, LeakyReLU, PReLU, ReLU, ReLU6
from autograd_lite.nn.recurrent import GRUCell, LSTMCell, RNNCell
from autograd_lite.nn.resizing import Upsample
from autograd_lite.nn.sample_normalization import GroupNorm, InstanceNorm1d, InstanceNorm2d, RMSNorm
from autograd_lite.nn.sequence import GRU, LSTM, RNN
from autograd_lite.nn.shape import Flatten, Unflatten
from autograd_lite.nn.signal import AdaptiveAvgPool1d, AvgPool1d, Conv1d, MaxPool1d
from autograd_lite.nn.transposed_convolution import ConvTranspose2d

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
    "RNN",
    "LSTM",
    "GRU",
    "MultiheadAttention",
    "TransformerEncoderLayer",
    "ModuleList",
    "ModuleDict",
    "ParameterList",
    "Conv1d",
    "MaxPool1d",
    "AvgPool1d",
    "AdaptiveAvgPool1d",
    "ConvTranspose2d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "RMSNorm",
    "CosineSimilarity",
    "TripletMarginLoss",
    "HingeEmbeddingLoss",
    "GaussianNLLLoss",
    "PoissonNLLLoss",
    "Upsample",
    "Unflatten",
    "Dropout2d",
    "EmbeddingBag",
]
