"""Random programs that take views, views of views, assign, augment, swap and compute.

A program is Python source that runs on NumPy's arrays and on tensors alike. It is made line by line, each line being
run on arrays at once, so that the next one knows the shapes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import autograd_lite as ag

SHAPES = {"x": (3, 4), "y": (4,), "z": (2, 3, 2), "s": ()}
START = "a = x * 1.0\nb = y * y\nc = np.tanh(z)\n"
LARGEST = 30.0

# What may be a view of its argument and what never is; a program takes those that NumPy can make of a given array.
MADE_OF_ONE = (
    *("{a}[{basic}]", "{a}[{basic}]", "{a}[{basic}]", "{a}.T", "{a}.mT", "{a}.reshape(-1)", "{a}.reshape(2, -1)"),
    *("{a}.reshape(-1, 3)", "{a}.ravel()", "np.ravel({a}, 'F')", "np.squeeze({a})", "{a}.squeeze()", "{a}[None]"),
    *("np.expand_dims({a}, 0)", "np.swapaxes({a}, 0, -1)", "{a}.swapaxes(0, -1)", "np.moveaxis({a}, 0, -1)"),
    *("np.rollaxis({a}, 1)", "np.transpose({a})", "np.flip({a})", "np.flip({a}, 0)", "np.fliplr({a})"),
    *("np.rot90({a})", "{a}[...]", "np.atleast_1d({a})", "np.atleast_2d({a})", "np.split({a}, [1])[1]"),
    *("np.array_split({a}, 2)[0]", "np.hsplit({a}, [1])[0]", "np.diagonal({a})", "np.diag({a})"),
    *("np.broadcast_to({a}, (2, *{a}.shape))", "np.broadcast_arrays({a}, 1.0)[0]", "np.einsum('ij->ji', {a})"),
    *("np.einsum('ii->i', {a})", "np.lib.stride_tricks.sliding_window_view({a}, 2, 0)", "np.real({a})"),
    *("{a}.astype(float, copy=False)", "{a}.conj()", "+{a}", "{a}.copy()", "{a}.flatten()", "np.tile({a}, 1)"),
    *("np.repeat({a}, 1)", "np.roll({a}, 0)", "np.resize({a}, {a}.shape)", "np.delete({a}, [], 0)", "np.pad({a}, 0)"),
)
COMPUTED = ("np.tanh({a} + {value})", "{a} * {value}", "np.sin({a})")
CALLS = (
    *("np.copyto({a}, {value})", "np.copyto({a}, {value}, where={a} > 0)", "np.putmask({a}, {a} > 0, {value})"),
    *("np.put({a}, [0, -1], {number})", "np.fill_diagonal({a}, {number})", "{a}.fill({number})", "{a}.sort()"),
    "np.put_along_axis({a}, np.zeros((1, *{a}.shape[1:]), int), {number}, 0)",
)


class Program(NamedTuple):
    """Source that computes `total` from `x`, `y`, `z` and `s`, and the names that it leaves."""

    source: str
    names: tuple[str, ...]

    def run(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The names that it leaves."""
        tensors = isinstance(arguments["x"], ag.Tensor)
        names = {"np": np, "zeros": ag.zeros if tensors else np.zeros, **arguments}
        exec(self.source, names)
        return names

    def value(self, arguments: dict[str, Any]) -> float:
        """`total`, on arrays; a program gets a number as NumPy has it."""
        return float(self.run({**{name: a.copy() for name, a in arguments.items()}, "s": arguments["s"][()]})["total"])

    def differences(self, arguments: dict[str, Any], step: float = 1e-5) -> dict[str, Any]:
        """The gradient of `total`, by central differences."""
        found = {name: np.zeros(a.shape) for name, a in arguments.items()}
        for name, g in found.items():
            for index in np.ndindex(g.shape):
                values = []
                for sign in (1, -1):
                    moved = arguments[name].copy()
                    moved[index] += sign * step
                    values.append(self.value({**arguments, name: moved}))
                g[index] = (values[0] - values[1]) / (2 * step)
        return found


def arguments(seed: int) -> dict[str, Any]:
    """Values for a program, none of them near another, so that sorting and comparing is smooth."""
    generator = np.random.default_rng(seed)
    return {
        name: generator.permutation(np.linspace(-1.5, 1.4, max(int(np.prod(shape)), 1)) + 0.013 * i).reshape(shape)
        for i, (name, shape) in enumerate(SHAPES.items())
    }


class Maker:
    """Makes the program of a seed."""

    def __init__(self, seed: int, length: int) -> None:
        self.generator, self.given = np.random.default_rng(seed), arguments(seed)
        self.given["s"] = self.given["s"][()]
        self.lines: list[str] = []
        self.known = ["a", "b", "c"]
        self.names: dict[str, Any] = {}
        self.restart()
        while len(self.lines) < length:
            kind = self.pick(
                (self.made, self.made, self.made, self.assigned, self.assigned, self.augmented, self.called)
            )
            self.try_line(*kind(self.pick(self.known[-6:])))

    def restart(self) -> None:
        """Run the lines so far."""
        self.names = {"np": np, "zeros": np.zeros, **{name: np.copy(a)[()] for name, a in self.given.items()}}
        exec(START + "\n".join(self.lines), self.names)

    def try_line(self, line: str, new: str | None) -> None:
        """Add a line, if NumPy can run it and everything stays of moderate size."""
        try:
            with np.errstate(all="raise"):
                exec(line, self.names)
            good = self.accepts(self.names[new or "a"])
            good = good and all(np.abs(self.names[name]).max() < LARGEST for name in self.known)
        except (ValueError, IndexError, TypeError, AttributeError, FloatingPointError):
            good = False
        if good:
            self.lines.append(line)
            self.known += [new] if new else []
        else:
            self.restart()

    def accepts(self, value: Any) -> bool:
        """Whether a new name may have this value."""
        return isinstance(value, np.ndarray) and value.size > 0

    def pick(self, choices: Any) -> Any:
        """One of several."""
        return choices[int(self.generator.integers(len(choices)))]

    def number(self) -> str:
        """A number, or an argument of no axes."""
        return str(self.pick((f"{self.generator.normal():.3f}", "s", "s * 0.5")))

    def value(self, shape: tuple[int, ...]) -> str:
        """What can be assigned to something of a shape."""
        fitting = [name for name in self.known if fits(self.names[name].shape, shape)]
        if not fitting:
            return self.number()
        name = self.pick(fitting)
        return str(self.pick((self.number(), name, f"{name} * 0.5", f"np.tanh({name})")))

    def basic(self, shape: tuple[int, ...]) -> str:
        """An index of integers, slices, new axes and an ellipsis."""
        parts = []
        for n in shape[: int(self.generator.integers(1, len(shape) + 1))]:
            i = int(self.generator.integers(n))
            parts.append(self.pick((str(i), "-1", f"{i}:", f":{i + 1}", "::-1", "::2", ":", "...", "None")))
        return ", ".join(parts) if parts.count("...") < 2 else "..."

    def index(self, name: str) -> str:
        """An index of any kind."""
        shape = self.names[name].shape
        if not shape:
            return "..."
        rows = (self.generator.random(shape[0]) > 0.5).tolist()
        some = self.generator.integers(0, shape[0], size=2).tolist()
        basic = self.basic(shape)
        return str(self.pick((basic, basic, basic, f"{name} > {self.generator.normal():.2f}", str(rows), str(some))))

    # Kinds of lines; each gives the line, and the name that it makes.

    def made(self, name: str) -> tuple[str, str | None]:
        """A view, a copy, something computed, or zeros."""
        new, shape = f"v{len(self.lines)}", self.names[name].shape
        form = self.pick((self.pick(MADE_OF_ONE), self.pick(MADE_OF_ONE), self.pick(COMPUTED), "zeros({a}.shape)"))
        basic = self.basic(shape) if shape else "..."
        return f"{new} = " + form.format(a=name, basic=basic, value=self.value(shape)), new

    def assigned(self, name: str) -> tuple[str, str | None]:
        """An assignment to a part, or a swap of two."""
        if self.pick((True, False, False)):
            i, j = self.pick(("0", "-1", "1", ":, 0")), self.pick(("0", "-1", "1", ":, 1"))
            return f"{name}[{i}], {name}[{j}] = {name}[{j}], {name}[{i}]", None
        index, value = self.index(name), self.value(self.names[name].shape)
        if (">" in index or "e" in index) and value in self.known:
            value += " * 1.0"  # with an overlapping value under a mask NumPy's result depends on the order of copying
        return f"{name}[{index}] = {value}", None

    def augmented(self, name: str) -> tuple[str, str | None]:
        """An assignment that computes, to all or to a part."""
        target = self.pick((name, f"{name}[{self.index(name)}]"))
        return f"{target} {self.pick(('+=', '-=', '*=', '/='))} {self.value(self.names[name].shape)}", None

    def called(self, name: str) -> tuple[str, str | None]:
        """A call that assigns."""
        value = self.value(self.names[name].shape)
        value += " * 1.0" if value == name else ""  # of its own data NumPy asks not whether they may be written
        return self.pick(CALLS).format(a=name, value=value, number=self.number()), None


def fits(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether an array of one shape can be assigned to one of another."""
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def make(seed: int, length: int = 12) -> Program:
    """The program of a seed."""
    maker = Maker(seed, length)
    terms = " + ".join(f"({name} * {i + 1} + {name} * {name}).sum()" for i, name in enumerate(maker.known))
    return Program(START + "\n".join(maker.lines) + f"\ntotal = {terms}", tuple(maker.known))


def check(seed: int) -> None:
    """Raise unless tensors do what arrays do, or refuse what NumPy refuses as well."""
    program, given = make(seed), arguments(seed)
    expected = program.run({**{name: a.copy() for name, a in given.items()}, "s": given["s"][()]})
    leaves = {name: ag.tensor(a, requires_grad=True) for name, a in given.items()}
    names = program.run(leaves)
    for name in program.names:
        value = names[name].detach().numpy()
        np.testing.assert_allclose(
            value, expected[name], rtol=1e-10, atol=1e-10, err_msg=f"{name} in\n{program.source}"
        )
    names["total"].backward()
    for name, g in program.differences(given).items():
        scale = max(1.0, float(np.abs(g).max()))
        found = 0 if leaves[name].grad is None else leaves[name].grad
        np.testing.assert_allclose(found, g, rtol=2e-5, atol=2e-5 * scale, err_msg=f"{name} in\n{program.source}")
