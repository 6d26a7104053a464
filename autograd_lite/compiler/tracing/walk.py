"""All that a function can have read of Python's state: places, each with what is there.

A program stands for its function as long as these places hold what they held. The names in the code that ran say which
globals, variables and attributes it can have come to; of a container all of its contents count.
"""

from __future__ import annotations

import array
import builtins
import collections
import contextvars
import enum
import functools
import itertools
import operator
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograd_lite.compiler.tracing.places import (
    ABSENT,
    ATTRIBUTE,
    BASES,
    CELL,
    CODE,
    CONTENTS,
    CONTEXT,
    DEFAULTS,
    EMPTY,
    ITEM,
    KEYS,
    KEYWORDS,
    KIND,
    LENGTH,
    MISSES,
    MISSING,
    NONE_OF,
    NOT_OF_CLASS,
    NOT_OF_THREAD,
    OF_CLASS,
    UNSET,
    VALUES,
    Look,
    Place,
    contents,
    refill,
    same,
)
from autograd_lite.compiler.tracing.reads import Ran, Wrapper, has_attributes, of_library, of_package, reads, slots_of
from autograd_lite.engine.array_like import PROTOCOLS
from autograd_lite.engine.graph import Node
from autograd_lite.engine.storage import Leaf, Storage
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.engine.warnings import LIBRARIES
from autograd_lite.tensor.tensor import Tensor

FIXED = (
    *(int, float, complex, bool, str, bytes, type(None), type(...), type(NotImplemented), range, slice, np.generic),
    *(np.dtype, np.ufunc, enum.Enum, types.CodeType),
    *(types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType, types.GenericAlias),
    *(types.MethodDescriptorType, types.ClassMethodDescriptorType, types.UnionType, Symbol, Node, Leaf, Storage),
)
CONTAINERS = (list, set, collections.deque, bytearray)
FROZEN = (tuple, frozenset)
ITERABLES: tuple[Any, ...] = ([], (), {}, {}.values(), {}.items(), set(), "", b"", range(0))
ITERATORS: tuple[Any, ...] = (types.GeneratorType, zip, map, filter, enumerate, reversed)
ITERATORS += (*map(type, map(iter, ITERABLES)), *(k for k in vars(itertools).values() if isinstance(k, type)))
CACHED = type(functools.lru_cache(lambda: None))
FEW = 8  # entries of a container that are looked at one by one, so that a number among them can become an input


def is_module(kind: type) -> bool:
    """Whether a class is that of a layer or a network; asked in words, because `nn` lies above."""
    return hasattr(kind, "named_parameters") and hasattr(kind, "training")


class Walk:
    """All places that code can come to from `roots` and the globals that it uses; or in the nearest `most` objects.

    Attributes
    ----------
    places : dict
        By their identity.
    arrays : list of (object, Place or None)
        What holds numbers, and where it was found.
    tensors, iterators, caches : list
    kept : dict
        Containers by their id, each with what is in it.
    filled : dict
        Where those are, and under which name, that the code puts something into without looking at them.
    """

    def __init__(
        self,
        roots: Iterable[Any],
        ran: Ran,
        namespaces: Iterable[tuple[dict[str, Any], Any]] = (),
        most: int | None = None,
    ) -> None:
        self.ran, self.most = ran, most
        roots, namespaces, known = list(roots), list(namespaces), -1
        while known != (known := len(ran.loads) + len(ran.codes)):  # what was found may say further names
            self.found: dict[int, Any] = {}
            self.places: dict[Any, Place] = {}
            self.arrays: list[tuple[Any, Place | None]] = []
            self.by_array: dict[int, Place] = {}
            self.kept: dict[int, tuple[Any, Any]] = {}
            self.filled: dict[int, tuple[Place, str]] = {}
            self.tensors: list[Any] = []
            self.iterators: list[Any] = []
            self.caches: list[Any] = []
            self.go(roots, namespaces)

    def go(self, roots: list[Any], namespaces: list[tuple[dict[str, Any], Any]]) -> None:
        """Walk once."""
        waiting = list(roots)
        for space, code in namespaces:
            waiting += self.globals_of(space, code)
        for name in sorted(self.ran.modules & sys.modules.keys()):
            waiting.append(self.at(ITEM, sys.modules, name, f"the module {name}"))
        for item in waiting:  # the nearest first
            if (isinstance(item, FIXED) and not has_attributes(item)) or id(item) in self.found:
                continue
            if len(self.found) == self.most:
                return
            self.found[id(item)] = item
            waiting += self.visit(item)

    def at(self, look: Look, holder: Any, key: Any, what: str, name: Any = None) -> Any:
        """What is at a place, which counts from now on; None if its contents do not. Code calls it by `name` or key."""
        place, name = Place(look, holder, key, look.read(holder, key), what), key if name is None else name
        self.places[place.identity] = place
        if isinstance(place.value, list | set | collections.deque) and self.ran.only_fills(name):
            self.keep(place.value)
            self.filled[id(place.value)] = place, name
            return None
        if look.write is not None and isinstance(place.value, np.ndarray):
            self.by_array.setdefault(id(place.value), place)
        return place.value

    def keep(self, container: Any) -> None:
        """Remember what is in a container."""
        self.kept[id(container)] = container, dict(container) if isinstance(container, dict) else tuple(container)

    def was(self, place: Place) -> Place:
        """A place that another walk has found, with what was there: nothing, where an object got an attribute."""
        _, before = self.kept.get(id(place.holder), (None, {place.key: None}))
        if place.look is ITEM and isinstance(before, dict) and place.key not in before:
            return place._replace(value=ABSENT)
        return self.places.get(place.identity, place)

    def put_back(self) -> None:
        """Let everything hold what it held, as far as that can be done."""
        for container, before in self.kept.values():
            if not isinstance(container, dict):
                if not same(container, before):
                    refill(container, None, before)
            elif not (same(container, tuple(before)) and same(container.values(), tuple(before.values()))):
                container.clear()
                container.update(before)
        for place in self.places.values():
            if place.look.write is not None and id(place.holder) not in self.kept and not place.holds(place.now()):
                place.put(place.value)

    # What an object leads to.

    def visit(self, item: Any) -> Iterable[Any]:
        """What can be read of an object."""
        for kinds, method in VISITS:
            if isinstance(item, kinds):
                return method(self, item)
        if holds_numbers(type(item)):
            self.arrays.append((item, None))
            return ()
        return self.visit_instance(item)

    def visit_tensor(self, t: Any) -> Iterable[Any]:
        self.tensors.append(t)
        return () if of_package(type(t).__module__) else self.visit_instance(t)

    def visit_wrapper(self, w: Wrapper) -> Iterable[Any]:
        return [w.f]

    def visit_memory(self, a: Any) -> Iterable[Any]:
        self.arrays.append((a, self.by_array.get(id(a))))
        objects = a.ravel().tolist() if getattr(getattr(a, "dtype", None), "hasobject", False) else ()
        return *objects, *(self.visit_instance(a) if type(a).__dictoffset__ else ())

    def visit_iterator(self, item: Any) -> Iterable[Any]:
        self.iterators.append(item)
        return ()

    def visit_context(self, variable: contextvars.ContextVar[Any]) -> Iterable[Any]:
        try:
            variable.get()
        except LookupError:
            self.at(UNSET, variable, ABSENT, f"the context variable {variable.name!r}")
            return ()
        return [self.at(CONTEXT, variable, None, f"the context variable {variable.name!r}")]

    def visit_reference(self, r: Any) -> Iterable[Any]:
        return [r()]

    def visit_proxy(self, p: Any) -> Iterable[Any]:
        return [getattr(p.__init__, "__self__", None)]

    def visit_getter(self, g: Any) -> Iterable[Any]:
        self.ran.loads.update(part for a in g.__reduce__()[1] if isinstance(a, str) for part in a.split("."))
        return ()

    def visit_cached(self, f: Any) -> Iterable[Any]:
        if hasattr(f.__wrapped__, "__code__"):  # it ran once, and what it gave is used
            self.ran.add(f.__wrapped__.__code__)
        self.at(MISSES, f, None, f"the cache of {f.__wrapped__!r}")
        self.caches.append(f)
        return [f.__wrapped__]

    def visit_method(self, m: types.MethodType) -> Iterable[Any]:
        return m.__func__, m.__self__

    def visit_builtin(self, m: Any) -> Iterable[Any]:
        return () if isinstance(m.__self__, types.ModuleType) else [m.__self__]

    def visit_partial(self, p: functools.partial[Any]) -> Iterable[Any]:
        return p.func, *p.args, *self.visit_mapping(p.keywords), *self.visit_instance(p)

    def visit_wrapped(self, f: Any) -> Iterable[Any]:
        return [f.__func__]

    def visit_property(self, p: property) -> Iterable[Any]:
        return p.fget, p.fset

    def visit_frozen(self, container: Any) -> Iterable[Any]:
        return *container, *(self.visit_instance(container) if hasattr(container, "__dict__") else ())

    # Functions, modules and classes.

    def visit_function(self, f: Any) -> Iterator[Any]:
        """The code, the defaults, the variables of a function, and the globals that it names."""
        if f.__code__.co_filename.startswith(LIBRARIES):
            if f.__code__ in self.ran:
                yield from self.cells(f)
            return
        self.at(CODE, f, None, f"the code of {f.__name__}")
        if f.__code__ not in self.ran:
            return
        yield self.at(DEFAULTS, f, None, f"the defaults of {f.__name__}")
        if f.__kwdefaults__:
            yield self.at(KEYWORDS, f, None, f"the defaults of {f.__name__}")
        yield from self.cells(f)
        yield from self.items(f.__dict__, self.ran.names, f.__name__)
        if not of_library(f.__module__):
            yield from self.globals_of(f.__globals__, f.__code__)

    def cells(self, f: Any) -> Iterator[Any]:
        """The variables of a closure."""
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            yield self.at(EMPTY if contents(cell) is ABSENT else CELL, cell, None, f"the variable {name!r}", name)

    def globals_of(self, space: dict[str, Any], code: Any) -> Iterator[Any]:
        """The globals that code names, and the code inside it that ran."""
        waiting = [code]
        for code in waiting:
            waiting += [c for c in code.co_consts if isinstance(c, types.CodeType) and c in self.ran]
            names = reads(code).globals | (reads(code).stored & space.keys())
            if not {"globals", "locals"}.isdisjoint(names):
                names |= {name for name in space if not name.startswith("__")}
            yield from self.items(space, names, "", "the global {1!r}")
            for name in sorted(names - space.keys()):
                self.at(MISSING, space, name, f"the global {name!r}")
                if name in vars(builtins):
                    yield self.at(ITEM, vars(builtins), name, f"the builtin {name!r}")

    def items(self, space: Any, names: Iterable[str], where: str, what: str = "{1!r} of {0}") -> Iterator[Any]:
        """What stands under some of `names` in a dict."""
        for name in sorted(space.keys() & names):
            yield self.at(ITEM, space, name, what.format(where, name))

    def visit_module(self, m: types.ModuleType) -> Iterable[Any]:
        """What code names of a module; of this package and NumPy only what is neither a function nor a class."""
        names = self.ran.names & vars(m).keys()
        if of_package(m.__name__):
            return [a for a in map(vars(m).get, names) if isinstance(a, types.ModuleType) or not callable(a)]
        return self.items(vars(m), names, f"the module {m.__name__}")

    def visit_type(self, kind: type) -> Iterator[Any]:
        """What code names of a class, and its special methods."""
        meta: Any = type(kind)
        yield from (k for k in (*meta.__mro__, *kind.__mro__) if not of_library(k.__module__))
        if of_library(kind.__module__):
            if is_module(kind) and "forward" in kind.__dict__:
                yield self.at(OF_CLASS, kind, "forward", f"{kind.__name__}.forward")
            return
        self.at(BASES, kind, None, f"the bases of {kind.__name__}")
        if not of_library(type(kind).__module__):
            self.at(KIND, kind, None, f"the class of {kind.__name__}")
        space = kind.__dict__
        names = {n for n in space if n in self.ran.names or type(space[n]) is types.FunctionType}
        if self.ran.everything or is_module(kind):
            names |= {n for n in space if not n.startswith("__")}
        for name in sorted(names):
            yield self.at(OF_CLASS, kind, name, f"{name!r} of {kind.__name__}")
        absent = frozenset(self.ran.loads - space.keys())
        if absent:
            self.at(NOT_OF_CLASS, kind, absent, f"an attribute of {kind.__name__}")

    # Containers and objects.

    def visit_mapping(self, d: Any) -> Iterator[Any]:
        """All that a dict holds."""
        kind = type(d).__name__
        if isinstance(d, dict):
            self.keep(d)
        if len(d) <= FEW and all(type(key) in (str, int) for key in d):
            self.at(LENGTH, d, None, f"a {kind}")
            for key in tuple(d):
                yield self.at(ITEM, d, key, f"[{key!r}] of a {kind}", "")
            if len(d) > 1:
                self.at(KEYS, d, None, f"a {kind}")
        else:
            yield from self.at(KEYS, d, None, f"a {kind}")
            yield from self.at(VALUES, d, None, f"a {kind}")
        if type(d) is not dict and hasattr(d, "__dict__"):
            yield from self.visit_instance(d)

    def visit_container(self, c: Any) -> Iterator[Any]:
        """All that a list, a set or the like holds."""
        kind = type(c).__name__
        self.keep(c)
        if isinstance(c, list) and len(c) <= FEW:
            self.at(LENGTH, c, None, f"a {kind}")
            for i in range(len(c)):
                yield self.at(ITEM, c, i, f"[{i}] of a {kind}", "")
        else:
            yield from self.at(CONTENTS, c, None, f"a {kind}")
        if hasattr(c, "__dict__"):
            yield from self.visit_instance(c)

    def visit_instance(self, o: Any) -> Iterator[Any]:
        """The attributes of an object that code names; all of a layer's, and where names are made up."""
        kind, read = type(o), self.ran.names
        name, library = kind.__name__, of_library(kind.__module__)
        space = o.__dict__ if kind.__dictoffset__ else None
        if space is not None and not library:
            self.keep(space)
        if isinstance(o, threading.local):
            for key in sorted(read & vars(o).keys()):
                yield self.at(ATTRIBUTE, o, key, f"{key!r} of a thread's {name}")
            self.at(NOT_OF_THREAD, o, frozenset(self.ran.loads - vars(o).keys()), f"an attribute of a thread's {name}")
        elif space is not None and (is_module(kind) or (self.ran.everything and not of_package(kind.__module__))):
            self.at(LENGTH, space, None, f"an attribute of a {name}")
            yield from self.items(space, set(space), f"a {name}")
        elif space is not None:
            if "__match_args__" in read:
                self.ran.loads.update(getattr(kind, "__match_args__", ()))
            yield from self.items(space, read, f"a {name}")
            if not library or kind.__module__ == "types":
                self.at(NONE_OF, space, frozenset(self.ran.loads - space.keys()), f"an attribute of a {name}")
        if not library:
            slots = [s for k in kind.__mro__ if not of_library(k.__module__) for s in slots_of(k)]
            for slot in sorted(read & set(slots)):
                yield self.at(ATTRIBUTE, o, slot, f"{slot!r} of a {name}")
        if not library or is_module(kind):
            self.at(KIND, o, None, f"the class of a {name}")
        yield from (k for k in kind.__mro__ if not of_library(k.__module__) or (is_module(k) and k is kind))


def holds_numbers(kind: type) -> bool:
    """Whether objects of a class are arrays of another library, or of ctypes; nobody's code is asked."""
    return any(hasattr(kind, name) for name in (*PROTOCOLS, "__dlpack__", "_length_", "_fields_"))


VISITS: tuple[tuple[Any, Callable[[Walk, Any], Iterable[Any]]], ...] = (
    (weakref.ProxyTypes, Walk.visit_proxy),
    (Tensor, Walk.visit_tensor),
    (Wrapper, Walk.visit_wrapper),
    ((np.ndarray, array.array, memoryview), Walk.visit_memory),
    (types.FunctionType, Walk.visit_function),
    (types.MethodType, Walk.visit_method),
    ((types.BuiltinFunctionType, types.MethodWrapperType), Walk.visit_builtin),
    (functools.partial, Walk.visit_partial),
    ((staticmethod, classmethod), Walk.visit_wrapped),
    (property, Walk.visit_property),
    (CACHED, Walk.visit_cached),
    (types.ModuleType, Walk.visit_module),
    (type, Walk.visit_type),
    ((dict, types.MappingProxyType), Walk.visit_mapping),
    (CONTAINERS, Walk.visit_container),
    (FROZEN, Walk.visit_frozen),
    (contextvars.ContextVar, Walk.visit_context),
    (weakref.ref, Walk.visit_reference),
    ((operator.attrgetter, operator.methodcaller), Walk.visit_getter),
    (ITERATORS, Walk.visit_iterator),
)
