"""The branch not taken: where nothing depends on an element, its gradient is 0, whatever the slope there.

``np.where(x > 0, np.sqrt(x), 0)`` computes both branches. Where the second is taken a gradient of 0 goes back into the
first, and times the infinite slope of the root at 0 that would be NaN. A zero that a choice has made is no number to
compute with: it says that the element was not used. So a walk that has met a choice knows, where a NaN appears, what
the result depends on, and what it does not depend on gets 0. Any other 0 · ∞ stays the NaN that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import Sparse, nth_gradient, unbroadcast
from autograd_lite.engine.tracing_protocol import applied, known

passes = "passes"  # the flow of what hands elements on, copies or sums them: its gradient rule says which


def each(elements: Any, i: int, *values: Any, **settings: Any) -> Any:
    """The flow of what is computed element by element."""
    return elements


def scaled(elements: Any, i: int, *values: Any, **settings: Any) -> Any:
    """The flow of a product, which is computed element by element and has no singular place."""
    return elements


def singular(y: Any) -> Any:
    """Where a function with this result may have a slope without a slope: at an end of its values."""
    return (y == 0) | ~np.isfinite(y)


def among(elements: Any, axis: int | tuple[int, ...] | None) -> Any:
    """What is computed of all elements along an axis hangs on what one of them hangs on."""
    return np.max(np.absolute(elements), axis=axis, keepdims=True)


class Chooses:
    """The flow of what hands on only some elements: here a branch that is not taken begins.

    ``mask(i, y, *values, **settings)`` says which elements of the i-th argument are taken; if there is none, the
    gradient rule does.
    """

    def __init__(self, mask: Callable[..., Any] | None = None) -> None:
        self.mask = mask


def begins(flow: Any, args: Iterable[Any], table: Mapping[Any, Any]) -> bool:
    """Whether a function of this flow chooses, and the gradient of one of `args` goes on element by element."""
    for a in args if type(flow) is Chooses else ():
        function = getattr(a, "function", None)
        if function is not None and table[function].flow is not None:
            return True
    return False


class Untaken(dict[Any, list[tuple[Any, int]]]):
    """What the results of one walk do not depend on, because a choice was not taken.

    A row's `flow` says which elements of the i-th argument the elements of a result hang on: what stands for each of
    the latter in ``flow(elements, i, *values, **settings)`` stands for the former in what it gives. None: every element
    may hang on all.

    As a dict it says of the nodes behind a choice what used them, and as which argument.
    """

    def __init__(self, table: Mapping[Any, Any]) -> None:
        self.table = table
        self.masks: dict[Any, Any] = {}  # True where the results depend on an element; True alone: on all of them

    def passed(self, node: Any, flow: Any, i: int, g: Any, ga: Any, reached: bool) -> Any:
        """The gradient `ga` that the rule of `node` gives for its i-th argument, with 0 where nothing depends on it.

        `reached`: another gradient came to that argument before.
        """
        a, behind = node.args[i], node in self
        if behind or a in self or type(flow) is Chooses:
            if reached and a not in self:
                self.masks[a] = True  # what came before went by no choice
            self.setdefault(a, []).append((node, i))
        if not behind or type(flow) is not FunctionType:
            return ga  # a zero stays a zero, or is mixed with what is none
        mine, arrived = array_of_node(ga), array_of_node(g)
        again = mine is not ga and flow is not scaled  # will be differentiated: a 0 here may become a NaN
        if known(mine):
            if not has_nan(mine) and not (again and np.any((arrived == 0) & singular(node.value))):
                return ga
        elif by_finite_constant(node, i):
            return ga
        depends = self.depends(node)
        if depends is True:
            return ga
        values = [array_of_node(a) for a in node.args]
        arrived, depends = (flow(elements, i, *values, **node.kwargs) for elements in (arrived, depends))
        if mine is ga:
            return applied(zero_untaken, ga, arrived, depends)
        lost = np.isnan(mine)
        if again:
            lost = lost | flow(singular(node.value), i, *values, **node.kwargs)
        return np.where(lost & (arrived == 0) & ~depends, 0, ga)

    def depends(self, node: Any) -> Any:
        """What of `node` the results of the walk depend on."""
        if node in self.masks:
            return self.masks[node]
        found, waiting = {node}, [node]
        for at in waiting:
            new = [user for user, _ in self.get(at, ()) if user not in self.masks and user not in found]
            found.update(new)
            waiting += new
        for at in sorted(found, key=lambda n: -n.time):
            mask: Any = at not in self
            for user, i in self.get(at, ()):
                if mask is not True:
                    mask = joined(mask, self.through(user, i))
            self.masks[at] = mask
        return self.masks[node]

    def through(self, user: Any, i: int) -> Any:
        """What of its i-th argument the results depend on through `user`."""
        row, mask, a = self.table[user.function], self.masks[user], user.args[i].value
        flow, values = row.flow, [array_of_node(a) for a in user.args]
        if flow is None or (mask is True and type(flow) is not Chooses):
            return True
        if type(flow) is Chooses and flow.mask is not None:
            chosen = flow.mask(i, user.value, *values, **user.kwargs)
            found = chosen if mask is True else chosen & mask
            found = found if found.shape == user.value.shape else np.broadcast_to(found, user.value.shape)
        elif type(flow) is Chooses or (flow is passes and not isinstance(user.function, np.ufunc)):
            ones = np.ones(user.value.shape) if mask is True else mask.astype(float)
            found = nth_gradient(row.rules, i, ones, user.value, values, user.kwargs)
            found = found.added_to(None, False, np.zeros(a.shape)) if type(found) is Sparse else found
        else:
            found = mask if flow is passes else flow(mask, i, *values, **user.kwargs)
            shape = np.broadcast_shapes(found.shape, a.shape)
            found = found if found.shape == shape else np.broadcast_to(found, shape)
        return whole(found if found.shape == a.shape else unbroadcast(found.astype(float), a.shape))


def zero_untaken(ga: Any, g: Any, depends: Any) -> Any:
    """A gradient with 0 for NaN where nothing depends on it and the gradient `g` that arrived is 0."""
    if not ga.ndim:
        return ga.dtype.type(0) if np.isnan(ga) and g == 0 and not depends else ga
    ga = ga.copy("K")
    ga[np.isnan(ga) & (g == 0) & ~depends] = 0
    return ga


def by_finite_constant(node: Any, i: int) -> bool:
    """Whether `node` is the i-th argument times or by constants: then 0 stays 0, and there is nothing to look after."""
    if node.function is not np.multiply and not (node.function is np.divide and i == 0):
        return False
    others = [array_of_node(a) for a in (*node.args[:i], *node.args[i + 1 :])]
    return all(known(a) and np.all(np.isfinite(a) & (a != 0)) for a in others)


def array_of_node(a: Any) -> Any:
    """The array of a node or a tensor; anything else as it is."""
    a = getattr(a, "node", a)
    return getattr(a, "value", a) if known(a) else a


def joined(mask: Any, other: Any) -> Any:
    """Where one of two masks holds."""
    return True if other is True else other if mask is False else whole(mask | other)


def whole(mask: Any) -> Any:
    """A mask of truth values; True if it holds everywhere."""
    mask = mask if mask.dtype == np.bool_ else mask != 0
    return True if known(mask) and np.all(mask) else mask


def has_nan(a: Any) -> bool:
    """Whether there may be a NaN: adding up is faster than looking at each element."""
    total = np.add.reduce(a, axis=None)
    return bool(total != total)
