"""Every transform through complex numbers, held against closed forms and differences.

No conjugate: the change of a complex result is J v, and a weight u for it gives Re(uᵀ J).
"""

import operator

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn import functional as F
from autograd_lite.tensor.trees import flatten
from autograd_lite.transforms.jacobians import by_columns, by_rows
from autograd_lite.transforms.recording import Recording
from tests.rules.check import outputs
from tests.rules.samples import SAMPLES
from tests.rules.samples.numbers import real

rng = np.random.default_rng(0)
N = 4
X, V = rng.standard_normal(N), rng.standard_normal(N)
M = rng.standard_normal((3, N)) + 1j * rng.standard_normal((3, N))


def spectrum(x):
    return np.fft.fft(x)


def mixed(x):
    """Results of all kinds in a tree."""
    return {"z": np.exp(1j * x), "x": [x * x, np.argmax(x)], "both": (np.sum(x) * (2 - 1j), 3.0)}


def mixed_jacobian(x):
    zero = np.zeros(N)
    return {
        "z": np.diag(1j * np.exp(1j * x)),
        "x": [np.diag(2 * x), zero],
        "both": (np.full(N, 2 - 1j), zero),
    }


FUNCTIONS = {  # with their Jacobians
    "fft": (spectrum, lambda x: np.fft.fft(np.eye(N))),
    "rfft": (np.fft.rfft, lambda x: np.fft.rfft(np.eye(N)).T),
    "matrix": (lambda x: M @ x, lambda x: M),
    "one row": (lambda x: M[0] @ x, lambda x: M[0]),
    "square": (lambda x: (M @ x) ** 2, lambda x: 2 * (M @ x)[:, None] * M),
    "conjugate": (lambda x: np.conj(M @ x), lambda x: np.conj(M)),
    "times conjugate": (lambda x: (M @ x) * np.conj(M @ x), lambda x: 2 * np.real(np.conj(M @ x)[:, None] * M)),
    "real part": (lambda x: np.real(M @ x), lambda x: M.real),
    "imaginary part": (lambda x: np.imag(M @ x), lambda x: M.imag),
    "absolute value": (lambda x: np.abs(M @ x), lambda x: np.real(np.conj(M @ x)[:, None] * M) / abs(M @ x)[:, None]),
    "phase": (lambda x: np.exp(1j * x), lambda x: np.diag(1j * np.exp(1j * x))),
    "tree": (mixed, mixed_jacobian),
    "complex constant": (lambda x: np.array([1j, 2.0]), lambda x: np.zeros((2, N), complex)),
    "checkpoint": (ag.checkpoint(lambda x: (M @ x) ** 2), lambda x: 2 * (M @ x)[:, None] * M),
    "custom": (ag.custom_vjp(lambda x: M @ x, lambda g, y, x: g @ M), lambda x: M),
    "custom of several": (
        ag.custom_vjp(lambda x: (M @ x, x * 2), lambda g, y, x: g[0] @ M + 2 * g[1]),
        lambda x: (M, 2 * np.eye(N)),
    ),
}


def close(found, expected):
    for a, b in zip(flatten(found)[0], flatten(expected)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def kinds(tree):
    return [np.asarray(a).dtype for a in flatten(tree)[0]]


def applied(jacobian, v):
    return [np.asarray(J) @ v for J in flatten(jacobian)[0]]


@pytest.mark.parametrize(("f", "jacobian"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_changes_are_complex_where_the_result_is(f, jacobian):
    value, change = ag.jvp(f, (X,), (V,))
    close(value, f(X))
    close(flatten(change)[0], applied(jacobian(X), V))
    _, linear = ag.linearize(f, X)
    close(linear(V), change)
    close(linear(2 * V), [2 * a for a in flatten(change)[0]])
    for d, y in zip(flatten(change)[0], flatten(f(X))[0], strict=True):
        assert np.iscomplexobj(d) == np.iscomplexobj(y)


@pytest.mark.parametrize(("f", "jacobian"), FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_jacobians_are_complex_where_the_result_is(f, jacobian, dtype):
    x = X.astype(dtype)
    for way in (ag.jacobian(f), by_the(by_rows, f), by_the(by_columns, f)):
        found = way(x)
        for J, expected, y in zip(*[flatten(t)[0] for t in (found, jacobian(X), f(x))], strict=True):
            assert J.dtype == (np.result_type(dtype, 1j) if np.iscomplexobj(y) else dtype)
            np.testing.assert_allclose(J, expected, rtol=1e-4 if dtype == np.float32 else 1e-10, atol=1e-5)


def by_the(way, f):
    def jacobian(x):
        call = Recording(f, (x,), {}, 0)
        return call.rebuild_result(way(call))

    return jacobian


@pytest.mark.parametrize(("f", "jacobian"), FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("real_weights", [True, False])
def test_weights_give_the_real_part_and_agree_with_backward(f, jacobian, real_weights):
    ys = [np.asarray(y) for y in flatten(f(X))[0]]
    weights = [rng.standard_normal(y.shape) * (1 if real_weights or y.dtype.kind != "c" else 2 - 1j) for y in ys]
    expected = sum(np.real(np.tensordot(u, J, u.ndim)) for u, J in zip(weights, flatten(jacobian(X))[0], strict=True))
    value, pullback = ag.vjp(f, X)
    (g,) = pullback(flatten(value)[1](weights))
    assert g.dtype == float
    np.testing.assert_allclose(g, expected, rtol=1e-10, atol=1e-12)
    x = ag.tensor(X, requires_grad=True)
    for y, u in zip(flatten(f(x))[0], weights, strict=True):
        if isinstance(y, ag.Tensor) and y.requires_grad:
            y.backward(u)
    np.testing.assert_allclose(np.zeros(N) if x.grad is None else x.grad, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("f", "jacobian"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_checks_compare_both_parts(f, jacobian):
    report = ag.gradcheck(f, X)
    count = sum(
        np.size(y) * (2 if np.iscomplexobj(y) else 1) for y in flatten(f(X))[0] if np.asarray(y).dtype.kind != "i"
    )
    assert report.compared == N * count
    assert ag.gradgradcheck(f, X)


@pytest.mark.parametrize("part", [np.real, np.imag])
def test_checks_find_what_is_wrong_in_one_part(part):
    wrong = ag.custom_vjp(np.fft.fft, lambda g, y, x: np.real(np.fft.fft(g)) + part(g) * 7)
    with pytest.raises(ag.GradcheckError, match=rf"d output\.{part.__name__}\[0\] / d input 0\[0\]"):
        ag.gradcheck(wrong, X)


def power(x):
    return np.sum(np.abs(np.fft.fft(x)) ** 2)


def loss(x):
    z = M @ x
    return np.sum(np.abs(z) ** 4) + np.real(z[0] * z[1]) - np.imag(z[2] ** 3)


def test_second_order_through_complex_numbers():
    np.testing.assert_allclose(ag.hessian(power)(X), 2 * N * np.eye(N), atol=1e-10)
    np.testing.assert_allclose(ag.hvp(power)(X, V), 2 * N * V)
    found, step = ag.hessian(loss)(X), 1e-5
    gradient = ag.grad(loss)
    for i, e in enumerate(np.eye(N) * step):
        np.testing.assert_allclose(found[i], (gradient(X + e) - gradient(X - e)) / (2 * step), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ag.jvp(gradient, (X,), (V,))[1], found @ V)
    np.testing.assert_allclose(ag.hvp(loss)(X, V), found @ V)
    parts = lambda x: np.stack([np.real(M @ x), np.imag(M @ x)])
    squares = ag.gnvp(parts, lambda z: np.sum(z**2))(X, V)
    np.testing.assert_allclose(squares, 2 * np.real(np.conj(M.T) @ M) @ V)


def test_transforms_of_transforms():
    def derivative(a):  # of (a x)² e^{ix}, a complex number that depends on a
        return ag.jvp(lambda x: (a * x) ** 2 * np.exp(1j * x), (0.7,), (1.0,))[1]

    expected = lambda a: a * a * (2 * 0.7 + 0.7**2 * 1j) * np.exp(0.7j)
    assert derivative(2.0) == pytest.approx(expected(2.0))
    assert ag.jvp(derivative, (2.0,), (1.0,))[1] == pytest.approx(2 * expected(2.0) / 2.0)
    assert ag.grad(lambda a: np.abs(derivative(a)) ** 2)(2.0) == pytest.approx(4 * abs(expected(2.0)) ** 2 / 2.0)
    whole = ag.jacobian(lambda a: ag.jacobian(lambda x: a * np.fft.fft(x))(X))(2.0)
    np.testing.assert_allclose(whole, np.fft.fft(np.eye(N)), atol=1e-12)
    t = ag.tensor(2.0, requires_grad=True)
    for way in (by_rows, by_columns):
        J = by_the(way, lambda x: t * np.fft.fft(x))(X)
        assert J.requires_grad and J.dtype == complex
        J.backward(np.full((N, N), 1j))
        np.testing.assert_allclose(t.grad, np.real(1j * np.fft.fft(np.eye(N)).sum()), atol=1e-12)
        t.grad = None


REFUSED = {
    "vjp": lambda: ag.vjp(np.sin, X)[1](V * 1j),
    "vjp of a number": lambda: ag.vjp(np.sum, X)[1](1j),
    "vjp in a tree": lambda: ag.vjp(lambda x: [x, x * 1j], X)[1]([V * 1j, V]),
    "recorded vjp": lambda: ag.vjp(np.sin, X)[1](ag.tensor(V, requires_grad=True) * 1j),
    "jvp": lambda: ag.jvp(np.sin, (X,), (V * 1j,)),
    "linearize": lambda: ag.linearize(spectrum, X)[1](V * 1j),
    "hvp": lambda: ag.hvp(loss)(X, V * 1j),
    "gnvp": lambda: ag.gnvp(spectrum, lambda z: np.sum(np.abs(z) ** 2))(X, V),
    "grad": lambda: ag.grad(lambda x: np.sum(x * 1j))(X),
    "hessian": lambda: ag.hessian(lambda x: np.sum(x * 1j))(X),
    "backward": lambda: ag.tensor(X, requires_grad=True).sum().backward(1j),
    "backward of an array": lambda: (ag.tensor(X, requires_grad=True) * 2).backward(V * 1j),
    "autograd.grad": lambda: of_leaf(lambda x: ag.autograd.grad(x * 2, x, V * 1j)),
    "recorded grad": lambda: of_leaf(lambda x: ag.autograd.grad(x * 2, x, V * 1j, create_graph=True)),
    ".grad": lambda: setattr(ag.tensor(X, requires_grad=True), "grad", V * 1j),
    **{
        name: lambda transform=transform: transform(lambda z: np.sum(np.abs(z)))(X * 1j)
        for name, transform in {
            "grad of complex": ag.grad,
            "jacobian of complex": ag.jacobian,
            "hessian of complex": ag.hessian,
            "vjp of complex": lambda f: lambda z: ag.vjp(f, z),
            "jvp of complex": lambda f: lambda z: ag.jvp(f, (z,), (z,)),
        }.items()
    },
    "leaf": lambda: ag.tensor(X * 1j, requires_grad=True),
    "diagnose_gradient": lambda: ag.diagnose_gradient(lambda z: np.sum(np.abs(z)), np.conj, X * 1j),
}


def of_leaf(f):
    return f(ag.tensor(X, requires_grad=True))


@pytest.mark.parametrize("f", REFUSED.values(), ids=REFUSED)
def test_what_would_lose_a_part_is_refused(f):
    with pytest.raises(TypeError):
        f()


def test_hand_written_gradients_are_real():
    verdict = ag.diagnose_gradient(lambda x: np.sum(x**2), lambda x: 2 * x + 1j, X).verdict
    assert verdict.startswith("complex")
    with pytest.raises(ValueError, match="real number"):
        ag.diagnose_gradient(lambda x: np.sum(x * 1j), lambda x: x, X)


# Python's, NumPy's and our numbers beside each other.

OTHERS = {
    "complex": 1 + 2j,
    "complex64": np.complex64(1 + 2j),
    "complex128": np.complex128(1 + 2j),
    "0-d": np.array(1 + 2j),
    "array of complex64": np.array([1 + 2j, 3 - 1j], np.complex64),
    "array": np.array([1 + 2j, 3 - 1j]),
}
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
OPERATORS += [np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power]
OPERATORS += [np.multiply.outer, np.outer, np.dot, np.kron, lambda a, b: np.where(np.array([True, False]), a, b)]


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("apply", OPERATORS, ids=lambda f: getattr(f, "__name__", "outer"))
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_real_tensors_beside_complex_numbers(apply, other, dtype):
    for base in (dtype(2), np.array([2, 3], dtype)):
        for f in (lambda x: apply(x, other), lambda x: apply(other, x)):
            expected, t = np.asarray(f(base)), ag.tensor(base, requires_grad=True)
            y = f(t)
            assert y.dtype in (expected.dtype, np.result_type(dtype, 1j)) and y.shape == expected.shape
            np.testing.assert_allclose(y.detach().numpy(), expected, rtol=1e-2)
            y.backward(np.full(y.shape, 1 - 1j))
            assert t.grad.dtype == dtype
            if dtype == np.float64:
                assert ag.gradcheck(f, base)


@pytest.mark.parametrize(
    "function",
    [
        f
        for f in SAMPLES
        if getattr(np, f.__name__, None) is f or str(getattr(f, "__module__", "")).startswith("numpy.")
    ],
    ids=lambda f: f.__name__,
)
def test_changes_and_weights_of_every_function_of_complex_numbers(function):
    for args, settings in SAMPLES[function][:3]:
        places = [i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype == float and a.size]

        def call(*parts, args=args, settings=settings, places=places):
            full = list(args)
            for k, i in enumerate(places):
                full[i] = parts[k] + 1j * parts[len(places) + k]
            return [y for y in outputs(function(*full, **settings)) if y.dtype.kind in "fc"]

        point = [args[i] for i in places] + [real(*args[i].shape) / 4 for i in places]
        directions, step = [real(*a.shape) for a in point], 1e-6
        try:
            above, below = (call(*[a + s * v for a, v in zip(point, directions, strict=True)]) for s in (step, -step))
            _, changes = ag.jvp(call, point, directions)
        except (TypeError, NotImplementedError, np.linalg.LinAlgError):
            continue  # refused by NumPy, or by us
        weights = [real(*np.shape(d)) * (1 - 2j if np.iscomplexobj(d) else 1) for d in changes]
        for d, a, b in zip(changes, above, below, strict=True):
            assert np.asarray(d).dtype == np.asarray(a).dtype
            np.testing.assert_allclose(d, (a - b) / (2 * step), rtol=1e-4, atol=1e-5)
        pulled = ag.vjp(call, *point)[1](weights)
        np.testing.assert_allclose(
            sum(np.sum(g * v) for g, v in zip(pulled, directions, strict=True)),
            sum(np.sum(np.real(u * d)) for u, d in zip(weights, changes, strict=True)),
            rtol=1e-9,
            atol=1e-9,
        )


# Layers and losses.


TARGET = np.ones((2, 3))
ACTIVATIONS = ("sigmoid", "softmax", "log_softmax", "softplus", "elu", "selu", "gelu", "silu", "hardtanh", "dropout")
LOSSES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy_with_logits", "kl_div")
OF_REAL_NUMBERS = {
    **{name: getattr(F, name) for name in ACTIVATIONS},
    **{name: lambda z, name=name: getattr(F, name)(z, TARGET) for name in LOSSES},
    **{f"target of {name}": lambda z, name=name: getattr(F, name)(TARGET / 2, z) for name in LOSSES},
    "cross_entropy": lambda z: F.cross_entropy(z, np.array([0, 1])),
    "target of cross_entropy": lambda z: F.cross_entropy(TARGET, z),
    "layer_norm": lambda z: F.layer_norm(z, 3),
    "LayerNorm": lambda z: nn.LayerNorm(3)(z),
    "BatchNorm1d": lambda z: nn.BatchNorm1d(3)(z),
    "ag.sigmoid": lambda z: ag.sigmoid(z),
    "ag.softplus": lambda z: ag.softplus(z),
}


@pytest.mark.parametrize("f", OF_REAL_NUMBERS.values(), ids=OF_REAL_NUMBERS)
def test_layers_and_losses_of_real_numbers_drop_no_imaginary_part(f):
    z = np.array([[1 + 2j, 3.0, 0.5j]] * 2)
    for given in (z, ag.tensor(z), ag.tensor(z.real, requires_grad=True) * (1 + 1j)):
        with pytest.raises((TypeError, NotImplementedError)):
            f(given)


def test_linear_layers_take_complex_tensors_whole():
    layer, z = nn.Linear(3, 2).double(), np.array([[1 + 2j, 3.0, 0.5j]] * 2)
    expected = z @ layer.weight.data.T + layer.bias.data
    for given in (ag.tensor(z), ag.tensor(z.real, requires_grad=True) + 1j * z.imag):
        np.testing.assert_allclose(layer(given).detach(), expected)


def test_a_special_function_whose_rule_is_for_real_numbers_refuses_complex_ones():
    special = pytest.importorskip("scipy.special")
    z = ag.tensor([1.0, 2.0], requires_grad=True) * (1 + 1j)
    with pytest.raises(NotImplementedError, match="complex"):
        special.ive(1.5, z).backward(np.ones(2))
