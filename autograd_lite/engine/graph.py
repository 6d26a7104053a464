"""The graph: what a forward pass leaves behind, and the one walk back through it.

Every value is a `Node`: the function that made it and the arguments it was made from. Backpropagation (Linnainmaa
1970; Rumelhart, Hinton and Williams 1986) visits the nodes from the newest to the oldest, hands each node's gradient
to the rules of its function, and adds what they return to the gradients of its arguments. This file names no operation:
the functions and their rules stand in `TABLE`, which `rules/` fills; a rule is called as
``rule(g, y, *arguments, **settings)``, with `g` the incoming gradient and `y` the node's own value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.engine.accumulation import FIXED, NUMBERS, Sparse, Together, by_value, cast, demote, own, unbroadcast
from autograd_lite.engine.grad_mode import grad_enabled, watcher
from autograd_lite.engine.hooks import hooked
from autograd_lite.engine.messages import describe_call
from autograd_lite.engine.settings import constant_settings
from autograd_lite.engine.storage import LOANS, Leaf, clock, leaf_of_view, notice_changes, refuse_changed
from autograd_lite.engine.tracing_protocol import TRACES, current_trace
from autograd_lite.engine.untaken import Untaken, begins

NO_SETTINGS: Mapping[str, Any] = {}
new, ndarray = object.__new__, np.ndarray


class Row(NamedTuple):
    """One row of the table: how a function runs on arrays, and one gradient rule (or None) per array argument."""

    body: Callable[..., Any]
    rules: Any  # a tuple of them, or Together
    put: Callable[..., Any] | None = None  # how its first argument is changed through what it shows of it
    flow: Any = None  # which elements of the result hang on which of the arguments: see `untaken`
    special: bool = False  # whether it chooses, or has rules that give all gradients together


TABLE: dict[Callable[..., Any], Row] = {}


class Node:
    """One recorded value: what made it, and from what. A name, a hook or a view may give it a `leaf` later."""

    __slots__ = ("args", "function", "kwargs", "leaf", "needs_grad", "time", "value")

    def __init__(self, value: Any, needs_grad: bool = False, leaf: Leaf | None = None) -> None:
        self.value, self.needs_grad, self.leaf, self.time = value, needs_grad, leaf, clock()
        self.function: Callable[..., Any] | None = None
        self.args: tuple[Any, ...] = ()
        self.kwargs = NO_SETTINGS


def record(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any] = NO_SETTINGS) -> Node:
    """Call `function` on the values of `args`; remember the call if a gradient may be wanted."""
    if TRACES and (trace := current_trace.get()):
        trace.process(function, args, kwargs)
    elif LOANS:
        notice_changes(args)
    body, rules, _, _, _ = TABLE[function]
    needs_grad = constant = changeable = False
    if kwargs and (varied := not FIXED.issuperset(map(type, kwargs.values()))):
        kwargs = constant_settings(function, kwargs)
    values = []
    for a in args:
        kind = type(a)
        if kind is Node:
            if a.needs_grad:
                needs_grad = True
            elif not a.value.ndim:
                constant = True
            values.append(a.value)
        else:
            if kind not in FIXED:
                changeable = True
            values.append(a)
    if constant:
        demote(args, values)
    try:
        value = body(*values, **kwargs)
    except Exception as error:
        error.add_note(f"in {describe_call(function, args, kwargs)}")
        raise
    node = new(Node)  # a third of the time that a call of Node(…) takes
    node.value, node.time = value, clock()
    node.leaf = leaf_of_view(value, args) if type(value) is ndarray and value.base is not None else None
    if needs_grad and rules and (mode := grad_enabled.get()):
        if (changeable or (kwargs and varied)) and not (TRACES and current_trace.get()):
            args, kwargs = tuple([a if type(a) is Node else by_value(a) for a in args]), by_value(kwargs)
        node.function, node.args, node.kwargs, node.needs_grad = function, args, kwargs, True
        if mode is not True:
            mode.recorded(node)
    else:
        node.function, node.args, node.kwargs, node.needs_grad = None, (), NO_SETTINGS, False
    return node


def backpropagate(
    roots: Sequence[Node], seeds: Sequence[Any], lift: Callable[[Node], Any], wanted: Iterable[Node] | None = None
) -> dict[Node, Any]:
    """Walk back from `roots`; give the gradient of every leaf, or of every node in `wanted`.

    A node is visited when all that used it has been: its gradient is *complete*, and its rules *pass on* a gradient to
    each argument. A sum that the walk has made is *owned*, and added to in place; what a rule returns may be somebody
    else's. (All in one loop: a call for each argument would cost 5 % of a chain.) `lift` says what the rules run on: a
    node's array, or a Tensor, and then the walk is itself recorded (higher orders, drawing). Gradients that are arrays
    are the caller's own, writable, C-contiguous.
    """
    kept = None if wanted is None else frozenset(wanted)
    oldest = min((node.time for node in kept), default=0) if kept else 0
    pending: dict[Node, Any] = {}
    result: dict[Node, Any] = {}
    owned: set[Node] = set()  # the nodes whose pending gradient nobody else can see
    heap: list[tuple[int, Node]] = []
    array = trace.array if TRACES and (trace := current_trace.get()) else ndarray
    if LOANS:
        notice_changes()
    visitor = watch.walk(roots) if (watch := watcher.get()) else None
    untaken: Untaken | None = None
    watched = visitor is not None

    def complete(node: Node) -> Any:
        """Everything that used `node` has been visited: run its hooks, keep the gradient if it was asked for."""
        g = pending.pop(node)
        if node.leaf is not None and node.leaf.hooks:
            g = hooked(node, g, lift)
            owned.discard(node)
        if visitor is not None:
            visitor.visit(node, g)
        if node.function is None if kept is None else node in kept:
            result[node] = g if type(g) is ndarray and node in owned and g.flags.carray else own(g)
        return g

    for root, seed in zip(roots, seeds, strict=True):
        if root not in pending and root.function is not None:
            heappush(heap, (-root.time, root))
        pending[root] = pending[root] + seed if root in pending else seed
    while heap:
        node = heappop(heap)[1]
        g = complete(node)
        function: Any = node.function
        args, kwargs, time = node.args, node.kwargs, node.time
        y, values = lift(node), [lift(a) if type(a) is Node else a for a in args]
        _, rules, _, flow, special = TABLE[function]
        if special:
            if untaken is None and begins(flow, args, TABLE):
                untaken, watched = Untaken(TABLE), True
            if together := type(rules) is Together:
                refuse_changed(node)
                rules = rules.rule(g, y, *values, **kwargs)
        i = -1
        for a, rule in zip(args, rules):  # noqa: B905
            if watched:
                i += 1
            if type(a) is not Node:
                continue
            leaf = a.leaf
            if leaf is not None and leaf.storage.changed > time:
                refuse_changed(node)
            if rule is None or not a.needs_grad or (kept and (a.time < oldest or (not a.function and a not in kept))):
                continue
            try:
                ga = rule if special and together else rule(g, y, *values, **kwargs)
            except Exception as error:
                error.add_note(f"in the gradient of {describe_call(function, args, kwargs)}")
                raise
            value, total = a.value, pending.get(a)
            if watched:
                if untaken is not None and (flow is not None or a in untaken):
                    ga = untaken.passed(node, flow, i, g, ga, total is not None)
                if visitor is not None:
                    visitor.passed(node, i, g, ga)
            if total is None and a.function is not None:
                heappush(heap, (-a.time, a))
            if type(ga) is Sparse:
                pending[a] = ga.added_to(total, a in owned, value)
                owned.add(a)
                continue
            if type(ga) not in NUMBERS or type(ga) is not type(value):  # two numbers of one type always fit
                if ga.shape != value.shape:
                    ga = unbroadcast(ga, value.shape)
                if ga.dtype is not value.dtype and ga.dtype != value.dtype:
                    ga = cast(ga, value.dtype)
            if total is None:
                pending[a] = ga
                if leaf is not None and type(ga) is array and ga.base is None and ga is not g:
                    owned.add(a)  # made by the rule for this leaf: a rule may hand on `g` or a view, no argument
            elif a in owned:
                total += ga
                pending[a] = total  # numbers are not added to in place
            else:
                pending[a] = total + ga
                if type(ga) is array:
                    owned.add(a)
    for leaf_node in tuple(pending):
        complete(leaf_node)
    return result
