"""`Sequential`: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self, overload

from autograd_lite.nn.module import Module, registered


class Sequential(Module):
    """A chain of modules: each is called on what the one before it gave.

    Parameters
    ----------
    *layers : Module
        In the order of the calls; their positions are their names, as in PyTorch: ``0.weight``. Or one dict of them,
        whose keys are their names.

    Raises
    ------
    TypeError
        If something else than a module is given.

    Examples
    --------
    >>> from autograd_lite import nn
    >>> model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    >>> model
    Sequential(
      (0): Linear(in_features=2, out_features=16)  # 48 parameters
      (1): ReLU()
      (2): Linear(in_features=16, out_features=1)  # 17 parameters
    )  # 65 parameters
    >>> model([[0.5, -1.0]]).shape, len(model), model[1]
    ((1, 1), 3, ReLU())
    """

    def __init__(self, *layers: Module | Mapping[str, Module]) -> None:
        self.layers: list[Module] = []
        self.names: list[str] = []
        named: Any = layers[0] if len(layers) == 1 and isinstance(layers[0], Mapping) else dict(enumerate(layers))
        for name, layer in named.items():
            self.append(layer, str(name))

    def forward(self, input: Any) -> Any:
        for layer in self.layers:
            input = layer(input)
        return input

    def members(self) -> Iterator[tuple[str, Any]]:
        """Name and value of what is held directly; a layer's name is its position, unless it was given one."""
        others = {name: value for name, value in vars(self).items() if name not in ("layers", "names")}
        return registered(dict(zip(self.names, self.layers, strict=True)) | others)

    def append(self, layer: Module, name: str | None = None) -> Self:
        """Add a layer at the end; gives the module."""
        self.layers.append(checked(layer, len(self)))
        self.names.append(str(len(self.names)) if name is None else name)
        return self

    def place(self, key: int | str) -> int:
        """Where the layer of that place or name stands."""
        return self.names.index(key) if isinstance(key, str) else key

    def __getattr__(self, name: str) -> Any:
        if name in vars(self).get("names", ()):
            return self[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in vars(self).get("names", ()):
            self[name] = value
        else:
            super().__setattr__(name, value)

    def __setitem__(self, key: int | str, layer: Module) -> None:
        """Put another layer in a place: ``model[-1] = nn.Linear(64, 3)``. Make the optimizer after that."""
        self.layers[self.place(key)] = checked(layer, key)

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    @overload
    def __getitem__(self, key: int | str) -> Module: ...
    @overload
    def __getitem__(self, key: slice) -> Sequential: ...
    def __getitem__(self, key: int | str | slice) -> Module:
        """One layer, by its place or name; or, for a slice, a Sequential of the same layers."""
        if isinstance(key, slice):
            named = dict(zip(self.names[key], self.layers[key], strict=True))
            return Sequential(*self.layers[key]) if all(map(str.isdigit, named)) else Sequential(named)
        return self.layers[self.place(key)]


def checked(layer: Any, place: int | str) -> Module:
    """Refuse what is no module."""
    if not isinstance(layer, Module):
        if isinstance(layer, list | tuple):
            hint = "pass them one by one, Sequential(*layers)"
        else:
            hint = "wrap a function in a Module whose forward() calls it"
        raise TypeError(f"Sequential is made of modules, and layer {place} is {layer!r:.60}: {hint}")
    return layer
