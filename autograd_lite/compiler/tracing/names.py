"""Names, notes and sections: what makes the source of a program read as if a person had written it.

While a function is traced, a profile function sees each Python frame begin and end, and tells the trace which code
runs. It learns from the frames what the user calls a value, which module is at work, and whether a backward pass or an
optimizer is running; what is whose gradient the walk back tells. It reads the user's local variables and writes nothing
but names, so a trace with it and one without it give the same program.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from types import FrameType
from typing import Any, NamedTuple, Self

from autograd_lite.compiler.codegen.spelling import readable
from autograd_lite.compiler.ir.program import Variable
from autograd_lite.compiler.tracing.module_tree import ModuleTree
from autograd_lite.compiler.tracing.reads import of_a_library, of_package
from autograd_lite.compiler.tracing.state import State
from autograd_lite.compiler.tracing.tracer import Tracer
from autograd_lite.engine.graph import backpropagate
from autograd_lite.engine.warnings import LIBRARIES
from autograd_lite.tensor.tensor import Tensor

PACKAGE = LIBRARIES[0]
EXPLAINED = tuple(f"{PACKAGE}{folder}{os.sep}" for folder in ("rules", "nn", "optim"))  # local variables say something
LIKE_A_USERS = tuple(f"{PACKAGE}{folder}{os.sep}" for folder in ("train", "cli"))
FEW = 100  # a longer list is not looked through for tensors
SAYING_NOTHING = {"x", "y", "a", "b", "self", "result", "value"}  # in functions of ours
CLIPPING = {"clip_grad_norm_", "clip_grad_value_"}  # between the backward pass and the step

LOCAL, PART, ROLE, INNER = range(4)  # where a name comes from, the best first
Rank = tuple[int, int]  # that, and how deep: the outermost is the best


class Kind(Enum):
    """Kinds of code: anything, the user's, ours with variables that say something, the backward pass."""

    OTHER, USER, OURS, BACKWARD = range(4)


class Entered(NamedTuple):
    """A frame that is running, and what held before it."""

    frame: Any
    kind: Kind
    depth: int
    section: str
    note: str


class Names:
    """Names variables, and notes sections and modules, while a function is traced inside ``with Names(…):``.

    Of several names for one value that of the outermost function of the user's counts, then the path of a module whose
    result it is, then the name in a function of ours. A gradient is called after what it is the gradient of. What
    has a name already, such as a parameter, keeps it.
    """

    def __init__(self, tracer: Tracer, state: State) -> None:
        self.tracer = tracer
        self.kinds: dict[int, Kind] = {}  # by id: the hash of a code is computed anew each time
        self.stack = [Entered(None, Kind.OTHER, 0, tracer.section, tracer.note)]
        self.ranks: dict[Variable, Rank] = {}
        self.printed: tuple[str, int] | None = None  # where the user's functions print
        self.stateful = {id(item) for item in state.stateful}
        self.tree = tree_of(state.modules)

    def __enter__(self) -> Self:
        for path, buffer in self.tree.buffers:
            if (variable := self.tracer.held_by(buffer)) is not None:
                variable.name = variable.name or path
        self.before: Any = sys.getprofile()
        if self.before is None or callable(self.before):  # Python 3.11 cannot set its own profiler again
            sys.setprofile(self.event)
        return self

    def __exit__(self, *_: object) -> None:
        if self.before is None or callable(self.before):
            sys.setprofile(self.before)
        calls = self.tracer.program.calls
        self.tracer.section = calls[-1].section if calls else self.stack[0].section  # for what is still to be written
        self.tracer.note = self.stack[0].note
        del self.stack[1:]
        self.number()
        self.name_gradients()

    # What Python reports.

    def event(self, frame: FrameType, event: str, result: Any) -> None:
        """See a frame begin or end. No name is worth an error in the user's function."""
        try:
            if event == "call":
                top, kind = self.stack[-1], self.kinds.get(id(frame.f_code)) or self.kind(frame)
                try:
                    if top.kind is Kind.USER and top.frame is frame.f_back:
                        self.see_locals(top)  # before they are given other values
                finally:
                    if kind is not Kind.OTHER:
                        self.begin(frame, kind)
            elif event == "c_call":
                if result is print and self.printed is None and self.stack[-1].kind is Kind.USER:
                    self.printed = frame.f_code.co_filename, frame.f_lineno
            elif event == "return" and self.stack[-1].frame is frame:
                self.end(frame, result)
        except Exception:
            return

    def begin(self, frame: FrameType, kind: Kind) -> None:
        """A function of interest begins."""
        tracer, code = self.tracer, frame.f_code
        self.stack.append(Entered(frame, kind, len(self.stack), tracer.section, tracer.note))
        name = code.co_name
        if kind is Kind.BACKWARD:
            tracer.section = "backward"
        elif name == "forward" and (position := self.tree.position(first_argument(frame))):
            tracer.note = position.note
            if tracer.section == "update":  # in a closure of an optimizer
                tracer.section = "forward"
        elif (name == "step" and self.updates(first_argument(frame))) or (name in CLIPPING and kind is Kind.OURS):
            tracer.section, tracer.note = "update", ""
        elif kind is Kind.USER and tracer.section == "update" and self.stack[-2].kind is Kind.OURS:
            tracer.section = "forward"  # the closure of an optimizer of ours

    def end(self, frame: FrameType, result: Any) -> None:
        """A function of interest ends: what held before it holds again."""
        entered = self.stack[-1]
        try:
            self.see_locals(entered)
            name = frame.f_code.co_name
            if name == "forward" and (position := self.tree.position(first_argument(frame))):
                name = position.role
            if (name != frame.f_code.co_name or entered.kind is Kind.USER) and name != self.tracer.program.name:
                self.suggest(result, name, (ROLE, entered.depth))
        finally:
            self.stack.pop()
            self.tracer.section = entered.section
            if self.stack[-1].kind is not Kind.BACKWARD:  # what is done with a gradient belongs to its module, too
                self.tracer.note = entered.note

    def kind(self, frame: FrameType) -> Kind:
        """What kind of code this is; found out once for each."""
        code, file = frame.f_code, frame.f_code.co_filename
        self.tracer.ran(code, frame.f_globals)
        if code in (backpropagate.__code__, Tensor.backward.__code__):
            kind = Kind.BACKWARD
        elif file.startswith(EXPLAINED):
            kind = Kind.OURS
        elif file.startswith(LIKE_A_USERS):
            kind = Kind.USER
        elif file.startswith("<frozen") or of_a_library(code) or of_package(frame.f_globals.get("__name__")):
            kind = Kind.OTHER
        else:
            made_by_namedtuple = code.co_varnames[:1] == ("_cls",)
            kind = Kind.OTHER if made_by_namedtuple else Kind.USER
        self.kinds[id(code)] = kind
        return kind

    def updates(self, item: Any) -> bool:
        """Whether an object with a method `step` is an optimizer, or steps for one."""
        return id(item) in self.stateful or "param_groups" in getattr(item, "__dict__", ())

    # Names.

    def suggest(self, value: Any, name: str, rank: Rank) -> None:
        """Call a value `name`, unless it has a better name."""
        variable = self.tracer.held_by(value)
        if variable is None or variable.kind == "constant" or not name.isidentifier() or name.startswith("__"):
            return
        if variable.name is None or rank < self.ranks.get(variable, (-1, 0)):
            variable.name, self.ranks[variable] = name, rank

    def see_locals(self, entered: Entered) -> None:
        """Name what stands in the local variables of a function, and in the globals that it uses."""
        frame, code, depth = entered.frame, entered.frame.f_code, entered.depth
        if entered.kind is Kind.OURS:
            arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            for name, value in frame.f_locals.items():
                if name not in SAYING_NOTHING and name not in arguments:
                    self.suggest(value, name, (INNER, depth))
        if entered.kind is not Kind.USER:
            return
        used = {name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals}
        variables = [*frame.f_locals.items(), *used.items()]
        for name, value in variables:
            self.suggest(value, name, (LOCAL, depth))
            self.tree.called(value, name)
        for name, value in variables:
            for part, tensor in parts(name, value):
                self.suggest(tensor, part, (PART, depth))

    def number(self) -> None:
        """Let the values that a variable had one after the other be x, x_2, x_3, and so their gradients."""
        times = Counter(v.name for v in self.tracer.program.inputs)
        for call in self.tracer.program.calls:
            if call.out in self.ranks:
                name = call.out.name
                times[name] += 1
                if times[name] > 1:
                    call.out.name = f"{name}_{times[name]}"

    def name_gradients(self) -> None:
        """Call gradients after what they are gradients of, now that this has its final name."""
        for walk in self.tracer.walks:
            for gradient, of, part in walk.named():
                better = gradient.name is not None and self.ranks.get(gradient, (LOCAL, 0))[0] <= PART
                if of.name and gradient.kind == "call" and not better:
                    gradient.name = f"d_{readable(of.name)}{part}"


def tree_of(modules: Sequence[Any]) -> ModuleTree:
    """The tree of the modules that were found; an empty one if they only look like modules."""
    try:
        return ModuleTree(module for module in modules if hasattr(type(module), "named_modules"))
    except Exception:
        return ModuleTree([])


def first_argument(frame: FrameType) -> Any:
    """The first argument of a function: `self` in a method."""
    names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
    return frame.f_locals.get(names[0]) if names else None


def parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Names for the tensors in a list, tuple or dict, and for those that are attributes of `self`."""
    if type(value) in (list, tuple) and len(value) <= FEW:
        for i, part in enumerate(value):
            yield f"{name}_{i}", part
    elif type(value) is dict and len(value) <= FEW:
        for key, part in list(value.items()):
            yield (key if isinstance(key, str) and key.isidentifier() else f"{name}_{key}"), part
    elif name == "self":
        for key, part in list(getattr(value, "__dict__", {}).items()):
            yield key, part
            yield from parts(key, part) if key != "self" else ()
