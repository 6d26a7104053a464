"""What a step-through holds its gradients against: the function called again with one number changed.

Where there is no function, or what was computed before its call depends on a number, the graph is computed again.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.engine.accumulation import demote
from autograd_lite.engine.graph import TABLE, Node
from autograd_lite.stepthrough.replay import Again

ELEMENTS = 4  # of each leaf
Way = Callable[[Mapping[Node, Any], Callable[[Any], Any]], Any]  # to the result with other values in some leaves


class Comparison(NamedTuple):
    """An element of a leaf's gradient beside the central difference in that element."""

    place: tuple[int, ...]
    gradient: float
    difference: float
    agrees: bool


def in_double(value: Any) -> Any:
    """Floating numbers in double precision, in which differences are worth something."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return value.astype(np.float64) if kind == "f" else value


def replay(nodes: Sequence[Node], changed: Mapping[Node, Any], lift: Any = lambda value: value) -> Any:
    """Compute `nodes` again, oldest first, with other values for some leaves; gives the last one."""
    found: dict[Node, Any] = {}
    for node in nodes:
        if node.function is None:
            found[node] = changed[node] if node in changed else lift(node.value)
            continue
        values = [found[a] if type(a) is Node else lift(a) for a in node.args]
        demote(node.args, values)
        found[node] = TABLE[node.function].body(*values, **node.kwargs)
    return found[nodes[-1]]


def same(again: Any, value: Any) -> bool:
    """Whether a result that is computed again is finite and what it was."""
    return bool(np.isfinite(total(again)) and np.allclose(again, value, rtol=1e-3, atol=1e-5))


def total(value: Any) -> float:
    """The sum of a result: what the step-through differentiates."""
    return float(np.sum(np.real(value)))


def compare(
    nodes: Sequence[Node], gradients: Mapping[Node, Any], called: Again | None = None
) -> dict[Node, list[Comparison]]:
    """For each leaf with a gradient its first elements beside central differences; {} if nothing can be compared.

    The last of `nodes` is the result, and `called` the function that gave it. A function that remembers its last call
    (`custom_vjp`) is called once more as it had been, so that the graph stays as it was.
    """
    leaves = [n for n in nodes if n.function is None and n.needs_grad and n in gradients and n.value.size]
    recorded = functools.partial(replay, nodes)
    ways = {n: called.result if called and called.reaches(n, nodes) else recorded for n in leaves}
    try:
        with np.errstate(all="ignore"):
            again = {way: way({}, in_double) for way in set(ways.values())}
            if not all(same(y, nodes[-1].value) for y in again.values()):
                return {}
            return {n: list(differences(way, n, np.asarray(gradients[n]), again[way])) for n, way in ways.items()}
    except Exception:  # a check that cannot be made must not keep the picture from being seen
        return {}
    finally:
        with np.errstate(all="ignore"), suppress(Exception):
            replay(nodes, {})


def differences(way: Way, leaf: Node, gradient: Any, result: Any) -> Iterator[Comparison]:
    """Central differences in the first elements of `leaf`."""
    precise = leaf.value.dtype == result.dtype == np.float64
    size = 1 + abs(total(result))
    values = np.asarray(in_double(leaf.value))
    for index in list(np.ndindex(values.shape))[:ELEMENTS]:
        step = np.finfo(result.real.dtype).eps ** (1 / 3) * max(1.0, abs(values[index]))
        above, below = (moved(way, leaf, values, index, sign * step) for sign in (1, -1))
        difference, g = (above - below) / (2 * step), float(gradient[index])
        allowed = (1e-5 if precise else 1e-3) * max(abs(g), abs(difference)) + (1e-8 if precise else 1e-5) * size
        yield Comparison(index, g, difference, bool(abs(g - difference) <= allowed))


def moved(way: Way, leaf: Node, values: Any, index: tuple[int, ...], by: float) -> float:
    """The result with one element of `leaf` moved."""
    changed = np.array(values)
    changed[index] += by
    return total(way({leaf: changed[()]}, in_double))
