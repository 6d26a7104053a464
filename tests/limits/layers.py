"""The functions of `ag.nn.functional`, with formulas for exact numbers."""

import numpy as np

import autograd_lite as ag
from autograd_lite.nn import functional as F
from autograd_lite.nn.functional.rectifier import SELU_ALPHA, SELU_SCALE
from autograd_lite.rules import neural
from tests.limits.curves import CURVES, SMOOTH, bell, curve, exp, flat, logistic
from tests.limits.exact import mp
from tests.limits.vectors import (
    FINITE,
    LABELS,
    MATRIX,
    SCALED,
    SOMEWHAT,
    TARGET,
    VECTORS,
    P,
    Vector,
    X,
    exact_log_softmax,
    exact_softmax,
    log,
    mean,
    of_x,
    variance,
)

FINITE_ONLY = "not at infinities, where it is ∞ · 0"
SCORES = np.array([[3.0, -1.0, 2.5]])
IMAGE = np.array([[[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]]])
FILTER = np.array([[[[2.0, -1.0]]]])
WEIGHTS = (np.array([[0.5, -1.0, 0.25, 2.0]]).T, np.array([[1.0, 0.5, -0.5, 0.75]]).T)  # of cells with one unit
STATE = (np.array([[0.75]]), np.array([[-0.5]]))


def finite(x):
    return bool(np.isfinite(x))


def slope(f):
    """The derivative of a smooth function, by differences."""

    def derivative(x):
        with mp.workdps(120):
            step = mp.mpf(10) ** -30 * max(abs(x), 1)
            return (f(x + step) - f(x - step)) / (2 * step)

    return derivative


def smooth(value, first, **more):
    """An activation, whose second derivative is that of the first by differences."""
    return curve(
        value, first, slope(first), tolerance=32, against=1, kept=finite, note=f"{SMOOTH}; {FINITE_ONLY}", **more
    )


def phi(x):
    return bell(x / mp.sqrt(2)) / mp.sqrt(2 * mp.pi)


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def gelu_by_tanh(x):
    return x * logistic(2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf(0.044715) * x**3))


def selu(below, above):
    return lambda x: mp.mpf(SELU_SCALE) * (above(x) if x > 0 else mp.mpf(SELU_ALPHA) * below(x))


def softplus(x):
    return max(x, mp.zero) + mp.log1p(exp(-abs(x)))


def mish(x):
    return x * mp.tanh(softplus(x))


def softplus_twice(x):
    return max(x, mp.zero) + mp.log1p(exp(-2 * abs(x))) / 2


F_CURVES = {
    F.relu: CURVES[neural.relu],
    F.leaky_relu: CURVES[neural.leaky_relu],
    F.elu: CURVES[neural.elu],
    F.sigmoid: CURVES[neural.sigmoid],
    F.softplus: CURVES[neural.softplus],
    F.tanh: CURVES[np.tanh],
    F.selu: curve(selu(mp.expm1, lambda x: x), selu(exp, lambda x: 1), selu(exp, lambda x: 0), against=2, note=SMOOTH),
    F.gelu: smooth(lambda x: x * normal(x), lambda x: normal(x) + x * phi(x)),
    F.silu: smooth(lambda x: x * logistic(x), lambda x: logistic(x) * (1 + x * logistic(-x))),
    F.mish: smooth(mish, lambda x: mp.tanh(softplus(x)) + x * logistic(x) / mp.cosh(softplus(x)) ** 2),
    F.logsigmoid: curve(
        lambda x: -softplus(-x), lambda x: logistic(-x), lambda x: -logistic(x) * logistic(-x), note=FINITE_ONLY
    ),
    F.softsign: curve(
        lambda x: x / (1 + abs(x)),
        lambda x: (1 + abs(x)) ** -2,
        lambda x: -2 * mp.sign(x) * (1 + abs(x)) ** -3,
        against=1,
        kept=finite,
        note=f"{SMOOTH}; {FINITE_ONLY}",
    ),
    F.relu6: flat(lambda x: min(max(x, mp.zero), 6 * mp.one), lambda x: 0 < x < 6, note="0 at 0 and 6"),
    F.hardswish: curve(
        lambda x: x * min(max(x + 3, mp.zero), 6 * mp.one) / 6,
        lambda x: 0 if x <= -3 else 1 if x >= 3 else x / 3 + mp.one / 2,
        lambda x: mp.one / 3 if abs(x) < 3 else 0,
        against=1,
        kept=finite,
        note=FINITE_ONLY,
    ),
    F.hardtanh: flat(lambda x: min(max(x, -mp.one), mp.one), lambda x: abs(x) < 1, note="0 at ±1"),
}


def huber(d, bound, factor):
    limited = np.minimum(np.maximum(d, -bound), bound)
    return mean(limited * (d - limited / 2)) * factor


def logits(x, t):
    return mean(np.frompyfunc(lambda x, t: t * mp.log1p(exp(-x)) + (1 - t) * mp.log1p(exp(x)), 2, 1)(x, t))


def normalised(x, eps):
    return (x - mean(x)) / mp.sqrt(variance(x) + mp.mpf(eps))


sigmoids, tanhs = np.frompyfunc(logistic, 1, 1), np.frompyfunc(mp.tanh, 1, 1)


def parts(x, h, n):
    """Of a cell with one unit: what each gate gets from the input and from the state."""
    own, recurrent = (np.array([mp.mpf(float(w)) for w in weight[:n, 0]]) for weight in WEIGHTS)
    return own * x[0, 0], recurrent * h[0, 0]


def tensors(n):
    """The weights of a cell with one unit and so many gates, in half precision: the result has that of the input."""
    return tuple(ag.tensor(w[:n], dtype=np.float16) for w in WEIGHTS)


def lstm(x, h, c):
    own, recurrent = parts(x, h, 4)
    i, f, g, o = own + recurrent
    c = logistic(f) * c[0, 0] + logistic(i) * mp.tanh(g)
    return [logistic(o) * mp.tanh(c), c]


def gru(x, h):
    own, recurrent = parts(x, h, 3)
    r, z = logistic(own[0] + recurrent[0]), logistic(own[1] + recurrent[1])
    return (1 - z) * mp.tanh(own[2] + r * recurrent[2]) + z * h[0, 0]


def attention(q, k, v):
    scores = (k @ q[0]) / mp.sqrt(2)
    return exact_softmax(scores) @ v


def length(x):
    return mp.sqrt(np.sum(x * x))


def cosine(a, b):
    return np.sum(a * b) / length(a) / length(b)


exps = np.frompyfunc(exp, 1, 1)
TARGETS = (X, X[::-1] * 0.7)
F_VECTORS = {
    F.prelu: [
        Vector(F.prelu, lambda x, w: [a if a > 0 else w[0] * a for a in x], (X, np.array([0.25])), ("usual", "tiny"))
    ],
    F.glu: [of_x(F.glu, lambda x: x[:2] * sigmoids(x[2:]), FINITE[:4])],
    F.gelu: [of_x(lambda x: F.gelu(x, "tanh"), np.frompyfunc(gelu_by_tanh, 1, 1), FINITE, tolerance=64)],
    F.softplus: [of_x(lambda x: F.softplus(x, 2.0), np.frompyfunc(softplus_twice, 1, 1), FINITE[:4])],
    F.softmax: [of_x(F.softmax, exact_softmax, ("usual", "largest", "-inf"))],
    F.log_softmax: [of_x(F.log_softmax, exact_log_softmax, ("usual", "largest", "-inf"))],
    F.cross_entropy: [
        of_x(lambda x: F.cross_entropy(x[None], LABELS), lambda x: -exact_log_softmax(x)[1], FINITE),
        of_x(lambda x: F.cross_entropy(x, P), lambda x: -np.sum(exact_log_softmax(x) * P), SCALED),
    ],
    F.nll_loss: [of_x(lambda x: F.nll_loss(x[None], LABELS), lambda x: -x[1])],
    F.mse_loss: [Vector(F.mse_loss, lambda a, b: mean((a - b) ** 2), TARGETS, FINITE[:4])],
    F.l1_loss: [Vector(F.l1_loss, lambda a, b: mean(abs(a - b)), TARGETS, FINITE[:4])],
    F.huber_loss: [Vector(F.huber_loss, lambda a, b: huber(a - b, 1, 1), TARGETS, FINITE[:4])],
    F.smooth_l1_loss: [
        Vector(
            lambda a, b: F.smooth_l1_loss(a, b, beta=0.5),
            lambda a, b: huber(a - b, mp.mpf(0.5), 2),
            TARGETS,
            FINITE[:4],
        )
    ],
    F.binary_cross_entropy: VECTORS[neural.binary_cross_entropy],
    F.binary_cross_entropy_with_logits: [
        Vector(F.binary_cross_entropy_with_logits, logits, (X, TARGET), ("usual",)),
        of_x(lambda x: F.binary_cross_entropy_with_logits(x, TARGET), lambda x: logits(x, TARGET), FINITE),
    ],
    F.kl_div: [Vector(F.kl_div, lambda q, t: mean(t * (log(t) - q)), (X, P), SOMEWHAT)],
    F.linear: [Vector(F.linear, lambda x, w, b: x @ w.T + b, (SCORES, SCORES, np.array([0.5])), SOMEWHAT)],
    F.conv2d: [
        Vector(
            F.conv2d, lambda x, w: x[..., :-1] * w[0, 0, 0, 0] + x[..., 1:] * w[0, 0, 0, 1], (IMAGE, FILTER), SOMEWHAT
        )
    ],
    F.max_pool2d: [
        Vector(
            lambda x: F.max_pool2d(x, 2, 1), lambda x: [max(x[0, :, i : i + 2].flat) for i in (0, 1)], (IMAGE,), SCALED
        )
    ],
    F.avg_pool2d: [
        Vector(lambda x: F.avg_pool2d(x, 2, 1), lambda x: [mean(x[0, :, i : i + 2]) for i in (0, 1)], (IMAGE,))
    ],
    F.adaptive_avg_pool2d: [Vector(lambda x: F.adaptive_avg_pool2d(x, 1), mean, (IMAGE,))],
    F.embedding: [Vector(lambda w: F.embedding(np.array([1, 0, 1]), w), lambda w: w[[1, 0, 1]], (X.reshape(2, 2),))],
    F.dropout: [of_x(lambda x: F.dropout(x, 0.5, training=False), lambda x: x)],
    F.layer_norm: [
        of_x(lambda x: F.layer_norm(x, 4, eps=0.5), lambda x: normalised(x, 0.5), ("usual", "tiny", "zeros"))
    ],
    F.group_norm: [
        of_x(lambda x: F.group_norm(x[None], 1, eps=0.5), lambda x: normalised(x, 0.5), ("usual", "tiny", "zeros"))
    ],
    F.rms_norm: [
        of_x(
            lambda x: F.rms_norm(x, 4, eps=0.5),
            lambda x: x / mp.sqrt(mean(x * x) + mp.mpf(0.5)),
            ("usual", "tiny", "zeros"),
        )
    ],
    F.scaled_dot_product_attention: [
        Vector(
            F.scaled_dot_product_attention, attention, (SCORES[:, :2] * 0.2, MATRIX, MATRIX[:, :1]), ("usual", "zeros")
        )
    ],
    F.cosine_similarity: [Vector(lambda a, b: F.cosine_similarity(a, b, 0), cosine, TARGETS, ("usual",))],
    F.triplet_margin_loss: [
        Vector(
            lambda a, b, c: F.triplet_margin_loss(a, b, c, eps=0.0),
            lambda a, b, c: max(length(a - b) - length(a - c) + 1, 0),
            (X, X[::-1] * 0.7, X * 0.9),
            ("usual",),
        )
    ],
    F.hinge_embedding_loss: [
        of_x(
            lambda x: F.hinge_embedding_loss(x, np.array([1, -1, -1, 1])),
            lambda x: mean(np.array([x[0], max(1 - x[1], 0), max(1 - x[2], 0), x[3]])),
            SCALED,
        )
    ],
    F.gaussian_nll_loss: [
        Vector(
            F.gaussian_nll_loss,
            lambda x, t, v: mean((log(v) + (x - t) ** 2 / v) / 2),
            (*TARGETS, np.array([0.5, 2.0, 1.5, 0.25])),
            ("usual",),
        )
    ],
    F.poisson_nll_loss: [Vector(F.poisson_nll_loss, lambda x, t: mean(exps(x) - t * x), TARGETS, ("usual", "tiny"))],
    F.batch_norm: [
        of_x(
            lambda x: F.batch_norm(x[:, None], training=True, eps=0.5),
            lambda x: normalised(x, 0.5),
            ("usual", "tiny", "zeros"),
        )
    ],
    F.rnn_tanh_cell: [
        Vector(
            lambda x, h: F.rnn_tanh_cell(x, h, *tensors(1)),
            lambda x, h: tanhs(sum(parts(x, h, 1))),
            STATE,
            ("usual", "zeros"),
        )
    ],
    F.rnn_relu_cell: [
        Vector(
            lambda x, h: F.rnn_relu_cell(x, h, *tensors(1)),
            lambda x, h: np.maximum(sum(parts(x, h, 1)), 0),
            (STATE[0] * 3, STATE[1]),
            SCALED,
        )
    ],
    F.lstm_cell: [
        Vector(lambda x, h, c: F.lstm_cell(x, (h, c), *tensors(4)), lstm, (*STATE, STATE[0]), ("usual", "zeros"))
    ],
    F.gru_cell: [Vector(lambda x, h: F.gru_cell(x, h, *tensors(3)), gru, STATE, ("usual", "zeros"))],
}
