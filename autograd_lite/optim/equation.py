"""What the equations of optimizers share: their settings as a constructor, weight decay, and climbing.

An equation is a pure function, element by element, of the gradient, the parameters, what is remembered of them and the
number of the step. Its further arguments are the settings of the optimizer, with their defaults. So this is one::

    def sign_descent(g, p, state, t, lr=1e-3):
        return -lr * np.sign(g), ()


    class SignDescent(Optimizer):
        update = staticmethod(sign_descent)

        @constructor(sign_descent)
        def __init__(self): ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from typing import Any, Concatenate, ParamSpec, TypeVar

Change = tuple[Any, tuple[Any, ...]]  # what is added to the parameters, and the new state
Settings = ParamSpec("Settings")
Self = TypeVar("Self")
Equation = Callable[Concatenate[Any, Any, tuple[Any, ...], Any, Settings], Change]
Constructor = Callable[Concatenate[Self, Iterable[Any], Settings], None]


def constructor(update: Equation[Settings]) -> Callable[[Callable[[Self], None]], Constructor[Self, Settings]]:
    """Turn a class's empty `__init__` into one that takes the parameters and the settings of an equation."""
    params = Parameter("params", Parameter.POSITIONAL_OR_KEYWORD, annotation=Iterable[Any])
    settings = list(signature(update, eval_str=True).parameters.values())[4:]

    def take(empty: Callable[[Self], None]) -> Constructor[Self, Settings]:
        shown = signature(empty, eval_str=True)
        shown = shown.replace(parameters=[*shown.parameters.values(), params, *settings])

        @functools.wraps(empty)
        def init(*args: Any, **kwargs: Any) -> None:
            try:
                bound = shown.bind(*args, **kwargs)
            except TypeError as error:
                name, *names = type(args[0]).__name__, "params", *[setting.name for setting in settings]
                raise TypeError(f"{name} {error}; it takes {', '.join(names)}") from None
            bound.apply_defaults()
            self, given, *_ = bound.arguments.values()
            self.set_up(given, {setting.name: bound.arguments[setting.name] for setting in settings})

        init.__signature__ = shown  # type: ignore[attr-defined]
        return init

    return take


def descent(g: Any, p: Any, weight_decay: Any, maximize: bool) -> Any:
    """The gradient to descend along: plus λθ for weight decay λ, and of the other sign (before that) to climb."""
    g = -g if maximize else g
    return g + weight_decay * p if weight_decay else g


def decayed(change: Any, p: Any, rate: Any, weight_decay: Any) -> Any:
    """A change with decoupled weight decay (Loshchilov and Hutter 2019), apart from the gradient: less α λ θ."""
    return change - (rate * weight_decay) * p if weight_decay else change
