"""Samples for `rules/shaping.py`."""

import numpy as np

from autograd_lite.rules import shaping
from tests.rules.samples.numbers import real

SAMPLES = {
    shaping.reshape: [((real(2, 3),), {"shape": s}) for s in (6, (3, 2), (1, -1), (2, 1, 3))]
    + [((real(1),), {"shape": ()}), ((real(0, 3),), {"shape": (3, 0)}), ((real(),), {"shape": (1, 1)})],
    np.reshape: [((real(2, 3, 2), (3, -1)), {"order": order}) for order in "CF"]
    + [((real(2, 3), 6), {"order": "F"}), ((real(2, 3),), {"shape": [3, 2], "order": "F"})],
    shaping.raveled: [((real(2, 3),), {}), ((real(),), {})],
    np.ravel: [((real(2, 3),), {}), ((real(2, 3),), {"order": "F"}), ((real(),), {})],
    np.transpose: [((real(2, 3, 4),), s) for s in ({}, {"axes": (1, 2, 0)}, {"axes": (-1, 0, 1)})] + [((real(),), {})],
    np.swapaxes: [((real(2, 3, 4),), {"axis1": 0, "axis2": -1})],
    np.moveaxis: [((real(2, 3, 4),), {"source": 0, "destination": -1}), ((real(2, 3, 4), [0, 1], [-1, 0]), {})],
    np.rollaxis: [((real(2, 3, 4), *axes), {}) for axes in ((2,), (0, 2), (1, 3), (-1, 1), (0, -1), (1, 1))],
    np.matrix_transpose: [((real(2, 3, 4),), {})],
    np.expand_dims: [((real(2, 3),), {"axis": axis}) for axis in (0, -1, (0, 2))],
    np.squeeze: [((real(1, 3, 1),), s) for s in ({}, {"axis": 0}, {"axis": (0, 2)})],
    np.broadcast_to: [((real(3, 1),), {"shape": (2, 3, 4)}), ((real(),), {"shape": (2,)})],
    np.broadcast_arrays: [((real(3, 1), real(2)), {}), ((real(), real(0)), {}), ((real(2),), {})],
    **{f: [((real(*s),), {}) for s in ((), (3,), (2, 3), (2, 1, 2, 1))] for f in (np.atleast_1d, np.atleast_2d)},
    np.atleast_3d: [((real(*s),), {}) for s in ((), (3,), (2, 3), (2, 1, 2, 1))] + [((real(), real(2)), {})],
    np.ix_: [((real(2), real(3), real(1)), {})],
    np.meshgrid: [
        ((real(2), real(3), real()), {"indexing": indexing, "sparse": sparse, "copy": not sparse})
        for indexing in ("xy", "ij")
        for sparse in (False, True)
    ]
    + [((real(3),), {})],
    np.copy: [((real(2, 3),), {}), ((real(),), {})],
}
