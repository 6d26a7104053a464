"""The step-through: backpropagation as a page that goes through it step by step."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.drawing.picture import drawing_of
from autograd_lite.drawing.watching import parameter_names
from autograd_lite.engine.array_like import is_array_like, to_array
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import Symbol
from autograd_lite.stepthrough.narration import Story
from autograd_lite.stepthrough.page import page
from autograd_lite.stepthrough.recorder import WalkRecorder
from autograd_lite.support.atomic_write import write_whole
from autograd_lite.tensor.tensor import Tensor, variable

__all__ = ["StepThrough", "step_through"]

MAX_NODES = 200
HEAD_AND_CARD = 480  # pixels above and below the graph


class StepThrough:
    """A page that goes through backpropagation step by step; shows itself in a notebook.

    Attributes
    ----------
    html : str
        The whole page. It needs nothing else and asks for nothing over the network.
    story : Story
        What the page tells; ``print(…)`` lists its steps in words.
    """

    def __init__(self, story: Story) -> None:
        self.story = story
        self.html = page(story)

    def save(self, path: str | Path) -> None:
        """Write the page to an ``.html`` file, whole or not at all."""
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"a step-through is a web page, and {path} does not end in .html")
        write_whole(path, lambda file: file.write(self.html.encode()))

    def __str__(self) -> str:
        return "\n".join(f"{i}. {step.words}" for i, step in enumerate(self.story.steps, 1))

    def __repr__(self) -> str:
        return (
            f"<step-through of {self.story.title}: {len(self.story.steps)} steps; .save('steps.html') writes the page>"
        )

    def _repr_html_(self) -> str:
        return self.framed()

    def framed(self, instead: str = "") -> str:
        """The page in a frame, as high as what is in it; what stands `instead` is for where frames are taken out."""
        page, title = html.escape(self.html), html.escape(self.story.title)
        style = f"width:100%;height:{self.height()}px;border:1px solid #8884;border-radius:8px"
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" title="Step-through of {title}" style="{style}">'
            f"{instead}</iframe>"
        )

    def height(self) -> int:
        """The height of a frame for the page: what is above and below the graph, and the graph."""
        found = re.search(r'data-height="(\d+)"', self.html)
        return min(max(HEAD_AND_CARD + int(found[1] if found else 0), 560), 1000)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the page; where a notebook is not trusted, a still picture and the steps in words."""
        steps = "".join(f"<li>{html.escape(step.words)}</li>" for step in self.story.steps)
        bundle = {"text/plain": str(self)}
        picture = drawing_of(self.story.root)._repr_mimebundle_().get("image/png", "")
        if picture:
            bundle["image/png"] = picture
        image = f'<img src="data:image/png;base64,{picture}" alt="{html.escape(self.story.title)}">' if picture else ""
        return {**bundle, "text/html": self.framed(f"{image}<ol>{steps}</ol>")}


def as_input(a: Any, name: str) -> Any:
    """What `f` is called with: floating arrays and numbers become leaves, so that their gradients are seen."""
    if is_array_like(a) and not isinstance(a, Tensor | np.generic):
        a = to_array(a)
    if isinstance(a, float | np.floating) or (isinstance(a, np.ndarray) and a.dtype.kind == "f"):
        return variable(a, name)
    return a


def step_through(
    y: Tensor | Callable[..., Any],
    *args: Any,
    optimizer: Any = None,
    title: str | None = None,
    max_nodes: int = MAX_NODES,
) -> StepThrough:
    """Show backpropagation step by step: each call, each rule in symbols and in numbers, each gradient as it grows.

    The gradients are of the sum of `y` and come from a walk of their own: nobody's `.grad` is touched.

    Parameters
    ----------
    y : Tensor or callable
        A result, whose history is shown; or a function, which is called with `args`, and then the page shows the line
        of each call as well. For the check the function is called again with one number changed at a time; tensors,
        generators and what it prints stay as after the first call.
    *args
        For a function: floats and floating arrays become leaves that are named after its parameters.
    optimizer : Optimizer, optional
        The last step shows what its next step would do to each parameter under these gradients; nothing is changed.
    title : str, optional
        The heading of the page.
    max_nodes : int
        More nodes than that are refused.

    Returns
    -------
    StepThrough
        Shows itself in a notebook; ``.save("steps.html")`` writes one self-contained file, ``print`` lists the steps.

    Raises
    ------
    TypeError
        If there is no tensor to begin with.
    ValueError
        If there are too many nodes to look at one by one, or the optimizer has no parameter among them.
    RuntimeError
        If a leaf has changed since `y` was computed.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> def neuron(x, w, b):
    ...     return np.tanh(x * w + b)
    >>> print(ag.step_through(neuron, 2.0, -3.0, 6.0))
    1. Start: the inputs are x = 2, w = -3, b = 6
    2. Forward: v1 = x * w = 2 * (-3) = -6
    3. Forward: v2 = v1 + b = -6 + 6 = 0
    4. Forward: y = tanh(v2) = tanh(0) = 0
    5. Backward begins: dy/dy = 1
    6. Backward through y = tanh(v2): 1 arrives. v2 gets g * (1 - y * y) = 1 * (1 - 0 * 0) = 1
    7. Backward through v2 = v1 + b: 1 arrives. v1 gets g = 1; b gets g = 1
    8. Backward through v1 = x * w: 1 arrives. x gets g * b = 1 * (-3) = -3;
       w gets g * a = 1 * 2 = 2, where a = x, b = w
    9. Check by central differences: all gradients agree
    """
    watch, words = WalkRecorder(), title
    if callable(y) and not isinstance(y, Tensor):
        called = getattr(y, "__name__", type(y).__name__)
        words = words or (called if called != "<lambda>" else None)
        names = parameter_names(y)
        names += [f"argument {i}" for i in range(len(names), len(args))]
        y = watch.run(y, [as_input(a, name) for a, name in zip(args, names, strict=False)])
    elif args:
        raise TypeError("a tensor takes no further arguments; a function to step through comes first")
    if not isinstance(y, Tensor) or isinstance(y.node.value, Symbol):
        hint = ": of its arguments, floats and floating arrays become tensors" if args else ""
        raise TypeError(f"step_through() needs a tensor, or a function that gives one, and got {describe(y)}{hint}")
    return StepThrough(Story(y.node, watch, words or y.name or "y", optimizer, max_nodes))
