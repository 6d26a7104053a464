"""Draws calls: from a sample or by the names of the parameters, then spoiled a little.

Other dtypes and shapes, ties and NaN, settings that do not fit, keywords for positions, arguments too few or too many.
"""

import copy

import numpy as np

from tests.rules.samples import SAMPLES

CLOSE = {np.einsum: "sums in another order, at the speed of BLAS", np.partition: "the others in any order"}
MASKS = (np.array(True), np.array([True, False, True]), np.array([[True], [False]]))
POOL = {
    "axis": (None, 0, 1, -1, 2, -3, (0,), (0, 1), (1, 0), (0, 0), (), [0], 1.0, "x", np.int64(0)),
    "axes": (None, 0, 1, (0,), (0, 1), (1, 0), (-2, -1), (0, 0), ((0,), (1,)), 2, 5, "x"),
    "axisa": (-1, 0, 4), "axis1": (0, 1, -1, 4), "axis2": (1, 0, -1),
    "dtype": (None, np.float32, float, np.float16, int, complex, bool, "f4", "x"),
    "keepdims": (True, False, 1, 0), "where": (True, False, *MASKS, 1), "mask": (*MASKS[1:], [True, False, True], 1),
    "condition": (*MASKS[1:], [True, False], 1), "initial": (0, 1.5, -1, None, np.float32(2), np.inf),
    "ddof": (0, 1, 2, 7, 0.5, "x"), "correction": (0, 1, 0.5), "mean": (0.5, np.zeros((2, 1)), np.zeros((1, 3))),
    "q": (0, 0.5, 1, 0.3, [0.25, 0.5], 50, -0.1, 1.1, "x", [[0.1], [0.9]]),
    "method": ("linear", "lower", "nearest", "hazen", "inverted_cdf", "x"),
    "mode": ("raise", "wrap", "clip", "full", "same", "valid", "constant", "edge", "reflect", "reduced", "r", "x"),
    "order": ("C", "F", "A", "K", "x", None), "casting": ("no", "safe", "same_kind", "unsafe", "x"),
    "shape": ((), (2, 3), (3, 2), -1, 6, (6,), (-1, 2), (7,), (2, -1, 1), "x", 2.0),
    "new_shape": ((), 4, (2, 2), (3, 3), -1), "reps": (1, 2, (2, 1), 0, 1.5), "s": (None, (2,), (2, 3), (4, -1)),
    "norm": (None, "ortho", "forward", "backward", "x"),
    "ord": (None, 1, 2, -1, -2, 0, 3, 0.5, np.inf, -np.inf, "fro", "nuc", "x"),
    "k": (0, 1, -1, 5, 1.5, None, [1.0], [1.0, 2.0]), "n": (0, 1, 2, 3, 5, -1, None, 2.5), "N": (None, 0, 2, 4),
    "repeats": (0, 1, 2, [1, 2, 0], [2], 2.9, -1, "x"), "shift": (0, 1, -2, (1, 2), 1.5, [1, 0]),
    "pad_width": (0, 1, (1, 2), ((1, 0), (0, 2)), 1.7, -1, "x", {-1: (1, 2)}, [[1], [2]]),
    "constant_values": (0, 1.5, (1, 2)), "end_values": (0, 1.5, (1, 2)), "stat_length": (None, 1, 2, (1, 2), 0),
    "reflect_type": ("even", "odd", "x"), "kth": (0, 1, -1, [0, 1], 9, 1.5),
    "kind": (None, "stable", "quicksort", "introselect", "x"), "copy": (True, False, None),
    "indices_or_sections": (1, 2, 3, [1], [1, 2], [0, 5], 0, 4, -1, 1.5, (2,)),
    "indices": (0, -1, [0, 1], [1, 1], np.array([[0], [1]]), 7, 1.5, [True, False], []),
    "obj": (0, -1, 1, [0, 1], slice(0, 2), [True, False, True], 9, 1.5, []), "values": (1.5, [1.0, 2.0], 3),
    "min": (None, 0.0, -1, [0.0], 5), "max": (None, 1.0, 2, [1.0], -5), "a_min": (None, 0.0, -1, 5),
    "a_max": (None, 1.0, 2, -5), "weights": (None, [1.0, 2.0, 3.0], [1.0, 0.5], np.ones((2, 3))),
    "period": (None, 1.0, 6.0, 0, -3.0), "left": (None, -7.0), "right": (None, 7.0),
    "prepend": (0.0, [1.0], np.float32(2)), "append": (0.0, [1.0]), "to": (float, np.float32, int, "x"),
    "num": (0, 1, 2, 5, 2.5, -1), "decimals": (0, 1, -1), "UPLO": ("L", "U", "l", "x"),
    "rcond": (None, 1e-9, 0.5, "x"), "rtol": (None, 1e-9), "indexing": ("ij", "xy", "x"),
    "optimize": (True, False, "greedy"), "edge_order": (1, 2, 3), "discont": (None, 1.0, 4.0),
    "fill_value": (0, 1.5, [1.0, 2.0, 3.0]), "destination": (0, 1, -1, (0, 1)), "source": (0, 1, -1, (1, 0)),
    "side": ("left", "right", "x"), "window_shape": (1, 2, (2,), (1, 2), 9), "minlength": (0, 5, -1),
}  # fmt: skip
OTHERS = (None, 0, 1, 2, -1, True, False, 0.5, "x", (1, 2), [0, 1])
SHAPES = [((2, 3), (2, 3), (3,)), ((3,), (3,), (3,)), ((3, 3), (3,), ()), ((), (), ()), ((2, 2, 3), (3,), (1,))]


class Drawer:
    """Draws calls of one function."""

    def __init__(self, callee, seed):
        self.callee, self.rng = callee, np.random.default_rng(seed)
        function = callee.function
        self.starts = [(list(args), dict(settings)) for args, settings in self.samples()]
        self.starts += [(self.by_names(shapes), {}) for shapes in SHAPES]
        finite = "linalg" in (getattr(function, "__module__", None) or "") or function in CLOSE  # LAPACK may hang
        self.special = (0, -0.0) if finite else (np.nan, np.inf, -np.inf, 0, -0.0)
        self.dtypes = (np.float32, np.float16, int, complex, *[bool] * (function is not np.einsum))

    def samples(self):
        """Calls that the rules are tested with."""
        return SAMPLES.get(self.callee.function, ()) if self.callee.call is self.callee.function else ()

    def by_names(self, shapes):
        """Arguments that the names of the parameters suggest."""
        arrays = [self.rng.uniform(-2, 2.5, s) for s in shapes]
        return [POOL[n][1] if n in POOL else a for n, a in zip(self.callee.required, arrays, strict=False)]

    def one_of(self, things):
        return copy.deepcopy(things[int(self.rng.integers(len(things)))])

    def chance(self, p):
        return self.rng.random() < p

    def call(self):
        """Arguments and settings."""
        args, settings = self.one_of(self.starts)
        args = [self.spoiled(a) if self.chance(0.35) else a for a in args]
        while self.callee.settings and self.chance(0.5):
            name = self.one_of(self.callee.settings)
            settings[name] = self.one_of(POOL.get(name, OTHERS))
        if settings and self.chance(0.1):
            del settings[self.one_of(list(settings))]
        if len(args) > 1 and self.chance(0.05):
            args.pop()
        if self.chance(0.02):
            settings["nonsense"] = None
        if self.callee.by_keyword and self.chance(0.1) and len(args) == len(self.callee.required):
            settings |= dict(zip(self.callee.required, args, strict=True))
            args = []
        return args, settings

    def spoiled(self, a):
        """Another argument in place of this one."""
        if isinstance(a, list) and any(isinstance(b, np.ndarray) for b in a):
            return [self.spoiled(b) if self.chance(0.3) else b for b in a]
        if not isinstance(a, np.ndarray):
            return self.one_of(OTHERS) if self.chance(0.3) and self.callee.function is not np.einsum else a
        ways = [np.round, np.transpose, np.ravel, np.ndarray.tolist, np.zeros_like, lambda a: a[None], self.one_special]
        if a.ndim:
            ways += [lambda a: a[0] if a.shape[0] else a, lambda a: a[:0], lambda a: a[..., :1], lambda a: a[..., None]]
            ways += [lambda a: np.concatenate([a, a])]
        if a.dtype.kind == "f":
            ways += [lambda a: a.astype(self.one_of(self.dtypes))]
        with np.errstate(all="ignore"):
            return ways[int(self.rng.integers(len(ways)))](a)

    def one_special(self, a):
        """One element is NaN, infinite or 0."""
        a = np.array(a)
        if a.size:
            a.flat[self.rng.integers(a.size)] = self.one_of(self.special if a.dtype.kind == "f" else (0, 1))
        return a
