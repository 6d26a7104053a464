"""What is in a model: its layers in the order in which they run, with shapes, parameters and time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.diagnostics.untouched import untouched
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.nn import Module
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.tensor.trees import children, is_leaf
from autograd_lite.train.arguments import check_arguments

__all__ = ["LayerSummary", "Summary", "summary"]


class LayerSummary(NamedTuple):
    """A module of the model.

    Attributes
    ----------
    name : str
        Its path.
    kind : str
        Its class.
    depth : int
        How many modules it lies in.
    output : str
        The shapes of what it gives, at its last call; empty without one.
    parameters : int
        Numbers to learn in it and below; a shared one counts where it comes first.
    frozen : int
        How many of them are frozen.
    calls : int
        How often it was called.
    seconds : float
        How long its calls took, with all that lies in it.
    """

    name: str
    kind: str
    depth: int
    output: str
    parameters: int
    frozen: int
    calls: int
    seconds: float


@dataclass(frozen=True, repr=False)
class Summary:
    """What `summary` found; as text, a table.

    Attributes
    ----------
    layers : list of LayerSummary
        In the order of the model, a module before those that lie in it; the first is the model.
    parameters, frozen : int
        Numbers to learn in all, a shared one once, and how many of them are frozen.
    nbytes : int
        The memory of parameters and buffers.
    """

    layers: list[LayerSummary]
    parameters: int
    frozen: int
    nbytes: int

    def __str__(self) -> str:
        called = any(layer.calls for layer in self.layers)
        rows = [["layer", "", "parameters", *(["output", "calls", "ms"] if called else [])]]
        for layer in self.layers:
            measured = [layer.output or "not called", f"{layer.calls}", f"{1e3 * layer.seconds:.2f}"]
            name, count = "  " * layer.depth + layer.name, f"{layer.parameters:,}" if layer.parameters else ""
            rows.append([name, layer.kind, count, *(measured if called else [])])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        aligned = [str.ljust, str.ljust, str.rjust, str.ljust, str.rjust, str.rjust]
        lines = ["  ".join(f(c, w) for f, c, w in zip(aligned, row, widths, strict=False)).rstrip() for row in rows]
        frozen = f", {self.frozen:,} frozen" if self.frozen else ""
        return "\n".join([*lines, f"{self.parameters:,} parameters{frozen}; {self.nbytes / 1e6:.2f} MB"])

    def __repr__(self) -> str:
        return str(self)


def summary(model: Module, *inputs: Any) -> Summary:
    """Say layer by layer what a model gives, how much it has to learn and how long it takes.

    Parameters
    ----------
    model : Module
        Run once on the inputs, in eval mode and without gradients; left as it is, with its modes, buffers, gradients
        and the package's random generator.
    *inputs : array_like, tensors or trees
        As the model takes them; without any, there are only the parameters.

    Returns
    -------
    Summary
        Its ``str`` is a table; ``layers``, ``parameters``, ``frozen`` and ``nbytes``.

    Raises
    ------
    TypeError
        If the model is no Module.
    Exception
        What the model raises for these inputs; a note says in which module.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> from autograd_lite import nn
    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    >>> print(ag.summary(model))
    layer                  parameters
    the model  Sequential          67
      0        Linear              40
      1        ReLU
      2        Linear              27
    67 parameters; 0.00 MB
    >>> found = ag.summary(model, np.zeros((5, 4)))
    >>> [(layer.name, layer.output, layer.calls) for layer in found.layers]
    [('the model', '(5, 3)', 1), ('0', '(5, 8)', 1), ('1', '(5, 8)', 1), ('2', '(5, 3)', 1)]
    """
    check_arguments("summary", model=model)
    clock = Clock()
    if inputs:
        with untouched(model), no_grad():
            model.eval()
            run(model, inputs, clock)
    tensors = {id(t): t for _, t in model.tensors()}.values()
    counted: set[int] = set()
    paths = [path for path, _ in model.named_modules()]
    depth = {path: sum(not above or path.startswith(f"{above}.") for above in paths if above != path) for path in paths}
    layers = [row_of(path, depth[path], module, clock, counted) for path, module in model.named_modules()]
    learned = list(model.parameters())
    return Summary(
        layers,
        sum(p.size for p in learned),
        sum(p.size for p in learned if not p.requires_grad),
        sum(t.node.value.nbytes for t in tensors),
    )


class Clock:
    """What is known of the calls of each module, by its identity: how many, how long, what came out, which is open."""

    def __init__(self) -> None:
        self.calls: dict[int, int] = {}
        self.seconds: dict[int, float] = {}
        self.outputs: dict[int, str] = {}
        self.open: list[tuple[Module, float]] = []

    def enter(self, module: Module, inputs: Any) -> None:
        """A call begins."""
        self.open.append((module, time.perf_counter()))

    def leave(self, module: Module, inputs: Any, output: Any) -> None:
        """A call ends."""
        now, key = time.perf_counter(), id(module)
        _, started = self.open.pop()
        self.calls[key] = self.calls.get(key, 0) + 1
        self.seconds[key] = self.seconds.get(key, 0.0) + now - started
        self.outputs[key] = shapes(output)


def run(model: Module, inputs: tuple[Any, ...], clock: Clock) -> None:
    """Run the model once, with the clock at all of its modules."""
    removals = []
    try:
        for module in model.modules():
            removals += [module.register_forward_pre_hook(clock.enter), module.register_forward_hook(clock.leave)]
        model(*inputs)
    except Exception as error:
        paths = {id(module): path or "the model" for path, module in model.named_modules()}
        if clock.open:
            module = clock.open[-1][0]
            error.add_note(f"in {paths[id(module)]}, {type(module).__name__}")
        raise
    finally:
        for remove in removals:
            remove()


def row_of(path: str, depth: int, module: Module, clock: Clock, counted: set[int]) -> LayerSummary:
    """The row of a module; parameters that an earlier one beside it has are not counted again."""
    own = list(module.parameters())
    fresh = [p for p in own if id(p) not in counted]
    counted |= {id(p) for p in own if not any(True for _ in module.children())}
    key, kind = id(module), type(module).__name__
    return LayerSummary(
        path or "the model",
        kind,
        depth,
        clock.outputs.get(key, ""),
        sum(p.size for p in fresh),
        sum(p.size for p in fresh if not p.requires_grad),
        clock.calls.get(key, 0),
        clock.seconds.get(key, 0.0),
    )


def shapes(output: Any) -> str:
    """The shapes of what a module gives."""
    if isinstance(output, Tensor) or is_leaf(output):
        return str(np.shape(output.node.value if isinstance(output, Tensor) else output))
    if isinstance(output, dict):
        return "{" + ", ".join(f"{name}: {shapes(part)}" for name, part in output.items()) + "}"
    parts = children(output)
    return "(" + ", ".join(shapes(part) for _, part in parts) + ")" if parts else type(output).__name__
