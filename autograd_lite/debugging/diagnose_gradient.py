"""What is wrong with a gradient that was derived by hand, in words.

The hand-written gradient is held against the engine's at several points: a factor that is the same at one point may
be chance, at all of them it is not.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import autograd
from autograd_lite.debugging.gradcheck import numbers_of
from autograd_lite.debugging.gradient_difference import close, compare, digits, refit, short_index
from autograd_lite.engine.ancestry import ancestors
from autograd_lite.engine.grad_mode import enable_grad
from autograd_lite.engine.graph import Node
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.tensor.leaving import differentiating
from autograd_lite.tensor.tensor import Tensor, variable
from autograd_lite.tensor.trees import flatten, leaves_and_places

POINTS = 6


class Diagnosis:
    """What `diagnose_gradient` found.

    Attributes
    ----------
    verdict : str
        What is wrong, or to how many digits the gradient is right.
    correct : bool
        Whether it is right.
    engine, hand
        The two gradients at the point that was given, in its structure; `hand` is None if there was an error.
    notes : list of str
        What may help to find the error.
    """

    def __init__(self, verdict: str, correct: bool, engine: Any, hand: Any, notes: Sequence[str]) -> None:
        self.verdict, self.correct, self.engine, self.hand, self.notes = verdict, correct, engine, hand, list(notes)

    def __bool__(self) -> bool:
        return self.correct

    def __str__(self) -> str:
        return "\n  note: ".join([self.verdict, *self.notes])

    def __repr__(self) -> str:
        def show(a: Any) -> str:
            return np.array2string(np.asarray(a), threshold=20, prefix="  engine: ") if not nested(a) else repr(a)

        return f"Diagnosis: {self}\n  engine: {show(self.engine)}\n  hand:   {show(self.hand)}"


def nested(a: Any) -> bool:
    """Whether `a` is a container."""
    return isinstance(a, dict | list | tuple)


def arguments(function: Callable[..., Any], x: Any) -> tuple[Any, ...]:
    """The arguments of `function`: `x` as it is, or the parts of a tuple if only these fit, as in ``f(w, b)``."""
    if type(x) is tuple:
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return (x,)
        for candidate in ((x,), x):
            try:
                signature.bind(*candidate)
            except TypeError:
                continue
            return candidate
    return (x,)


class Evidence(NamedTuple):
    """What the engine knows about the loss at one point."""

    arrays: list[Any]
    loss: float
    gradients: list[Any]
    constants: list[Any]  # the arrays that the loss was computed with
    outer: list[str]  # where shapes were broadcast against each other into a table


def observe(f: Callable[..., Any], rebuild: Callable[[Any], Any], arrays: Sequence[Any]) -> Evidence:
    """Run the loss once and derive its gradient."""
    tensors = list(map(variable, arrays))
    x = rebuild(tensors)
    with np.errstate(all="ignore"), enable_grad():
        with differentiating(tensors):
            loss = f(*arguments(f, x))
        if numbers_of(loss).size != 1:
            raise ValueError(f"the loss must be one number, and f gives shape {numbers_of(loss).shape}")
        if numbers_of(loss).dtype.kind == "c":
            raise ValueError("the loss must be a real number, and f gives a complex one")
        found: Sequence[Any] = [None] * len(tensors)
        if isinstance(loss, Tensor) and loss.requires_grad:
            found = autograd.grad(loss, tensors, np.ones(loss.shape), allow_unused=True)
    nodes = ancestors([loss.node]) if isinstance(loss, Tensor) else []
    inputs = {id(t.node) for t in tensors}
    constants = {}
    for node in nodes:
        for a in [node, *node.args]:
            value = a.value if type(a) is Node and a.function is None and id(a) not in inputs else a
            if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
                constants[id(value)] = value
    return Evidence(
        [np.array(a) for a in arrays],
        float(numbers_of(loss).item()),
        [np.zeros(a.shape) if g is None else np.asarray(g) for g, a in zip(found, arrays, strict=True)],
        list(constants.values()),
        outer_products(nodes),
    )


def outer_products(nodes: Sequence[Node]) -> list[str]:
    """Calls in which n numbers met n others in another shape, so that all were combined with all."""
    found = []
    for node in nodes:
        shapes = [np.shape(a.value if type(a) is Node else a) for a in node.args]
        if len(shapes) == 2 and all(shapes) and isinstance(node.function, np.ufunc) and node.function is not np.matmul:
            a, b = shapes
            out = np.shape(node.value)
            if math.prod(a) == math.prod(b) > 1 and math.prod(out) > math.prod(a):
                found.append(
                    f"{a} against {b} in {node.function.__name__} broadcasts to {out}: all are combined with all. "
                    "Give both the same shape"
                )
    return list(dict.fromkeys(found))


def outer_products_of(hand_gradient: Callable[..., Any], rebuild: Callable[[Any], Any], arrays: Any) -> list[str]:
    """The same in a hand-written gradient, as far as it can be recorded."""
    try:
        with np.errstate(all="ignore"), enable_grad(), differentiating(None):
            results = hand_gradient(*arguments(hand_gradient, rebuild(map(variable, arrays))))
        tensors = [t for t in (flatten(results)[0] if nested(results) else [results]) if isinstance(t, Tensor)]
    except Exception:  # it need not be written for tensors
        return []
    return [words for t in tensors for words in outer_products(ancestors([t.node]))]


def nearby(arrays: Sequence[Any]) -> Iterator[list[Any]]:
    """Points around the given one."""
    generator = np.random.default_rng(0)
    for scale in np.geomspace(0.03, 0.3, 3 * POINTS):
        sizes = [np.abs(a) + (np.abs(a).mean() if a.size and a.any() else 1.0) for a in arrays]
        yield [a + scale * s * generator.standard_normal(a.shape) for a, s in zip(arrays, sizes, strict=True)]


def sizes_of(evidence: Evidence, places: Sequence[str]) -> dict[int, str]:
    """The lengths that may stand in a 1/n, and what they are the lengths of."""
    found: dict[int, str] = {}
    for a in evidence.constants:
        for n in a.shape:
            found.setdefault(n, f"a length of the data of shape {a.shape}")
        found.setdefault(a.size, f"the size of the data of shape {a.shape}")
    for a, place in zip(evidence.arrays, places, strict=True):
        for n in (*a.shape, a.size):
            found.setdefault(n, f"a length of {place} of shape {a.shape}")
    return {n: words for n, words in found.items() if n > 2}


def parts_of(gradient: Any) -> list[Any]:
    """The arrays of a hand-written gradient."""
    parts = flatten(gradient)[0] if nested(gradient) else [gradient]
    arrays = [array_from(numbers_of(part)) for part in parts]
    return [a if a.dtype.kind == "c" else array_from(a, np.float64) for a in arrays]


def judge(table: list[tuple[Evidence, list[Any]]], k: int, sizes: dict[int, str]) -> tuple[str | None, int, list[str]]:
    """The verdict on the k-th array of the gradient (None: it is right), the digits that agree, and notes."""
    gs, hs = [seen.gradients[k] for seen, _ in table], [hand[k] for _, hand in table]
    losses = np.array([seen.loss for seen, _ in table])
    g0, h0 = gs[0], hs[0]
    if not np.isfinite(h0).all():
        bad = [short_index(int(j), h0.shape) for j in np.flatnonzero(~np.isfinite(h0))[:5]] if h0.ndim else []
        where = f" in component{'s' * (len(bad) > 1)} {', '.join(bad)}" if bad else ""
        return f"not finite: {'NaN' if np.isnan(h0).any() else 'infinite'}{where}", 0, []
    prefix, fitted, notes = "", hs, []
    if h0.shape != g0.shape:
        prefix = f"shape {h0.shape}, expected {g0.shape}"
        if h0.ndim == 2 and h0.shape[0] == h0.shape[1] and h0.shape[0] in sizes and h0.size > g0.size:
            n = h0.shape[0]
            notes.append(f"({n},) against ({n}, 1) broadcasts to ({n}, {n}): give both the same shape first")
        words, refitted = refit(gs, hs, table[0][0].constants)
        prefix += f": {words}" if words else ""
        if all(close(h, np.full(h.shape, loss)) for h, loss in zip(hs, losses, strict=True)):
            return f"{prefix}; this is the loss itself, not its gradient", 0, notes
        if refitted is None:
            return prefix, 0, notes
        fitted = refitted
    if len(table) == 1 and not close(fitted[0], g0):
        return "wrong; in which way cannot be told from one point", 0, notes
    points = np.array([np.ravel(seen.arrays[k]) for seen, _ in table])
    g, h = (np.array([np.ravel(v) for v in rows]) for rows in (gs, fitted))
    words_or_none = compare(g, h, g0.shape, points, losses, sizes)
    if prefix:
        return f"{prefix}; {words_or_none or 'the numbers are right'}", 0, notes
    return words_or_none, digits(g, h), notes


def diagnose_gradient(f: Callable[..., Any], hand_gradient: Callable[..., Any], x: Any) -> Diagnosis:
    """Say in words what is wrong with a gradient that was derived by hand.

    Parameters
    ----------
    f : callable
        The loss: takes `x` and gives one number; written in NumPy.
    hand_gradient : callable
        Takes `x` as arrays and gives what it believes to be the gradient, in the structure of `x`.
    x : array_like or tree
        A point: one array or number, or several in a dict, list or tuple such as ``(w, b)``; a tuple is spread over
        the parameters of a function that takes that many. Further points are drawn around it.

    Returns
    -------
    Diagnosis
        True if the gradient is right. ``verdict`` says what is wrong: the sign, a constant factor and where it may
        come from, the shape, single components, the transpose, an offset, the loss in place of its gradient, an error.

    Raises
    ------
    ValueError
        If `f` gives more than one number.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.diagnose_gradient(lambda x: np.sum(x**2), lambda x: -x, np.array([1.0, 2.0])).verdict
    'wrong sign everywhere and off by the constant factor 0.5 (a factor 2 is missing)'
    """
    if isinstance(x, list) and all(isinstance(leaf, int | float) for leaf in flatten(x)[0]):
        x = np.array(x)  # numbers in lists are an array, as everywhere in NumPy
    leaves, rebuild = flatten(x)
    if not leaves:
        raise ValueError("x holds no numbers")
    if any(np.iscomplexobj(numbers_of(leaf)) for leaf in leaves):
        raise TypeError("x is complex, and gradients are taken in real numbers: give both parts, and x + 1j * y in f")
    arrays = [np.array(numbers_of(leaf), dtype=np.float64) for leaf in leaves]
    places = [place for _, place in leaves_and_places(x, "x")]
    here = observe(f, rebuild, arrays)
    engine = rebuild(here.gradients)
    notes = [f"in the loss itself, {words}" for words in here.outer]

    def by_hand(point: Sequence[Any]) -> Any:
        argument = rebuild([np.array(a) if a.ndim else a[()] for a in point])
        with np.errstate(all="ignore"):
            return hand_gradient(*arguments(hand_gradient, argument))

    def wrong(verdict: str, hand: Any = None) -> Diagnosis:
        return Diagnosis(verdict, False, engine, hand, list(dict.fromkeys(notes)))

    try:
        hand = by_hand(arrays)
        given = parts_of(hand)
    except Exception as error:
        return wrong(f"it raises {type(error).__name__}: {error}")
    if any(map(np.iscomplexobj, given)):
        return wrong("complex, and the gradient of a real loss in real numbers is real", hand)
    if len(given) != len(arrays):
        what = f"it gives {len(given)} array{'s' * (len(given) != 1)}, expected {len(arrays)}: {', '.join(places)}"
        return wrong(what, hand)
    if not all(np.isfinite(g).all() for g in here.gradients):
        return wrong("nothing can be said: the engine's own gradient is not finite here; take another x", hand)

    table = [(here, given)]
    for point in nearby(arrays):  # where both can be computed
        try:
            there, parts = observe(f, rebuild, point), parts_of(by_hand(point))
        except Exception:  # outside of where the functions are defined
            continue
        same = [h.shape for h in parts] == [h.shape for h in given]
        if same and all(np.isfinite(v).all() for v in (*there.gradients, there.loss, *parts)):
            table.append((there, parts))
        if len(table) == POINTS:
            break
    sizes = sizes_of(here, places)
    judged = [judge(table, k, sizes) for k in range(len(arrays))]
    verdicts = [words for words, _, _ in judged]
    if len(table) < 3 and all(np.isfinite(h).all() for h in given):
        notes.append(f"compared at {len(table)} point{'s' * (len(table) > 1)} only: elsewhere a value was not finite")
    if not any(verdicts):
        return Diagnosis(f"correct to 1e-{min(agreed for _, agreed, _ in judged)}", True, engine, hand, notes)
    notes += [note for _, _, more in judged for note in more]
    notes += [f"in the hand-written gradient, {words}" for words in outer_products_of(hand_gradient, rebuild, arrays)]
    if len(set(verdicts)) == 1:
        return wrong(str(verdicts[0]), hand)
    named = [f"{place}: {words or 'correct'}" for place, words in zip(places, verdicts, strict=True)]
    return wrong("; ".join(named), hand)
