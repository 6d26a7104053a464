"""`Module`: a function with state, made of parameters, buffers and other modules.

The attributes are the registration. Whatever of these three kinds is found in ``vars(module)``, or in lists, tuples
and dicts there, belongs to the module, in the order in which it was assigned; nothing happens when an attribute is
read, and when one is set, it is only refused that a parameter or buffer vanishes. A module's own tensors come before
those of the modules in it, as in PyTorch.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from autograd_lite.engine.hooks import Hook, register
from autograd_lite.engine.messages import describe
from autograd_lite.engine.storage import Storage
from autograd_lite.nn import hooks, state
from autograd_lite.nn.parameter import Buffer, Parameter
from autograd_lite.support.habits import MODULE, absent
from autograd_lite.tensor.tensor import Tensor


def no_forward(self: Module, *inputs: Any, **settings: Any) -> Any:
    """Stand in for a missing `forward`."""
    raise NotImplementedError(f"{type(self).__name__} has no forward(): define what calling it computes")


def registered(holder: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Name and value of each parameter, buffer and module in `holder`, and in lists, tuples and dicts in it."""
    for name, value in holder.items():
        if isinstance(value, Module | Tensor):
            if not isinstance(value, Tensor) or isinstance(value, Parameter | Buffer):
                yield f"{prefix}{name}", value
        elif isinstance(value, list | tuple):
            yield from registered(dict(enumerate(value)), f"{prefix}{name}.")
        elif isinstance(value, dict):
            yield from registered(value, f"{prefix}{name}.")
        elif isinstance(value, set | frozenset) and any(isinstance(v, Module | Parameter) for v in value):
            raise TypeError(f"{prefix}{name} is a set, which has no order: keep modules and parameters in a list")


class Module:
    """The base class of layers, losses and whole networks.

    A subclass sets its parameters and modules as attributes and defines ``forward(…)``, which a call of the module
    runs. A plain Tensor or array as an attribute is neither learned nor saved: make it a `Parameter` or a `Buffer`.
    Modules can be pickled and deep-copied.

    Attributes
    ----------
    training : bool
        What `train` and `eval` set; dropout and batch normalisation depend on it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.slope = nn.Parameter([2.0])
    ...         self.offset = nn.Parameter([1.0])
    ...
    ...     def forward(self, x):
    ...         return x * self.slope + self.offset
    >>> line = Line()
    >>> line(np.array([3.0], dtype=np.float32)).data
    array([7.], dtype=float32)
    >>> [name for name, _ in line.named_parameters()]
    ['slope', 'offset']
    """

    training: bool = True
    forward: Callable[..., Any] = no_forward
    forward_pre_hooks: tuple[list[Hook], ...] = ()
    forward_hooks: tuple[list[Hook], ...] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        old = vars(self).get(name)
        if isinstance(old, Parameter | Buffer) and not isinstance(value, Parameter | Buffer | Module | None):
            kind = type(old).__name__
            raise TypeError(
                f"{type(self).__name__}.{name} is a {kind}, and in its place {describe(getattr(value, 'node', value))} "
                f"would neither be saved nor learned: for other values write self.{name}.data = …, for another {kind} "
                f"self.{name} = nn.{kind}(…); to give the name to something else, first del self.{name}"
            )
        object.__setattr__(self, name, value)

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        if self.forward_hooks or self.forward_pre_hooks:
            return hooks.call(self, inputs, settings)
        return self.forward(*inputs, **settings)

    def register_forward_pre_hook(self, hook: Hook) -> Callable[[], None]:
        """Call ``hook(module, inputs)`` before each forward pass; what it returns replaces the inputs.

        Gives a function that takes the hook away again.
        """
        return register(self, "forward_pre_hooks", hook)

    def register_forward_hook(self, hook: Hook) -> Callable[[], None]:
        """Call ``hook(module, inputs, output)`` after each forward pass; what it returns replaces the output.

        To see the gradient that comes back, let `hook` call ``output.register_hook``. Gives a function that takes the
        hook away again.
        """
        return register(self, "forward_hooks", hook)

    # What is in it.

    def members(self) -> Iterator[tuple[str, Any]]:
        """Name and value of each parameter, buffer and module that is held directly."""
        return registered(vars(self))

    def tree(self, prefix: str = "", above: tuple[Module, ...] = ()) -> Iterator[tuple[str, Module]]:
        """Path and module of this one and all below it; a module that is used twice comes twice."""
        yield prefix, self
        above = (*above, self)
        for name, value in self.members():
            if isinstance(value, Module) and all(value is not module for module in above):
                yield from value.tree(f"{prefix}.{name}" if prefix else name, above)

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Path and tensor of all parameters and buffers; one that is shared comes under each of its paths."""
        for path, module in self.tree():
            held = [(name, value) for name, value in module.members() if isinstance(value, Tensor)]
            for name, value in sorted(held, key=lambda item: isinstance(item[1], Buffer)):
                yield f"{path}.{name}" if path else name, value

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Path and module of this one (whose path is empty) and all below it, each once."""
        return once(self.tree())

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Name and module of those held directly, each once."""
        return once((name, value) for name, value in self.members() if isinstance(value, Module))

    def children(self) -> Iterator[Module]:
        """The modules held directly, each once."""
        return (module for _, module in self.named_children())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Path and parameter, a shared one under its first path only.

        A parameter without a name takes its path for one, which messages and drawings then show; a name that is the
        end of a longer path, because only a part of the network was listed before, grows.
        """
        for path, tensor in once(self.tensors()):
            if isinstance(tensor, Parameter):
                if tensor.name is None or path.endswith(f".{tensor.name}"):
                    tensor.name = path
                yield path, tensor

    def parameters(self) -> Iterator[Parameter]:
        """The parameters, a shared one once."""
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Path and buffer, a shared one under its first path only."""
        return ((path, tensor) for path, tensor in once(self.tensors()) if isinstance(tensor, Buffer))

    def buffers(self) -> Iterator[Buffer]:
        """The buffers, a shared one once."""
        return (buffer for _, buffer in self.named_buffers())

    def register_buffer(self, name: str, data: Any) -> None:
        """Set a `Buffer` as the attribute `name`; the same as ``self.<name> = nn.Buffer(data)``."""
        if not name.isidentifier():
            raise ValueError(f"a buffer is an attribute, and {name!r} cannot be the name of one")
        setattr(self, name, data if isinstance(data, Buffer) else Buffer(data))

    # What can be done with all of it.

    def train(self, mode: bool = True) -> Self:
        """Put this module and all below it into training mode, or out of it; gives the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module and all below it into evaluation mode; gives the module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze all parameters (False) or let them learn again; gives the module."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def to(self, dtype: Any) -> Self:
        """Give all parameters, their gradients and the floating buffers another floating dtype; gives the module.

        The numbers move to new memory, so do this before an optimizer is made of the parameters.

        Raises
        ------
        TypeError
            If the dtype is not floating.
        """
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise TypeError(f"a module computes with floating numbers, not with {dtype}: try np.float32 or np.float64")
        for _, tensor in once(self.tensors()):
            if tensor.dtype.kind == "f" and tensor.dtype != dtype:
                gradient = tensor.grad
                tensor.move_to(tensor.node.value.astype(dtype), Storage())
                tensor.grad = gradient
        return self

    def float(self) -> Self:
        """The same as ``to(np.float32)``."""
        return self.to(np.float32)

    def double(self) -> Self:
        """The same as ``to(np.float64)``."""
        return self.to(np.float64)

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call `function` on all modules, a module after those that it holds; gives the module."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def state_dict(self) -> dict[str, Any]:
        """A copy of all parameters and buffers, as arrays under their paths; the paths are PyTorch's.

        Examples
        --------
        >>> from autograd_lite import nn
        >>> list(nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).state_dict())
        ['0.weight', '0.bias', '2.weight', '2.bias']
        """
        return {path: np.array(tensor.node.value) for path, tensor in self.tensors()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> state.Mismatch:
        """Copy the values of `state_dict` into the parameters and buffers: all of them or, after an error, none.

        Parameters
        ----------
        state_dict : mapping of str to array_like
            As `state_dict` gives it; arrays take the dtype of what they are loaded into.
        strict : bool
            Whether the paths must be exactly those of the module; if not, the others are left alone.

        Returns
        -------
        Mismatch
            The paths that were ``missing`` and ``unexpected``; none if `strict`.

        Raises
        ------
        ValueError
            If a shape differs, a value is not an array of numbers or, with `strict`, a path is missing or
            unexpected; the message lists them all.
        """
        return state.load(type(self).__name__, dict(self.tensors()), state_dict, strict)

    # Text.

    def extra_repr(self) -> str:
        """The settings that the repr shows between the parentheses; a subclass says them."""
        return ""

    @reprlib.recursive_repr("...")
    def __repr__(self) -> str:
        lines = [f"\n  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.named_children()]
        lines = [self.extra_repr(), *lines, "\n"] if lines else [self.extra_repr()]
        return f"{type(self).__name__}({''.join(lines)}){self.count()}"

    def count(self) -> str:
        """How many numbers there are to learn, as a comment."""
        sizes = [(parameter.size, parameter.requires_grad) for parameter in self.parameters()]
        total, frozen = sum(n for n, _ in sizes), sum(n for n, learned in sizes if not learned)
        if not total:
            return ""
        return f"  # {total:,} parameter{'s' * (total > 1)}" + (f", {frozen:,} frozen" if frozen else "")


def once(named: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Leave out what has come before, under whatever name."""
    seen = set()
    for name, value in named:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value


absent(Module, MODULE)
