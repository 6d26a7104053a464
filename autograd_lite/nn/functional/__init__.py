"""The functions that layers and losses are made of, with PyTorch's names."""

from autograd_lite.nn.functional.activation import (
    gelu,
    glu,
    log_softmax,
    logsigmoid,
    mish,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    tanh,
)
from autograd_lite.nn.functional.attention import scaled_dot_product_attention
from autograd_lite.nn.functional.classification import cross_entropy, nll_loss, one_hot
from autograd_lite.nn.functional.convolution import conv2d
from autograd_lite.nn.functional.distance import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from autograd_lite.nn.functional.dropout import dropout, dropout2d
from autograd_lite.nn.functional.embedding import embedding
from autograd_lite.nn.functional.likelihood import gaussian_nll_loss, poisson_nll_loss
from autograd_lite.nn.functional.linear import linear
from autograd_lite.nn.functional.margin import cosine_similarity, hinge_embedding_loss, triplet_margin_loss
from autograd_lite.nn.functional.normalization import batch_norm, group_norm, layer_norm, rms_norm
from autograd_lite.nn.functional.pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d
from autograd_lite.nn.functional.probability import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    kl_div,
)
from autograd_lite.nn.functional.rectifier import elu, hardswish, hardtanh, leaky_relu, prelu, relu, relu6, selu
from autograd_lite.nn.functional.recurrent import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from autograd_lite.nn.functional.resizing import interpolate
from autograd_lite.nn.functional.signal import adaptive_avg_pool1d, avg_pool1d, conv1d, max_pool1d
from autograd_lite.nn.functional.transposed_convolution import conv_transpose2d

__all__ = [
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
    "sigmoid",
    "tanh",
    "hardtanh",
    "softmax",
    "log_softmax",
    "linear",
    "conv2d",
    "max_pool2d",
    "avg_pool2d",
    "adaptive_avg_pool2d",
    "embedding",
    "rnn_tanh_cell",
    "rnn_relu_cell",
    "lstm_cell",
    "gru_cell",
    "dropout",
    "batch_norm",
    "layer_norm",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "nll_loss",
    "kl_div",
    "one_hot",
    "prelu",
    "relu6",
    "hardswish",
    "mish",
    "logsigmoid",
    "softsign",
    "glu",
    "scaled_dot_product_attention",
    "conv1d",
    "max_pool1d",
    "avg_pool1d",
    "adaptive_avg_pool1d",
    "conv_transpose2d",
    "group_norm",
    "rms_norm",
    "cosine_similarity",
    "triplet_margin_loss",
    "hinge_embedding_loss",
    "gaussian_nll_loss",
    "poisson_nll_loss",
    "interpolate",
    "dropout2d",
]
