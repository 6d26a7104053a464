"""Gradients held against differences, with a report that says where they disagree."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import autograd
from autograd_lite.engine.tracing_protocol import array_from
from autograd_lite.tensor.leaving import differentiating
from autograd_lite.tensor.tensor import Tensor, variable
from autograd_lite.tensor.trees import flatten, leaves_and_places

SHOWN = 5  # mismatches that a report spells out


class GradcheckError(AssertionError):
    """Gradients disagree with differences; the message is the report."""


class Mismatch(NamedTuple):
    """One derivative that disagrees."""

    output: str
    output_index: tuple[int, ...]
    input: str
    input_index: tuple[int, ...]
    analytic: float
    numeric: float
    left: float  # one-sided differences: where they differ, the function has a kink or a jump
    right: float

    def __str__(self) -> str:
        error = abs(self.analytic - self.numeric)
        relative = error / max(abs(self.analytic), abs(self.numeric), 1e-300)
        of, at = (f"{list(i)}" if i else "" for i in (self.output_index, self.input_index))
        text = (
            f"d {self.output}{of} / d {self.input}{at}: analytic {self.analytic:.10g}, numeric {self.numeric:.10g}, "
            f"absolute error {error:.2g}, relative error {relative:.2g}"
        )
        if abs(self.left - self.right) > 1e-2 * max(abs(self.left), abs(self.right), 1e-3):
            text += (
                f"\n    from below {self.left:.6g}, from above {self.right:.6g}: a kink or a jump, where gradients "
                "follow a convention (docs/ties.md); check away from it"
            )
        return text


class GradcheckReport:
    """What was compared, and what disagreed; true if nothing did.

    Attributes
    ----------
    compared : int
        How many derivatives were compared.
    mismatches : list of Mismatch
        Those that disagree.
    notes : list of str
        What else speaks against the result: float32 inputs, a function that is not deterministic.
    """

    def __init__(self) -> None:
        self.compared = 0
        self.worst = 0.0
        self.mismatches: list[Mismatch] = []
        self.notes: list[str] = []
        self.deterministic = True

    def __bool__(self) -> bool:
        return self.deterministic and self.compared > 0 and not self.mismatches

    @property
    def reason(self) -> str:
        """Why nothing can be said."""
        if not self.deterministic:
            return "nothing could be concluded"
        return "nothing was compared: no output has floating or complex numbers, or all that could be are empty"

    def __repr__(self) -> str:
        if self:
            lines = [f"all {self.compared} derivatives agree with differences (largest error {self.worst:.2g})"]
        elif self.mismatches:
            lines = [f"{len(self.mismatches)} of {self.compared} derivatives disagree with differences:"]
            lines += [f"  {m}" for m in self.mismatches[:SHOWN]]
            if len(self.mismatches) > SHOWN:
                lines.append(f"  … and {len(self.mismatches) - SHOWN} more")
        else:
            lines = [self.reason + ":" * bool(self.notes)]
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])


def spread(function: Callable[..., Any], given: Sequence[Any]) -> tuple[Any, ...]:
    """The arguments of `function`: a tuple that stands alone is spread if it fits, as PyTorch's gradcheck does it."""
    if len(given) == 1 and type(given[0]) is tuple:
        try:
            inspect.signature(function).bind(*given[0])
        except (TypeError, ValueError):
            return tuple(given)
        return given[0]
    return tuple(given)


class Problem:
    """A function of float64 arrays, made of `f` and the numbers among its inputs that are differentiated."""

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.f = f
        inputs = spread(f, inputs)
        self.leaves, self.rebuild = flatten(tuple(inputs))
        places = [place for i, a in enumerate(inputs) for _, place in leaves_and_places(a, f"input {i}")]
        self.at = [i for i, leaf in enumerate(self.leaves) if differentiable(leaf)]
        if not self.at:
            raise ValueError("no input can be differentiated: give floating arrays, or tensors with requires_grad=True")
        names = [getattr(leaf, "name", None) for leaf in self.leaves]
        self.names = [places[i] + (f" ({names[i]!r})" if names[i] else "") for i in self.at]
        self.arrays = [np.array(numbers_of(self.leaves[i])) for i in self.at]

    def run(self, arrays: Sequence[Any]) -> tuple[list[Tensor], list[tuple[str, Any]]]:
        """The inputs as new leaves, and the outputs with their places."""
        tensors = [variable(a, getattr(self.leaves[i], "name", None)) for i, a in zip(self.at, arrays, strict=True)]
        leaves = list(self.leaves)
        for i, tensor in zip(self.at, tensors, strict=True):
            leaves[i] = tensor
        with differentiating(tensors):
            return tensors, list(real_outputs(self.f(*self.rebuild(leaves))))

    def values(self, arrays: Sequence[Any]) -> Any:
        """All outputs, one after the other."""
        outputs = [np.ravel(numbers_of(a)) for _, a in self.run(arrays)[1]]
        return np.concatenate(outputs).astype(float) if outputs else np.zeros(0)


def real_outputs(results: Any) -> Iterator[tuple[str, Any]]:
    """The floating outputs with their places; both parts of complex ones."""
    for a, place in leaves_and_places(results, "output"):
        kind = numbers_of(a).dtype.kind
        if kind == "f":
            yield place, a
        elif kind == "c":
            yield from ((f"{place}.real", np.real(a)), (f"{place}.imag", np.imag(a)))


def numbers_of(a: Any) -> Any:
    """The numbers of a tensor or of anything else."""
    return array_from(a.node.value if isinstance(a, Tensor) else a)


def differentiable(a: Any) -> bool:
    """Whether an input is differentiated: a tensor that asks for it, or floating numbers given directly."""
    return a.requires_grad if isinstance(a, Tensor) else array_from(a).dtype.kind == "f"


def analytic(problem: Problem) -> list[Any]:
    """For each input the derivatives of all outputs, one row per element of the outputs."""
    tensors, outputs = problem.run(problem.arrays)
    rows: list[list[Any]] = [[] for _ in tensors]
    for _, y in outputs:
        for index in np.ndindex(numbers_of(y).shape):
            found: Sequence[Any] = [None] * len(tensors)
            if isinstance(y, Tensor) and y.requires_grad:
                seed = np.zeros(y.shape, y.dtype)
                seed[index] = 1
                found = autograd.grad(y, tensors, seed, allow_unused=True)
            for row, g, a in zip(rows, found, problem.arrays, strict=True):
                row.append(np.zeros(a.size) if g is None else np.ravel(g))
    return [np.reshape(row, (len(row), a.size)) for row, a in zip(rows, problem.arrays, strict=True)]


def moved(problem: Problem, k: int, index: tuple[int, ...], step: float) -> Any:
    """All outputs after one number of the k-th input has changed by `step`."""
    arrays = [a.copy() for a in problem.arrays]
    arrays[k][index] += step
    return problem.values(arrays)


def positions(outputs: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Place and index of every number among the outputs."""
    for place, y in outputs:
        for index in np.ndindex(numbers_of(y).shape):
            yield place, index


def check(problem: Problem, eps: float, atol: float, rtol: float) -> GradcheckReport:
    """Compare every derivative."""
    report = GradcheckReport()
    for name, a in zip(problem.names, problem.arrays, strict=True):
        if a.dtype != np.float64:
            report.notes.append(f"{name} is {a.dtype}: differences need double precision; give it as np.float64")
    outputs = problem.run(problem.arrays)[1]
    places, base = list(positions(outputs)), problem.values(problem.arrays)
    if not np.array_equal(base, problem.values(problem.arrays), equal_nan=True):
        report.deterministic = False
        report.notes.append(
            "the function is not deterministic: called twice with the same inputs it gave different values; fix its "
            "random draws (a generator with a seed made inside it, or eval() for dropout)"
        )
        return report
    report.notes += [
        f"{place} has no history (was it detached, or computed on plain arrays?), so all its gradients are 0"
        for place, y in outputs
        if not (isinstance(y, Tensor) and y.requires_grad)
    ]
    with np.errstate(all="ignore"):
        for k, (name, a, rows) in enumerate(zip(problem.names, problem.arrays, analytic(problem), strict=True)):
            for j, index in enumerate(np.ndindex(a.shape)):
                above, below = moved(problem, k, index, eps), moved(problem, k, index, -eps)
                numeric = (above - below) / (2 * eps)
                report.compared += numeric.size
                error = np.abs(rows[:, j] - numeric)
                report.worst = max([report.worst, *error[np.isfinite(error)].tolist()])
                for i in np.flatnonzero(~(error <= atol + rtol * np.abs(numeric))).tolist():
                    left, right = (base[i] - below[i]) / eps, (above[i] - base[i]) / eps
                    numbers = (float(v) for v in (rows[i, j], numeric[i], left, right))
                    report.mismatches.append(Mismatch(*places[i], name, index, *numbers))
    return report


def gradcheck(
    f: Callable[..., Any],
    *inputs: Any,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> GradcheckReport:
    """Compare the engine's gradients of `f` with central differences.

    Parameters
    ----------
    f : callable
        Gives a tensor, or several in a tree of dicts, lists and tuples; of complex ones both parts are compared.
    *inputs
        What `f` takes: float64 arrays and tensors that require a gradient are differentiated, also inside trees; all
        else is constant. A tuple that stands alone is spread, as in PyTorch, if `f` takes that many arguments.
    eps : float
        The step of the differences.
    atol, rtol : float
        How far a gradient may be from the difference: ``atol + rtol * |difference|``.
    raise_exception : bool
        Raise if something disagrees, instead of giving a report that is false.

    Returns
    -------
    GradcheckReport
        True if all agree; as text it says which input and index, the two values and their errors.

    Raises
    ------
    GradcheckError
        If something disagrees, or there is nothing to compare, unless `raise_exception` is False.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> bool(ag.gradcheck(lambda x: np.tanh(x) * x, np.array([0.5, -1.0])))
    True
    """
    report = check(Problem(f, inputs), eps, atol, rtol)
    if raise_exception and not report:
        raise GradcheckError(str(report))
    return report


def gradgradcheck(
    f: Callable[..., Any],
    *inputs: Any,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> GradcheckReport:
    """Compare second derivatives of `f` with differences of its gradients; parameters as in `gradcheck`.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> bool(ag.gradgradcheck(lambda x: np.tanh(x) * x, np.array([0.5, -1.0])))
    True
    """
    inner = Problem(f, inputs)
    outputs = inner.run(inner.arrays)[1]
    weights = [np.random.default_rng(i).standard_normal(numbers_of(y).shape) for i, (_, y) in enumerate(outputs)]

    def first(*given: Tensor) -> list[Any]:
        arrays, weighting = given[: len(inner.at)], given[len(inner.at) :]
        leaves = list(inner.leaves)
        for i, tensor in zip(inner.at, arrays, strict=True):
            leaves[i] = tensor
        results = [y for _, y in real_outputs(inner.f(*inner.rebuild(leaves)))]
        pairs = [(y, w) for y, w in zip(results, weighting, strict=True) if isinstance(y, Tensor) and y.requires_grad]
        if not pairs:
            return [np.zeros(a.shape) for a in arrays]
        found = autograd.grad(
            [y for y, _ in pairs], arrays, [w for _, w in pairs], create_graph=True, allow_unused=True
        )
        return [np.zeros(a.shape) if g is None else g for g, a in zip(found, arrays, strict=True)]

    outer = Problem(first, (*inner.arrays, *weights))
    outer.names = [*inner.names, *(f"the weight of {place}" for place, _ in outputs)]
    report = check(outer, eps, atol, rtol) if any(w.size for w in weights) else GradcheckReport()
    # A gradient that is a constant has no history, and that is no fault.
    report.notes = [note for note in report.notes if "has no history" not in note]
    if raise_exception and not report:
        raise GradcheckError(str(report))
    return report
