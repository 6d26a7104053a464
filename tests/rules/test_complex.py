"""Complex numbers between real arguments and real results."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.rules.check import check, differences, outputs
from tests.rules.samples import SAMPLES
from tests.rules.samples.numbers import real


def leaf(a):
    return ag.tensor(a, requires_grad=True)


def of_complex(function):
    """A function of complex numbers as one of their real and imaginary parts."""

    def parts(x, y):
        z = function(x + 1j * y)
        return [p for part in (z if isinstance(z, tuple) else (z,)) for p in (np.real(part), np.imag(part))]

    return parts


@pytest.mark.parametrize(
    "function",
    [
        *(
            np.exp,
            np.sin,
            np.tanh,
            np.log,
            np.sqrt,
            np.square,
            np.absolute,
            np.conj,
            np.sign,
            np.angle,
            np.real,
            np.imag,
        ),
        *(np.sum, np.mean, np.prod, np.var, np.std, np.cumsum, np.linalg.inv, np.linalg.det, np.linalg.norm),
        lambda z: z * z.T / (1 + z),
        lambda z: z @ np.conj(z.T),
        lambda z: np.linalg.solve(z, z[0]),
        lambda z: np.linalg.norm(z, 1),
        lambda z: np.linalg.norm(z, np.inf, axis=1),
        lambda z: np.linalg.vecdot(z, z[::-1]),
        lambda z: np.linalg.slogdet(np.real(z @ np.conj(z.T)))[1],
        lambda z: z**2.5 + z ** (1 + 1j) + 2.0**z,
        lambda z: np.angle(z, deg=True) + np.where(z.real > 0, z, z.conj()),
        lambda z: z.imag * z[0],
        lambda z: np.arccosh(-z) + np.arcsinh(z * 1j) + np.arctan(-z),
    ],
)
def test_derivatives(function):
    check(of_complex(function), real(2, 2, low=0.5), real(2, 2, low=0.3), tolerance=1e-5)


@pytest.mark.parametrize(
    "function", [np.exp, np.absolute, np.conj, lambda z: 1j * z, lambda z: z * 1j, lambda z: 1j / z]
)
def test_single_numbers(function):
    check(of_complex(function), real(), real())


def test_what_became_complex_gets_a_real_gradient():
    x = leaf(real(3))
    (x * 1j * x).imag.sum().backward()
    np.testing.assert_allclose(x.grad, 2 * x.data)
    y = leaf(real(3))
    y.astype(complex).real.sum().backward()
    np.testing.assert_array_equal(y.grad, 1)
    z = leaf(2.0)
    np.imag(1j * z + 3j).backward()
    assert z.grad == 1


def test_inverse_functions_of_large_numbers():
    x = leaf([3e200])
    z = 3e200 + 4e200j
    slopes = {np.arcsin: 1j / z, np.arccos: -1j / z, np.arcsinh: 1 / z, np.arccosh: 1 / z, np.arctan: 0, np.arctanh: 0}
    for function, slope in slopes.items():
        (g,) = ag.autograd.grad(np.real(function(x + 4e200j)).sum(), x)
        np.testing.assert_allclose(g, np.real(slope), rtol=1e-12)


def test_a_norm_is_smooth_where_one_of_its_numbers_is_zero():
    def norm(x):
        return np.linalg.norm(x[:2] + 1j * x[2:])

    x = np.array([3.0, 0.0, 4.0, 0.0])
    expected = (np.eye(4) - np.outer(x, x) / 25) / 5
    np.testing.assert_allclose(ag.hessian(norm)(x), expected, atol=1e-15)


def test_absolute_value_at_zero():
    x = leaf(np.zeros(2))
    np.sum(np.abs(x * (1 + 1j))).backward()
    np.testing.assert_array_equal(x.grad, 0)


def test_parts_of_real_numbers():
    x = leaf(real(3))
    assert np.real(x).requires_grad and not np.imag(x).requires_grad
    np.testing.assert_array_equal(np.angle(leaf(np.array([1.0, -1.0]))).detach(), [0, np.pi])


def test_backward_starts_from_a_real_number():
    with pytest.raises(RuntimeError, match="real"):
        (leaf(1.0) * 1j).backward()


def test_leaves_are_real():
    with pytest.raises(TypeError, match="complex"):
        leaf(np.array([1j]))


@pytest.mark.parametrize("name", ["svd", "svdvals", "qr", "eigh", "cholesky", "pinv", "slogdet"])
def test_rules_for_real_numbers_refuse_complex_ones(name):
    with pytest.raises(NotImplementedError, match="complex"):
        getattr(np.linalg, name)(leaf(np.eye(2)) * (1 + 0j))


NUMPYS = [
    f for f in SAMPLES if getattr(np, f.__name__, None) is f or str(getattr(f, "__module__", "")).startswith("numpy.")
]


@pytest.mark.parametrize("function", NUMPYS, ids=lambda f: f.__name__)
def test_every_function_is_right_for_complex_numbers_or_refuses_them(function):
    for args, settings in SAMPLES[function][:4]:
        places = [i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype == float and a.size]
        values = [args[i] for i in places] + [real(*args[i].shape) / 4 for i in places]

        def total(*parts, args=args, settings=settings, places=places):
            full = list(args)
            for k, i in enumerate(places):
                full[i] = parts[k] + 1j * parts[len(places) + k]
            ys = outputs(function(*full, **settings))
            return sum(np.sum(y * np.cos(np.arange(y.size).reshape(y.shape))) for y in ys if y.dtype.kind == "f")

        try:
            expected = differences(total, values)
        except Exception:
            continue  # refused by NumPy
        tensors = [leaf(v) for v in values]
        try:
            y = total(*tensors)
        except (TypeError, NotImplementedError):
            continue  # refused by us
        found = [None] * len(values)
        if isinstance(y, ag.Tensor) and y.requires_grad:
            found = ag.autograd.grad(y, tensors, allow_unused=True)
        for g, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(np.zeros(e.shape) if g is None else g, e, rtol=1e-4, atol=1e-5)
