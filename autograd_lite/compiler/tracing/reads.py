"""What code can read of Python's state, by the names in it: globals, attributes, and what it imports."""

from __future__ import annotations

import dis
import enum
import functools
import os
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from autograd_lite.engine.warnings import LIBRARIES

REFLECTION = {"getattr", "hasattr", "vars", "dir", "__dict__", "__getattribute__", "attrgetter", "methodcaller"}
REFLECTION |= {"asdict", "astuple", "format", "format_map", "globals", "locals"}
LOADS = {
    **dict.fromkeys(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"), "globals"),
    **dict.fromkeys(("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"), "attributes"),
    **dict.fromkeys(("STORE_ATTR", "STORE_GLOBAL"), "stored"),
    "IMPORT_NAME": "modules",
}
RANDOM = {"default_rng", "RandomState", "SeedSequence"}  # what makes generators that nobody else holds
CONTAINERS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_ATTR")  # what may load one
FILLING = {"append", "appendleft", "extend", "extendleft", "insert", "add"}  # methods that give nothing back
PYTHON = os.path.dirname(types.__file__) + os.sep


class Wrapper:
    """Base class of what is called in the place of a function `f`: nothing else in it is the user's."""

    f: Callable[..., Any]


class Reads(NamedTuple):
    """The names that some code can load."""

    globals: frozenset[str]
    attributes: frozenset[str]
    texts: frozenset[str]  # that `getattr` could be asked for
    modules: frozenset[str]
    stored: frozenset[str]
    filled: frozenset[tuple[str, int]]  # what something is put into, and in which line
    used: frozenset[str]  # for anything else
    unseeded: frozenset[str]  # what makes random generators, and is called without a seed


@functools.lru_cache(maxsize=4096)
def reads(code: types.CodeType) -> Reads:
    """What `code` can load by name; of Python's own code all names count, because telling them apart takes long."""
    if of_python(code):
        names = frozenset(code.co_names)
        return Reads(names, names, texts_in(code), frozenset(), frozenset(), frozenset(), names, frozenset())
    found: dict[str, set[Any]] = {kind: set() for kind in Reads._fields if kind != "texts"}
    container, line, maker = None, code.co_firstlineno, None
    for instruction in dis.get_instructions(code):
        line = instruction.starts_line or line
        if (
            container is not None
            and instruction.opname in ("LOAD_METHOD", "LOAD_ATTR")
            and instruction.argval in FILLING
        ):
            found["filled"].add((container, line))
        elif container is not None:
            found["used"].add(container)
        container = instruction.argval if instruction.opname in CONTAINERS else None
        if instruction.argval in RANDOM:
            maker = instruction.argval
        elif maker is not None and instruction.opname.startswith("CALL"):
            found["unseeded"] |= {maker} if instruction.arg == 0 else set()
            maker = None
        if instruction.opname in LOADS:
            found[LOADS[instruction.opname]].add(instruction.argval)
        elif instruction.opname == "MATCH_CLASS":
            found["attributes"].add("__match_args__")
    return Reads(texts=texts_in(code), **{kind: frozenset(names) for kind, names in found.items()})


def texts_in(code: types.CodeType) -> frozenset[str]:
    """The constants of code that could be names."""
    texts, waiting = set(), list(code.co_consts)
    for constant in waiting:
        if isinstance(constant, str) and constant.isidentifier():
            texts.add(constant)
        elif isinstance(constant, tuple):
            waiting += constant
    return frozenset(texts)


def of_a_library(code: types.CodeType) -> bool:
    """Whether code stands in this package, in NumPy or in Python's standard library."""
    return code.co_filename.startswith(LIBRARIES) or of_python(code)


def of_python(code: types.CodeType) -> bool:
    """Whether code stands in Python's standard library."""
    file = code.co_filename
    return file.startswith("<frozen") or (file.startswith(PYTHON) and "-packages" not in file)


def of_library(module_name: Any) -> bool:
    """Whether a module belongs to this package, NumPy or Python."""
    return of_package(module_name) or str(module_name).partition(".")[0] in sys.stdlib_module_names


def of_package(module_name: Any) -> bool:
    """Whether a module belongs to this package or NumPy, whose own state is looked after elsewhere."""
    return str(module_name).partition(".")[0] in ("numpy", "autograd_lite")


def slots_of(kind: type) -> tuple[str, ...]:
    """The names in a class's ``__slots__``."""
    slots = kind.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def has_attributes(item: Any) -> bool:
    """Whether a number, a text or a member of an enumeration is of a class of the user's, with attributes."""
    return type(item).__dictoffset__ != 0 and isinstance(item, int | float | str | bytes | enum.Enum)


class Ran:
    """Code that ran, or may run, and all that it can read.

    Attributes
    ----------
    loads, stores : set of str
        The names that it loads from objects, and those that it assigns to.
    filled : dict
        The names of containers that it puts something into, and the file and the line.
    everything : bool
        Whether it asks for attributes whose names it makes up.
    unseeded : bool
        Whether it makes random generators without a seed.
    """

    def __init__(self, codes: Iterable[types.CodeType]) -> None:
        self.codes: dict[int, types.CodeType] = {}  # by id: equal code may belong to two functions
        self.loads: set[str] = set()
        self.stores: set[str] = set()
        self.modules: set[str] = set()
        self.filled: dict[str, tuple[str, int]] = {}
        self.used: set[str] = set()
        self.everything = self.unseeded = False
        for code in codes:
            self.add(code)

    def __contains__(self, code: types.CodeType) -> bool:
        return id(code) in self.codes

    def add(self, code: types.CodeType) -> None:
        """Count `code`, too."""
        self.codes[id(code)] = code
        if code.co_filename.startswith(LIBRARIES):
            return
        found = reads(code)
        self.loads |= found.attributes
        self.stores |= found.stored
        self.filled |= {name: (code.co_filename, line) for name, line in found.filled}
        self.used |= found.used
        self.unseeded |= bool(found.unseeded)
        if not of_python(code):
            self.modules |= found.modules
        if not REFLECTION.isdisjoint(found.globals | found.attributes):
            self.loads |= found.texts
            self.everything = True

    @property
    def names(self) -> set[str]:
        """All names by which it can come to an attribute."""
        return self.loads | self.stores

    def only_fills(self, name: Any) -> bool:
        """Whether it puts things into what has this name, and never looks at it."""
        return name in self.filled and name not in self.used

    def only_stores(self, name: Any) -> bool:
        """Whether it assigns to a name and never loads it, so that nothing hangs on what is there."""
        return not self.everything and name in self.stores and name not in self.loads | self.used
