"""Random programs for the compiler: those of views and assignments, and gathers, choices, reductions, joins and loops.

What a compiled program has to keep apart is memory: values of several shapes, dtypes and layouts that live for a few
lines, are changed in place, are read through views, and leave the program or not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.views import programs as views

SHAPES = {"x": (3, 4), "y": (4,), "z": (2, 3, 2), "w": (4,), "v": (2,)}
LAYOUTS = ("C", "C", "F", "strided", "reversed", "column")
STARTS = (
    "a = x * w\nb = w - y\nc = np.tanh(z + v)\n",
    "a = x * 1.0 + w * 0.0\nb = y * w\nc = z / (1.0 + v * v)\n",
    "a = np.swapaxes(z, 1, 2) * (v[0] + 1.0)\nb = x.T * w[0]\nc = w * y\n",
)
MADE_OF_ONE = (
    *("{a}[i]", "{a}[..., i]", "np.take({a}, i, axis=0)", "np.take({a}, [0, -1, 0], axis=-1)", "{a}[[1, 0]]"),
    *("{a}[:, [0, 1]]", "{a}[i, 0]", "{a}[i, j]", "{a}[[0, 1], :, [1, 0]]", "{a}[:, i][..., 0]", "{a}[None, i]"),
    *("{a}.sum(0)", "{a}.sum(-1, keepdims=True)", "{a}.mean(0)", "{a}.max(-1)", "np.prod({a}, 0)", "{a}.sum()"),
    *("np.cumsum({a}, 0)", "{a}.cumsum(-1)", "np.var({a}, -1)", "np.sort({a}, 0)", "{a}.min(axis=(0, 1))"),
    *("{a}.sum(axis=(0, -1))", "np.mean({a}.T, axis=(1, 0))", "{a}.argmax(-1)", "np.argsort({a}, 0)", "np.max({a})"),
    *("{a}.astype(np.float32)", "{a}.astype(float)", "{a}.astype(int)", "({a} > 0) * 1.0", "{a} > 0", "{a} == {a}.T"),
    *("np.concatenate([{a}, {a} * 2.0])", "np.concatenate([{a}, {a}], -1)", "np.stack([{a}, {a} * 0.5], 1)"),
    *("np.concatenate([np.ravel({a}), np.reshape({a} * 2.0, -1), b])", "np.hstack([{a}, {a}[..., :1]])"),
    *("np.tril({a})", "np.diff({a}, axis=0)", "np.roll({a}, 1)", "np.flip({a}, 1) * 1.0", "np.pad({a}, 1)"),
    *("{a}.T.copy()", "np.copy({a}.T)", "{a}.T.reshape(-1)", "np.reshape({a}, (-1, 2), 'F')", "{a}.T.ravel()"),
    *("{a}[1:3]", "{a}[::2]", "{a}[::-1]", "{a}[:, ::2]", "{a}[..., 1:]", "{a}[..., 0]", "{a}[0]", "{a}[-1:]"),
)
COMPUTED = (
    *("np.tanh({a} + {value})", "{a} * {value}", "np.sin({a})", "-{a}", "np.abs({a})", "{a} ** 2", "{a} ** 3"),
    *("np.where({a} > {number}, {a}, {value})", "np.where({a} > 0, {value}, {number})", "np.where(k, {a}, {value})"),
    *("np.where({a} > {value}, {number}, {a})", "np.maximum({a}, {value})", "np.minimum({a}, 0.5)", "1.0 - {a}"),
    *("{a} @ {a}.T", "{a} @ {value}", "np.dot({a}.T, {a})", "{a} @ {a}", "np.outer({a}, {a})", "np.exp(-np.abs({a}))"),
    *("np.einsum('ij,kj->ik', {a}, {a})", "{a} / (1.0 + {a} * {a})", "np.sqrt(np.abs({a}) + 0.1)", "np.floor({a})"),
    *("{a} + {a}.T", "{a} - {value}", "np.clip({a}, -0.5, 0.5)", "np.logaddexp({a}, {value})", "{a} + {a}"),
    *("{a} * n", "{value} / (n + 2.5)", "np.broadcast_to({a}, (2, *{a}.shape)) * 1.0", "{a} % 1.5"),
)
CALLS = (*views.CALLS, "np.put({a}, i, {number})", "np.putmask({a}, {a} > {value}, {number})", "{a}.T[0] = {number}")
LOOPS = (
    "{new} = {a} * 0.5\nfor t in range(3):\n    {new} = np.tanh({new} * {a}) + {value}",
    "{new} = {a} * 1.0\nfor t in range(2):\n    {new}[t] = {new}[t - 1] * 0.5 + {number}",
    "{new} = {a} * 1.0\nfor t in range(2):\n    {new}[..., t] += {new}[..., t - 1] * 0.5",
    "{new} = zeros({a}.shape)\nfor t in range(len({a})):\n    {new}[t] = np.tanh({a}[t]) + {new}[t - 1]",
    "{new} = np.stack([np.tanh(row) * 2.0 for row in {a}], -1)",
    "{new} = np.concatenate([row.reshape(-1) * {number} for row in {a}])",
)


class Maker(views.Maker):
    """Makes the program of a seed."""

    def __init__(self, seed: int, length: int) -> None:
        self.start = STARTS[seed % len(STARTS)]
        super().__init__(seed, length)

    def restart(self) -> None:
        given = {name: a.copy() if isinstance(a, np.ndarray) else a for name, a in values(0, 0).items()}
        self.names = {"np": np, "zeros": np.zeros, **given}
        exec(self.start + "\n".join(self.lines), self.names)

    def accepts(self, value: Any) -> bool:
        return isinstance(value, np.ndarray | np.generic) and 0 < value.size < 400 and value.dtype.kind in "fib"

    def number(self) -> str:
        return str(self.pick((f"{self.generator.normal():.3f}", "s", "s * 0.5", "n", "b.sum()", "w[1]", "0.0")))

    def made(self, name: str) -> tuple[str, str | None]:
        new, shape = f"v{len(self.lines)}", self.names[name].shape
        kind = self.pick((MADE_OF_ONE, views.MADE_OF_ONE, COMPUTED, COMPUTED, LOOPS, ("zeros({a}.shape)",)))
        form = self.pick(kind)
        parts = {"a": name, "basic": self.basic(shape) if shape else "...", "value": self.value(shape)}
        text = form.format(new=new, number=self.number(), **parts)
        return text if kind is LOOPS else f"{new} = {text}", new

    def called(self, name: str) -> tuple[str, str | None]:
        value = self.value(self.names[name].shape)
        value += " * 1.0" if value == name else ""
        return self.pick(CALLS).format(a=name, value=value, number=self.number()), None


def values(seed: int, call: int) -> dict[str, Any]:
    """What the program of a seed is called with the first, second, … time: the same forms with other numbers."""
    form, generator = np.random.default_rng(seed), np.random.default_rng((seed, call))
    dtypes = form.choice([np.float64, np.float64, np.float32], size=len(SHAPES))
    given: dict[str, Any] = {
        name: generator.uniform(-1.5, 1.5, shape).astype(dtype)
        for (name, shape), dtype in zip(SHAPES.items(), dtypes, strict=True)
    }
    given["s"] = min(dtypes, key=lambda dtype: np.dtype(dtype).itemsize)(generator.uniform(-1, 1))
    given["n"] = float(generator.uniform(0.2, 0.9))
    given["i"] = generator.integers(0, 2, size=3)
    given["j"] = generator.integers(-2, 2, size=3).astype(np.int32)
    given["k"] = generator.random(4) > 0.5
    return given


def laid_out(array: Any, layout: str) -> Any:
    """The same numbers, lying otherwise in memory."""
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "reversed":
        return array[::-1].copy()[::-1]
    if layout == "column":
        return np.stack([array, array], -1)[..., 0]
    return array.copy()


def make(seed: int, length: int = 10) -> views.Program:
    """The program of a seed; it leaves about half of its names, and the sum of all of them."""
    maker = Maker(seed, length)
    terms = " + ".join(f"({name} * {i + 1} + {name} * {name}).sum()" for i, name in enumerate(maker.known))
    left = [name for name in maker.known if maker.generator.random() < 0.4]
    return views.Program(maker.start + "\n".join([*maker.lines, f"total = {terms}"]), tuple(left))
