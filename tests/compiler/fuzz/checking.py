"""What a random program is asked: eager mode's bits, in several calls, as values, gradients and training steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np

import autograd_lite as ag
from autograd_lite.compiler.runtime import executable
from tests.compiler.fuzz.programs import LAYOUTS, laid_out, make, values
from tests.compiler.layouts import loaded, sound
from tests.compiler.programs import bits

CALLS = 3
LEAVES = ("w", "v")
ARRAYS = ("x", "y", "z")


def check(seed: int) -> str:
    """Raise unless compiled is eager; give "same", or "refused" if the program is one that cannot be compiled."""
    program = make(seed)
    way = WAYS[seed % len(WAYS)]
    with patch.object(executable, "laid_out", sound), patch.object(executable, "load", loaded):
        return compared(program, way, seed)


def compared(program: Any, way: Callable[..., Any], seed: int) -> str:
    """Call a program eagerly and compiled; the results of one call outlive the next."""
    eager, compiled = way(program, seed, lambda f, **_: f), way(program, seed, ag.compile)
    where = f"{way.__name__}, seed {seed}, of\n{program.source}\n"
    results = []
    for call in range(CALLS):
        with np.errstate(all="ignore"):
            try:
                wanted = eager(call)
            except NOT_OF_TENSORS:
                return "not eager"
            try:
                results.append((compiled(call), wanted))
            except ag.TraceError as error:
                if call == 0 and any(reason in str(error) for reason in REFUSED):
                    return "refused"
                raise
        for i, (got, expected) in enumerate(results):
            compare(got, expected, f"{where}call {i} after {call}")
    return "same"


NOT_OF_TENSORS = (
    ValueError,
    TypeError,
    ArithmeticError,
    IndexError,
    AttributeError,
    NotImplementedError,
)  # what arrays take only
REFUSED = ("boolean mask", "depends on values")


def leaves_of(seed: int) -> dict[str, Any]:
    """The tensors that a program refers to."""
    return {name: ag.tensor(values(seed, 0)[name], requires_grad=True, name=name) for name in LEAVES}


def given(seed: int, call: int) -> dict[str, Any]:
    """Arguments, arrays in many layouts."""
    layouts = np.random.default_rng((seed, call // 2)).choice(LAYOUTS, size=len(ARRAYS))
    arguments = {name: a for name, a in values(seed, call).items() if name not in LEAVES}
    arguments["s"] = ag.tensor(arguments["s"])  # what eager mode computes of numbers alone are numbers of NumPy
    return arguments | {name: laid_out(arguments[name], layout) for name, layout in zip(ARRAYS, layouts, strict=True)}


def run(program: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a program leaves on tensors."""
    names = {"np": np, "zeros": ag.zeros, **arguments}
    exec(program.source, names)
    return names


def kept(program: Any, names: dict[str, Any]) -> list[Any]:
    """What leaves the function."""
    return [names["total"], *(names[name] for name in program.names)]


def arrays(program: Any, seed: int, change: Callable[..., Any]) -> Callable[[int], Any]:
    """The values of a function of arrays and tensors from outside."""
    leaves = leaves_of(seed)

    def f(*arguments: Any) -> Any:
        return kept(program, run(program, dict(zip(given(seed, 0), arguments, strict=True)) | leaves))

    step = change(f)
    return lambda call: step(*given(seed, call).values())


def tensors(program: Any, seed: int, change: Callable[..., Any]) -> Callable[[int], Any]:
    """Value and gradients of a function of tensors alone."""
    names = [*ARRAYS, *LEAVES, "s"]

    def f(*arguments: Any) -> Any:
        rest = {name: a for name, a in others.items() if name not in names}
        left = run(program, dict(zip(names, arguments, strict=True)) | rest)
        return left["total"], kept(program, left)

    others = {name: ag.tensor(a) if isinstance(a, np.ndarray) else a for name, a in values(seed, 0).items()}
    step = change(ag.value_and_grad(f, argnums=tuple(range(len(names))), has_aux=True))

    def called(call: int) -> Any:
        now = values(seed, call)
        return step(*[now[name] for name in names])

    return called


def backward(program: Any, seed: int, change: Callable[..., Any]) -> Callable[[int], Any]:
    """The gradients that `backward` leaves in tensors from outside and in arguments."""
    leaves = leaves_of(seed)

    def f(*arguments: Any) -> Any:
        for leaf in leaves.values():
            leaf.grad = None
        left = run(program, dict(zip(given(seed, 0), arguments, strict=True)) | leaves)
        left["total"].backward()
        return kept(program, left)

    step = change(f, keep_grads=True)

    def called(call: int) -> Any:
        results = step(*given(seed, call).values())
        return [*results, *(leaf.grad for leaf in leaves.values())]

    return called


def training(program: Any, seed: int, change: Callable[..., Any]) -> Callable[[int], Any]:
    """The parameters after a step."""
    leaves = leaves_of(seed)
    make_optimizer = (ag.optim.SGD, ag.optim.Adam)[seed // len(WAYS) % 2]
    optimizer = make_optimizer(list(leaves.values()), lr=0.001)

    def f(*arguments: Any) -> Any:
        optimizer.zero_grad()
        left = run(program, dict(zip(given(seed, 0), arguments, strict=True)) | leaves)
        (left["total"] * 1e-3).backward()
        optimizer.step()
        return kept(program, left)

    step = change(f)

    def called(call: int) -> Any:
        results = step(*given(seed, call).values())
        return [*results, *(np.array(leaf.data) for leaf in leaves.values())]

    return called


WAYS = (arrays, tensors, backward, training)


def compare(got: Any, wanted: Any, where: str) -> None:
    """Raise unless two trees are equal in types, forms and bits."""
    if isinstance(wanted, tuple | list):
        assert type(got) is type(wanted) and len(got) == len(wanted), where
        for i, (a, b) in enumerate(zip(got, wanted, strict=True)):
            compare(a, b, f"{where}[{i}]")
        return
    assert type(got) is type(wanted), f"{where}: {type(got)}, not {type(wanted)}"
    if isinstance(wanted, ag.Tensor):
        got, wanted = got.detach().node.value, wanted.detach().node.value
    if isinstance(wanted, np.ndarray | np.generic):
        assert type(got) is type(wanted), f"{where}: {type(got)}, not {type(wanted)}"
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape), f"{where}: {got.dtype} {got.shape}"
        got, wanted = (bits(np.asarray(a)) if a.dtype.kind != "O" else a for a in (got, wanted))
    assert got == wanted, f"{where}: other bits"
