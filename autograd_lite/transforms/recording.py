"""One call of a function, recorded once and walked as often as a transform needs.

A transform runs its function on fresh variables, so that nested transforms never mistake each other's variables
(perturbation confusion). Where a result depends on tensors that were there before the call and require a gradient,
the backward pass is recorded too, and the result is a Tensor; otherwise it is an array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.engine.accumulation import given
from autograd_lite.engine.array_like import NUMBERS
from autograd_lite.engine.grad_mode import enable_grad, is_grad_enabled
from autograd_lite.engine.graph import Node, backpropagate, record
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import clock
from autograd_lite.engine.tracing_protocol import array_copied, array_from
from autograd_lite.tensor.leaving import differentiating
from autograd_lite.tensor.tensor import Tensor, node_value, variable, wrap
from autograd_lite.tensor.trees import CONSTANTS, align, check_tree, flatten, leaves_and_places, map_leaves
from autograd_lite.transforms.graph_rewriting import found_outside, transplanted

Argnums = int | tuple[int, ...]


class Recording:
    """A call ``f(*args, **kwargs)`` with fresh variables in the arguments that `argnums` names (None: in all).

    Attributes
    ----------
    inputs, outputs : list of Tensor
        The variables, and the leaves of the result: handles of our own, which nobody assigns to.
    result : tree
        What `f` returned; with `has_aux` its first part, and the second is `aux`.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        argnums: Argnums | None,
        has_aux: bool = False,
    ) -> None:
        self.name = getattr(f, "__name__", type(f).__name__)
        self.nested, self.start = is_grad_enabled(), clock()
        self.single = isinstance(argnums, int)
        numbers = range(len(args)) if argnums is None else (argnums,) if isinstance(argnums, int) else argnums
        given, variables = list(args), []
        for i in numbers:
            if not -len(args) <= i < len(args):
                raise TypeError(f"{self.name} was given {len(args)} positional arguments, so argnums={i} names none")
            if given[i] is not args[i]:
                raise ValueError(f"argnums={argnums} names argument {i} of {self.name} twice")
            given[i] = fresh(args[i], f"argument {i} of {self.name}")
            variables += [wrap(t.node) for t in flatten(given[i])[0]]
        self.inputs, self.chosen = variables, tuple([args[i] for i in numbers])
        leaves, self.rebuild = flatten(self.chosen)
        self.scalars = [not isinstance(a, np.ndarray) and not x.ndim for a, x in zip(leaves, variables, strict=True)]
        with enable_grad(), differentiating(variables):
            result = f(*given, **kwargs)
        self.aux = None
        if has_aux:
            if not isinstance(result, tuple | list) or len(result) != 2:
                raise TypeError(
                    f"{self.name} with has_aux=True must return a pair (value, aux), not {describe(result)}"
                )
            result, self.aux = result
        check_tree(result, f"the result of {self.name}", CONSTANTS)
        self.result = result
        self.leaves, self.rebuild_result = flatten(result)
        self.outputs = [wrap(a.node) if isinstance(a, Tensor) else Tensor(a) for a in self.leaves]
        self.outside = self.leads_outside(self.outputs)

    def leads_outside(self, tensors: Iterable[Tensor]) -> bool:
        """Whether anything that requires a gradient and was there before the call has gone into `tensors`."""
        return self.nested and bool(found_outside([t.node for t in tensors], self.start, first=True))

    def lowered(self, tree: Any) -> Any:
        """`tree` with arrays in place of the tensors that depend on nothing outside."""
        known = tree is self.result and not self.outside

        def lower(a: Any) -> Any:
            return a if not isinstance(a, Tensor) or (not known and self.leads_outside([a])) else value(a)

        return map_leaves(lower, tree)

    def pull(self, seeds: Sequence[Any], recorded: bool = False) -> list[Any]:
        """The gradients in the inputs of the outputs weighted by `seeds`: one walk."""
        recorded = recorded or self.recorded(seeds)
        found = walk(self.outputs, seeds, self.inputs, recorded)
        return found if recorded else [g[()] if s else g for g, s in zip(found, self.scalars, strict=True)]

    def recorded(self, seeds: Iterable[Any]) -> bool:
        """Whether what a walk from `seeds` gives may be differentiated again."""
        return self.outside or (is_grad_enabled() and any(map(requires_grad, seeds)))

    def released(self, tensors: Sequence[Any]) -> list[Any]:
        """Results that do not depend on the variables of this call, which nobody else knows."""
        if self.outside or not any(map(requires_grad, tensors)):
            return list(tensors)
        constants = {x.node: Node(x.node.value) for x in self.inputs}
        return [wrap(node) for node in transplanted([t.node for t in tensors], constants)]

    def pullback(self, cotangent: Any) -> Any:
        """The gradients, as `argnums` says, of the result weighted by `cotangent`."""
        seeds = fitted(self.result, cotangent, self.outputs, "the cotangent")
        return self.arranged(self.released(self.pull(seeds)))

    def arranged(self, gradients: Iterable[Any]) -> Any:
        """One gradient per input, put into the trees of the arguments; not in a tuple for a single number."""
        trees = self.rebuild(gradients)
        return trees[0] if self.single else trees


def fresh(tree: Any, place: str) -> Any:
    """`tree` with new variables for its leaves, each recorded as a copy where a gradient may be wanted beyond it."""
    check_tree(tree, place)
    variables = []
    for a, where in leaves_and_places(tree, place):
        try:
            array = a.node.value if isinstance(a, Tensor) else array_from(a)
        except TypeError as error:
            error.add_note(f"in {where}")
            raise
        if array.dtype.kind != "f":
            given = getattr(a, "node", a if isinstance(a, NUMBERS) else array)
            raise TypeError(
                f"{where} is {describe(given)}, and only floating numbers can be differentiated: give floats, or leave "
                "it out of argnums (in a lambda) if it is constant"
            )
        if isinstance(a, Tensor) and a.requires_grad and is_grad_enabled():
            variables.append(wrap(record(np.positive, (a.node,))))
        else:
            variables.append(variable(array))
    return flatten(tree)[1](variables)


def walk(outputs: Iterable[Tensor], seeds: Iterable[Any], inputs: Sequence[Tensor], recorded: bool) -> list[Any]:
    """The gradients of the weighted outputs in the inputs, zeros where nothing depends on one."""
    pairs = [(y.node, seed) for y, seed in zip(outputs, seeds, strict=True) if y.requires_grad]
    nodes, weights = [node for node, _ in pairs], [seed for _, seed in pairs]
    wanted = [x.node for x in inputs]
    with np.errstate(all="ignore"):
        if not recorded:
            found = backpropagate(
                nodes, [s.node.value if isinstance(s, Tensor) else s for s in weights], node_value, wanted
            )
            return [found[n] if n in found else np.zeros(n.value.shape, n.value.dtype) for n in wanted]
        with enable_grad():
            lifted = [s if isinstance(s, Tensor) else Tensor(s) for s in weights]
            found = backpropagate(nodes, lifted, wrap, wanted)
    return [found[n] if n in found else Tensor(np.zeros(n.value.shape, n.value.dtype)) for n in wanted]


def fitted(tree: Any, weights: Any, tensors: Sequence[Tensor], what: str) -> list[Any]:
    """The leaves of `weights` in the places, shapes and dtypes of `tensors`, the leaves of `tree`."""
    seeds = []
    for a, t in zip(align(tree, weights, what), tensors, strict=True):
        dtype = derivative_dtype(t)
        if a is None:
            a = np.zeros(t.shape, dtype)
        if not isinstance(a, Tensor):
            a = given(a, dtype)
        elif a.dtype.kind == "c" != dtype.kind:
            raise TypeError(f"{what} is complex where {describe(t.node)} stands, which is real: take its real part")
        elif a.dtype != dtype:
            a = a.astype(dtype)
        if a.shape != t.shape:
            raise ValueError(f"{what} has shape {a.shape} where {describe(t.node)} stands: the shapes must be equal")
        seeds.append(a)
    return seeds


def derivative_dtype(t: Tensor) -> Any:
    """The dtype of a change of `t`, or of a weight for it."""
    return t.dtype if t.dtype.kind in "fc" else np.dtype(float)


def requires_grad(a: Any) -> bool:
    """Whether `a` is a tensor that requires a gradient."""
    return isinstance(a, Tensor) and a.requires_grad


def value(t: Tensor) -> Any:
    """The values of `t`, in memory that belongs to nobody else; a number if it has no axes."""
    array = t.node.value
    owned = t.node.function is not None and getattr(array, "base", None) is None
    array = array if owned else array_copied(array)
    return array if array.ndim else array[()]
