"""Where a NaN or an infinity comes from: a mode that watches every call and every gradient.

Values are judged when it matters: at the end of a forward pass, when a walk back starts (or the mode is left). An
infinity that is meant, such as the -inf of an attention mask, has gone by then, and no line is blamed for it.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, ContextDecorator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.grad_mode import watched_by
from autograd_lite.engine.graph import Node
from autograd_lite.engine.interception import Interpreter
from autograd_lite.engine.messages import describe, describe_call
from autograd_lite.engine.warnings import user_frame

if TYPE_CHECKING:
    from autograd_lite.drawing.picture import Drawing

LIMIT = 200_000  # calls whose lines are remembered; older ones are forgotten, so a long training does not fill memory
IPYTHON_CELL = re.compile(r"ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-")  # the file that a cell pretends to be


class AnomalyError(RuntimeError):
    """A value or a gradient is not finite; `draw` shows where that begins."""

    def __init__(self, message: str, root: Node | None = None, node: Node | None = None) -> None:
        super().__init__(message)
        self.root, self.node = root, node

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args  # as any error, without the graph

    def draw(self, **settings: Any) -> Drawing:
        """The graph, with the first call that gave a NaN or an infinity marked in red.

        Parameters
        ----------
        **settings
            ``rankdir``, ``max_nodes``, ``legend`` and ``gradient``, as in `autograd_lite.draw`.

        Raises
        ------
        RuntimeError
            If the graph is gone, because the error was pickled.

        Examples
        --------
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> x = ag.tensor(-1.0, requires_grad=True, name="x")
        >>> try:
        ...     with ag.detect_anomaly(), np.errstate(all="ignore"):
        ...         np.sqrt(x).backward()
        ... except ag.AnomalyError as error:
        ...     print(error.draw())
               role        shape and dtype   value   gradient
        x      parameter   scalar float64    -1      nan
        sqrt   output      scalar float64    nan     1
        """
        if self.root is None or self.node is None:
            raise RuntimeError("this error has no graph any more: it was pickled")
        drawing: Drawing = import_module("autograd_lite.drawing.picture").drawing_of(self.root, self.node, **settings)
        return drawing  # imported when it is wanted, so that `import autograd_lite` stays quick


def user_line() -> str:
    """File (or `cell`, in a notebook), number and text of the user's line that is running."""
    frame = user_frame()
    if frame is None:
        return "an unknown line"
    name, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, number).strip()
    place = "cell" if IPYTHON_CELL.search(name) else name
    return f"{place}:{number}" + (f": {text}" if text else "")


def array_of(value: Any) -> Any:
    """The numbers of a gradient, be it an array or, in a recorded walk, a tensor; None if they cannot be looked at."""
    value = value.node.value if hasattr(value, "node") else value
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic | float | int) else None


def finite(value: Any) -> bool:
    """Whether all numbers are finite; what holds no floating numbers is."""
    array = array_of(value)
    return array is None or array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def first_bad(array: Any) -> tuple[tuple[int, ...], str]:
    """Where the first number that is not finite stands, and words for it."""
    bad = np.argwhere(~np.isfinite(array))
    index = tuple(int(i) for i in bad[0])
    count = f" ({len(bad)} of {array.size} elements)" if array.size > 1 else ""
    return index, f"{array[index]}" + (f" at {list(index)}" if index else "") + count


class AnomalyWatcher(Interpreter):
    """Sees every recorded call and every walk back inside `detect_anomaly`."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}  # where calls were made, by their time
        self.root: Node | None = None  # where the walk that runs begins
        self.loose: dict[Node, None] = {}  # not finite, and nothing has been computed from it yet

    def line(self, node: Node) -> str:
        """Where `node` was computed."""
        line = self.lines.get(node.time)
        return f"computed at {line}" if line else "computed outside detect_anomaly()"

    def recorded(self, node: Node) -> None:
        """Remember the call; judge its value later."""
        self.lines[node.time] = user_line()
        if len(self.lines) > LIMIT:
            del self.lines[next(iter(self.lines))]
        for a in node.args:
            if type(a) is Node:
                self.loose.pop(a, None)
        if not finite(node.value):
            self.loose[node] = None

    def walk(self, roots: Sequence[Node]) -> AnomalyWatcher:
        """A walk back from `roots` begins."""
        for root in roots:
            self.judge(root)
        self.loose.clear()
        self.root = roots[0]
        return self

    def visit(self, node: Node, g: Any) -> None:
        """A gradient is judged when a rule gets it, and names the rule."""

    def passed(self, node: Node, i: int, g: Any, ga: Any) -> None:
        """Raise when a rule gives a gradient that is not finite."""
        if not finite(g) or not finite(ga):
            raise AnomalyError(self.explain(node, i, array_of(g), array_of(ga)), self.root, node)

    def judge(self, root: Node) -> None:
        """Raise if `root` is not finite, and name the first value on the way to it that was not."""
        if finite(root.value):
            return
        first, *later = ancestors([root], lambda node: not finite(node.value))
        message = f"the first value that is not finite: {self.made(first)}"
        if not np.isnan(first.value).any():
            message += "".join(f"\nThen {self.made(n)}" for n in [n for n in later if np.isnan(n.value).any()][:1])
        raise AnomalyError(message, root, first)

    def made(self, node: Node) -> str:
        """Say which call gave which bad number, from what."""
        index, words = first_bad(np.asarray(node.value))
        if node.function is None:
            return f"{describe(node)} holds {words} before anything is computed from it"
        values = [array_of(a.value if type(a) is Node else a) for a in node.args]
        at = [str(v[index]) for v in values if v is not None and v.shape == np.shape(node.value)]
        given = f" from {' and '.join(at)}" if at else ""
        return f"{describe_call(node.function, node.args, node.kwargs)} gave {words}{given}, {self.line(node)}"

    def explain(self, node: Node, i: int, g: Any, result: Any) -> str:
        """Say which rule made which bad gradient."""
        call = describe_call(node.function, node.args, node.kwargs)  # type: ignore[arg-type]
        if not finite(g):
            return (
                f"the gradient that arrives at {call} is {first_bad(g)[1]}: it was given to backward(), made by a "
                f"hook, or is a sum that overflows; {self.line(node)}"
            )
        index, words = first_bad(result)
        here = [("its argument", np.asarray(node.args[i].value)), ("the gradient that arrives", g)]
        given = " and ".join(f"{name} is {v[index]}" for name, v in here if v.shape == result.shape)
        return (
            f"the first gradient that is not finite: that of {call} in {describe(node.args[i])} is {words}"
            f"{', where ' + given if given else ''}; {self.line(node)}"
        )


class AnomalyMode(ContextDecorator):
    """Watches what is recorded inside a ``with`` block or a decorated function."""

    def __init__(self) -> None:
        self.entered: list[tuple[AnomalyWatcher, AbstractContextManager[None]]] = []

    def _recreate_cm(self) -> AnomalyMode:
        return AnomalyMode()

    def __enter__(self) -> None:
        watch = AnomalyWatcher()
        self.entered.append((watch, watched_by(watch)))
        self.entered[-1][1].__enter__()

    def __exit__(self, kind: Any, *_: object) -> None:
        watch, watching = self.entered.pop()
        watching.__exit__(None, None, None)
        if kind is None and watch.loose:
            watch.judge(min(watch.loose, key=lambda node: node.time))


def detect_anomaly() -> AnomalyMode:
    """Find where a NaN or an infinity comes from: a context manager and a decorator for forward and backward passes.

    Everything is checked and remembered inside, which makes it several times slower; outside it costs nothing.

    Raises
    ------
    AnomalyError
        If a result is not finite when `backward` starts or the block ends: names the first such value in the graph,
        the call that made it, tensor names, shapes and your line. If a gradient is not finite: names the call whose
        rule made it.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> p = ag.tensor([0.5, 0.0], requires_grad=True, name="p")
    >>> with ag.detect_anomaly(), np.errstate(all="ignore"):
    ...     np.log(p).sum().backward()
    Traceback (most recent call last):
    ...
    autograd_lite.debugging.anomaly.AnomalyError: the first value that is not finite: log(tensor 'p' of shape (2,) and
    dtype float64) gave -inf at [1] (1 of 2 elements) from 0.0, computed at <doctest ...>:2: np.log(p).sum().backward()
    """
    return AnomalyMode()
