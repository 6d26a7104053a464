"""The way from a call of a compiled function to its program, for arguments that are arrays and tensors one by one.

A step of a small network takes 30 µs, so what comes before and after it counts: it is one expression that asks whether
arguments and state are still what they were, and the making of the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.compiler.runtime.guards import Guards
from autograd_lite.compiler.runtime.results import NONE, ResultHistory
from autograd_lite.engine.graph import Node
from autograd_lite.engine.storage import Storage, clock
from autograd_lite.tensor.tensor import Tensor

MISS = object()  # what a shortcut gives when the call has to go the long way

TEXT = """
def shortcut(*args):
    if len(args) != {count}:
        return MISS
    {unpack}
    {values}
    try:
        if not ({conditions}):
            return MISS
    except (ValueError, TypeError, LookupError, AttributeError):
        return MISS
    result, = step({names})
    {stamps}
    node = new(Node)
    node.value, node.leaf, node.time = result, None, clock()
    node.needs_grad, node.function, node.args, node.kwargs = {history}
    tensor = new(Tensor)
    tensor.node, tensor.leaf = node, None
    return tensor
"""


def constant_array(a: Any) -> Any:
    """The array of a tensor that requires no gradient, as when the program was made."""
    return a.node.value if type(a) is Tensor and not a.node.needs_grad else None


def shortcut_to(
    step: Callable[..., Any],
    forms: list[tuple[Any, Any, bool, Any]],
    guards: Guards,
    storages: list[Storage],
    history: ResultHistory | None,
) -> Callable[..., Any]:
    """A function that makes the call if everything is as it was, and gives MISS if not.

    `forms` are what `executable.form` says of the arguments; the program gives one tensor, which has a `history` if
    eager mode could differentiate it.
    """
    namespace = guards.names  # not a copy: what is renewed there counts here
    namespace |= {"MISS": MISS, "step": step, "new": object.__new__, "Node": Node, "Tensor": Tensor, "clock": clock}
    namespace |= {"ndarray": np.ndarray, "constant_array": constant_array, "NONE": NONE, "history": history}
    names = [f"a{i}" for i in range(len(forms))]
    conditions = []
    for name, (shape, dtype, _, strides) in zip(names, forms, strict=True):
        namespace[f"shape_{name}"], namespace[f"dtype_{name}"], namespace[f"strides_{name}"] = shape, dtype, strides
        conditions += [f"{name}.dtype is dtype_{name}", f"{name}.shape == shape_{name}"]
        if not shape:
            conditions.append(f"type({name}) is strides_{name}")
        else:
            conditions.append(f"{name}.strides == strides_{name}" if strides else f"{name}.flags.c_contiguous")
    conditions.append(guards.expression)
    for i, storage in enumerate(storages):
        namespace[f"storage{i}"] = storage
    text = TEXT.format(
        count=len(names),
        unpack=f"{', '.join(names)}, = args" if names else "pass",
        values="\n    ".join([f"if type({n}) is not ndarray: {n} = constant_array({n})" for n in names]) or "pass",
        conditions=" and ".join(conditions) or "True",
        names=", ".join(names),
        history="history()" if history else "NONE",
        stamps="".join(f"storage{i}.changed = " for i in range(len(storages))) + ("clock()" if storages else "pass"),
    )
    exec(text, namespace)
    made: Callable[..., Any] = namespace["shortcut"]
    return made
