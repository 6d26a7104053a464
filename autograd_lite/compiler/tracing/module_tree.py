"""Where modules stand in their trees: what comments in a program say of them, and what their results are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from autograd_lite.compiler.codegen.spelling import readable


class Position(NamedTuple):
    """Where a module stands: what comments say, and what its results are called, if it has a name for them."""

    note: str
    role: str


class ModuleTree:
    """The modules that a function uses, in one tree or several.

    Attributes
    ----------
    buffers : list of (str, Tensor)
        All buffers with their paths.
    """

    def __init__(self, modules: Iterable[Any]) -> None:
        modules = list(modules)
        children = {id(child) for module in modules for _, child in module.named_children()}
        self.roots = [module for module in modules if id(module) not in children]
        self.buffers = [named for root in self.roots for named in root.named_buffers()]
        networks = [root for root in self.roots if any(True for _ in root.named_parameters())]
        self.prefixes = {id(root): type(root).__name__.lower() for root in networks} if len(networks) > 1 else {}
        self.positions: dict[int, Position] | None = None  # not before the user's names for the roots are known

    def called(self, module: Any, name: str) -> None:
        """The user calls a root `name`: one of several networks, whose paths begin with it then."""
        if id(module) in self.prefixes and self.positions is None:
            self.prefixes[id(module)] = name

    def position(self, module: Any) -> Position | None:
        """The position of a module; None for what is not one."""
        if self.positions is None:
            self.positions = dict(self.all())
        if (position := self.positions.get(id(module))) is None and hasattr(type(module), "named_parameters"):
            return Position(type(module).__name__, role("", module))  # made while tracing
        return position

    def all(self) -> Iterator[tuple[int, Position]]:
        """The positions of all modules, by their id."""
        found: dict[int, tuple[str, Any]] = {}
        for root in self.roots:
            prefix = self.prefixes.get(id(root), "")
            for path, module in root.named_modules():
                found.setdefault(id(module), (".".join(filter(None, (prefix, path))), module))
        roles = {key: role(path, module) for key, (path, module) in found.items()}
        times = Counter(roles.values())
        for key, (path, module) in found.items():
            kind = type(module).__name__
            own = roles[key] if times[roles[key]] == 1 or not path else readable(path)
            yield key, Position(f"{path}: {kind}" if path else kind, own)


def role(path: str, module: Any) -> str:
    """What a module's results are called: "fc1" after its attribute, "relu_1" after its class and number, "loss"."""
    last, kind = path.rsplit(".", 1)[-1], type(module).__name__
    if not last:
        return "loss" if kind.endswith("Loss") else ""
    return last if last.isidentifier() else f"{kind.lower()}_{last}"
