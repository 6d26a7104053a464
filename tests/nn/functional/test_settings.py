"""Every setting of `nn.functional` and of the layers, as a tensor that requires a gradient."""

import inspect

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F
from tests.rules.samples.numbers import real, spread
from tests.settings import check_setting

X, LABELS, IMAGE = spread(4, 3) + 0.05, np.array([0, 2, 1, 1]), spread(1, 2, 5, 5)
SHARES = np.abs(X) / np.abs(X).sum(axis=1, keepdims=True)
ARGUMENTS = {  # of functions whose arguments are not one array
    "conv2d": (IMAGE, real(2, 2, 3, 3)),
    "max_pool2d": (IMAGE, 2),
    "avg_pool2d": (IMAGE, 2),
    "adaptive_avg_pool2d": (IMAGE, 2),
    "embedding": (LABELS, real(4, 2)),
    "layer_norm": (X, 3),
    "prelu": (X, np.array([0.3])),
    "glu": (real(4, 6),),
    **dict.fromkeys(("max_pool1d", "avg_pool1d", "adaptive_avg_pool1d"), (IMAGE[0], 2)),
    "conv1d": (IMAGE[0], real(2, 5, 3)[:, :2]),
    "conv_transpose2d": (IMAGE, real(2, 2, 3, 3)),
    "group_norm": (IMAGE, 2),
    "rms_norm": (X, 3),
    "interpolate": (IMAGE, 3),
    "dropout2d": (IMAGE,),
    "scaled_dot_product_attention": (X, X[::-1], X + 1),
    "cosine_similarity": (X, X[::-1] * 0.7),
    "triplet_margin_loss": (X, X + 0.3, X[::-1] * 0.7),
    "hinge_embedding_loss": (np.abs(X), np.where(X > 0, 1.0, -1.0)),
    "gaussian_nll_loss": (X, X[::-1], np.abs(X) + 1),
    "poisson_nll_loss": (SHARES, SHARES[::-1]),
    "linear": (X, real(2, 3)),
    "one_hot": (LABELS, 3),
    "cross_entropy": (X, LABELS),
    "nll_loss": (X, LABELS),
    **dict.fromkeys(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"), (X, X[::-1] * 0.7)),
    **dict.fromkeys(("binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div"), (SHARES, SHARES[::-1])),
    **{f"{name}_cell": (X, None, real(2, 3), real(2, 2)) for name in ("rnn_tanh", "rnn_relu")},
    "lstm_cell": (X, None, real(8, 3), real(8, 2)),
    "gru_cell": (X, None, real(6, 3), real(6, 2)),
}
FIXED = {  # settings without which another one does nothing
    **{name: {"generator": 0} for name in ("dropout", "dropout2d", "scaled_dot_product_attention")},
    ("batch_norm", "momentum"): {"training": True, "running_mean": np.zeros(3), "running_var": np.ones(3)},
    ("batch_norm", "eps"): {"training": True},
    ("batch_norm", "training"): {"running_mean": np.zeros(3), "running_var": np.ones(3)},
}
LEARNED = {
    *(("leaky_relu", "negative_slope"), ("elu", "alpha"), ("softplus", "beta"), ("hardtanh", "min_val")),
    *(("hardtanh", "max_val"), ("batch_norm", "eps"), ("layer_norm", "eps"), ("smooth_l1_loss", "beta")),
    *(("group_norm", "eps"), ("cosine_similarity", "eps"), ("triplet_margin_loss", "margin")),
    *(("triplet_margin_loss", "eps"), ("hinge_embedding_loss", "margin")),
    *(("huber_loss", "delta"), ("cross_entropy", "label_smoothing")),
}


def numeric(function):
    """The settings of a function whose default is a number; others are arrays or names."""
    return [p for p in inspect.signature(function).parameters.values() if isinstance(p.default, int | float)]


CASES = [(name, p.name, p.default) for name in F.__all__ for p in numeric(getattr(F, name))]


@pytest.mark.parametrize(("name", "setting", "default"), CASES)
def test_a_learned_setting_is_differentiated_or_refused(name, setting, default):
    args = ARGUMENTS.get(name, (X,))
    fixed = {**FIXED.get(name, {}), **FIXED.get((name, setting), {})}

    def call(s):
        settings = {key: ag.tensor(v) if isinstance(v, np.ndarray) else v for key, v in fixed.items()}
        if "generator" in settings:
            settings["generator"] = np.random.default_rng(0)
        return getattr(F, name)(*args, **{**settings, setting: s})

    done = {check_setting(call, value) for value in (default, default + 0.3, 1.0, 0.5)}
    assert "differentiated" in done or (name, setting) not in LEARNED


LAYERS = [(c, p) for c in (getattr(nn, n) for n in nn.__all__) if isinstance(c, type) for p in numeric(c.__init__)]
FIRST = {nn.Conv2d: (2, 2, 3), nn.MaxPool2d: (2,), nn.AvgPool2d: (2,), nn.LayerNorm: (3,)}
FIRST |= {nn.BatchNorm1d: (3,), nn.BatchNorm2d: (2,), nn.Linear: (3, 2), nn.Embedding: (4, 2), nn.Embedding: (4, 2)}
INPUTS = {
    nn.GLU: (real(4, 6),),
    **dict.fromkeys((nn.Conv1d, nn.MaxPool1d, nn.AvgPool1d, nn.InstanceNorm1d), (IMAGE[0],)),
    **dict.fromkeys((nn.ConvTranspose2d, nn.GroupNorm, nn.InstanceNorm2d, nn.Dropout2d, nn.Upsample), (IMAGE,)),
    **dict.fromkeys((nn.RNN, nn.LSTM, nn.GRU), (X,)),
    nn.MultiheadAttention: (X, X, X),
    nn.EmbeddingBag: (LABELS[None],),
    nn.CosineSimilarity: (X, X[::-1] * 0.7),
    nn.TripletMarginLoss: (X, X + 0.3, X[::-1] * 0.7),
    nn.HingeEmbeddingLoss: (np.abs(X), np.where(X > 0, 1.0, -1.0)),
    nn.GaussianNLLLoss: (X, X[::-1], np.abs(X) + 1),
}
FIRST |= {nn.Conv1d: (2, 2, 3), nn.ConvTranspose2d: (2, 2, 3), nn.MaxPool1d: (2,), nn.AvgPool1d: (2,)}
FIRST |= {nn.GroupNorm: (2, 2), nn.InstanceNorm1d: (2,), nn.InstanceNorm2d: (2,), nn.RMSNorm: (3,), nn.Upsample: (3,)}
FIRST |= {**dict.fromkeys((nn.RNN, nn.LSTM, nn.GRU), (3, 2)), nn.EmbeddingBag: (4, 2)}
FIRST |= {nn.MultiheadAttention: (3, 1), nn.TransformerEncoderLayer: (3, 1, 4)}
OF_IMAGES = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d, nn.BatchNorm2d)


def inputs_of(layer):
    """What a layer is called on."""
    if type(layer) in INPUTS:
        return INPUTS[type(layer)]
    if "Loss" in type(layer).__name__:
        of_labels = isinstance(layer, nn.CrossEntropyLoss | nn.NLLLoss)
        return (SHARES, LABELS if of_labels else SHARES[::-1])
    return (IMAGE if isinstance(layer, OF_IMAGES) else LABELS if isinstance(layer, nn.Embedding) else X,)


@pytest.mark.parametrize(("kind", "setting"), LAYERS, ids=lambda p: getattr(p, "__name__", None) or p.name)
def test_a_learned_setting_of_a_layer_is_differentiated_or_refused(kind, setting):
    def call(s):
        ag.manual_seed(0)
        layer = kind(*FIRST.get(kind, ()), **{setting.name: s})
        return layer.to(np.float64)(*inputs_of(layer))

    for value in (setting.default, setting.default + 0.3):
        check_setting(call, value)


def test_a_slope_is_learned_as_a_parameter_of_its_layer():
    layer = nn.LeakyReLU(nn.Parameter(np.array(0.25)))
    assert [name for name, _ in layer.named_parameters()] == ["negative_slope"]
    layer(np.array([-2.0, 3.0])).sum().backward()
    assert layer.negative_slope.grad == -2
