"""How gradients flow through the layers, and how activations and gradients are distributed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import autograd
from autograd_lite.diagnostics.report import gradient_report
from autograd_lite.diagnostics.untouched import untouched
from autograd_lite.nn import Module
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.tensor import Tensor
from autograd_lite.train.callbacks.callback import Callback, Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["GradientFlow", "histograms"]


class GradientFlow(Callback):
    """A callback that measures each layer's gradient on one batch after every epoch, and draws how they change.

    Parameters
    ----------
    batch : tuple of arrays
        Inputs with the target last.

    Attributes
    ----------
    norms : dict of str to list of float
        The norm of the gradient of each layer's own parameters, epoch by epoch.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x, model = np.ones((8, 1)), ag.nn.Sequential(ag.nn.Linear(1, 3), ag.nn.Tanh(), ag.nn.Linear(3, 1))
    >>> flow = GradientFlow((x, x))
    >>> optimizer = ag.optim.SGD(model.parameters(), lr=0.1)
    >>> history = ag.fit(model, (x, x), ag.nn.MSELoss(), optimizer, epochs=3, callbacks=[flow], progress=False)
    >>> {name: len(values) for name, values in flow.norms.items()}
    {'0': 3, '2': 3}
    """

    def __init__(self, batch: Sequence[Any]) -> None:
        self.batch = tuple(batch)
        self.norms: dict[str, list[float]] = {}

    def on_epoch_end(self, run: Run, values: Mapping[str, float]) -> None:
        for layer in gradient_report(run.model, run.loss, self.batch).layers:
            if layer.gradient is not None:
                self.norms.setdefault(layer.name, []).append(layer.gradient)

    def plot(self) -> Figure:
        """A line for each layer over the epochs, on a logarithmic scale."""
        figures = optional("autograd_lite.support.figure", "GradientFlow.plot", "plot")
        figure = figures.Figure(figsize=(5, 3.5), layout="constrained")
        axes = figure.subplots()
        colours = optional("matplotlib", "GradientFlow.plot", "plot").colormaps["viridis"]
        for i, (name, norms) in enumerate(self.norms.items()):
            colour = colours(0.9 * i / max(len(self.norms) - 1, 1))  # the end of the map is too pale for a line
            axes.semilogy(range(1, len(norms) + 1), norms, label=name, color=colour)
        axes.set(xlabel="epoch", ylabel="norm of the gradient")
        if self.norms:
            figure.legend(title="layer", loc="outside right center", ncols=1 + (len(self.norms) - 1) // 12)
        drawn: Figure = figure
        return drawn


def histograms(model: Module, loss: Callable[[Any, Any], Tensor], batch: Sequence[Any], bins: int = 40) -> Figure:
    """Draw the distribution of each layer's activations, and below it that of their gradients.

    Parameters
    ----------
    model : Module
        Run in its present mode; left as it is.
    loss : callable
        ``loss(model(*inputs), target)``, a scalar.
    batch : tuple of arrays
        Inputs with the target last.
    bins : int

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.

    References
    ----------
    X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x, model = np.ones((8, 1)), ag.nn.Sequential(ag.nn.Linear(1, 3), ag.nn.Tanh(), ag.nn.Linear(3, 1))
    >>> figure = histograms(model, ag.nn.MSELoss(), (x, x))
    >>> len(figure.axes)
    6
    """
    outputs: dict[str, Tensor] = {}
    kinds: dict[str, str] = {}
    removals = []
    for name, module in model.named_modules():
        if not list(module.children()):

            def look(module: Module, inputs: Any, output: Tensor, name: str = name) -> None:
                outputs[name] = output

            removals.append(module.register_forward_hook(look))
            kinds[name] = type(module).__name__
    *inputs, target = batch
    with untouched(model):
        try:
            value = loss(model(*inputs), target)
        finally:
            for remove in removals:
                remove()
        reached = {name: t for name, t in outputs.items() if t.requires_grad}
        found = autograd.grad(value, list(reached.values()), allow_unused=True)
    gradients = dict(zip(reached, found, strict=True))
    figure = optional("autograd_lite.support.figure", "histograms", "plot").Figure(
        figsize=(2.2 * max(len(outputs), 1), 4), layout="constrained"
    )
    rows = figure.subplots(2, max(len(outputs), 1), squeeze=False)
    for column, (name, output) in enumerate(outputs.items()):
        rows[0, column].hist(np.ravel(output.detach().numpy()), bins, color="tab:blue")
        rows[0, column].set_title(f"{name}: {kinds[name]}", fontsize=9)
        gradient = gradients.get(name)
        if gradient is not None:
            rows[1, column].hist(np.ravel(gradient), bins, color="tab:orange", log=True)
        for row in rows[:, column]:
            row.set_yticks([])
            row.set_yticks([], minor=True)
            row.tick_params(labelsize=7)
    rows[0, 0].set_ylabel("activations")
    rows[1, 0].set_ylabel("gradients, log count")
    drawn: Figure = figure
    return drawn
