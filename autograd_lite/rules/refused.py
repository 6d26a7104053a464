"""What to write in place of functions of NumPy that are not differentiated."""

from __future__ import annotations

import numpy as np

from autograd_lite.rules.registry import REFUSALS

FILES = "a file holds values; pass x.detach()"
COUNTS = "counts do not change continuously; for the counts alone pass x.detach()"
CHOSEN = "which elements are chosen depends on their values; index with a condition, as in a[np.isin(a.detach(), b)]"
ROOTS = "eigenvalues of a general matrix may be complex; for the values alone pass x.detach()"
DTYPE = "its dtype depends on the values; use np.sqrt and the like, on x.astype(complex) where that is meant"

for functions, instead in (
    (
        (np.linalg.eig, np.linalg.eigvals),
        "eigenvalues of a general matrix may be complex; for a symmetric one use np.linalg.eigh",
    ),
    ((np.poly, np.roots), ROOTS),
    ((np.histogram, np.histogram2d, np.histogramdd, np.histogram_bin_edges), COUNTS),
    ((np.save, np.savez, np.savez_compressed, np.savetxt), FILES),
    ((np.intersect1d, np.setdiff1d, np.setxor1d), CHOSEN),
    ((np.union1d,), "write np.unique(np.concatenate((a, b)))"),
    ((np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values), "np.unique has a rule for the values"),
    ((np.geomspace,), "write np.exp(np.linspace(np.log(start), np.log(stop), num))"),
    ((np.logspace,), "write base ** np.linspace(start, stop, num)"),
    ((np.polymul,), "write np.convolve(a1, a2)"),
    ((np.polyfit,), "write np.linalg.lstsq(np.vander(x, deg + 1), y)[0]"),
    ((np.i0,), "scipy.special.i0 has a rule"),
    ((np.sort_complex,), "np.sort has a rule for real numbers"),
    ((np.trim_zeros,), "write x[first:last]"),
    ((np.real_if_close,), "write np.real(x)"),
    ((np.array, np.asarray, np.asanyarray), "np.stack joins tensors, x.copy() copies one"),
    ((np.full,), "write np.broadcast_to(x, shape)"),
):
    REFUSALS |= dict.fromkeys(functions, instead)
for name in ("sqrt", "log", "log2", "log10", "logn", "power", "arccos", "arcsin", "arctanh"):
    REFUSALS[getattr(np.emath, name)] = DTYPE
