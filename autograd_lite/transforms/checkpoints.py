"""`checkpoint`: forget what a function computes on the way, and compute it again when the gradient needs it.

Chen, Xu, Zhang and Guestrin, "Training Deep Nets with Sublinear Memory Cost", 2016.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_lite.engine.grad_mode import enable_grad, is_grad_enabled
from autograd_lite.engine.graph import Node, record
from autograd_lite.engine.random import default_generator
from autograd_lite.engine.storage import clock
from autograd_lite.engine.tracing_protocol import TRACES, current_trace
from autograd_lite.tensor.leaving import differentiating
from autograd_lite.tensor.tensor import Tensor, wrap
from autograd_lite.tensor.trees import flatten
from autograd_lite.transforms.graph_rewriting import found_outside, transplanted
from autograd_lite.transforms.opaque_call import OpaqueCall, frozen
from autograd_lite.transforms.recording import walk


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that gives the same values and gradients as `f` in less memory, and runs `f` again for the gradient.

    Parameters
    ----------
    f : callable
        Tensors may reach it as arguments or by closure (the parameters of a layer). It must compute the same both
        times: draws from the default generator and from generators among its arguments are repeated; counters and
        running averages that it keeps are updated twice. In a compiled function it runs once: a program has a plan of
        its memory.

    Returns
    -------
    callable
        Takes the arguments of `f`.

    Raises
    ------
    RuntimeError
        In the backward pass, if `f` computes something else than in the forward pass.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> block = ag.checkpoint(lambda x: np.tanh(2 * np.tanh(x)))
    >>> x = ag.tensor([0.0, 1.0], requires_grad=True)
    >>> block(block(x)).sum().backward()
    >>> x.grad.round(4)
    array([4.    , 0.0281])
    """

    @functools.wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if not is_grad_enabled() or (TRACES and current_trace.get() is not None):
            return f(*args, **kwargs)
        call = Recomputation(f, args, kwargs)
        as_given = [frozen(a) for a in call.constants]
        leaves, rebuild = flatten(call.run(call.own_inputs([node.value for node in call.given])))
        call.constants = as_given  # when it runs again, their owner may have changed them
        moving = [isinstance(a, Tensor) and a.requires_grad for a in leaves]
        outputs = [a for a, moves in zip(leaves, moving, strict=True) if moves]
        if not outputs:
            return rebuild(leaves)
        call.captured = found_outside([y.node for y in outputs], call.start)
        call.ready = call.pack([y.node.value for y in outputs])
        results = iter(call.recorded([*call.given, *call.captured]))
        call.given = []
        return rebuild([next(results) if moves else a for a, moves in zip(leaves, moving, strict=True)])

    return checkpointed


class Recomputation(OpaqueCall):
    """A call whose interior is forgotten. Its arrays are the tensors among the arguments and those found by closure."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        super().__init__(f)
        leaves, self.rebuild = flatten((tuple(args), dict(kwargs)))
        self.given = [a.node for a in leaves if isinstance(a, Tensor)]
        self.needs_grad = [node.needs_grad for node in self.given]
        self.constants = [None if isinstance(a, Tensor) else a for a in leaves]
        self.is_tensor = [isinstance(a, Tensor) for a in leaves]
        self.captured: list[Node] = []
        self.generators = [a for a in (*args, *kwargs.values()) if isinstance(a, np.random.Generator)]
        self.draws = [copy.deepcopy(g.bit_generator.state) for g in (default_generator(), *self.generators)]
        self.start = 0

    def own_inputs(self, values: Sequence[Any]) -> list[Tensor]:
        """The tensors that `f` runs on: new variables on arrays, recorded copies of Tensors."""
        self.start = clock()
        return [
            wrap(record(np.positive, (a.node,)) if isinstance(a, Tensor) else Node(a, needs_grad))
            for a, needs_grad in zip(values, self.needs_grad, strict=False)
        ]

    def run(self, inputs: Sequence[Tensor]) -> Any:
        """What `f` gives on `inputs`, recorded."""
        given = iter([wrap(x.node) for x in inputs])  # `f` may assign to its own handles
        pairs = zip(self.constants, self.is_tensor, strict=True)
        args, kwargs = self.rebuild([next(given) if tensor else constant for constant, tensor in pairs])
        with enable_grad(), differentiating([x for x in inputs if x.requires_grad]):
            return self.f(*args, **kwargs)

    def forward(self, arrays: Sequence[Any]) -> list[Any]:
        with self.same_draws():
            leaves = flatten(self.run(self.own_inputs(arrays)))[0]
        return [a.node.value for a in leaves if isinstance(a, Tensor) and a.requires_grad]

    def back(self, cotangents: list[Any], results: list[Any], values: Sequence[Any]) -> Sequence[Any]:
        recorded = any(isinstance(a, Tensor) for a in (*cotangents, *values))
        with self.same_draws(), enable_grad():
            inputs = self.own_inputs(values)
            leaves = flatten(self.run(inputs))[0]
        outputs = [a for a in leaves if isinstance(a, Tensor) and a.requires_grad]
        self.compare(outputs, results, found_outside([y.node for y in outputs], self.start, [x.node for x in inputs]))
        outside = values[len(inputs) :]
        with enable_grad():
            stand_ins = [record(np.positive, (a.node,)) if isinstance(a, Tensor) else Node(a, True) for a in outside]
        replaced = {x.node: x.node for x in inputs} | dict(zip(self.captured, stand_ins, strict=True))
        roots = transplanted([y.node for y in outputs], replaced)
        return walk(map(wrap, roots), cotangents, [*inputs, *map(wrap, stand_ins)], recorded)

    def compare(self, outputs: list[Tensor], results: list[Any], captured: list[Node]) -> None:
        """Refuse a gradient if `f` did not do what it had done before."""
        reason = None
        if captured != self.captured:
            reason = "it used other tensors from outside than before, or one of them has been given a new value"
        elif [y.shape for y in outputs] != [y.shape for y in results]:
            reason = "its results have other shapes"
        else:
            before = [y.node.value if isinstance(y, Tensor) else y for y in results]
            now = [y.node.value for y in outputs]
            if not all(map(functools.partial(np.allclose, rtol=1e-3, atol=1e-6, equal_nan=True), now, before)):
                reason = "its results have other values: does it draw from a generator of its own or keep a state?"
        if reason:
            raise RuntimeError(f"checkpoint: {self.name} computed something else when it ran again: {reason}")

    @contextmanager
    def same_draws(self) -> Iterator[None]:
        """Generators in the state that they had in the forward pass; afterwards as they are now."""
        generators: list[Any] = [default_generator(), *self.generators]
        now = [copy.deepcopy(g.bit_generator.state) for g in generators]
        for g, state in zip(generators, self.draws, strict=True):
            g.bit_generator.state = state
        try:
            yield
        finally:
            for g, state in zip(generators, now, strict=True):
                g.bit_generator.state = state
