"""Words for how two gradients of the same array differ.

`g` and `h` hold the engine's and the hand-written gradient: one row per point, one column per component.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

CLOSE = 1e-6  # relative; hand-written gradients may themselves be differences, which are good to 1e-8 or so


def close(a: Any, b: Any) -> bool:
    """Whether two tables agree, measured by the largest number in them."""
    return bool(np.abs(a - b).max(initial=0.0) <= CLOSE * max(np.abs(b).max(initial=0.0), 1e-300))


def ratio_of(h: Any, g: Any) -> float | None:
    """The factor between two tables if there is one."""
    square = float(np.sum(g * g))
    if square == 0 or not np.any(h):
        return None
    ratio = float(np.sum(h * g)) / square
    return ratio if ratio and close(h / ratio, g) else None


def short(x: float) -> str:
    """A number in few digits."""
    return f"{x:.6g}"


def name_factor(ratio: float, sizes: dict[int, str]) -> str:
    """What a constant factor may come from."""
    known: list[tuple[float, str]] = [(2.0, "there is a factor 2 too much"), (0.5, "a factor 2 is missing")]
    for n, where in sizes.items():
        known += [
            (n, f"the 1/n of a mean is missing: n = {n} is {where}"),
            (1 / n, f"it is divided by n once too often: n = {n} is {where}"),
            (n / 2, f"the factor 2/n is missing: n = {n} is {where}"),
            (2 / n, f"the factor n/2 is missing: n = {n} is {where}"),
            (2 * n, f"the factor 1/(2n) is missing: n = {n} is {where}"),
            (1 / (2 * n), f"the factor 2n is missing: n = {n} is {where}"),
        ]
    hits = [words for value, words in known if value != 1 and abs(value - ratio) <= CLOSE * value]
    return f" ({'; or '.join(hits[:2])})" if hits else ""


def compare(g: Any, h: Any, shape: tuple[int, ...], points: Any, losses: Any, sizes: dict[int, str]) -> str | None:
    """Say how two tables of gradients of one array differ; None if they agree."""
    if close(h, g):
        return None
    if not np.any(h):
        return "zero everywhere"
    if (ratio := ratio_of(h, g)) is not None:
        factor = abs(ratio)
        words = [] if ratio > 0 else ["wrong sign everywhere"]
        if abs(factor - 1) > CLOSE:
            words.append(f"off by the constant factor {short(factor)}{name_factor(factor, sizes)}")
        return " and ".join(words)
    if close(h, np.broadcast_to(losses[:, None], h.shape)):
        return "this is the loss itself, not its gradient"
    if len(shape) == 2 and shape[0] == shape[1] and shape[0] > 1:
        turned = h.reshape(-1, *shape).swapaxes(1, 2).reshape(h.shape)
        if (ratio := ratio_of(turned, g)) is not None:
            return "transposed" + (f", and {compare(g, turned, shape, points, losses, sizes)}" if ratio != 1 else "")
    wrong = [j for j in range(g.shape[1]) if np.abs(h[:, j] - g[:, j]).max() > CLOSE * np.abs(g).max()]
    if len(wrong) < g.shape[1] and (len(wrong) <= 3 or 2 * len(wrong) <= g.shape[1]):
        names = [short_index(j, shape) for j in wrong[:5]] + ["…"] * (len(wrong) > 5)
        how = compare(g[:, wrong], h[:, wrong], (len(wrong),), points[:, wrong], losses, sizes)
        how = f": {how.replace(' everywhere', '')}" if how and not how.startswith("it differs in no") else ""
        return f"wrong in component{'s' * (len(wrong) > 1)} {', '.join(names)} only{how}"
    difference = h - g
    if close(difference, np.broadcast_to(difference[:1], difference.shape)):
        by = short(difference[0, 0]) if np.ptp(difference[0]) <= CLOSE * np.abs(difference[0]).max() else "constants"
        return f"differs by a constant offset ({by}), the same at every point: a term is too much or missing"
    if (ratio := ratio_of(difference, points)) is not None:
        return f"differs by {short(ratio)} times x: the gradient of a squared penalty is {excess(ratio)}"
    if (ratio := ratio_of(difference, np.sign(points))) is not None:
        return f"differs by {short(ratio)} times sign(x): the gradient of an absolute penalty is {excess(ratio)}"
    if close(np.abs(h), np.abs(g)):
        return "wrong sign in some components, at some points"
    ratios = [ratio_of(a[None], b[None]) for a, b in zip(h, g, strict=True)]
    if g.shape[1] > 1 and None not in ratios:
        return "the direction is right, and the length is off by a factor that changes with x"
    cosine = float(
        np.mean(np.sum(h * g, 1) / np.maximum(np.linalg.norm(h, axis=1) * np.linalg.norm(g, axis=1), 1e-300))
    )
    uphill = ": it points uphill" if cosine < -0.1 and g.shape[1] > 1 else ""
    error = np.abs(difference).max() / max(np.abs(g).max(), 1e-300)
    return f"it differs in no simple way (by up to {short(error)} of the largest component){uphill}"


def excess(ratio: float) -> str:
    """Whether a term is there that should not be, or the other way round."""
    return "too much" if ratio > 0 else "missing"


def short_index(j: int, shape: tuple[int, ...]) -> str:
    """The j-th element of an array as an index."""
    index = [int(i) for i in np.unravel_index(j, shape)]
    return str(index[0] if len(index) == 1 else index)


def digits(g: Any, h: Any) -> int:
    """To how many decimal digits two tables agree."""
    error = np.abs(h - g).max(initial=0.0) / max(np.abs(g).max(initial=0.0), 1e-300)
    return min(15, math.floor(-math.log10(max(error, 1e-16))))


def refit(gs: list[Any], hs: list[Any], constants: list[Any]) -> tuple[str, list[Any] | None]:
    """Say what a wrong shape may come from; and the gradients in the right shape, if their numbers fit into it."""
    g0, h0 = gs[0], hs[0]
    if h0.size == g0.size:
        if h0.ndim == 2 and h0.T.shape == g0.shape and min(h0.shape) > 1:
            return "transposed", [h.T for h in hs]
        return "", [h.reshape(g0.shape) for h in hs]
    g = np.array([np.ravel(v) for v in gs])

    def fits(candidates: list[Any]) -> bool:
        return candidates[0].size == g0.size and ratio_of(np.array([np.ravel(c) for c in candidates]), g) is not None

    for a in sorted(constants, key=np.ndim, reverse=True):
        if a.ndim and h0.ndim and a.shape[0] == h0.shape[0] and fits([np.asarray(a.T @ h) for h in hs]):
            return f"the factor that is data of shape {a.shape} is missing: its transpose @ this would fit", None
    for axes in [None, *range(h0.ndim)]:
        if fits([np.asarray(np.sum(h, axis=axes)) for h in hs]):
            over = "all elements" if axes is None else f"axis {axes}"
            return f"the sum or mean over {over} is missing", None
    return "", None
