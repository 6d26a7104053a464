"""A function that is called again with other values in its leaves, and leaves no trace of it."""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np

from autograd_lite.compiler.tracing.state import reachable
from autograd_lite.engine.graph import Node
from autograd_lite.engine.random import default_generator
from autograd_lite.engine.storage import Leaf, clock
from autograd_lite.tensor.tensor import Tensor


class Again:
    """``f(*args)`` as it is about to be called: with its tensors, and where its generators stand."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any]) -> None:
        self.f, self.args, self.start = f, args, clock()
        found = reachable(f, list(args))
        self.handles = [(t, t.node) for t in found if isinstance(t, Tensor)]
        self.values = {node: copied(node.value) for _, node in self.handles if node.function is None}
        generators = [default_generator(), *(a for a in found if isinstance(a, np.random.Generator))]
        self.positions = [(g.bit_generator, copy.deepcopy(g.bit_generator.state)) for g in generators]

    def reaches(self, leaf: Node, nodes: Sequence[Node]) -> bool:
        """Whether all that was computed from `leaf` is computed in the call."""
        return leaf in self.values and all(n.time > self.start for n in nodes if any(a is leaf for a in n.args))

    def result(self, changed: Mapping[Node, Any], lift: Callable[[Any], Any]) -> Any:
        """What the function gives with other values in some leaves, and with `lift` of its value in the others."""
        values = {n: changed[n] if n in changed else lift(value) for n, value in self.values.items()}
        with self.exchanged({n: Node(copied(v), n.needs_grad, type(n.leaf or Leaf())()) for n, v in values.items()}):
            return self.f(*self.args).node.value

    @contextmanager
    def exchanged(self, others: Mapping[Node, Node]) -> Iterator[None]:
        """The tensors refer to other nodes; afterwards they, and the generators, are as they are now."""
        now = [(t, t.node, t.leaf) for t, _ in self.handles]
        drawn = [(bits, copy.deepcopy(bits.state)) for bits, _ in self.positions]
        for tensor, node in self.handles:
            tensor.node = others.get(node, node)
            tensor.leaf = tensor.node.leaf
        for bits, state in self.positions:
            bits.state = state
        try:
            with warnings.catch_warnings(action="ignore"), redirect_stdout(io.StringIO()):
                yield
        finally:
            for tensor, node, leaf in now:
                tensor.node, tensor.leaf = node, leaf
            for bits, state in drawn:
                bits.state = state


def copied(value: Any) -> Any:
    """A value in memory of its own."""
    return np.array(value)[()]
