"""Every function of `nn.functional` takes arrays of other kinds in each of its places."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn import functional as F
from tests.array_likes import REFUSED, TAKEN, Indexed, SpeaksDLPack
from tests.rules.samples.numbers import real

X, H = real(4, 3), real(4, 5)
SHARES, LABELS = 1 / (1 + np.exp(-real(4, 3))), np.array([0, 2, 1, 1])
ARGUMENTS = {  # of functions that take other arguments than one array
    "glu": (real(4, 6),),
    **dict.fromkeys(("max_pool1d", "avg_pool1d", "adaptive_avg_pool1d"), (real(2, 3, 6), 2)),
    "conv1d": (real(2, 3, 6), real(4, 3, 3), real(4)),
    "conv_transpose2d": (real(2, 3, 6, 6), real(3, 4, 3, 3), real(4)),
    "group_norm": (real(2, 4, 3), 2, real(4), real(4)),
    "rms_norm": (X, (3,), real(3)),
    "interpolate": (real(2, 3, 4, 4), 3),
    "dropout2d": (real(2, 3, 4, 4), 0.0),
    "scaled_dot_product_attention": (X, real(5, 3), real(5, 2)),
    "cosine_similarity": (X, X[::-1].copy()),
    "triplet_margin_loss": (X, X + 1, X[::-1].copy()),
    "hinge_embedding_loss": (X, np.where(X > 0, 1.0, -1.0)),
    "gaussian_nll_loss": (X, X + 1, np.abs(X) + 1),
    "poisson_nll_loss": (X, np.abs(X)),
    "prelu": (X, real(3)),
    **dict.fromkeys(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"), (X, X + 1)),
    **dict.fromkeys(("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d"), (real(2, 3, 6, 6), 2)),
    **dict.fromkeys(("rnn_tanh_cell", "rnn_relu_cell"), (X, H, real(5, 3), real(5, 5), real(5), real(5))),
    **dict.fromkeys(("cross_entropy", "nll_loss"), (X, LABELS, np.ones(3))),
    "linear": (X, real(5, 3), real(5)),
    "conv2d": (real(2, 3, 6, 6), real(4, 3, 3, 3), real(4)),
    "embedding": (LABELS, real(5, 3)),
    "gru_cell": (X, H, real(15, 3), real(15, 5), real(15), real(15)),
    "lstm_cell": (X, (H, H), real(20, 3), real(20, 5), real(20), real(20)),
    "dropout": (X, 0.0),
    "batch_norm": (X, np.zeros(3), np.ones(3), real(3), real(3)),
    "layer_norm": (X, (3,), real(3), real(3)),
    "binary_cross_entropy": (SHARES, SHARES / 2),
    "binary_cross_entropy_with_logits": (X, SHARES, np.abs(real(4, 3))),
    "kl_div": (X, SHARES),
    "one_hot": (LABELS, 3),
}


def results(name, args):
    y = getattr(F, name)(*args)
    return [a.detach().numpy() for a in (y if isinstance(y, tuple) else (y,))]


@pytest.mark.parametrize("name", F.__all__)
def test_each_place_takes_arrays_of_other_kinds(name):
    args = ARGUMENTS.get(name, (X,))
    expected = results(name, args)
    for i in [i for i, a in enumerate(args) if isinstance(a, np.ndarray)]:
        for kind in (SpeaksDLPack, Indexed, TAKEN["other byte order"], ag.tensor):
            found = results(name, [kind(a) if k == i else a for k, a in enumerate(args)])
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_array_equal(a, b, strict=True, err_msg=f"argument {i}")
        for kind in ("masked", "objects", "own operator"):
            with pytest.raises((TypeError, ValueError)):
                results(name, [REFUSED[kind][0](a) if k == i else a for k, a in enumerate(args)])
