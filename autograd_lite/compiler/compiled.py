"""`compile`: a function turned into one flat program of NumPy calls."""

from __future__ import annotations

import functools
import os
import threading
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.autograd import grad
from autograd_lite.cautions import AutogradWarning
from autograd_lite.compiler.entry import Entry, form, leaf_of
from autograd_lite.compiler.saving import save
from autograd_lite.compiler.shortcut import MISS
from autograd_lite.compiler.traced import TraceError
from autograd_lite.modes import watcher
from autograd_lite.tensor import Tensor
from autograd_lite.transforms.trees import children, flatten, is_leaf, map_leaves, refuse_container

MOST_SIGNATURES = 8
PLAIN_LEAVES = (np.ndarray, np.generic, Tensor)


class RetraceWarning(AutogradWarning):
    """A compiled function is traced again and again."""


class CompileWarning(AutogradWarning):
    """What was to be compiled cannot be, and runs eagerly."""


class Compiled:
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
        self.entries: list[Entry] = []  # the latest first
        self.argument_names = positional_names(f)
        self.shortcut: Callable[..., Any] | None = None  # to the latest program
        self.traced = 0
        self.lock = threading.RLock()
        functools.update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if watcher.get() is not None:  # who looks for anomalies, or traces the caller, has to see what happens inside
            return self.f(*args, **kwargs)
        with self.lock:  # the memory of a program serves one call at a time
            if self.shortcut is not None and not kwargs and (result := self.shortcut(*args)) is not MISS:
                return result
            return self.find(args, kwargs)

    def find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the call by the program that fits, or by a new one."""
        leaves, structure = arranged(args, kwargs)
        for entry in self.entries:
            if entry.accepts(leaves, structure) and entry.holds():
                if entry is not self.entries[0]:
                    self.entries.remove(entry)
                    self.entries.insert(0, entry)
                    self.shortcut = entry.shortcut
                return entry.run(leaves)
        return self.trace(args, kwargs, leaves, structure).run(leaves)

    def trace(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], leaves: list[Any], structure: Any) -> Entry:
        """Make the program for these arguments, and forget the ones that hold no longer, or the oldest."""
        stale = [entry for entry in self.entries if entry.accepts(leaves, structure)]
        entry = Entry(self.f, args, kwargs, leaves, structure, self.keep_grads, self.argument_names)
        self.traced += 1
        if self.traced > 2 * MOST_SIGNATURES and self.traced & (self.traced - 1) == 0:
            why = f": {stale[0].guards.broken()}" if stale else ""
            warnings.warn(
                f"{entry.program.name} has been traced {self.traced} times, which takes longer than running it{why}. "
                "Give arguments that always have the same shapes and the same ints, bools and strings",
                RetraceWarning,
                stacklevel=4,
            )
        self.entries = [entry, *(e for e in self.entries if e.holds())][:MOST_SIGNATURES]
        self.shortcut = entry.shortcut
        return entry

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A compiled method is bound as any other."""
        return self if instance is None else functools.partial(self, instance)

    @property
    def latest(self) -> Entry:
        """What the latest call has used."""
        if not self.entries:
            raise RuntimeError("there is no program yet: call the compiled function once, with example arguments")
        return self.entries[0]

    @property
    def source(self) -> str:
        """The program of the latest call, as NumPy source."""
        return self.latest.printed.text

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program of the latest call as a script that needs only NumPy, and goes on from the present state.

        Parameters
        ----------
        path : path ending in .py
            The script. The arrays of the state go into a file beside it, of the same name ending in .npz. After
            ``from step import step`` a call ``step(x, labels)`` gives a tuple of the function's results.
        """
        save(self.source, self.latest.printed.state, path)

    @property
    def signatures(self) -> list[str]:
        """What the function has been traced for, the latest first."""
        return [entry.signature for entry in self.entries]

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.f, '__name__', 'function')}, signatures: {self.signatures}>"


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
        return tree if not isinstance(tree, dict | list | tuple) else type(tree)
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


def source(f: Callable[..., Any], *example: Any, argnums: int | tuple[int, ...] | None = None) -> str:
    """The value and the gradient of a function as NumPy source: the program that one would write by hand.

    Parameters
    ----------
    f : callable
        A function of arrays that gives one number.
    *example
        Arguments of the shapes and dtypes that the program shall have; arrays may stand in containers.
    argnums : int or tuple of int, optional
        Which arguments to differentiate in; in all of floating numbers by default.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> text = ag.source(lambda x: (x * x).sum(), np.ones(3))
    >>> "np.multiply(x, x" in text
    True
    """
    chosen = range(len(example)) if argnums is None else (argnums,) if isinstance(argnums, int) else argnums
    numbers = [i % len(example) for i in chosen]
    args = [map_leaves(variable, a) if i in numbers else a for i, a in enumerate(example)]

    def gradient(*args: Any) -> Any:
        value = f(*args)
        inputs = [t for i in numbers for t in flatten(args[i])[0] if isinstance(t, Tensor) and t.requires_grad]
        return value, grad(value, inputs, allow_unused=True)

    compiled = Compiled(gradient)
    compiled.argument_names = positional_names(f)
    compiled(*args)
    return compiled.source


def variable(a: Any) -> Any:
    """A tensor that requires a gradient, where there can be one."""
    a = leaf_of(a)
    return Tensor(a, requires_grad=True) if form(a)[1] is None or a.dtype.kind == "f" else a


__all__ = ["CompileWarning", "Compiled", "RetraceWarning", "TraceError", "compile", "source"]
