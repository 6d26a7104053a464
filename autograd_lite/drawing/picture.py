"""`draw`: the graph of a result as a picture, with the value and the gradient of everything in it."""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autograd_lite.drawing.arrows import Failure
from autograd_lite.drawing.dot import dot_of, listing
from autograd_lite.drawing.graph_view import Choice, Knowledge, View, check_known, view_of
from autograd_lite.drawing.page import openable, page
from autograd_lite.drawing.rendering import RenderError, render
from autograd_lite.drawing.watching import CallWatcher, parameter_names
from autograd_lite.engine.graph import Node
from autograd_lite.engine.random import default_generator
from autograd_lite.engine.warnings import LostGradientWarning
from autograd_lite.support.atomic_write import write_whole
from autograd_lite.support.optional_dependency import optional
from autograd_lite.tensor.tensor import Tensor

MOST_OPENED = 16  # modules that the page can open
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

    def __init__(self, view: View, legend: bool, opened: Callable[[str], View] | None = None) -> None:
        self.view, self.legend, self.opened = view, legend, opened
        self.source = dot_of(view, legend)
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
            with np.errstate(all="ignore"):
                content = page(self.views(), path.stem, self.legend).encode()
        else:
            content = self.source.encode() if kind in ("dot", "gv") else self.render(kind)
        write_whole(path, lambda file: file.write(content))

    def views(self) -> dict[str, View]:
        """What the page can show: the drawing, and the drawing with one of its modules open."""
        paths = openable(self.view)[:MOST_OPENED] if self.opened else []
        return {"": self.view} | {path: self.opened(path) for path in paths if self.opened}

    def __repr__(self) -> str:
        return self._listing

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture, as wide as its cell at most, and as pixels where it is not trusted; or
        the text and how to get the picture.
        """
        try:
            svg, png = self.render("svg").decode(errors="replace"), self.render("png")
        except RenderError as error:
            return {"text/plain": f"{error}\n\n{self.source}"}
        svg = re.sub(
            r'<svg width="(\d+)pt" height="\d+pt"', r'<svg width="\1pt" style="max-width:100%;height:auto"', svg
        )
        return {
            "image/svg+xml": svg,
            "image/png": base64.b64encode(png).decode(),
            "text/plain": repr(self),
        }


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
    rankdir: str | None = None,
    legend: bool = True,
    roll: bool | None = None,
    color: Literal["time", "bytes", "gradient"] | Mapping[str, float] | Callable[[Tensor], float] | None = None,
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
        parameters. None does so where the drawing would get wider than a screen, the innermost first. Layers and
        functions of the package that take several steps are one box unless False, with what they were given around it.
    expand : str or sequence of str
        Paths of modules that stay open, ``"0"`` or ``"encoder.*"``, and names of functions, ``"conv2d"``.
    depth : int, optional
        Fold the modules that deep in the tree, 1 being the outermost; implies ``collapse="module"``.
    max_nodes : int
        Above this many boxes the middle of the graph becomes one; the drawing says so. Without heat maps above 120.
    gradient : bool
        Whether gradients are computed and shown.
    inputs : sequence of Tensor
        Leaves that are coloured as inputs although they require a gradient.
    rankdir : {"LR", "TB", "RL", "BT"}, optional
        Where the graph runs: from left to right, as by default, or from the top to the bottom, as what would be wider
        than a screen.
    legend : bool
        Whether a legend of the colours stands under the graph.
    roll : bool, optional
        Whether what a loop calls again and again is one box with an arrow back, which shows the last pass, if `y` is a
        function. None does so from 8 passes on.
    color : "time", "bytes", "gradient", mapping or function, optional
        What the boxes are coloured by instead of their parts: how long their calls took, the memory of their values,
        the root mean square of the gradient, by powers of ten; a number for the path of a module, also by powers of
        ten; or a number that the function gives for the tensor in a box.

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
    check_settings(collapse, depth, max_nodes, rankdir, color)
    if hasattr(y, "named_parameters") and not arguments:
        raise TypeError(f"{type(y).__name__} is drawn by what it computes: give an example input, ag.draw(model, x)")
    known = Knowledge(inputs={t.node for t in inputs})
    notes: list[str] = []
    if not isinstance(y, Tensor):
        y, known, notes = computed(y, arguments, model, known.inputs)
    elif arguments or model is not None:
        raise TypeError(
            "a tensor has been computed already: to draw exactly what belongs to which module, pass the module and its "
            "arguments, draw(model, x), or a function, draw(lambda: loss(model(x), t), model=model)"
        )
    check_known([y.node.value])

    def opened(path: str | None) -> View:
        folds = collapse if path is None or collapse is False else "module"
        paths = expand if path is None else (*expand, path)
        said = notes if path is None else []
        return view_of(y.node, known, Choice(folds, paths, depth, max_nodes, rankdir, roll), gradient, said, color)

    with np.errstate(all="ignore"):  # what is drawn may well be what went wrong
        return Drawing(opened(None), legend, opened)


def check_settings(collapse: Any, depth: int | None, max_nodes: int, rankdir: str | None, color: Any) -> None:
    """Refuse settings that make no sense."""
    if collapse not in (None, False, "module"):
        raise ValueError(f"collapse is 'module', False or None, not {collapse!r}")
    if depth is not None and (not isinstance(depth, int) or depth < 1 or collapse is False):
        raise ValueError(f"depth={depth!r} folds modules that deep, from 1 on; collapse=False folds none")
    if not (callable(color) or isinstance(color, Mapping) or color in (None, "time", "bytes", "gradient")):
        raise ValueError(f"color is 'time', 'bytes', 'gradient', a mapping or a function, not {color!r}")
    if not isinstance(max_nodes, int) or max_nodes < 3:
        raise ValueError(f"max_nodes={max_nodes!r} is no number from 3 on: two ends and what is between")
    if rankdir is not None and rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir is one of {', '.join(DIRECTIONS)}, not {rankdir!r}")


def computed(
    function: Any, arguments: tuple[Any, ...], model: Any, inputs: Collection[Node] = ()
) -> tuple[Tensor, Knowledge, list[str]]:
    """Call a module or a function and note what computes what, from the first operation on its arguments on.

    What cannot be recorded, because the function takes numbers out of its arguments or calls what has no gradient, is
    called again with the arguments as they are, and the drawing says so.
    """
    if not callable(function):
        raise TypeError(f"draw takes a tensor, or what computes one when called, not {type(function).__name__}")
    if model is None and hasattr(type(function), "named_modules"):
        model = function
    notes = []
    first = CallWatcher(model, True)
    try:
        y, watch = watched(function, arguments, first), first
    except Exception as recorded:
        watch = CallWatcher(model, False)
        try:
            y = watched(function, arguments, watch)
        except Exception as error:
            if (failure := first.failure(recorded)) is not None:
                with_picture(error, first, failure)
            raise
        notes.append("what is computed from constants alone is not drawn: it cannot be recorded")
    if not isinstance(y, Tensor):
        name = getattr(function, "__name__", type(function).__name__)
        raise TypeError(
            f"{name} gave a {type(y).__name__}, not a tensor: draw one of its results, by a function that gives it"
        )
    return y, known_from(watch, inputs), notes


def known_from(watch: CallWatcher, inputs: Collection[Node] = (), failure: Failure | None = None) -> Knowledge:
    """What a call that was watched tells of its graph."""
    return Knowledge(
        scopes=watch.scopes,
        inputs={*inputs, *watch.inputs},
        given=watch.given,
        parameters=watch.parameters,
        unasked=watch.marked,
        names=watch.names,
        places={node: made.program for node, made in watch.made.items()},
        owned=watch.owned,
        seconds={node: made.seconds for node, made in watch.made.items()},
        lines={node: f"{made.place}:{made.line}" for node, made in watch.made.items() if made.place},
        failure=failure,
    )


def with_picture(error: Exception, watch: CallWatcher, failure: Failure) -> None:
    """Add to an error the drawing of what was computed before it, as ``error.drawing``."""
    nodes = [a for a in failure.given.values() if isinstance(a, Node)]
    if nodes:
        known, choice = known_from(watch, failure=failure), Choice(None, (), None, 300, None)
        error.drawing = Drawing(view_of(nodes[0], known, choice, False, []), True)  # type: ignore[attr-defined]
        error.add_note("the computation up to this call is drawn: error.drawing.save('failed.svg')")


def watched(function: Any, arguments: tuple[Any, ...], watch: CallWatcher) -> Any:
    """The result of a call that is watched; buffers and the default generator are as before."""
    model = watch.model
    buffers = [(buffer, np.array(buffer.node.value)) for buffer in model.buffers()] if model is not None else []
    bits = default_generator().bit_generator
    state = bits.state
    if function is not model and watch.recording:
        names = [*parameter_names(function), *("" for _ in arguments)]
        arguments = tuple([watch.given_as(a, name) for a, name in zip(arguments, names, strict=False)])
    try:
        with warnings.catch_warnings():
            if watch.recording:
                warnings.simplefilter("error", LostGradientWarning)
            return watch.run(function, arguments)
    finally:
        watch.constants_again()
        bits.state = state
        for buffer, before in buffers:
            if not np.array_equal(buffer.node.value, before, equal_nan=before.dtype.kind == "f"):
                buffer.data = before


def drawing_of(root: Node, marked: Node | None = None, **settings: Any) -> Drawing:
    """The graph of `root`, perhaps with one of its nodes marked."""
    known = Knowledge(failed=marked)
    choice = Choice(None, (), None, settings.pop("max_nodes", 300), settings.pop("rankdir", None))
    with np.errstate(all="ignore"):
        return Drawing(view_of(root, known, choice, settings.pop("gradient", True), []), settings.pop("legend", True))
