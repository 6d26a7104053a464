"""Handles that share memory, as NumPy's arrays do.

``row = x[0]; row[1] = 5`` changes `x`, and ``x[0] = 5`` changes `row`. What has been recorded never changes, so neither
does anything that was computed before: a handle that is assigned to gets another node. A view knows what it is a view
of, and that knows its living views. Assigning to a view puts the new values into their place in the base, by a call
that is recorded; then everything that is a view of the base is read from it again.

Which functions give views says their row (`put`); whether a call did, where NumPy sometimes copies, the memory says.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.engine.grad_mode import GradMode, is_grad_enabled
from autograd_lite.engine.graph import NO_SETTINGS, TABLE, Node, record
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import Leaf, Storage, clock, is_lent, lend
from autograd_lite.engine.tracing_protocol import Symbol, array_from, in_this_run
from autograd_lite.engine.warnings import mark_used, update
from autograd_lite.rules.elementwise import laid_out
from autograd_lite.rules.registry import name_of, read_only
from autograd_lite.tensor.leaving import keep, taken
from autograd_lite.tensor.protocols import ArrayProtocols


def laid_out_as(old: Node, new: Node) -> Node:
    """`new` with its values in memory as those of `old` are, because on that hangs what NumPy makes a view of them."""
    strides = in_this_run(old.value).strides
    if in_this_run(new.value).strides == strides:
        return new
    axes = tuple(sorted(range(len(strides)), key=lambda i: -abs(strides[i])))
    return record(laid_out, (new,), {"axes": axes})


class Origin(NamedTuple):
    """How a handle came to be a view: of which one, by which call on it, and whether that was recorded."""

    base: Handle
    function: Any  # None: the same values without history
    args: tuple[Any, ...]
    settings: Mapping[str, Any]
    recorded: bool

    def read(self) -> Node:
        """The view of what the base is now."""
        if self.function is None:
            return self.base.detached()
        with GradMode(self.recorded):
            return record(self.function, (self.base.node, *self.args), self.settings)

    def put(self, view: Node) -> Node:
        """The base with `view` in its place."""
        if self.function is None:
            return view
        put: Any = TABLE[self.function].put
        changed: Handle = put(self.base.alias(view), self.base, *self.args, **self.settings)
        return changed.node


class Handle(ArrayProtocols):
    """What a user holds and assigns to: it refers to a node.

    Attributes
    ----------
    origin : Origin
        Only of a view.
    views : list of weak references to Handle
        Only of what there have been views of.
    updates : int
        How often it was assigned to while recording; only if it was.
    """

    __slots__ = ("__weakref__", "leaf", "node", "origin", "updates", "views")
    node: Node
    leaf: Leaf | None
    origin: Origin
    updates: int
    views: list[weakref.ref[Handle]]

    def alias(self, node: Node) -> Handle:
        """Another handle, on `node`."""
        handle = object.__new__(type(self))
        handle.node, handle.leaf = node, node.leaf
        return handle

    def detached(self) -> Node:
        """A constant node of the same values; a leaf's memory is shared."""
        leaf = self.node.leaf
        return Node(self.node.value, False, Leaf(leaf.name, leaf.storage) if leaf is not None else None)

    @property
    def is_made(self) -> bool:
        """Whether this was made by the user, with memory of its own, and neither computed nor given by a transform."""
        return type(self.leaf) is Leaf and self.node.function is None and not hasattr(self, "origin")

    @property
    def is_number(self) -> bool:
        """Whether NumPy has a number here: an element, the result of a reduction; and not an array without axes."""
        return isinstance(in_this_run(self.node.value), np.generic) and not self.is_made

    @property
    def root(self) -> Handle:
        """What this is a view of, through whatever views; itself if it is none."""
        root = self
        for origin in self.origins():
            root = origin.base
        return root

    def shows(self, base: Handle, function: Any, args: tuple[Any, ...] = (), settings: Any = NO_SETTINGS) -> None:
        """Become a view of `base`, of which ``function(base, *args, **settings)`` has given this; not of a copy."""
        mine, theirs = in_this_run(self.node.value), in_this_run(base.node.value)
        if isinstance(theirs, np.generic):  # of a leaf without axes, which stands for an array
            shared = base.is_made and not any(isinstance(a, bool | np.bool_) for a in args)
        else:
            shared = np.may_share_memory(mine, theirs)
        if shared and isinstance(mine, np.ndarray):
            self.sees(Origin(base, function, args, settings, is_grad_enabled()))

    def sees(self, origin: Origin) -> None:
        """Become a view."""
        self.origin = origin
        try:
            views = origin.base.views
        except AttributeError:
            views = origin.base.views = []
        if not len(views) & (len(views) - 1):  # at powers of two: dropping the dead ones costs nothing on average
            views[:] = [view for view in views if view() is not None]
        views.append(weakref.ref(self))

    def origins(self) -> Iterator[Origin]:
        """How this is a view of another handle, how that is one of a third, and so on."""
        handle = self
        while (origin := getattr(handle, "origin", None)) is not None:
            yield origin
            handle = origin.base

    # Values.

    @property
    def data(self) -> Any:
        """A leaf's own memory, which may be changed; of what was computed, a read-only view of the values.

        A graph that has used the leaf before a change refuses to be walked back.
        """
        keep(self.node, ".data")
        value = self.node.value
        if isinstance(value, Symbol):
            return value
        if self.node.function is None and self.leaf is not None:
            return lend(self.leaf.storage, value) if isinstance(value, np.ndarray) else value
        value = np.asarray(value).view()
        value.flags.writeable = False
        return value

    @data.setter
    def data(self, data: Any) -> None:
        if self.node.function is not None or self.leaf is None:
            raise RuntimeError(
                f"the data of {describe(self.node)} were computed and cannot be replaced; use x[...] = v"
            )
        value = self.node.value
        data = array_from(taken(data, ".data = …"), value.dtype)
        if data.shape == value.shape and not isinstance(in_this_run(value), np.generic):
            value[...] = data
            self.leaf.storage.changed = clock()
            self.show_change()
        else:
            self.move_to(data.copy(), Storage())
        if self.leaf.grad is not None:
            mark_used((self.leaf,))

    def move_to(self, array: Any, storage: Storage) -> None:
        """Let a leaf's values live in `array` from now on, as part of `storage`."""
        self.leaf = self.leaf or Leaf()
        self.leaf.storage = storage
        storage.changed = clock()
        self.node = Node(array, self.node.needs_grad, self.leaf)
        self.show_change()

    # Assigning.

    def check_assignable(self, value: Any) -> None:
        """Refuse to change what cannot be changed, or can't be without losing a history; `value` is what goes in."""
        recording = is_grad_enabled()
        self.check_history(recording)
        for base, function, _, _, recorded in self.origins():
            if function is None:
                recording = False
                if getattr(value, "needs_grad", False):
                    raise RuntimeError(
                        f"{describe(self.node)} is detached and shares its memory with {describe(base.node)}, which "
                        "cannot take the history of what is assigned: take a copy() first"
                    )
            elif TABLE[function].put is read_only:
                raise ValueError(
                    f"assignment destination is read-only: {describe(self.node)} is a view that {name_of(function)} "
                    "gives, and no more writable than in NumPy; assign to the original, or take a copy()"
                )
            elif recording and base.node.needs_grad and not recorded:
                raise RuntimeError(
                    f"{describe(self.node)} was taken of {describe(base.node)} inside no_grad() and is to be changed "
                    "outside: take it again"
                )
            base.check_history(recording)

    def check_history(self, recording: bool) -> None:
        """Refuse to change a leaf while recording, or what was computed while not recording."""
        if not self.node.needs_grad:
            return
        if recording and self.node.function is None and type(self.leaf) is Leaf:
            raise RuntimeError(
                f"{describe(self.node)} cannot be changed in place while recording: it is a leaf that requires a "
                "gradient, and its gradient would be that of an older value. To update it, do it inside "
                "ag.no_grad(); to compute with a changed copy, say w = w.copy() first"
            )
        if not recording and self.node.function is not None and not hasattr(self, "origin"):
            raise RuntimeError(
                f"{describe(self.node)} was computed while recording and is to be changed without, so its history "
                "would be lost: change it outside no_grad(), or say y = y.detach().copy() first"
            )

    def assign(self, node: Node) -> None:
        """Take a new value: what this is a view of gets it too, and everything that is a view of that."""
        root, origins = self, list(self.origins())
        with GradMode(is_grad_enabled() and all(origin.function for origin in origins)):
            for origin in origins:
                node, root = origin.put(node), origin.base
            root.hold(laid_out_as(root.node, node))

    def hold(self, node: Node) -> None:
        """Take a new value. A leaf changed without recording (``no_grad``) keeps being that leaf."""
        if self.is_made and not node.needs_grad and (self.node.needs_grad or is_lent(self.node.value)):
            self.data = node.value
            return
        if self.leaf is not None:  # not that of the old value, which graphs may hold
            node.leaf = Leaf(self.leaf.name)
        self.node, self.leaf = node, node.leaf
        if node.needs_grad:
            self.updates = update(node, getattr(self, "updates", 0) + 1)
        self.show_change()

    def living_views(self) -> Iterator[Handle]:
        """What is a view of this and still there."""
        for reference in getattr(self, "views", ()):
            if (view := reference()) is not None:
                yield view

    def show_change(self) -> None:
        """Let everything that is a view of this see what this is now."""
        waiting = [self]
        for handle in waiting:
            for view in handle.living_views():
                view.read_again()
                waiting.append(view)

    def read_again(self) -> None:
        """See what the base is now; what has been made a leaf stays one."""
        node, leaf = self.origin.read(), self.leaf
        if leaf is not None and self.node.function is None and self.node.needs_grad:
            leaf.storage = node.leaf.storage if node.leaf is not None else Storage()
            node = Node(node.value, True, leaf)
        elif leaf is not None and leaf.name is not None:
            node.leaf = Leaf(leaf.name, node.leaf.storage if node.leaf is not None else None)
        self.node, self.leaf = node, node.leaf

    def is_read_from(self, base: Handle, function: Any, args: tuple[Any, ...]) -> bool:
        """Whether this is the view that ``function(base, *args)`` gives."""
        origin = getattr(self, "origin", None)
        return (
            origin is not None
            and origin.base is base
            and origin.function is function
            and len(args) == len(origin.args)
            and all(map(operator.is_, args, origin.args))
        )
