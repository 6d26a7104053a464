"""The derivative of a drawn call along one direction, against differences of NumPy's function."""

import copy
import warnings

import numpy as np

import autograd_lite as ag

ONE_TRIANGLE = {np.linalg.eigh, np.linalg.eigvalsh, np.linalg.cholesky}  # their gradient is that of a symmetric matrix


def pieces(result):
    """The floating arrays that a call gave."""
    if isinstance(result, tuple | list):
        return [piece for part in result for piece in pieces(part)]
    if isinstance(result, float):
        return [np.float64(result)]
    if not isinstance(result, ag.Tensor | np.ndarray | np.generic) or result.dtype.kind not in "fc":
        return []
    return [np.real(result), np.imag(result)] if result.dtype.kind == "c" else [result]


def total(result):
    """One number from all that a call gave."""
    return sum(np.sum(np.cos(1.0 + np.arange(p.size)).reshape(p.shape) * p) for p in pieces(result))


def replaced(tree, arrays):
    """`tree` with arrays for tensors."""
    if isinstance(tree, list | tuple):
        parts = [replaced(part, arrays) for part in tree]
        return parts if hasattr(tree, "_fields") else type(tree)(parts)
    if isinstance(tree, dict):
        return {name: replaced(part, arrays) for name, part in tree.items()}
    if not isinstance(tree, ag.Tensor):
        return copy.deepcopy(tree)
    return np.array(arrays.get(id(tree), tree.detach().data))[()]


def smooth(callee, given, leaves, got):
    """Whether differences can tell: numbers of double precision without ties, and no convention about matrices."""
    args, settings = given
    if not leaves or callee.changes or callee.function in ONE_TRIANGLE or "hermitian" in settings:
        return False
    results = pieces(replaced(got, {}))
    if settings.get("dtype") is complex or not all(np.isfinite(p).all() for p in results):
        return False
    if any(0 < np.min(np.abs(p), initial=1) < 1e-9 for p in results):  # a singular value that is 0 but for rounding
        return False
    plain = replaced([*args, *settings.values()], {})
    arrays, whole = pieces(plain), [a for a in plain if isinstance(a, np.ndarray) and a.dtype.kind in "iub"]
    values = np.concatenate([np.ravel(p) for p in (*arrays, *whole)])
    exact = all(p.dtype == np.float64 for p in (*leaves, *arrays, *pieces(got)))
    return exact and np.isfinite(values).all() and values.all() and len(np.unique(values)) == len(values)


def wrong_gradient(callee, given, got, taken, rng):
    """None if the derivative along a direction is that of differences, where these can tell; else words."""
    leaves = [t for t in taken if t.requires_grad]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if not smooth(callee, given, leaves, got):
            return None
        loss, args = total(got), [a for a in (*given[0], *given[1].values()) if isinstance(a, str)]
        if not isinstance(loss, ag.Tensor) or not loss.requires_grad:
            return None
        directions = [rng.standard_normal(t.shape) for t in leaves]
        try:
            found = ag.autograd.grad(loss, leaves, allow_unused=True)
        except NotImplementedError:
            return None
        except TypeError:
            if "x" in args:  # a word that NumPy did not even look at
                return None
            raise

        def slope(step):
            ends = []
            for h in (step, -step):
                moved = {id(t): t.data + h * d for t, d in zip(leaves, directions, strict=True)}
                args, settings = replaced(given, moved)
                ends.append(total(callee.call(*args, **settings)))
            return (ends[0] - ends[1]) / (2 * step)

        rough, expected = slope(1e-5), slope(3e-6)
    derivative = sum(np.sum(g * d) for g, d in zip(found, directions, strict=True) if g is not None)
    size = 1 + abs(rough) + sum(np.abs(d).sum() for d in directions)
    if not np.isfinite([rough, expected]).all() or abs(rough - expected) > 1e-6 * size:
        return None  # a kink or a jump
    if not abs(derivative - expected) <= 1e-5 * size:
        return f"the derivative is {derivative}, and differences give {expected}"
    return None
