"""Fourier transforms: real at the ends, complex inside, to second order; the values are NumPy's."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.rules.check import check
from tests.rules.samples.numbers import real

NORMS = (None, "backward", "ortho", "forward")
FULL = (np.fft.fft, np.fft.ifft)
OVER_AXES = ({}, {"axes": (1, 0)}, {"s": (3, 5), "axes": (0, 1)}, {"s": (-1, 2), "axes": (-2, 1)})
SEVERAL = (np.fft.fftn, np.fft.ifftn, np.fft.fft2, np.fft.ifft2)


def leaf(a, dtype=None):
    return ag.tensor(a, dtype=dtype, requires_grad=True)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", [None, 1, 3, 4, 5, 8])
@pytest.mark.parametrize("function", [np.fft.rfft, np.fft.ihfft, *FULL])
def test_of_real_numbers(function, n, norm):
    check(lambda x: function(x, n, norm=norm), real(5))
    check(lambda x: function(x, n, 0, norm), real(4, 2))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("n", [None, 1, 3, 4, 5, 8])
@pytest.mark.parametrize("function", [np.fft.irfft, np.fft.hfft, *FULL])
def test_of_complex_numbers(function, n, norm):
    check(lambda x, y: function(x + 1j * y, n=n, axis=-1, norm=norm), real(4), real(4))
    check(lambda x, y: function(x + 1j * y, n, axis=0, norm=norm), real(3, 2), real(3, 2))


@pytest.mark.parametrize("settings", OVER_AXES)
@pytest.mark.parametrize("norm", [None, "ortho"])
@pytest.mark.parametrize("function", [np.fft.rfft2, np.fft.rfftn, *SEVERAL])
def test_over_several_axes(function, settings, norm):
    check(lambda x: function(x, **settings, norm=norm), real(2, 4))


@pytest.mark.parametrize("settings", OVER_AXES)
@pytest.mark.parametrize("function", [np.fft.irfft2, np.fft.irfftn, *SEVERAL])
def test_of_complex_numbers_over_several_axes(function, settings):
    check(lambda x, y: function(x + 1j * y, **settings), real(2, 4), real(2, 4))


def test_stacks_and_all_axes():
    check(lambda x: np.fft.fft2(x), real(2, 2, 3))
    check(lambda x: np.fft.rfftn(x), real(2, 2, 3))
    check(lambda x: np.fft.irfftn(np.fft.rfftn(x), s=x.shape, axes=(0, 1, 2)), real(2, 2, 3))


@pytest.mark.parametrize(
    "program",
    [
        lambda x: np.abs(np.fft.rfft(x)) ** 2,
        lambda x: np.real(np.fft.fft(x) * np.conj(np.fft.fft(x))),
        lambda x: np.fft.rfft(x).real ** 2 + np.fft.rfft(x).imag ** 2,
        lambda x: np.log(np.abs(np.fft.rfft(x))),
        lambda x: np.fft.irfft(np.fft.rfft(x) * np.exp(-np.arange(4, dtype=np.float32))),
        lambda x: np.fft.ifft(np.fft.fft(x) * np.fft.fft(x[::-1])).real,
        lambda x: np.angle(np.fft.rfft(x)[1:3]),
        lambda x: np.fft.fftshift(np.abs(np.fft.fft(x))),
        lambda x: np.fft.irfft(1j * np.arange(4, dtype=np.float32) * np.fft.rfft(x), n=6),  # a derivative
        lambda x: np.real(np.sum(np.exp(1j * x) ** 3)),
    ],
)
def test_programs_that_are_real_at_both_ends(program):
    check(program, real(6, low=0.2), tolerance=1e-5)


def test_parseval():
    x = leaf(real(7))
    np.sum(np.abs(np.fft.fft(x, norm="ortho")) ** 2).backward()
    np.testing.assert_allclose(x.grad, 2 * x.data, rtol=1e-12)
    assert x.grad.dtype == np.float64 and x.grad.flags.owndata and x.grad.flags.carray


def test_float32_stays_complex64():
    x = leaf(real(6), np.float32)
    z = 1j * np.fft.rfft(x) * 2.0
    assert z.dtype == np.complex64
    np.sum(np.abs(z)).backward()
    assert x.grad.dtype == np.float32


def test_out_is_refused():
    with pytest.raises(NotImplementedError, match="out"):
        np.fft.fft(leaf(real(4)), out=np.empty(4, complex))
