"""Random functions that read Python's state, and what somebody changes of it between their calls.

A function is a few lines, each of which reads one place of a world: a global, an item, an attribute, an array, a tensor
without axes, a setting of the optimizer. Between two calls of it events change places, whether it reads them or not.
"""

from __future__ import annotations

import contextvars
import functools
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import numpy as np

import autograd_lite as ag
from autograd_lite.compiler.tracing import reading
from tests.compiler.fuzz.checking import compare

CALLS = 6
READS = (
    *("{a} * settings['beta']", "settings['act']({a})", "{a} * settings['mask']", "{a} * settings['inner']['beta']"),
    *("{a} + len(settings)", "{a} * settings.get('extra', 1.5)", "sum([{a} * k for k in numbers], {a})"),
    *("{a} * numbers[0]", "{a} * numbers[-1]", "{a} / (1 + len(numbers))", "{a} * PAIR[1]", "{a} * GAIN", "ACT({a})"),
    *("{a} * box.gain", "{a} * box.inner.gain", "{a} * box.mask", "box.act({a})", "box.scaled({a})"),
    "{a} * kind.factor",
    *("({a} if box.flag else -{a})", "({a} if MODE == 'plain' else {a} * 2)", "{a} * getattr(box, 'ga' + 'in')"),
    *("{a} * MASK", "{a} + SCALAR", "{a} * MASK.sum()", "shifted({a})", "partial({a})", "{a} * context.get()"),
    *("{a} * scale", "{a} + shift", "{a} * constant", "{a} * (scale + 1)", "{a} * w", "{a} + w.sum()"),
    "w * box.gain + {a}",
    *("{a} * layer(x).mean()", "layer({a}[None])[0]", "{a} * vars(box)['gain']"),
    *(
        "{a} * (2.0 if 'extra' in settings else 0.5)",
        "np.where(MASK > 0.5, {a}, box.gain)",
        "{a} * ag.random.uniform()",
        "{a} * box.count",
    ),
    "{a} * optimizer.param_groups[0]['lr']",
)
EFFECTS = (
    *("box.count += 1", "settings['beta'] = settings['beta'] * 0.5", "log.append(1)", "numbers.append(0.5)"),
    *("box.mask *= 0.5", "MASK[0] = MASK[0] + 1.0", "settings['mask'] = settings['mask'] * 0.5", "MASK.sort()"),
)
SOURCE = """
def function(x):
    a0 = x * 1.0
    {lines}
    return a{last}
"""
STEP = """
def step(x):
    optimizer.zero_grad()
    loss = (function(x) ** 2).mean() + (w * scale).sum() * 0.1
    loss.backward()
    optimizer.step()
    return loss
"""
GRADIENT = """
def step(x):
    return ag.grad(lambda x: (function(x) ** 2).sum())(x)
"""


class Layer(ag.nn.Module):
    """A layer with settings of its own."""

    def __init__(self) -> None:
        self.inside, self.slope, self.drop = ag.nn.Linear(4, 4).double(), 0.5, ag.nn.Dropout(0.25)

    def forward(self, x: Any) -> Any:
        return self.drop(self.inside(x)) * self.slope


class World:
    """All that a function can read, under the names that its source uses."""

    def __init__(self, seed: int) -> None:
        ag.manual_seed(seed)
        self.kind: Any = type("Kind", (), {"factor": 0.5, "__init__": lambda self: None})
        self.box = self.kind()
        vars(self.box).update(gain=0.5, mask=np.linspace(0, 1, 4), act=np.tanh, flag=True, count=1)
        self.box.inner = types.SimpleNamespace(gain=1.5)
        self.kind.scaled = lambda self, a: a * self.gain
        self.w, self.scale = (ag.tensor(a, requires_grad=True) for a in (np.linspace(-1, 1, 4), 0.5))
        self.shift, self.constant, self.layer = ag.tensor(0.25), ag.tensor(np.ones(4) * 0.75), Layer()
        kind = (ag.optim.SGD, ag.optim.Adam)[seed % 2]
        self.optimizer = kind([self.w, self.scale, *self.layer.parameters()], lr=0.05)
        self.settings = {"beta": 0.5, "act": np.sin, "mask": np.ones(4) * 0.5, "inner": {"beta": 2.0}}
        self.context = contextvars.ContextVar("context", default=0.5)

        def shifted(a: Any, by: Any = 0.5, *, times: Any = 2.0) -> Any:
            return (a + by) * times

        self.shifted, self.partial = shifted, functools.partial(shifted, by=1.0)
        self.names = {
            **{name: vars(self)[name] for name in vars(self) if name != "names"},
            **{"numbers": [0.5, 1.5], "PAIR": (1.0, 2.0), "GAIN": 1.25, "ACT": np.cos, "MODE": "plain", "log": []},
            **{"MASK": np.linspace(0, 1, 4), "SCALAR": np.float64(0.5), "np": np, "ag": ag},
        }

    def left(self) -> list[Any]:
        """What the calls have changed, or may have."""
        tensors = [self.w, self.scale, self.shift, self.constant, *self.layer.parameters()]
        counters = [self.box.count, float(self.settings["beta"])]
        masks = [self.box.mask, self.settings["mask"], self.names["MASK"]]
        return [*(np.array(a) for a in (*(t.data for t in tensors), *masks)), *counters, self.names["GAIN"]]


Event = Callable[[World, np.random.Generator], object]


def number(r: np.random.Generator) -> Any:
    """A number: of Python or of NumPy, whole or not, and sometimes one that has been before."""
    kind = (float, float, float, np.float64, np.float32, int, bool)[r.integers(7)]
    return kind(r.choice([0.0, 0.5, -0.0, 1.0, 2.0, r.normal()]))


def array(r: np.random.Generator) -> Any:
    """An array of four numbers, of several dtypes and layouts; or one number in an array."""
    a = r.normal(size=4)
    return (a, a, a[::-1], a.astype(np.float32), a > 0, np.round(a).astype(int), a[:1])[r.integers(7)]


def activation(r: np.random.Generator) -> Any:
    """A function of arrays."""
    factor = float(r.normal())
    return (np.tanh, np.sin, np.negative, lambda a: a * factor, lambda a: a + factor)[r.integers(5)]


def assigned(t: Any, value: Any) -> None:
    """Change a tensor in place."""
    with ag.no_grad():
        t *= value


def loaded(layer: Layer) -> None:
    """Load other parameters."""
    layer.load_state_dict({name: a * 0.5 for name, a in layer.state_dict().items()})


def refrozen(t: Any) -> None:
    """Freeze a tensor, or let it learn again."""
    t.requires_grad = not t.requires_grad


PLACES: dict[str, tuple[Callable[[World], Any], Any, Callable[[np.random.Generator], Any]]] = {
    "an item": (lambda u: u.settings, "beta", number),
    "a function in a dict": (lambda u: u.settings, "act", activation),
    "an array in a dict": (lambda u: u.settings, "mask", array),
    "an item of an item": (lambda u: u.settings["inner"], "beta", number),
    "an item that was not there": (lambda u: u.settings, "extra", number),
    "an element": (lambda u: u.names["numbers"], 0, number),
    "a global": (lambda u: u.names, "GAIN", number),
    "a global tuple": (lambda u: u.names, "PAIR", lambda r: (number(r), number(r))),
    "a global function": (lambda u: u.names, "ACT", activation),
    "a global text": (lambda u: u.names, "MODE", lambda r: str(r.choice(["plain", "twice"]))),
    "a global array": (lambda u: u.names, "MASK", array),
    "a number of NumPy": (lambda u: u.names, "SCALAR", lambda r: np.float64(r.normal())),
    "an attribute": (lambda u: vars(u.box), "gain", number),
    "an attribute of an attribute": (lambda u: vars(u.box.inner), "gain", number),
    "an array of an object": (lambda u: vars(u.box), "mask", array),
    "a function of an object": (lambda u: vars(u.box), "act", activation),
    "a flag": (lambda u: vars(u.box), "flag", lambda r: bool(r.integers(2))),
    "a setting of a layer": (lambda u: vars(u.layer), "slope", number),
    "a learning rate": (lambda u: u.optimizer.param_groups[0], "lr", lambda r: abs(float(r.normal())) / 10),
    "weight decay": (lambda u: u.optimizer.param_groups[0], "weight_decay", lambda r: float(r.choice([0.0, 0.1]))),
    "a keyword of a partial": (lambda u: u.partial.keywords, "by", number),
}
EVENTS: dict[str, Event] = {
    "the elements of an array": lambda u, r: u.box.mask.__setitem__(0, r.normal()),
    "a global array in place": lambda u, r: np.multiply(u.names["MASK"], 2, out=u.names["MASK"], casting="unsafe"),
    "a class": lambda u, r: setattr(u.kind, "factor", number(r)),
    "an attribute that hides a class's": lambda u, r: setattr(u.box, "factor", number(r)),
    "a method": lambda u, r: setattr(u.kind, "scaled", (lambda f: lambda self, a: f(a))(activation(r))),
    "a default": lambda u, r: setattr(u.shifted, "__defaults__", (number(r),)),
    "a keyword's default": lambda u, r: setattr(u.shifted, "__kwdefaults__", {"times": number(r)}),
    "a context variable": lambda u, r: u.context.set(number(r)),
    "a number without axes": lambda u, r: setattr(u.scale, "data", np.array(r.normal())),
    "a number without axes in place": lambda u, r: assigned(u.scale, float(r.normal())),
    "a constant": lambda u, r: setattr(u.constant, "data", r.normal(size=4)),
    "a constant without axes": lambda u, r: setattr(u.shift, "data", np.array(r.normal())),
    "a parameter": lambda u, r: setattr(u.w, "data", r.normal(size=4)),
    "a parameter in place": lambda u, r: assigned(u.w, 0.5),
    "a frozen parameter": lambda u, r: refrozen(u.w),
    "a frozen number": lambda u, r: refrozen(u.scale),
    "a state that is loaded": lambda u, r: loaded(u.layer),
    "a state of the optimizer": lambda u, r: u.optimizer.load_state_dict(u.optimizer.state_dict()),
    "a hook": lambda u, r: u.w.register_hook(lambda g: g * 0.5),
    "the mode of a layer": lambda u, r: u.layer.train(not u.layer.drop.training),
    "another layer": lambda u, r: setattr(u.layer, "drop", ag.nn.Identity()),
    "the seed": lambda u, r: ag.manual_seed(int(r.integers(9))),
    "a longer list": lambda u, r: u.names["numbers"].append(number(r)),
    "a shorter dict": lambda u, r: u.settings.pop("extra", None),
    "a gradient": lambda u, r: setattr(u.w, "grad", np.ones(4)),
}  # fmt: skip


def happen(world: World, generator: np.random.Generator) -> str:
    """Let something happen; say what."""
    event = str(generator.choice([*PLACES, *EVENTS]))
    if event in PLACES:
        of, key, make = PLACES[event]
        holder, value = of(world), make(generator)
        holder[key] = value
    else:
        EVENTS[event](world, generator)
    return event


def function_of(seed: int) -> str:
    """The source of a function of random lines."""
    generator = np.random.default_rng(seed)
    lines: list[str] = []
    count = 0
    for _ in range(generator.integers(2, 6)):
        if generator.random() < 0.04:
            lines.append(str(generator.choice(EFFECTS)))
        expression = str(generator.choice(READS)).format(a=f"a{count}")
        count += 1
        lines.append(f"a{count} = {expression}")
    return SOURCE.format(lines="\n    ".join(lines), last=count)


def calls(seed: int, change: Callable[..., Any]) -> Iterator[tuple[str, list[Any]]]:
    """What the function of a seed gives and leaves in each call, and what happened before; an error's type if any."""
    world, generator = World(seed), np.random.default_rng((seed, 1))
    kind = seed // 2 % 3
    exec(function_of(seed) + (STEP if kind == 1 else GRADIENT if kind == 2 else ""), world.names)
    step = change(world.names["function" if kind == 0 else "step"])
    happened: list[str] = []
    for _ in range(CALLS):
        for _ in range(generator.integers(0, 3)):
            happened.append(happen(world, generator))
        x, off = generator.normal(size=4), generator.random() < 0.1 and kind == 0
        with ag.no_grad() if off else ag.enable_grad(), np.errstate(all="ignore"):
            try:
                result = step(x)
            except ag.TraceError:
                raise
            except Exception as error:
                yield ", ".join(happened), [type(error)]
                return
        array = result.detach().numpy() if isinstance(result, ag.Tensor) else result
        yield ", ".join(happened), [array, *world.left()]


def tensor_of(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself, which gets its argument as a compiled one does."""
    return lambda x: f(ag.tensor(x))


def check_events(seed: int) -> str:
    """Raise unless compiled is eager whatever happens; give "same", or "refused" if it cannot be compiled."""
    large = 8 if seed % 4 == 0 else reading.LARGE  # as if all arrays were too large to be compared
    with warnings.catch_warnings(action="ignore"), patch.object(reading, "LARGE", large):
        wanted = calls(seed, tensor_of if seed // 2 % 3 < 2 else lambda f: f)
        got = calls(seed, ag.compile)
        expected = list(wanted)
        for happened, left in expected:
            try:
                _, ours = next(got)
            except ag.TraceError:
                return "refused"
            compare(ours, left, f"seed {seed}, after {happened}, of\n{function_of(seed)}\n")
    return "not eager" if isinstance(expected[-1][1][0], type) else "same"
