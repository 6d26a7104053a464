"""What a function can have read: looked at before it runs and afterwards, so that what it changes itself is known."""

from __future__ import annotations

import gc
import operator
import sys
import types
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.tracing.places import ITEM, MEMORY, MISSES, Place, memory, same
from autograd_lite.compiler.tracing.reads import Ran, of_a_library, of_package
from autograd_lite.compiler.tracing.state import OWN_RANDOM_NUMBERS, code_of
from autograd_lite.compiler.tracing.traced import TraceError
from autograd_lite.compiler.tracing.walk import Walk
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.engine.warnings import CompileWarning
from autograd_lite.tensor.tensor import Tensor

MOST = 1000  # objects that are looked at before it is known which code runs
LARGE = 1 << 14  # bytes of an array that is read in every call from the first on, as comparing it would take long
Code = tuple[dict[str, Any], types.CodeType]  # with its globals


class Reading(NamedTuple):
    """What a function can have read: places with what was there before, those it changed itself, and tensors."""

    places: list[Place]
    changed: list[Place]
    tensors: list[Any]


class Before:
    """What a function can read before it runs, starting from `roots`; `objects` are all that it may use."""

    def __init__(self, roots: list[Any], objects: Iterable[Any]) -> None:
        functions = [item for item in objects if isinstance(item, types.FunctionType)]
        self.roots = roots
        self.spaces = {id(item.__globals__) for item in functions}
        self.may_run = [code for item in functions for code in code_of(item)]
        self.walk = Walk(roots, Ran(self.may_run), most=MOST)
        self.memories = {id(a): memory(a) for a, _ in self.walk.arrays}
        self.positions = {id(i): position(i) for i in self.walk.iterators}

    def large_arrays(self) -> Iterator[Place]:
        """Where arrays stand that are too large to be compared in every call."""
        for a, place in self.walk.arrays:
            if place and getattr(a, "nbytes", 0) > LARGE:
                yield place

    def put_back(self) -> None:
        """Let everything be as it was, as far as that can be done."""
        self.walk.put_back()
        for a, _ in self.walk.arrays:
            if isinstance(a, np.ndarray) and not a.dtype.hasobject and (now := memory(a)) != self.memories[id(a)]:
                shape, dtype, _, values = self.memories[id(a)]
                if now[:2] == (shape, dtype) and a.flags.writeable:
                    a[...] = np.frombuffer(values, dtype).reshape(shape)

    def walked_again(self, codes: Iterable[Code]) -> Walk:
        """All that the code that ran can have read."""
        codes = list(codes)
        ran = Ran(code for _, code in codes) if codes else Ran(self.may_run)
        spaces = {id(vars(m)) for m in list(sys.modules.values()) if isinstance(m, types.ModuleType)} | self.spaces
        namespaces = [(s, code) for s, code in codes if is_users(s, code) and id(s) in spaces]
        walk = Walk(self.roots, ran, namespaces)
        known = {id(item.__code__) for item in walk.found.values() if isinstance(item, types.FunctionType)}
        inner = {id(constant) for _, code in namespaces for constant in code.co_consts}
        lost = [code for _, code in namespaces if code.co_freevars and id(code) not in known | inner]
        if lost:  # closures that the walk has not come to: whoever holds the code is one
            holders = [f for code in lost for f in gc.get_referrers(code) if isinstance(f, types.FunctionType)]
            walk = Walk([*self.roots, *holders], ran, namespaces)
        return walk

    def reading(self, codes: Iterable[Code], elsewhere: set[Any], arrays: set[int], name: str) -> Reading:
        """What the code that ran can have read; but for the places and arrays that are looked after `elsewhere`."""
        after = self.walked_again(codes)
        self.refuse_random_numbers_and_iterators(after)
        refuse_symbols_in_caches(after)
        places, changed = [], []
        for identity, place in after.places.items():
            if holds_symbol(place.value):
                refuse_symbol(place)
            was = place if place.look is MISSES else self.walk.was(place)  # what is cached stays so
            if not was.holds(place.value):
                changed.append(was)
            named = place.look is not ITEM or id(place.holder) not in after.found  # an attribute or a variable
            if identity not in elsewhere and not (named and after.ran.only_stores(place.key)):
                places.append(was)
        for a, found in after.arrays:
            if id(a) in arrays or (found is not None and found.identity in elsewhere):
                continue
            now = memory(a)
            what = found.what if found else f"a {type(a).__name__}"
            was = Place(MEMORY, a, None, self.memories.get(id(a), now), what)
            places.append(was)
            if not was.holds(now):
                changed.append(was)
        self.look_at_filled(after, name)
        return Reading(places, changed, after.tensors)

    def refuse_random_numbers_and_iterators(self, after: Walk) -> None:
        """Refuse what would be the same in every call."""
        if after.ran.unseeded:
            raise TraceError(OWN_RANDOM_NUMBERS)
        advanced = [i for i in after.iterators if isinstance(i, types.GeneratorType) and i.gi_code in after.ran]
        unlike = [i for i in after.iterators if position(i) is None or self.positions.get(id(i), -1) != position(i)]
        if advanced or unlike:
            raise TraceError(
                "the function can take from an iterator, which a compiled program would not do: take what it gives "
                "outside, and pass it"
            )

    def look_at_filled(self, after: Walk, name: str) -> None:
        """Warn of what the function puts somewhere without looking at it; refuse symbols there."""
        for key, (place, filled) in after.filled.items():
            now = tuple(place.value)
            if key not in self.walk.kept or same(now, self.walk.kept[key][1]):
                continue
            if any(map(holds_symbol, now)):
                refuse_symbol(place)
            advice = "give back what is to be kept, and put it there outside"
            while_tracing(f"{name} puts something into {place.what}", advice, after.ran.filled[filled])


def while_tracing(what: str, instead: str, where: tuple[str, int]) -> None:
    """Warn of an effect that a program does not have."""
    message = f"{what} while it is traced, and not when its program runs: {instead}"
    warnings.warn_explicit(message, CompileWarning, *where)


def holds_symbol(value: Any) -> bool:
    """Whether a symbol has been left somewhere."""
    if type(value) in (tuple, list):
        return any(map(holds_symbol, value))
    return isinstance(value, Symbol) or (isinstance(value, Tensor) and isinstance(value.node.value, Symbol))


def refuse_symbols_in_caches(after: Walk) -> None:
    """Refuse a function in whose caches values of the trace would stay."""
    for cached in after.caches:
        inside = gc.get_referents(cached)
        inside += [value for d in inside if type(d) is dict for value in d.values()]
        if any(map(holds_symbol, inside)):
            cached.cache_clear()
            raise TraceError(
                f"{cached.__wrapped__!r} keeps in its cache what a compiled step computes anew: call it "
                "without a cache, or before the step"
            )


def refuse_symbol(place: Place) -> None:
    """Refuse a function that keeps what it has computed."""
    raise TraceError(f"the step changes {place.what}, which a compiled step would not do")


def is_users(space: dict[str, Any], code: types.CodeType) -> bool:
    """Whether code can have globals that somebody changes; what a dataclass writes has no file of its own."""
    if of_package(space.get("__name__")):
        return False
    return code.co_filename in ("<frozen os>",) or not (of_a_library(code) or code.co_varnames[:1] == ("_cls",))


def position(iterator: Any) -> Any:
    """How far an iterator has come; None if it cannot be told."""
    if isinstance(iterator, types.GeneratorType):
        return iterator.gi_frame and iterator.gi_frame.f_lasti
    hint = operator.length_hint(iterator, -1)
    return None if hint < 0 else hint
