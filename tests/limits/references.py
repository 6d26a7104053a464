"""Every function that has a gradient, with its reference; or why it has none."""

import numpy as np

from autograd_lite.engine.graph import TABLE
from autograd_lite.nn import functional as F
from autograd_lite.rules import decompositions, linalg, reduction_signatures, trigonometry
from autograd_lite.rules.registry import ADAPTERS, Primitive, name_of
from autograd_lite.transforms.opaque_call import call_custom
from tests.limits.curves import CURVES
from tests.limits.layers import F_CURVES, F_VECTORS
from tests.limits.special import SPECIAL, SPECIAL_VECTORS
from tests.limits.vectors import VECTORS, by_itself


def module_of(function):
    return getattr(function, "__module__", None) or ""


EVERY_CURVE = CURVES | SPECIAL | F_CURVES
EVERY_VECTOR = VECTORS | SPECIAL_VECTORS | F_VECTORS
FFT = [f for f in (*TABLE, *ADAPTERS) if module_of(f).startswith("numpy.fft")]
PART = "a part of np.linalg.{}, with which it is studied"
OF_ONE_ROW = "F.{} of one row"
WITHOUT = {
    **dict.fromkeys(FFT, "linear in complex numbers: its gradient is the same whatever the numbers, which is tested"),
    call_custom: "its rule is its user's",
    trigonometry.sinc_derivative: "studied as the slope of np.sinc",
    reduction_signatures.root_of_squares: "a part of np.std and np.nanstd",
    linalg.pseudo_inverse: PART.format("pinv"),
    decompositions.mirrored: PART.format("eigh"),
    decompositions.cholesky_factor: PART.format("cholesky"),
    decompositions.eigenvalues_alone: PART.format("eigvalsh"),
    decompositions.singular_values_alone: PART.format("svdvals"),
    decompositions.orthonormal: PART.format("qr"),
    decompositions.eigenvectors: PART.format("eigh"),
    decompositions.eigenvalues: PART.format("eigh"),
    decompositions.singular_vectors: PART.format("svd"),
    decompositions.singular_values: PART.format("svd"),
    decompositions.completion: PART.format("svd"),
    np.nonzero: "constant",
    np.empty_like: "constant",
    F.one_hot: "constant",
    F.conv1d: OF_ONE_ROW.format("conv2d"),
    F.max_pool1d: OF_ONE_ROW.format("max_pool2d"),
    F.avg_pool1d: OF_ONE_ROW.format("avg_pool2d"),
    F.adaptive_avg_pool1d: OF_ONE_ROW.format("adaptive_avg_pool2d"),
    F.conv_transpose2d: "the gradient of F.conv2d, with which it is studied",
    F.dropout2d: "F.dropout of whole channels",
    F.interpolate: "a choice of elements, or a product with a constant matrix",
}


def functions():
    """All functions with a gradient: rows that have rules, adapters, and `ag.nn.functional`."""
    rows = [f for f, row in TABLE.items() if row.rules and not module_of(f).startswith("tests.")]
    return list(dict.fromkeys([*rows, *ADAPTERS, *(getattr(F, name) for name in F.__all__)]))


def vectors_of(function):
    """The references of a function of arrays: its own, or NumPy itself."""
    if function in EVERY_VECTOR:
        return EVERY_VECTOR[function]
    found = by_itself(function) if function not in EVERY_CURVE and function not in WITHOUT else None
    return [found] if found else []


def label(function):
    """How the page calls a function."""
    if isinstance(function, Primitive):
        return f"{function.__module__.removeprefix('autograd_lite.rules.')}.{function.__name__}"
    if module_of(function).startswith("autograd_lite.nn.functional"):
        return f"F.{function.__name__}"
    return name_of(function)
