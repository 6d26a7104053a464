"""Powers: NumPy computes some in ways of their own, and a program computes them so, too."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.compiler.check import check

EXPONENTS = [2, 2.0, 0.5, -1, -1.0, 1, 0, 3, 3.0, 1.5, -0.5, -2, 0.0, 1 / 3, 2 + 1j]
RNG = np.random.default_rng(0)


def numbers(shape, dtype):
    """Numbers that are positive, or complex."""
    real = RNG.uniform(0.1, 3, shape)
    return ag.tensor((real + 1j * RNG.uniform(-3, 3, shape) if np.dtype(dtype).kind == "c" else real).astype(dtype))


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_the_same_bits(dtype, exponent):
    for shape in ((50,), ()):
        check(
            lambda x: (x**exponent, (x * 2) ** exponent, np.abs(x**exponent), np.power(x, exponent), exponent**x),
            *[(numbers(shape, dtype),) for _ in range(2)],
        )


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_the_same_gradients(exponent):
    for f in (
        lambda x, y: np.abs((x + 1j * y) ** exponent).sum(),
        lambda x, y: np.imag((x + 1j * y) ** exponent * (x - 1j * y) ** 2 / (x + 1j * y) ** -1).sum(),
    ):
        arguments = [[numbers(50, float).numpy(), numbers(50, float).numpy()] for _ in range(2)]
        check(ag.value_and_grad(f, argnums=(0, 1)), *arguments)


@pytest.mark.parametrize("exponent", [0.5, 2.0, 3.0, -1.0])
def test_of_a_number_that_is_an_argument(exponent):
    check(lambda x, n: (x**n, (x * 2) ** n), *[(numbers(50, np.complex128), n) for n in (exponent, 0.7, exponent)])


@pytest.mark.parametrize("exponent", [2, 3, 1])
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.bool_])
def test_of_integers_and_booleans(dtype, exponent):
    check(lambda x: x**exponent, (ag.tensor(RNG.integers(0, 5, 9).astype(dtype)),))
