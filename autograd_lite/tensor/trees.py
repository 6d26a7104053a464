"""Trees: numbers, arrays and tensors in dicts, lists, tuples, namedtuples and dataclasses, nested as you like.

None, text, functions and their like belong to a tree's structure and are handed back as they are. Arrays of other
libraries are leaves. Containers of other kinds are refused: what is in them would be taken for constant.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence, Set
from typing import Any

import numpy as np

from autograd_lite.engine.array_like import is_array_like, named
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.tensor.tensor import Tensor

Rebuild = Callable[[Iterable[Any]], Any]
LEAF = (Tensor, np.ndarray, np.generic, Symbol, int, float, complex)
NO_TREES = (Mapping, MappingView, Set, Sequence, Iterator)  # all containers but those that are trees
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial, np.ufunc, type)
CONSTANTS = (type(None), str, bytes, enum.Enum, np.dtype, *FUNCTIONS)
ADVICE = "give numbers, arrays and tensors, in dicts, lists, tuples, namedtuples or dataclasses if there are several"


def is_leaf(tree: Any) -> bool:
    """Whether `tree` is one number, array or tensor."""
    return isinstance(tree, LEAF) or (not isinstance(tree, dict | list | tuple) and is_array_like(tree))


def refuse_container(tree: Any) -> None:
    """Refuse a container that is no tree; text, a range and objects of other kinds are constants."""
    if isinstance(tree, NO_TREES) and not isinstance(tree, dict | list | tuple | str | bytes | range):
        raise TypeError(f"{named(tree)} is no tree: {ADVICE}")


def check_tree(tree: Any, place: str, constants: tuple[type, ...] = ()) -> None:
    """Refuse objects in which derivatives would be lost without a word; constants only belong into trees."""
    if is_leaf(tree):
        return
    parts = children(tree)
    if not parts and not isinstance(tree, (dict, list, tuple, *constants)):
        hint = ", such as dict(model.named_parameters())" if hasattr(tree, "named_parameters") else ""
        raise TypeError(f"{place} is {named(tree)}, in which nothing can be differentiated: {ADVICE}{hint}")
    for step, part in parts:
        check_tree(part, place + step, CONSTANTS)


def children(tree: Any) -> list[tuple[str, Any]]:
    """The parts of a container, each with how a user writes its place; none for anything else."""
    if isinstance(tree, dict):
        return [(f"[{key!r}]", part) for key, part in tree.items()]
    if isinstance(tree, list | tuple):
        names = getattr(tree, "_fields", None)
        return [(f".{names[i]}" if names else f"[{i}]", part) for i, part in enumerate(tree)]
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [(f".{field.name}", getattr(tree, field.name)) for field in dataclasses.fields(tree)]
    return []


def container(tree: Any) -> Callable[[list[Any]], Any]:
    """What makes a container of the kind of `tree` from new parts; it keeps nothing of the old ones."""
    if isinstance(tree, dict):
        keys, empty = list(tree), copy.copy(tree)
        empty.clear()

        def fill(parts: list[Any]) -> Any:
            filled = copy.copy(empty)
            filled.update(zip(keys, parts, strict=True))
            return filled

        return fill
    if isinstance(tree, list | tuple):
        kind: Any = type(tree)
        return (lambda parts: kind(*parts)) if hasattr(tree, "_fields") else kind
    blank, names = copy.copy(tree), [field.name for field in dataclasses.fields(tree)]
    for name in names:
        object.__setattr__(blank, name, None)

    def replace(parts: list[Any]) -> Any:
        replaced = copy.copy(blank)
        for name, part in zip(names, parts, strict=True):
            object.__setattr__(replaced, name, part)
        return replaced

    return replace


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """The leaves of `tree` in order, and a function that puts others in their places."""
    if is_leaf(tree):
        return [tree], lambda leaves: next(iter(leaves))
    inside = [flatten(part) for _, part in children(tree)]
    if not inside and not isinstance(tree, dict | list | tuple):
        refuse_container(tree)
        return [], lambda _: tree
    make, sizes = container(tree), [len(leaves) for leaves, _ in inside]
    rebuilds = [rebuild for _, rebuild in inside]

    def rebuild(leaves: Iterable[Any]) -> Any:
        given = iter(leaves)
        return make([again([next(given) for _ in range(n)]) for again, n in zip(rebuilds, sizes, strict=True)])

    return [leaf for leaves, _ in inside for leaf in leaves], rebuild


def leaves_and_places(tree: Any, place: str) -> Iterator[tuple[Any, str]]:
    """The leaves of `tree`, each with how a user writes its place, e.g. ``argument 0['weights'][1]``."""
    if is_leaf(tree):
        yield tree, place
    for step, part in children(tree):
        yield from leaves_and_places(part, place + step)


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """`tree` with ``function(leaf)`` in the place of each leaf."""
    leaves, rebuild = flatten(tree)
    return rebuild(map(function, leaves))


def align(tree: Any, other: Any, what: str) -> list[Any]:
    """What stands in `other` at the places of the leaves of `tree`; None there stands for all leaves below."""
    if is_leaf(tree):
        return [other]
    parts = children(tree)
    if other is None:
        return [None] * len(flatten(tree)[0])
    matching = children(other)
    if [name for name, _ in parts] != [name for name, _ in matching]:
        raise ValueError(
            f"{what} has the wrong structure: {type(tree).__name__} with {len(parts)} parts expected, "
            f"not {type(other).__name__} with {len(matching)}"
        )
    return [leaf for (_, a), (_, b) in zip(parts, matching, strict=True) for leaf in align(a, b, what)]
