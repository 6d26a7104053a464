"""`Sequential`: modules one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self, overload

from autograd_lite.nn.module import Module, registered


class Sequential(Module):
    """A chain of modules: each is called on what the one before it gave.

    Parameters
    ----------
    *layers : Module
        In the order of the calls; their positions are their names, as in PyTorch: ``0.weight``.

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

    def __init__(self, *layers: Module) -> None:
        self.layers: list[Module] = []
        for layer in layers:
            self.append(layer)

    def forward(self, input: Any) -> Any:
        for layer in self.layers:
            input = layer(input)
        return input

    def members(self) -> Iterator[tuple[str, Any]]:
        """Name and value of what is held directly; a layer's name is its position."""
        others = {name: value for name, value in vars(self).items() if name != "layers"}
        return registered(dict(enumerate(self.layers)) | others)

    def append(self, layer: Module) -> Self:
        """Add a layer at the end; gives the module."""
        self.layers.append(checked(layer, len(self)))
        return self

    def __setitem__(self, index: int, layer: Module) -> None:
        """Put another layer in a place: ``model[-1] = nn.Linear(64, 3)``. Make the optimizer after that."""
        self.layers[index] = checked(layer, index)

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | slice) -> Module:
        """One layer; or, for a slice, a Sequential of the same layers."""
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]


def checked(layer: Any, place: int) -> Module:
    """Refuse what is no module."""
    if not isinstance(layer, Module):
        if isinstance(layer, list | tuple):
            hint = "pass them one by one, Sequential(*layers)"
        else:
            hint = "wrap a function in a Module whose forward() calls it"
        raise TypeError(f"Sequential is made of modules, and layer {place} is {layer!r:.60}: {hint}")
    return layer
