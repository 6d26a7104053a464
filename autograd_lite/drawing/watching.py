"""Which call made a node: of which module, of which function of the package, on which line.

While a function is watched, what it is given is recorded from the first operation on, constants as well: their nodes
are marked `SHOWN`, which is true, so that the recorder keeps their history, and not True, so that a layer that casts
what needs no gradient can tell. Afterwards they are constants again, with a history.

Whose call a node belongs to stands on Python's stack when it is recorded: every module that runs, and the function of
the package that the user's innermost line has called.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.drawing.arrows import Failure
from autograd_lite.drawing.modules import ModuleCall, Scope, common, title
from autograd_lite.engine.array_like import array_of_any, is_array_like
from autograd_lite.engine.grad_mode import grad_enabled, watcher
from autograd_lite.engine.graph import Node
from autograd_lite.engine.interception import Interpreter
from autograd_lite.engine.storage import clock
from autograd_lite.engine.warnings import LIBRARIES, OURS
from autograd_lite.tensor.tensor import Tensor

SHOWN: Any = 1


class Made(NamedTuple):
    """Where a node was recorded, and how long that took with what led to it."""

    scope: Scope
    program: Hashable  # the same for two nodes that the same place of the program has made
    place: str
    line: int
    seconds: float


class CallWatcher(Interpreter):
    """Sees the calls of a function that is drawn.

    Attributes
    ----------
    made : dict
        Of each node, where it was made.
    given : dict
        Of each call, its arguments by their names.
    running : list of ModuleCall
        The calls that were being run when the function failed, the outermost first.
    """

    def __init__(self, model: Any, recording: bool) -> None:
        self.recording = recording
        self.inputs: list[Node] = []
        self.names: dict[Node, str] = {}
        self.paths: dict[int, str] = {}
        self.parameters: dict[str, int] = {}
        self.owned: set[Node] = set()
        self.kept: list[Any] = []  # what is known by its id has to stay
        self.made: dict[Node, Made] = {}
        self.given: dict[ModuleCall, Mapping[str, Any]] = {}
        self.running: list[ModuleCall] = []
        self.calls: dict[int, ModuleCall] = {}
        self.times: Counter[str] = Counter()
        self.marked: set[Node] = set()
        self.before = time.perf_counter()
        self.frame: FrameType | None = None
        self.model = model
        if model is not None:
            self.enter_tree(model, "")

    def enter_tree(self, model: Any, prefix: str) -> None:
        """Learn what the modules of a model are called, and which tensors are its own."""
        list(model.named_parameters())  # names those that have no name yet
        self.kept.append(model)
        for path, module in model.named_modules():
            full = ".".join(filter(None, (prefix, path)))
            self.paths.setdefault(id(module), full)
            self.parameters[full] = sum(parameter.size for parameter in module.parameters())
        self.owned |= {tensor.node for _, tensor in model.tensors()}

    def run(self, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        """Call a function and see what it records, also where recording is switched off around it."""
        self.frame, self.start = sys._getframe(), clock()
        tokens = watcher.set(self), grad_enabled.set(self)
        self.before = time.perf_counter()
        remove = self.model.register_forward_pre_hook(self.enter) if self.model is not None else lambda: None
        try:
            return function(*arguments)
        except Exception as error:
            self.running = self.calls_of(stack_of(error, self.frame))[0]
            raise
        finally:
            remove()
            grad_enabled.reset(tokens[1])
            watcher.reset(tokens[0])
            self.frame = None  # a frame that is kept keeps everything in it

    def enter(self, module: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """What the model is given becomes tensors that are recorded, called what the model calls them."""
        dtype = next((p.dtype for p in module.parameters()), None)
        names = [*parameter_names(module.forward), *("" for _ in inputs)]
        return tuple([self.given_as(a, name, dtype) for a, name in zip(inputs, names, strict=False)])

    def given_as(self, a: Any, name: str, dtype: Any = None) -> Any:
        """An argument as a tensor that is recorded: floating numbers in `dtype`, if there is one."""
        if not isinstance(a, Tensor):
            if not (is_array_like(a) or (dtype is not None and isinstance(a, list | tuple))):
                return a
            if (array := array_of_any(a)).dtype.kind not in "biufc" or not array.ndim:
                return a
            a = Tensor(array, dtype if array.dtype.kind == "f" else None)
        self.inputs.append(a.node)
        self.names.setdefault(a.node, name)
        if self.recording and a.ndim:
            self.shown(a.node)
        return a

    def shown(self, node: Node) -> None:
        """Record what is computed from a constant."""
        if not node.needs_grad:
            node.needs_grad = SHOWN
            self.marked.add(node)

    def constants_again(self) -> None:
        """Of what was marked, no gradient is wanted."""
        for node in self.marked:
            node.needs_grad = False

    def recorded(self, node: Node) -> None:
        """Remember where a node comes from; without a parameter behind it, it is a constant that is shown."""
        now = time.perf_counter()
        if not any(type(a) is Node and a.needs_grad and a not in self.marked for a in node.args):
            node.needs_grad = SHOWN
            self.marked.add(node)
        frames = stack(self.frame)
        scope, user = self.calls_of(frames)
        place, line = (os.path.basename(user.f_code.co_filename), user.f_lineno) if user else ("", 0)
        program = tuple([position(frame.f_code, frame.f_lasti) for frame in upto(frames, user)])
        self.made[node] = Made(tuple(scope), program, place, line, now - self.before)
        self.before = time.perf_counter()

    def walk(self, roots: Sequence[Any]) -> None:
        """A walk inside the function is none that is drawn."""

    def failure(self, error: Exception) -> Failure | None:
        """What raised an error: the innermost call that was given something, if anything was."""
        modules = [call for call in self.running if not call.function and self.given[call]]
        calls = [call for call in self.running if self.given[call]]
        if not calls:
            return None
        words = f"{type(error).__name__}: {error}"
        own = sorted(self.owned, key=lambda node: node.time)
        parameters = {str(p.leaf.name): p for p in own if p.leaf and inside(p.leaf.name, modules)}
        return Failure(title((modules or calls)[-1], {}), words, {**self.given[calls[-1]], **parameters})

    # Calls on the stack.

    def calls_of(self, frames: Sequence[FrameType]) -> tuple[list[ModuleCall], FrameType | None]:
        """The calls of modules in some frames, the outermost first, then that of a function or a layer of the package
        which the user wrote, if any; and the user's innermost frame.
        """
        modules = [i for i, frame in enumerate(frames) if is_module_call(frame)]
        users = [i for i, frame in enumerate(frames) if not frame.f_code.co_filename.startswith(LIBRARIES)]
        found = [self.call_of(frames[i], frames[i].f_locals["self"]) for i in modules]
        module, user = modules[-1] if modules else -1, users[-1] if users else -1
        if user > module:
            inner = frames[user + 1 :]
        else:
            inner = [frame for frame in frames[module + 1 :] if frame.f_code.co_name == "forward"]
        if inner and inner[0].f_code.co_filename.startswith(OURS):
            found.append(self.call_of(inner[0], None, found[-1] if user < module else None))
        return [call for call in found if call.path], frames[user] if users else None

    def call_of(self, frame: FrameType, module: Any, around: ModuleCall | None = None) -> ModuleCall:
        """The call that a frame runs: of a module, of what the layer `around` computes, or of a function."""
        if id(frame) not in self.calls:
            self.kept.append(frame)
            kind = type(module).__name__ if module is not None else around.kind if around else function_name(frame)
            path = self.path_of(module, frame) if module is not None else around.path if around else kind
            self.times[path] += around is None
            call = self.calls[id(frame)] = ModuleCall(path, kind, self.times[path], module is None)
            self.given[call] = arguments_of(frame, module)
        return self.calls[id(frame)]

    def path_of(self, module: Any, frame: FrameType) -> str:
        """What a module is called: its place in the model or, for another one, the variable that holds it."""
        if id(module) not in self.paths:
            name = variable_of(module, frame.f_back) or type(module).__name__
            others = sum(path == name or path.startswith(f"{name} ") for path in self.parameters)
            self.enter_tree(module, f"{name} {others + 1}" if others else name)
        return self.paths[id(module)]

    # What is asked afterwards.

    def scopes(self, nodes: Sequence[Node]) -> dict[Node, Scope]:
        """The scope of each node, these being sorted by time; a leaf's is where all its uses are."""
        found = {node: self.made[node].scope for node in nodes if node in self.made}
        for node in nodes:
            for a in node.args if node in self.made else ():
                if type(a) is Node and a.function is None and (a in self.owned or a.time > self.start):
                    scope = self.outside(found[node], a)
                    found[a] = common(found[a], scope) if a in found else scope
        return found

    def outside(self, scope: Scope, leaf: Node) -> Scope:
        """The calls around a leaf that is used in `scope`: not those of functions, nor those it was given to."""
        for i, call in enumerate(scope):
            if (call.function and leaf in self.owned) or any(a is leaf for a in self.given[call].values()):
                return scope[:i]
        return scope


def stack(last: FrameType | None) -> list[FrameType]:
    """The frames that run, from the one that `last` has called on."""
    frames, frame = [], sys._getframe(1)
    while frame is not None and frame is not last:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames[::-1]


def inside(name: str | None, modules: Sequence[ModuleCall]) -> bool:
    """Whether a parameter is held by the innermost of some modules."""
    return bool(modules and name and name.rpartition(".")[0] == modules[-1].path)


def upto(frames: Sequence[FrameType], last: FrameType | None) -> Sequence[FrameType]:
    """Some frames up to one of them."""
    return frames[: frames.index(last) + 1] if last is not None else frames


@functools.lru_cache(maxsize=4096)
def position(code: CodeType, at: int) -> Hashable:
    """The expression that `code` is at; the instruction itself may be another one in the next pass."""
    return code, next(itertools.islice(code.co_positions(), at // 2, None), at)


def stack_of(error: BaseException, first: FrameType | None) -> list[FrameType]:
    """The frames that an error went through, the outermost first."""
    frames, place = [], error.__traceback__
    while place is not None:
        frames += [place.tb_frame] if place.tb_frame is not first else []
        place = place.tb_next
    return frames


def is_module_call(frame: FrameType) -> bool:
    """Whether a frame is that of ``module(…)``."""
    return frame.f_code.co_name == "__call__" and hasattr(type(frame.f_locals.get("self")), "named_modules")


def function_name(frame: FrameType) -> str:
    """The function of the package or of NumPy that a frame runs."""
    called = frame.f_locals.get("function") or frame.f_locals.get("ufunc")
    return getattr(called, "__name__", "") or frame.f_code.co_name


def variable_of(value: Any, frame: FrameType | None) -> str:
    """The variable of a frame, or the attribute of its object, that holds a value."""
    if frame is None:
        return ""
    local, outside = frame.f_locals, frame.f_globals
    owned = vars(local["self"]) if hasattr(local.get("self"), "__dict__") else {}
    named = (name for names in (local, owned, outside) for name, held in names.items() if held is value)
    return next((name for name in named if name not in ("self", "module")), "")


def arguments_of(frame: FrameType, module: Any) -> dict[str, Any]:
    """The arrays and tensors that a call was given, by the names of its parameters."""
    if module is None:
        code, local = frame.f_code, frame.f_locals
        given = {name: local.get(name) for name in code.co_varnames[: code.co_argcount]}
    else:
        names = parameter_names(module.forward)
        inputs = frame.f_locals.get("inputs", ())
        given = dict(zip([*names, *(f"input {i}" for i in range(len(names), len(inputs)))], inputs, strict=False))
        given |= frame.f_locals.get("settings", {})
    nodes = {name: a.node if isinstance(a, Tensor) else a for name, a in given.items()}
    return {name: a for name, a in nodes.items() if isinstance(a, Node | np.ndarray) and np.ndim(shown_array(a))}


def parameter_names(function: Callable[..., Any]) -> list[str]:
    """What a function calls its arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def shown_array(a: Any) -> Any:
    """The array of a node, or an array."""
    return a.value if type(a) is Node else a
