"""`draw`: the graph of a result as a picture, with the value and the gradient of everything in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autograd_lite.drawing.dot import dot_of, listing
from autograd_lite.drawing.graph_view import View, check_known, view_of
from autograd_lite.drawing.modules import Modules, scopes_by_names, watched
from autograd_lite.drawing.rendering import RenderError, page, render
from autograd_lite.engine.random import default_generator
from autograd_lite.support.atomic_write import write_whole
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.tensor import Tensor

FOLDED_ABOVE = 60  # nodes
DIRECTIONS = ("LR", "TB", "RL", "BT")


class Drawing:
    """A drawn graph, as `draw` gives it: a notebook shows it, `save` writes it, ``print`` lists it.

    Attributes
    ----------
    source : str
        The graph in DOT, graphviz's language.
    notes : tuple of str
        What a reader has to know: what was folded, why there are no gradients. They stand in the picture, too.
    """

    def __init__(self, view: View, rankdir: str) -> None:
        self.source = dot_of(view, rankdir)
        self.notes = tuple(view.notes)
        self._listing = listing(view)

    @property
    def graph(self) -> Any:
        """The same as a ``graphviz.Source``.

        Raises
        ------
        ModuleNotFoundError
            If the package graphviz is not installed.
        """
        return optional("graphviz", "a graphviz.Source", "draw").Source(self.source)

    def render(self, format: str = "svg") -> bytes:
        """The picture in a format of graphviz's, such as ``"svg"``, ``"png"`` or ``"pdf"``.

        Raises
        ------
        RenderError
            If neither Graphviz nor pygraphviz is installed; the message says how to get them.
        """
        return render(self.source, format)

    def save(self, path: str | Path) -> None:
        """Write the drawing; the end of the name says how.

        Parameters
        ----------
        path : str or Path
            ``.svg``, ``.png``, ``.pdf``; ``.html`` for one page that needs nothing else and can be zoomed; ``.dot``
            or ``.gv`` for the text, which needs no Graphviz.

        Raises
        ------
        ValueError
            If the name ends otherwise.
        RenderError
            If there is nothing to draw with.
        OSError
            If the file cannot be written. In any case, no half of it is.
        """
        path = Path(path)
        kind = path.suffix.lower().removeprefix(".")
        if kind not in ("svg", "png", "pdf", "html", "dot", "gv"):
            raise ValueError(f"{path}: a drawing is saved as .svg, .png, .pdf, .html or .dot")
        if kind == "html":
            content = page(self.source, path.stem).encode()
        else:
            content = self.source.encode() if kind in ("dot", "gv") else self.render(kind)
        write_whole(path, lambda file: file.write(content))

    def __repr__(self) -> str:
        return self._listing

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture, or the text and how to get the picture."""
        try:
            return {"image/svg+xml": self.render("svg").decode(errors="replace"), "text/plain": repr(self)}
        except RenderError as error:
            return {"text/plain": f"{error}\n\n{self.source}"}


def draw(
    y: Tensor | Callable[..., Any],
    *arguments: Any,
    model: Any = None,
    collapse: Literal["module", False] | None = None,
    expand: str | Iterable[str] = (),
    depth: int | None = None,
    max_nodes: int = 300,
    gradient: bool = True,
    inputs: Iterable[Tensor] = (),
    rankdir: str = "LR",
) -> Drawing:
    """Draw the graph of a result: every value once, with its name or function, shape, dtype, value and gradient.

    Gradients are of the sum of `y` and come from a walk of their own: nobody's ``.grad`` is read or touched, so it does
    not matter whether `backward` has been called (hooks run, as in any walk). Where no gradient was computed the
    drawing says so, which is not the same as 0. An arrow carries a value; it is the darker and wider the larger that
    value's gradient is, each power of ten below the largest being a step fainter, grey where the gradient is 0, and
    dashed where there is none.

    Parameters
    ----------
    y : Tensor, Module or function
        A result. Or what computes one from `arguments`; then the calls of the modules are watched, so that the
        drawing knows exactly what belongs to which. (Buffers and the default generator are put back afterwards.)
        Of a Tensor, modules are known as far as the names of the parameters tell; one that was used several times in a
        row stays open.
    *arguments : array_like
        What `y` is called with; a module's arrays take the floating dtype of its parameters.
    model : Module, optional
        Whose modules are watched, if `y` is a function: ``draw(lambda: loss(model(x), t), model=model)``.
    collapse : "module", False or None
        Whether each module that holds no others is one box, with its class, its output and the number of its
        parameters. None does so above 60 nodes.
    expand : str or sequence of str
        Paths of modules that stay open, ``"0"`` or ``"encoder.*"``.
    depth : int, optional
        Fold the modules that deep in the tree, 1 being the outermost; implies ``collapse="module"``.
    max_nodes : int
        Above this many boxes the middle of the graph becomes one; the drawing says so. Without heat maps above 120.
    gradient : bool
        Whether gradients are computed and shown.
    inputs : sequence of Tensor
        Leaves that are coloured as inputs although they require a gradient.
    rankdir : {"LR", "TB", "RL", "BT"}
        Where the graph runs: from left to right, or from the top to the bottom.

    Returns
    -------
    Drawing

    Raises
    ------
    TypeError
        If `y` is neither a tensor nor computes one.
    ValueError
        If `expand` names no module of the graph, or a setting makes no sense.

    Examples
    --------
    >>> import autograd_lite as ag
    >>> x = ag.tensor(2.0, requires_grad=True, name="x")
    >>> ag.draw(x * x * 3)
                    role        shape and dtype   value   gradient
    x               parameter   scalar float64    2       12
    multiply        interior    scalar float64    4       3
    multiply(·, 3)  output      scalar float64    12      1
    """
    expand = (expand,) if isinstance(expand, str) else tuple(expand)
    check_settings(collapse, depth, max_nodes, rankdir)
    if hasattr(y, "named_parameters") and not arguments:
        raise TypeError(f"{type(y).__name__} is drawn by what it computes: give an example input, ag.draw(model, x)")
    modules = None
    chosen = {t.node for t in inputs}
    if not isinstance(y, Tensor):
        y, modules, given = computed(y, arguments, model)
        chosen |= {t.node for t in given}
    elif arguments or model is not None:
        raise TypeError(
            "a tensor has been computed already: to draw exactly what belongs to which module, pass the module and its "
            "arguments, draw(model, x), or a function, draw(lambda: loss(model(x), t), model=model)"
        )
    check_known([y.node.value])
    with np.errstate(all="ignore"):  # what is drawn may well be what went wrong
        view = view_of(
            y.node,
            modules.scopes if modules else scopes_by_names,
            lambda nodes: collapse is not False and (bool(collapse or depth) or nodes > FOLDED_ABOVE),
            expand,
            depth,
            max_nodes,
            gradient,
            chosen,
            modules.parameters if modules else {},
        )
        return Drawing(view, rankdir)


def check_settings(collapse: Any, depth: int | None, max_nodes: int, rankdir: str) -> None:
    """Refuse settings that make no sense."""
    if collapse not in (None, False, "module"):
        raise ValueError(f"collapse is 'module', False or None, not {collapse!r}")
    if depth is not None and (not isinstance(depth, int) or depth < 1 or collapse is False):
        raise ValueError(f"depth={depth!r} folds modules that deep, from 1 on; collapse=False folds none")
    if not isinstance(max_nodes, int) or max_nodes < 3:
        raise ValueError(f"max_nodes={max_nodes!r} is no number from 3 on: two ends and what is between")
    if rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir is one of {', '.join(DIRECTIONS)}, not {rankdir!r}")


def computed(function: Any, arguments: tuple[Any, ...], model: Any) -> tuple[Tensor, Modules | None, list[Tensor]]:
    """Call a module or a function and note which module computes what; gives the arguments that are tensors, too."""
    if not callable(function):
        raise TypeError(f"draw takes a tensor, or what computes one when called, not {type(function).__name__}")
    if model is None and hasattr(type(function), "named_modules"):
        model = function
    if model is None:
        y, modules = function(*arguments), None
    else:
        list(model.named_parameters())  # names those that have no name yet
        buffers = [(buffer, np.array(buffer.node.value)) for buffer in model.buffers()]
        generator = default_generator()
        state = generator.bit_generator.state
        try:
            with watched(model) as modules:
                y = function(*arguments)
        finally:
            generator.bit_generator.state = state
            for buffer, before in buffers:
                if not np.array_equal(buffer.node.value, before, equal_nan=before.dtype.kind == "f"):
                    buffer.data = before
    if not isinstance(y, Tensor):
        name = getattr(function, "__name__", type(function).__name__)
        raise TypeError(
            f"{name} gave a {type(y).__name__}, not a tensor: draw one of its results, by a function that gives it"
        )
    given = [a for a in arguments if isinstance(a, Tensor)]
    return y, modules, given + (modules.inputs if modules else [])
