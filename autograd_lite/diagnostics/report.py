"""How the gradients are spread over the layers of a network, and what that means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import autograd
from autograd_lite.diagnostics.untouched import untouched
from autograd_lite.drawing import Drawing, draw
from autograd_lite.nn import Module, ReLU
from autograd_lite.tensor.tensor import Tensor

__all__ = ["GradientReport", "LayerGradient", "gradient_report"]

FAR = 1e5  # between healthy and not: below it lie the deepest nets that train well (50 layers with BatchNorm: 2e3)
MOSTLY_DEAD = 0.5


class LayerGradient(NamedTuple):
    """A layer: a module with parameters of its own, or a ReLU.

    Attributes
    ----------
    name : str
        Its path in the model.
    kind : str
        Its class.
    gradient : float or None
        The norm of the gradients of its own parameters; None without any.
    weight : float or None
        The norm of these parameters.
    dead : float or None
        Of a ReLU, the share of its outputs that are 0 for every row of the batch.
    unreached : tuple of str
        Its own parameters that are to learn and have no gradient.
    called : bool or None
        Whether the forward pass has called it; None where there was none to look at.
    """

    name: str
    kind: str
    gradient: float | None = None
    weight: float | None = None
    dead: float | None = None
    unreached: tuple[str, ...] = ()
    called: bool | None = None

    @property
    def ratio(self) -> float | None:
        """Gradient over weight: the relative change of the parameters by a plain step with learning rate 1."""
        return self.gradient / self.weight if self.gradient is not None and self.weight else None


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What `gradient_report` found; as text, a table.

    Attributes
    ----------
    verdict : {"healthy", "vanishing", "exploding", "disconnected"}
        In one word.
    words : str
        In a sentence, with the layers concerned and what to try.
    layers : list of LayerGradient
        In the order of the model.
    """

    verdict: str
    words: str
    layers: list[LayerGradient]

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [("layer", "", "gradient", "weight", "ratio", "dead")]
        for layer in self.layers:
            numbers = [f"{x:.1e}" if x is not None else "" for x in (layer.gradient, layer.weight, layer.ratio)]
            numbers[0] = numbers[0] or "none" * bool(layer.unreached)
            rows.append((layer.name, layer.kind, *numbers, f"{layer.dead:.0%}" if layer.dead is not None else ""))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*lines, f"{self.verdict}: {self.words}"])

    def draw(self, model: Module, *inputs: Any) -> Drawing:
        """The model with each layer coloured by its gradient, by powers of ten: where it vanishes or explodes.

        Parameters
        ----------
        model : Module
            The one that was reported on.
        *inputs : array_like
            What it is called with.

        Returns
        -------
        Drawing
        """
        gradients = {layer.name: layer.gradient for layer in self.layers if layer.gradient is not None}
        return draw(model, *inputs, collapse="module", color=gradients)

    def __repr__(self) -> str:
        return str(self)


def gradient_report(
    model: Module, loss: Callable[[Any, Any], Tensor] | None = None, batch: Sequence[Any] | None = None
) -> GradientReport:
    """Say layer by layer how large the gradients are, whether they arrive at all, and whether they vanish or explode.

    A parameter that is to learn and has no gradient disconnects its layer: nothing has called it, or a ``detach()`` is
    in the way.

    What counts is each layer's ratio of gradient to weight. They vanish where it is less than 1e-5 of that of the last
    layer, which is nearest to the loss; they explode where it is more than 1e5 times that, or more than 1e5 (a step
    with a learning rate of 1e-5 would replace the weights), or not finite.

    Parameters
    ----------
    model : Module
        With the gradients of a `backward`, if no batch is given; left as it is.
    loss : callable, optional
        ``loss(model(*inputs), target)``, a scalar, for a forward and a backward pass on `batch`, in the model's
        present mode. Nobody's ``.grad`` is touched, and batch statistics are put back.
    batch : tuple of arrays, optional
        Inputs with the target last. It is needed to count dead ReLUs: those of `nn.ReLU` modules.

    Returns
    -------
    GradientReport
        ``verdict``, ``words`` and the ``layers``; printed, it is a table.

    Raises
    ------
    ValueError
        If only one of `loss` and `batch` is given, or there are no gradients.

    References
    ----------
    S. Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, 1991; R. Pascanu, T. Mikolov, Y. Bengio, *On the
    difficulty of training recurrent neural networks*, 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> from autograd_lite import nn
    >>> _ = ag.manual_seed(0)
    >>> layers = [layer for _ in range(50) for layer in (nn.Linear(8, 8), nn.Sigmoid())]
    >>> x = np.random.default_rng(0).normal(size=(32, 8))
    >>> report = ag.gradient_report(nn.Sequential(*layers), nn.MSELoss(), (x, x))
    >>> report.verdict
    'vanishing'
    >>> report.words
    'the gradients of 0 to ... are less than 1e-05 of those of 98, relative to the weights: ...'
    """
    if (loss is None) != (batch is None):
        raise ValueError("gradient_report takes a loss and a batch, or neither (after a backward)")
    seen = Seen()
    gradients = {id(p): p.grad for p in model.parameters()} if batch is None else measured(model, loss, batch, seen)
    layers = []
    for name, module in model.named_modules():
        own = [(n, p) for n, p in module.members() if isinstance(p, Tensor) and p.requires_grad]
        found = [p for _, p in own if gradients.get(id(p)) is not None]
        unreached = tuple([f"{name}.{n}" if name else n for n, p in own if gradients.get(id(p)) is None])
        shares = seen.dead.get(id(module))
        if own or shares:
            gradient = norm([gradients[id(p)] for p in found]) if found else None
            weight = norm([p.node.value for p in found or [p for _, p in own]]) if own else None
            share = float(np.mean(shares)) if shares else None
            called = None if batch is None else id(module) in seen.called
            kind = type(module).__name__
            layers.append(LayerGradient(name or "the model", kind, gradient, weight, share, unreached, called))
    if all(layer.gradient is None for layer in layers):
        raise ValueError("there are no gradients: call backward() first, or pass a loss and a batch")
    return GradientReport(*judged(layers), layers)


class Seen:
    """What a forward pass shows, by the identity of modules: which are called, the shares of dead outputs of ReLUs."""

    def __init__(self) -> None:
        self.called: set[int] = set()
        self.dead: dict[int, list[float]] = {}

    def look(self, module: Module, inputs: Any, output: Any) -> None:
        """A module has been called."""
        self.called.add(id(module))
        if isinstance(module, ReLU):
            alive = (output.detach().numpy() > 0).any(axis=0)
            self.dead.setdefault(id(module), []).append(1 - float(np.mean(alive)))


def measured(model: Module, loss: Any, batch: Sequence[Any], seen: Seen) -> dict[int, Any]:
    """The gradients of all parameters that learn, by identity."""
    removals = [m.register_forward_hook(seen.look) for m in model.modules()]
    parameters = [p for p in model.parameters() if p.requires_grad]
    *inputs, target = batch
    with untouched(model):
        try:
            value = loss(model(*inputs), target)
        finally:
            for remove in removals:
                remove()
        found = autograd.grad(value, parameters, allow_unused=True)
    return {id(p): g for p, g in zip(parameters, found, strict=True)}


def norm(arrays: Sequence[Any]) -> float:
    """The Euclidean norm of all numbers together, in double precision."""
    with np.errstate(all="ignore"):
        return float(np.linalg.norm([np.linalg.norm(np.asarray(a, np.float64)) for a in arrays]))


def judged(layers: Sequence[LayerGradient]) -> tuple[str, str]:
    """The verdict, in a word and in a sentence."""
    learning = [layer for layer in layers if layer.ratio is not None]
    nearest = next((layer for layer in reversed(learning) if layer.ratio), None)
    dying = [layer for layer in layers if layer.dead is not None and layer.dead > MOSTLY_DEAD]
    dead = f"most ReLUs of {span(dying)} are dead: try a smaller learning rate, or LeakyReLU" if dying else ""
    broken = [layer for layer in layers if layer.gradient is not None and not np.isfinite(layer.gradient)]
    if broken:
        return "exploding", f"the gradients of {span(broken)} are not finite: {REMEDY['exploding']}"
    cut = [layer for layer in layers if layer.unreached]
    if cut:
        return "disconnected", disconnected(cut)
    if nearest is None or nearest.ratio is None:
        why = dead or "the loss is at its minimum, or does not depend on the parameters"
        return "vanishing", f"all gradients are zero: {why}"
    large = [layer for layer in learning if layer.ratio is not None and layer.ratio > FAR * min(1.0, nearest.ratio)]
    if large:
        most = max(layer.ratio or 0.0 for layer in large)
        size = f"up to {most:.0e} times the weights ({nearest.name}: {nearest.ratio:.0e})"
        return "exploding", f"the gradients of {span(large)} are {size}: {REMEDY['exploding']}"
    small = [layer for layer in learning if layer.ratio is not None and layer.ratio * FAR < nearest.ratio]
    if small:
        against = f"less than {1 / FAR:.0e} of those of {nearest.name}, relative to the weights"
        return "vanishing", f"the gradients of {span(small)} are {against}: {dead or REMEDY['vanishing']}"
    return "healthy", f"but {dead}" if dead else "all layers learn at comparable rates"


def disconnected(layers: Sequence[LayerGradient]) -> str:
    """Why layers get no gradient."""
    idle = [layer for layer in layers if layer.called is False]
    cut = [layer for layer in layers if layer.called is not False]
    reasons = []
    if cut:
        names = [name for layer in cut for name in layer.unreached]
        where = "a detach(), no_grad(), .data or a conversion to an array is between them and the loss"
        reasons.append(f"no gradient reaches {listed(names)}: {where}, or their outputs are not used")
    if idle:
        reasons.append(f"forward() never calls {span(idle)}: call it, or leave it out of the model")
    return "; ".join(reasons)


REMEDY = {
    "vanishing": "try ReLU with He initialisation, BatchNorm or LayerNorm, or connections past the layers",
    "exploding": "try clipping (fit's clip_norm=), a smaller initialisation, or a normalising layer",
}


def span(layers: Sequence[LayerGradient]) -> str:
    """The names of some layers, or the first and the last of many."""
    names = [layer.name for layer in layers]
    return ", ".join(names) if len(names) < 4 else f"{names[0]} to {names[-1]} ({len(names)} layers)"


def listed(names: Sequence[str]) -> str:
    """Some names, or the first of many and how many more."""
    return ", ".join(names) if len(names) < 5 else f"{', '.join(names[:3])} and {len(names) - 3} more"
