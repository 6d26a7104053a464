"""`compile`: a function turned into one flat program of NumPy calls."""

from __future__ import annotations

import functools
import os
import threading
import types
import warnings
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.autograd import grad
from autograd_lite.compiler.runtime.executable import Executable, build, form, leaf_of, plain_source
from autograd_lite.compiler.runtime.guards import equal
from autograd_lite.compiler.runtime.saving import save
from autograd_lite.compiler.runtime.shortcut import MISS
from autograd_lite.compiler.tracing.inputs import can_vary
from autograd_lite.compiler.tracing.places import Place
from autograd_lite.compiler.tracing.reads import Wrapper
from autograd_lite.compiler.tracing.traced import TraceError
from autograd_lite.engine.grad_mode import watcher
from autograd_lite.engine.warnings import CompileWarning, RetraceWarning, warn
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import children, flatten, is_leaf, map_leaves, refuse_container

MOST_SIGNATURES = 8
PLAIN_LEAVES = (np.ndarray, np.generic, Tensor)


class Compiled(Wrapper):
    """A function that runs as a program of NumPy calls, made once for each signature of its arguments.

    Attributes
    ----------
    source : str
        The program of the latest call, as NumPy source.
    signatures : list of str
        What the function has been traced for: the dtypes and shapes of its arguments.
    """

    def __init__(self, f: Callable[..., Any], keep_grads: bool = False) -> None:
        if not callable(f):
            raise TypeError(f"compile takes a function, not {type(f).__name__}")
        self.f, self.keep_grads = f, keep_grads
        self.executables: list[Executable] = []  # the latest first
        self.argument_names = positional_names(f)
        self.shortcut: Callable[..., Any] | None = None  # to the latest program
        self.traced = 0
        self.varying: dict[Any, Place] = {}  # numbers and arrays that have changed
        self.constant: set[Any] = set()  # places that have to hold still
        self.reads_large = True  # whether large arrays are read in every call from the first on
        self.changed: set[Any] = set()  # places that the function itself has changed when it was traced last
        self.given_up = False
        self.lock = threading.RLock()
        ALL.add(self)
        functools.update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Who looks for anomalies, or traces the caller, has to see what happens inside.
        if self.given_up or watcher.get() is not None:
            return self.f(*args, **kwargs)
        with self.lock:  # the memory of a program serves one call at a time
            if self.shortcut is not None and not kwargs and (result := self.shortcut(*args)) is not MISS:
                return result
            return self.find(args, kwargs)

    def find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the call by the program that fits, or by a new one."""
        leaves, structure = arranged(args, kwargs)
        if (executable := self.fitting(leaves, structure)) is not None:
            return executable.run(leaves)
        with one_at_a_time:  # while another thread traces, its symbols stand in places that this function may read, too
            if (executable := self.fitting(leaves, structure)) is not None:
                return executable.run(leaves)
            executable = self.trace(args, kwargs, leaves, structure)
        result, as_traced = executable.run_first(leaves)
        if not as_traced:
            self.give_up(
                "its program gives other numbers than the function, which is a mistake of ag.compile: report it"
            )
        again = [place for place in executable.changed if place.identity in self.changed]
        if again:
            self.give_up(f"it changes {again[0].what}, which a program would not do")
        self.changed = {p.identity for p in executable.changed if not can_vary(p) or p.identity in self.constant}
        return result

    def fitting(self, leaves: list[Any], structure: Any) -> Executable | None:
        """The program that fits these arguments and the state, if there is one."""
        accepting = [executable for executable in self.executables if executable.accepts(leaves, structure)]
        for executable in accepting:
            if executable.holds():
                if executable is not self.executables[0]:
                    self.executables.remove(executable)
                    self.executables.insert(0, executable)
                    self.shortcut = executable.shortcut
                return executable
        return next((executable for executable in accepting if executable.guards.renew()), None)

    def trace(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], leaves: list[Any], structure: Any) -> Executable:
        """Make the program for these arguments, and forget the ones that hold no longer, or the oldest."""
        broken = [g for e in self.executables if e.accepts(leaves, structure) for g in e.guards.broken()]
        places = {g.place.identity: g.place for g in broken if g.place is not None and can_vary(g.place)}
        self.varying |= {key: place for key, place in places.items() if key not in self.constant}
        holding = [e for e in self.executables if e.holds()]
        executable = self.made(args, kwargs, leaves, structure)
        self.traced += 1
        if self.traced > 2 * MOST_SIGNATURES and self.traced & (self.traced - 1) == 0:
            why = f": {broken[0].reason}" if broken else ""
            warnings.warn(
                f"{executable.name} has been traced {self.traced} times, which takes longer than running "
                f"it{why}. Give arguments that always have the same shapes and the same ints, bools and strings",
                RetraceWarning,
                stacklevel=4,
            )
        self.executables = [executable, *(e for e in holding if e.holds())][:MOST_SIGNATURES]
        self.shortcut = executable.shortcut
        return executable

    def prepare(self, *args: Any) -> None:
        """Make the program for these arguments, and do not run it: no call follows that could be compared."""
        with one_at_a_time:
            self.trace(args, {}, *arranged(args, {})).expected = None

    def made(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], leaves: list[Any], structure: Any) -> Executable:
        """A program that reads in every call what has changed once; or has it for a constant, where it has to."""
        how = self.keep_grads, self.argument_names
        made = functools.partial(build, self.f, args, kwargs, leaves, structure, *how)
        try:
            return made(self.varying.values(), self.reads_large)
        except Exception:
            if not self.varying and not self.reads_large:
                raise
        self.constant |= self.varying.keys()
        self.varying.clear()
        self.reads_large = False
        return made((), False)

    def give_up(self, reason: str) -> None:
        """Run the function itself from now on."""
        self.given_up, self.shortcut = True, None
        self.executables.clear()
        warn(f"{getattr(self.f, '__name__', 'the function')} runs without compiling: {reason}", CompileWarning)

    def __reduce__(self) -> Any:
        """A copy, or what is pickled, is compiled anew when it is called."""
        return Compiled, (self.f, self.keep_grads)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A compiled method is bound as any other."""
        return self if instance is None else functools.partial(self, instance)

    @property
    def latest(self) -> Executable:
        """What the latest call has used."""
        if not self.executables:
            raise RuntimeError("there is no program yet: call the compiled function once, with example arguments")
        return self.executables[0]

    @property
    def source(self) -> str:
        """The program of the latest call, as NumPy source."""
        return self.latest.source.text

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program of the latest call as a script that needs only NumPy, and goes on from the present state.

        Parameters
        ----------
        path : path ending in .py
            The script. The arrays of the state go into a file beside it, of the same name ending in .npz. After
            ``from step import step`` a call ``step(x, labels)`` gives a tuple of the function's results.
        """
        save(self.source, self.latest.source.state, path)

    @property
    def signatures(self) -> list[str]:
        """What the function has been traced for, the latest first."""
        return [executable.signature for executable in self.executables]

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__name__', 'function')}, signatures: {self.signatures}>"


ALL: weakref.WeakSet[Compiled] = weakref.WeakSet()
one_at_a_time = threading.RLock()  # for traces


def unlock() -> None:
    """In a child process nobody is inside a compiled function, whoever was when it was forked."""
    global one_at_a_time
    one_at_a_time = threading.RLock()
    for compiled in ALL:
        compiled.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=unlock)


def positional_names(f: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the positional parameters in a function's definition."""
    code: Any = getattr(getattr(f, "__func__", f), "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code else ()
    return names[1:] if isinstance(f, types.MethodType) else names


def arranged(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[list[Any], Any]:
    """The numbers, arrays and tensors in the arguments, and everything else: how they are arranged."""
    if not kwargs:
        for a in args:
            if not isinstance(a, PLAIN_LEAVES):
                break
        else:
            return list(map(leaf_of, args)), len(args)
    leaves: list[Any] = []
    return leaves, structure_of((args, dict(kwargs)), leaves)


class Itself:
    """An object in the arguments that selects the program: it equals itself only, or what has the same value."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and equal(self.item, other.item)

    __hash__ = None  # type: ignore[assignment]


def structure_of(tree: Any, leaves: list[Any]) -> Any:
    """A description of a tree that equals that of another one of the same structure; its leaves go into `leaves`."""
    if isinstance(tree, bool | int | str | bytes | type(None)):
        return (type(tree), tree)
    if is_leaf(tree):
        leaves.append(leaf_of(tree))
        return "leaf"
    parts = children(tree)
    if not parts:
        refuse_container(tree)
        if isinstance(tree, dict | list | tuple):
            return type(tree)
        return tree if isinstance(tree, slice | range | type(...)) else Itself(tree)
    return (type(tree), *[(name, structure_of(part, leaves)) for name, part in parts])


def compile(f: Callable[..., Any] | None = None, *, keep_grads: bool = False) -> Any:
    """Turn a function into one flat program of NumPy calls, which does the same and is faster.

    The function is run once for each signature (the dtypes and shapes of the arrays in its arguments, and its other
    arguments) while everything that it does with NumPy is written down: the forward pass, `backward()`, changes of
    gradients, `optimizer.step()`, running statistics, random masks. The program is improved, gets memory of its own,
    and runs from then on in the function's place. The numbers are those of eager mode, bit for bit.

    Parameters
    ----------
    f : callable
        Takes arrays, tensors and numbers, in containers as you like. Floats are data; ints, bools, strings and other
        objects select the program. Its results are tensors without history, arrays and numbers. Calls of `print` and
        changes of Python variables happen while tracing only.
    keep_grads : bool
        Whether the `.grad` of the leaves is set by a call, as in eager mode; it costs memory and time.

    Returns
    -------
    Compiled
        Has the program as `source`, and `save` writes it as a script. A decorator, if `f` is left out.

    Raises
    ------
    TraceError
        In the first call: if the function branches on a value, makes arrays whose shape depends on values, draws
        random numbers by itself, or uses tensors that cannot be found from it.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> w = ag.tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> optimizer = ag.optim.SGD([w], lr=0.1)
    >>> @ag.compile
    ... def step(x):
    ...     optimizer.zero_grad()
    ...     loss = (w * x).sum()
    ...     loss.backward()
    ...     optimizer.step()
    ...     return loss
    >>> step(np.array([1.0, 1.0]))
    tensor(3.)
    >>> w
    tensor([0.9, 1.9], name='w', requires_grad=True)
    """
    if f is None:
        return functools.partial(compile, keep_grads=keep_grads)
    return Compiled(f, keep_grads)


def source(
    f: Callable[..., Any], *example: Any, argnums: int | tuple[int, ...] | None = None, plain: bool = True
) -> str:
    """The value and the gradient of a function as NumPy source: the program that one would write by hand.

    Parameters
    ----------
    f : callable
        A function of arrays that gives one number.
    *example
        Arguments of the shapes and dtypes that the program shall have; arrays may stand in containers.
    argnums : int or tuple of int, optional
        Which arguments to differentiate in; in all of floating numbers by default. With () it is the function itself:
        a step that calls ``backward`` and an optimizer.
    plain : bool
        Print the mathematics alone, which gives the same numbers up to rounding. False prints the program that would
        run, with its memory.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> text = ag.source(lambda x: (np.tanh(x) ** 3).sum(), np.ones(3))
    >>> "d_x = 3 * tanh**2 * (1 - tanh**2)" in text
    True
    """
    chosen = range(len(example)) if argnums is None else (argnums,) if isinstance(argnums, int) else argnums
    numbers = [i % len(example) for i in chosen]
    args = [map_leaves(variable, a) if i in numbers else a for i, a in enumerate(example)]

    def gradient(*args: Any) -> Any:
        value = f(*args)
        inputs = [t for i in numbers for t in flatten(args[i])[0] if isinstance(t, Tensor) and t.requires_grad]
        return value, grad(value, inputs, allow_unused=True)

    if plain:
        with one_at_a_time:
            return plain_source(gradient if numbers else f, tuple(args), positional_names(f)).text
    compiled = Compiled(gradient if numbers else f)
    compiled.argument_names = positional_names(f)
    compiled(*args)
    return compiled.source


def variable(a: Any) -> Any:
    """A tensor that requires a gradient, where there can be one."""
    a = leaf_of(a)
    return Tensor(a, requires_grad=True) if form(a)[1] is None or a.dtype.kind == "f" else a


__all__ = ["CompileWarning", "Compiled", "RetraceWarning", "TraceError", "compile", "source"]
