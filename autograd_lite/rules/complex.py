"""Complex numbers on the way from real arguments to real results, as in ``np.abs(np.fft.rfft(x)) ** 2``.

The gradient of a complex z is the complex g for which the loss changes by ``Re(Σ g dz)``: no conjugate. So the rules
of functions that are complex differentiable (sums, products, powers, exponentials, matrix products, inverses …) are
those for real numbers, letter by letter, and only what takes a number apart needs a rule that knows of complex ones:
the parts, the conjugate, the absolute value. (PyTorch's gradient of z is the conjugate of this one; at real arguments
and results there is no difference.) Where a real number became complex the walk keeps the real part of g, since dz is
real there. So ``vjp`` with a weight u for a complex result gives Re(uᵀ J), and ``jvp``, ``linearize`` and ``jacobian``
give J itself, whose entries ∂z/∂x are complex: JAX's convention. Complex arguments are not differentiated: give the
two parts, and put them together by ``x + 1j * y``. What has a rule for real numbers only refuses complex ones by
`refuse_complex`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_lite.engine.untaken import each, passes
from autograd_lite.rules.registry import Primitive, adapter, read_only, row


def first(a: complex, other: Any = None, *_: Any) -> Any:
    """A number of Python's before another argument: its ``complex * np.float64`` would be no NumPy number."""
    dtype = getattr(getattr(other, "value", None), "dtype", None)
    return np.complex128(a) if dtype == np.float64 else a


def conjugated(z: Any) -> Any:
    """The conjugate, without a copy of real numbers."""
    return np.conjugate(z) if np.iscomplexobj(z) else z


def squared(z: Any) -> Any:
    """|z|²."""
    return np.real(z * np.conjugate(z)) if z.dtype.kind == "c" else z * z


def refuse_complex(name: str, *arrays: Any) -> None:
    """Raise if one of the arguments of the function called `name` is complex."""
    for a in arrays:
        if a.dtype.kind == "c" if hasattr(a, "dtype") else np.iscomplexobj(a):
            raise NotImplementedError(f"{name} of complex numbers has no gradient rule: take np.abs or np.real first")


@Primitive
def real_part(z: Any) -> Any:
    """The real part of a complex array."""
    return z.real


@Primitive
def imaginary_part(z: Any) -> Any:
    """The imaginary part of a complex array."""
    return z.imag


row(real_part, lambda g, y, z: g, put=read_only, flow=passes)
# In this order: Python's complex * np.float64 is no NumPy number.
row(imaginary_part, lambda g, y, z: g * -1j, put=read_only, flow=passes)


@adapter(np.real, moves=True)
def real(val: Any) -> Any:
    """The real part; of real numbers, they themselves."""
    return real_part(val) if val.dtype.kind == "c" else val


@adapter(np.imag, moves=True)
def imag(val: Any) -> Any:
    """The imaginary part; of real numbers, 0."""
    return imaginary_part(val) if val.dtype.kind == "c" else np.zeros_like(val)


@Primitive
def sign_of_real(x: Any) -> Any:
    """-1, 0 or 1."""
    return np.sign(x)


row(sign_of_real)


@Primitive
def on_circle(z: Any) -> Any:
    """z / |z|, and 0 for 0."""
    return np.sign(z)


row(on_circle, lambda g, y, z: (g - np.real(g * y) * np.conjugate(y)) / np.absolute(z), flow=each)


@adapter(np.sign)
def sign(x: Any) -> Any:
    """-1, 0 or 1; of complex numbers z / |z|, which is not constant."""
    return on_circle(x) if x.dtype.kind == "c" else sign_of_real(x)


@adapter(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """The angle in the complex plane, in radians or degrees."""
    radians = np.arctan2(np.imag(z), np.real(z))
    return np.degrees(radians) if deg else radians
