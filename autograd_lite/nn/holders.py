"""Modules and parameters in a list or under names, as modules of their own, which PyTorch's programs write.

A plain list, tuple or dict as an attribute does the same: `Module` looks into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from autograd_lite.nn.module import Module, registered
from autograd_lite.nn.parameter import Parameter


class Holder(Module):
    """What `ModuleList`, `ModuleDict` and `ParameterList` share: parts of one kind under keys."""

    kind: type = Module

    def __init__(self, parts: Iterable[Any] = ()) -> None:
        self.parts: dict[Any, Any] = {}
        self.extend(parts)

    def members(self) -> Iterator[tuple[str, Any]]:
        """Name and value of what is held; a part's name is its key."""
        others = {name: value for name, value in vars(self).items() if name != "parts"}
        return registered({str(key): part for key, part in self.parts.items()} | others)

    def key(self, key: Any) -> Any:
        """Where a part stands; from the end, if it is a negative integer."""
        return range(len(self))[key] if isinstance(key, int) else key

    def checked(self, part: Any) -> Any:
        """Refuse what is not of the kind."""
        if not isinstance(part, self.kind):
            raise TypeError(f"{type(self).__name__} holds objects of the class {self.kind.__name__}, not {part!r:.60}")
        return part

    def extend(self, parts: Iterable[Any]) -> Self:
        """Add parts at the end; gives the module."""
        for part in parts:
            self.append(part)
        return self

    def append(self, part: Any) -> Self:
        """Add one part at the end; gives the module."""
        self.parts[len(self)] = self.checked(part)
        return self

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return type(self)([*self.parts.values()][key])
        return self.parts[self.key(key)]

    def __setitem__(self, key: Any, part: Any) -> None:
        self.parts[self.key(key)] = self.checked(part)

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts.values())


class ModuleList(Holder):
    """Modules in a list; what is computed with them says the module that holds it.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> layers = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 1)])
    >>> list(layers.state_dict()), len(layers[:1])
    (['0.weight', '0.bias', '1.weight', '1.bias'], 1)
    """


class ParameterList(Holder):
    """Parameters in a list; tensors and arrays become parameters.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> list(nn.ParameterList([nn.Parameter([1.0]), [2.0, 3.0]]).state_dict())
    ['0', '1']
    """

    kind = Parameter

    def checked(self, part: Any) -> Parameter:
        """A parameter, made of numbers if it is none."""
        return part if isinstance(part, Parameter) else Parameter(part)


class ModuleDict(Holder):
    """Modules under names; what is computed with them says the module that holds it.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> heads = nn.ModuleDict({"mean": nn.Linear(2, 1), "scale": nn.Linear(2, 1)})
    >>> list(heads), list(heads.state_dict())[:2]
    (['mean', 'scale'], ['mean.weight', 'mean.bias'])
    """

    def extend(self, parts: Any) -> Self:
        """Add modules under names, from a dict or from pairs; gives the module."""
        for key, part in parts.items() if isinstance(parts, Mapping) else parts:
            self[key] = part
        return self

    update = extend

    def append(self, part: Any) -> Self:
        """Refuse what has no name."""
        raise TypeError("a ModuleDict holds modules under names: self[name] = module")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    def keys(self) -> Iterable[Any]:
        """The names."""
        return self.parts.keys()

    def values(self) -> Iterable[Any]:
        """The modules."""
        return self.parts.values()

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Names and modules."""
        return self.parts.items()
