"""Whether calls are recorded, and who watches: modes of the current thread or task, never of another."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar, Token
from typing import Any

from autograd_lite.engine.interception import Interpreter

watcher: ContextVar[Interpreter | None] = ContextVar("watcher", default=None)
grad_enabled: ContextVar[bool | Interpreter] = ContextVar("grad_enabled", default=True)  # one who watches: recorded


@contextmanager
def watched_by(interpreter: Interpreter) -> Iterator[None]:
    """Let somebody see the walks of this thread or task, and the calls that it records."""
    tokens = watcher.set(interpreter), grad_enabled.set(grad_enabled.get() and interpreter)
    try:
        yield
    finally:
        grad_enabled.reset(tokens[1])
        watcher.reset(tokens[0])


class Resumed:
    """The mode inside the body of a generator or coroutine: it holds whenever the body runs, and nowhere else."""

    def __init__(self, mode: bool | Interpreter) -> None:
        self.mode = mode

    def run(self, step: Callable[..., Any], *value: Any) -> Any:
        """Run the body up to where it gives something; remember the mode in which it does."""
        token = grad_enabled.set(self.mode)
        try:
            return step(*value)
        finally:
            self.mode = grad_enabled.get()
            grad_enabled.reset(token)

    @types.coroutine
    def drive(self, body: Any) -> Generator[Any, Any, Any]:
        """Hand on what goes into a body and what comes out of it."""
        step, value = body.send, None
        try:
            while True:
                try:
                    out = self.run(step, value)
                except StopIteration as end:
                    return end.value
                try:
                    step, value = body.send, (yield out)
                except Exception as error:
                    step, value = body.throw, error
        finally:
            self.run(body.close)

    async def drive_asynchronous(self, body: Any) -> AsyncGenerator[Any, Any]:
        """The same for a generator that is a coroutine as well."""
        step, value = body.asend, None
        try:
            while True:
                try:
                    out = await self.drive(step(value))
                except StopAsyncIteration:
                    return
                try:
                    step, value = body.asend, (yield out)
                except Exception as error:
                    step, value = body.athrow, error
        finally:
            await self.drive(body.aclose())


class GradMode(ContextDecorator):
    """Switches recording on or off inside a ``with`` block or a decorated function."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self.tokens: list[Token[bool | Interpreter]] = []

    def _recreate_cm(self) -> GradMode:  # a decorated function may run in two threads at once
        return GradMode(self.enabled)

    def __call__(self, function: Any) -> Any:
        """A function in this mode; of a generator or coroutine, its body, whenever it is resumed."""

        def generator(*args: Any, **kwargs: Any) -> Any:
            return (yield from self.resumed().drive(function(*args, **kwargs)))

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            return await self.resumed().drive(function(*args, **kwargs))

        def asynchronous(*args: Any, **kwargs: Any) -> Any:
            return self.resumed().drive_asynchronous(function(*args, **kwargs))

        for is_one, wrapper in (
            (inspect.isgeneratorfunction, generator),
            (inspect.iscoroutinefunction, coroutine),
            (inspect.isasyncgenfunction, asynchronous),
        ):
            if is_one(function):
                return functools.wraps(function)(wrapper)
        return super().__call__(function)

    def resumed(self) -> Resumed:
        """This mode for a body that is left and resumed."""
        return Resumed(self.mode())

    def mode(self) -> bool | Interpreter:
        """What `grad_enabled` is to be."""
        return self.enabled and (watcher.get() or True)

    def __enter__(self) -> None:
        self.tokens.append(grad_enabled.set(self.mode()))

    def __exit__(self, *_: object) -> None:
        grad_enabled.reset(self.tokens.pop())


def no_grad() -> GradMode:
    """Do not record: a context manager and a decorator.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor(1.0, requires_grad=True)
    >>> with ag.no_grad():
    ...     y = 2 * x
    >>> y.requires_grad
    False
    """
    return GradMode(False)


def enable_grad() -> GradMode:
    """Record again inside `no_grad`: a context manager and a decorator.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor(1.0, requires_grad=True)
    >>> with ag.no_grad(), ag.enable_grad():
    ...     y = 2 * x
    >>> y.requires_grad
    True
    """
    return GradMode(True)


class set_grad_enabled(GradMode):
    """Record, or do not, from here on; as a context manager until the end of its block, and as a decorator.

    Parameters
    ----------
    mode : bool

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor(1.0, requires_grad=True)
    >>> with ag.set_grad_enabled(False):
    ...     y = 2 * x
    >>> y.requires_grad, (2 * x).requires_grad
    (False, True)
    """

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        super().__enter__()

    def __enter__(self) -> None:
        """Nothing more: it holds since it was made."""

    def __call__(self, function: Any) -> Any:
        self.__exit__()
        return GradMode(self.enabled)(function)


def is_grad_enabled() -> bool:
    """Whether calls are recorded here and now."""
    return bool(grad_enabled.get())
