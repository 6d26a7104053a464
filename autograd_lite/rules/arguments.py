"""The arguments of a call with values for the tensors in them, in whatever they are nested."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.engine.settings import rebuilt
from autograd_lite.engine.tracing_protocol import Symbol, array_copied, in_this_run
from autograd_lite.rules.registry import Recordable, tensors_in


def mapped(change: Callable[[Any], Any], tree: Any) -> Any:
    """`tree` with its tensors and symbols changed."""
    if isinstance(tree, Recordable | Symbol):
        return change(tree)
    if isinstance(tree, dict):
        return {key: mapped(change, part) for key, part in tree.items()}
    if isinstance(tree, list | tuple):
        return rebuilt(tree, [mapped(change, part) for part in tree])
    return tree


def value_or_symbol(a: Any) -> Any:
    """The value of a tensor; a symbol itself."""
    return a.node.value if isinstance(a, Recordable) else a


def read_only_values(tree: Any) -> Any:
    """`tree` with values for tensors, which nobody can write into."""
    return mapped(lambda a: read_only(value_or_symbol(a)), tree)


def of_this_run(tree: Any) -> Any:
    """The same with values for symbols too, which hold for the run that is traced."""
    return mapped(lambda a: read_only(in_this_run(value_or_symbol(a))), tree)


def read_only(value: Any) -> Any:
    """An array that nobody can write into; anything else as it is."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


def copied(out: Any) -> Any:
    """What a function may write into: a copy of a tensor's values, somebody's array itself."""
    return mapped(lambda a: array_copied(value_or_symbol(a)), out)


def shares(result: Any, tree: Any) -> bool:
    """Whether an array that a function gave is a view of the values of a tensor in `tree`."""
    if isinstance(result, tuple | list):
        return any(shares(part, tree) for part in result)
    found = in_this_run(result)
    if not isinstance(found, np.ndarray):
        return False
    return any(np.may_share_memory(found, in_this_run(tensor.node.value)) for tensor in tensors_in(tree))


def is_array(a: Any) -> bool:
    """Whether a function gave an array or a number of NumPy's."""
    return isinstance(a, np.ndarray | np.generic | Symbol)
