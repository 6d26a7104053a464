"""No number leaves the graph in silence: inside a transform it is refused, outside there is a warning."""

import array
import cmath
import contextlib
import copy
import importlib
import io
import math
import operator
import pickle
import random
import re
import statistics
import struct
import warnings

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


class Holder:
    """Something of the user's that holds an array."""

    def __init__(self):
        self.array = np.zeros(2)


def stored(store):
    """A way that goes through an array."""

    def way(t):
        out = np.zeros(2)
        store(out, t)
        return out[0]

    return way


def assign(out, t):
    out[0] = t


def assign_flat(out, t):
    out.flat[0] = t


def assign_part(out, t):
    out[:1] = t


def assign_to_an_attribute(t):
    holder = Holder()
    holder.array[0] = t
    return holder.array[0]


def fill_an_attribute(t):
    holder = Holder()
    holder.array.fill(t)
    return holder.array[0]


def by_backward(t):
    y = t * t
    y.backward()
    return t.grad


ASKED_BY_PYTHON = {
    "math.sin": lambda t: math.sin(t),
    "math.pow": lambda t: math.pow(t, 2),
    "math.fsum": lambda t: math.fsum([t, t]),
    "cmath.exp": lambda t: cmath.exp(t).real,
    "float": lambda t: float(t),
    "int": lambda t: int(t),
    "complex": lambda t: complex(t).real,
    "map": lambda t: sum(map(float, [t])),
    "struct": lambda t: struct.unpack("d", struct.pack("d", t))[0],
    "array": lambda t: array.array("d", [t])[0],
    "statistics": lambda t: statistics.fmean([t, t]),
    "inside an expression": lambda t: 2 * float(t) + 1,
    "compared elsewhere": lambda t: max(float(t), 0.1),
}
ASKED_BY_NUMPY = {
    "float64": lambda t: np.float64(t),
    "float32": lambda t: np.float32(t),
    "complex128": lambda t: np.complex128(t).real,
    "asarray": lambda t: np.asarray(t),
    "array of a list": lambda t: np.array([t, t])[0],
    "asarray of a list": lambda t: np.asarray([t, t], float)[0],
    "record": lambda t: np.array((t, t), dtype="f8,f8")["f0"],
    "fromiter": lambda t: np.fromiter([t, t], float)[0],
    "full": lambda t: np.full(2, t)[0],
    "full_like": lambda t: np.full_like(np.zeros(2), t)[0],
    "initial": lambda t: np.zeros(2).sum(initial=t),
    "reduce": lambda t: np.add.reduce(np.zeros(2), initial=t),
    "arange": lambda t: np.arange(0, t, 0.1)[-1],
    "assignment": stored(assign),
    "assignment to a part": stored(assign_part),
    "assignment to flat": stored(assign_flat),
    "assignment to an attribute": assign_to_an_attribute,
    "setitem": stored(lambda out, t: operator.setitem(out, 0, t)),
    "__setitem__": stored(lambda out, t: out.__setitem__(0, t)),
    "fill": stored(lambda out, t: out.fill(t)),
    "fill of an attribute": fill_an_attribute,
    "put": stored(lambda out, t: out.put(0, t)),
    "np.put": stored(lambda out, t: np.put(out, 0, t)),
    "copyto": stored(lambda out, t: np.copyto(out, t)),
    "place": stored(lambda out, t: np.place(out, out == 0, t)),
    "putmask": stored(lambda out, t: np.putmask(out, out == 0, t)),
    "fill_diagonal": lambda t: (lambda out: (np.fill_diagonal(out, t), out[0, 0])[1])(np.zeros((2, 2))),
    "random numbers": lambda t: np.random.default_rng(0).normal(t, 1),
}
ON_PURPOSE = {
    "item": lambda t: t.item(),
    "tolist": lambda t: t.tolist(),
    "data": lambda t: t.data,
    "Tensor": lambda t: ag.tensor(t),
    "Parameter": lambda t: nn.Parameter(t),
    "copy": lambda t: copy.copy(t),
    "deepcopy": lambda t: copy.deepcopy(t),
    "given as data": lambda t: [w := ag.tensor(1.0), setattr(w, "data", t), w][-1],
    "given as gradient": lambda t: [w := ag.tensor(1.0), setattr(w, "grad", t), w][-1].grad,
    "pickle": lambda t: pickle.loads(pickle.dumps(t)),
    "backward": by_backward,
    "autograd.grad": lambda t: ag.autograd.grad(t * t, t)[0],
}
WAYS_OUT = ASKED_BY_PYTHON | ASKED_BY_NUMPY | ON_PURPOSE


def second_order_of_a_rule(f):
    custom = ag.custom_vjp(np.sin, lambda g, y, x: g * f(x))
    return ag.grad(ag.grad(custom))(0.7)


def second_order_of_a_pair(f):
    custom = ag.custom_vjp(np.sin)
    custom.defvjp(lambda x: (np.sin(x), f(x)), lambda r, g: (g * r,))
    return ag.grad(ag.grad(custom))(0.7)


TRANSFORMS = {
    "grad": lambda f: ag.grad(f)(0.7),
    "value_and_grad": lambda f: ag.value_and_grad(f)(0.7),
    "auxiliary": lambda f: ag.grad(lambda x: (x, f(x)), has_aux=True)(0.7),
    "grad of grad": lambda f: ag.grad(ag.grad(f))(0.7),
    "inner of two": lambda f: ag.grad(lambda a: ag.grad(f)(0.7) * a)(0.7),
    "outer of two": lambda f: ag.grad(lambda a: ag.grad(lambda b: b * f(a))(0.7))(0.7),
    "no_grad around": lambda f: ag.no_grad()(ag.grad(f))(0.7),
    "vjp": lambda f: ag.vjp(f, 0.7),
    "jvp": lambda f: ag.jvp(f, (0.7,), (1.0,)),
    "linearize": lambda f: ag.linearize(f, 0.7),
    "jacobian": lambda f: ag.jacobian(f)(0.7),
    "hessian": lambda f: ag.hessian(f)(0.7),
    "hvp": lambda f: ag.hvp(f)(0.7, 1.0),
    "gnvp of the model": lambda f: ag.gnvp(f, lambda z: z * z)(0.7, 1.0),
    "gnvp of the loss": lambda f: ag.gnvp(lambda x: x * x, f)(0.7, 1.0),
    "checkpoint": lambda f: ag.checkpoint(f)(ag.tensor(0.7, requires_grad=True)).backward(),
    "checkpoint inside": lambda f: ag.grad(ag.checkpoint(f))(0.7),
    "rule": second_order_of_a_rule,
    "pair of rules": second_order_of_a_pair,
    "gradcheck": lambda f: ag.gradcheck(f, 0.7),
    "gradgradcheck": lambda f: ag.gradgradcheck(f, 0.7),
    "diagnose_gradient": lambda f: ag.diagnose_gradient(f, lambda x: x, 0.7),
    "minimize": lambda f: ag.optim.minimize(f, 0.7),
    "step_through": lambda f: ag.step_through(f, 0.7),
}


REFUSED = (RuntimeError, ValueError, TypeError, NotImplementedError, struct.error)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("way", ["math.sin", "float", "float64", "fromiter", "assignment", "item", "data", "Tensor"])
def test_no_number_leaves_inside_a_transform(transform, way):
    with pytest.raises(REFUSED):
        transform(lambda x: x * WAYS_OUT[way](x) if isinstance(x, ag.Tensor) else x * 2.0)


@pytest.mark.parametrize("way", WAYS_OUT.values(), ids=WAYS_OUT)
def test_no_number_leaves_in_any_way(way):
    for transform in (ag.grad, lambda f: lambda x: ag.step_through(f, x)):
        with pytest.raises(REFUSED):
            transform(lambda x: x * way(x))(0.7)
        with pytest.raises(REFUSED):
            transform(lambda x: x * way((x * x).sum()))(0.7)


CONSTANTS = {
    "detached": lambda x: x.detach().item() + float(x.detach()) + math.sin(x.detach()) + x.detach().data,
    "of another tensor": lambda x: math.sin(ag.tensor(0.7)) + ag.tensor([0.7]).tolist()[0],
    "without recording": lambda x: ag.no_grad()(lambda: float(x) + (2 * x).item())(),
    "whole numbers": lambda x: float(np.argmax(x)) + int(np.sign(x)) + x.astype(int).item() + (x > 0).item(),
    "branches": lambda x: 1.0 if x > 0 and bool(x < 2) and x != 3 and float(x) > 0 and x.shape == () else 2.0,
    "branches on numbers": lambda x: 1.0 if -2 * float(x) < 0 and abs(math.exp(x)) < 9 and float(x) else 2.0,
    "tests": lambda x: 1.0 if math.isfinite(x) and not math.isnan(x) and not np.isnan(x) else 2.0,
    "looking on purpose": lambda x: 1.0 if x.item() > 0 and x.reshape(1).tolist() > [0.5] and x.data > 0 else 2.0,
    "order": lambda x: float(min(x, 3.0) is x) + float(sorted([x, 0 * x])[1] is x),
    "indices": lambda x: [1.0, 2.0][int(x > 0)] + np.ones(2)[np.argmax(x.reshape(1))],
    "tensors of tensors without a gradient": lambda x: ag.tensor(x.detach()),
}


@pytest.mark.parametrize("constant", CONSTANTS.values(), ids=CONSTANTS)
def test_what_has_no_gradient_may_leave(constant):
    x = ag.tensor(0.7, requires_grad=True)
    factor = float(ag.tensor(constant(x)))
    assert ag.grad(lambda x: x * constant(x))(0.7) == pytest.approx(factor)
    assert ag.grad(ag.checkpoint(lambda x: x * constant(x)))(0.7) == pytest.approx(factor)
    assert "step" in repr(ag.step_through(lambda x: x * constant(x), 0.7))


@pytest.mark.parametrize(
    "text",
    [
        lambda x: f"{x:.2f}",
        lambda x: f"{float(x):.2f} {math.sin(x):.1f}"[:4],
        lambda x: "%.2f" % x,  # noqa: UP031
        lambda x: "%.2f%s" % (float(x), ""),  # noqa: UP031
        lambda x, pattern="%.2f": pattern % x,
        lambda x: "{:.2f}".format(float(x)),  # noqa: UP032
        lambda x: f"{x.item()}",
        lambda x: str(x)[7:11],
        lambda x: repr(x)[7:11],
    ],
)
def test_text_may_be_made_anywhere(text):
    x = ag.tensor(0.75, requires_grad=True)
    seen = [text(x)]
    ag.grad(lambda x: seen.append(text(x)) or x * x)(0.75)
    assert seen == ["0.75", "0.75"]


def test_printing_is_silent(capsys):
    def f(x):
        print(x, "and", float(x), sep=" ")
        return x * x

    ag.grad(f)(0.5)
    f(ag.tensor(0.5, requires_grad=True))
    assert capsys.readouterr().out.count("and 0.5\n") == 2


def test_the_message_names_the_tensor_and_the_way_out():
    with pytest.raises(RuntimeError) as caught:
        ag.grad(lambda x: x * math.sin(x))(1.0)
    assert str(caught.value) == (
        "math.sin(x) takes a number out of tensor of shape () and dtype float64, and what is computed from a number "
        "has no gradient: write np.sin; say .detach().item() where that is meant"
    )
    w = ag.tensor(1.0, requires_grad=True, name="w")
    with pytest.raises(RuntimeError, match=r"float\(w\) takes a number out of tensor 'w'.*NumPy's functions"):
        ag.step_through(lambda x: x * float(w), 1.0)
    with pytest.raises(RuntimeError, match=r"\.item\(\) takes the values of tensor of shape \(\).*\.detach\(\) first"):
        ag.grad(lambda x: x * x.item())(1.0)
    with pytest.raises(RuntimeError, match=r"autograd\.grad takes .* pass create_graph=True"):
        ag.grad(lambda x: ag.autograd.grad(x * x, x)[0])(1.0)


def numbers_functions(module):
    for name, function in vars(module).items():
        if callable(function) and not name.startswith(("__", "is")):
            yield pytest.param(function, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("function", [*numbers_functions(math), *numbers_functions(cmath)])
def test_every_function_of_the_math_module_is_watched(function):
    for arguments in (1, 2):

        def f(x, n=arguments):
            return x * function(*[x] * n)

        def plain(x, n=arguments):
            return function(*[x] * n)

        try:
            plain(0.7)
        except (TypeError, ValueError):
            continue
        with pytest.raises(RuntimeError, match="takes a number out of tensor"):
            ag.grad(f)(0.7)


TWINS = {
    "np.sin": lambda x: math.sin(x),
    "np.log1p": lambda x: math.log1p(x),
    "np.atan2": lambda x: math.atan2(x, 1),
    "np.hypot": lambda x: math.hypot(1, x),
    "np.floor": lambda x: math.floor(x),
    "np.exp": lambda x: cmath.exp(x),
    "np.sum": lambda x: math.fsum([x]),
    "np.linalg.norm": lambda x: math.dist([x], [1.0]),
    "scipy.special.erf": lambda x: math.erf(x),
    "scipy.special.gammaln": lambda x: math.lgamma(x),
    r"make the array a tensor \(out = ag.zeros\(shape\)\)": lambda x: operator.setitem(np.zeros(2), 0, x),
}


@pytest.mark.parametrize(("words", "f"), TWINS.items(), ids=TWINS)
def test_what_to_write_instead(words, f):
    with pytest.raises((RuntimeError, ValueError)) as caught:
        ag.grad(lambda x: x * f(x))(0.7)
    assert re.search(words, str(caught.value.__cause__ or caught.value))


# Outside of transforms.


@pytest.mark.parametrize("way", ASKED_BY_PYTHON.values(), ids=ASKED_BY_PYTHON)
def test_python_gets_a_number_with_a_warning(way):
    with pytest.warns(ag.LostGradientWarning, match=r"takes a number out of .*say \.item\(\) where that is meant"):
        number = way(ag.tensor(2.0, requires_grad=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ag.LostGradientWarning)
        assert number == way(ag.tensor(2.0, requires_grad=True)) == way(2.0)


@pytest.mark.parametrize("way", ASKED_BY_NUMPY.values(), ids=ASKED_BY_NUMPY)
def test_numpy_gets_none(way):
    with pytest.raises((RuntimeError, ValueError, NotImplementedError)):
        way(ag.tensor(2.0, requires_grad=True))


@pytest.mark.parametrize("way", ON_PURPOSE.values(), ids=ON_PURPOSE)
def test_what_is_done_on_purpose_is_silent(way):
    way(ag.tensor(2.0, requires_grad=True))


@pytest.mark.parametrize("way", [w for name, w in WAYS_OUT.items() if name not in ("backward", "autograd.grad")])
def test_tensors_without_a_gradient_give_their_numbers(way):
    with contextlib.suppress(NotImplementedError):  # functions of NumPy's that take no tensors at all
        way(ag.tensor(2.0))


def test_the_warning_comes_once_for_each_place_and_names_it():
    w = ag.tensor(2.0, requires_grad=True)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        first = [float(w) for _ in range(5)]
        second = [math.sqrt(w) for _ in range(5)]
    assert first == [2.0] * 5 and second == [math.sqrt(2)] * 5
    assert [w.category for w in seen] == [ag.LostGradientWarning] * 2 and {w.filename for w in seen} == {__file__}
    assert issubclass(ag.LostGradientWarning, ag.AutogradWarning)


def test_answers_and_comparisons_are_silent():
    w = ag.tensor(2.0, requires_grad=True)
    assert float(w) == 2.0 and math.isfinite(w) and not math.isnan(w) and abs(float(w)) < 3
    assert (float(w), int(w)) == (2.0, 2) and [2 * float(w)] == [4.0]
    if float(w):
        pass
    while not float(w):
        pass


def test_without_a_source_numbers_count_and_nobody_is_named():
    names = {"math": math, "np": np, "x": ag.tensor(2.0, requires_grad=True), "out": np.zeros(2)}
    for program in ("y = math.sin(x)", "y = float(x) > 1", "out[0] = x"):
        with pytest.warns(ag.LostGradientWarning, match="what is called here takes a number out of"):
            exec(program, names)

    def f(x):
        exec("y = math.sin(x)", names | {"x": x})
        return x

    with pytest.raises(RuntimeError, match="what is called here takes a number out of .*np.sin, not math.sin"):
        ag.grad(f)(1.0)


def test_a_source_that_cannot_be_read_is_none(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "very_long.py").write_text(f"def f(x):\n    return {'1 + ' * 2000}float(x)\n")
    f = importlib.import_module("very_long").f
    (tmp_path / "changed.py").write_text("def f(x):\n    return 2 * float(x)\n")
    g = importlib.import_module("changed").f
    (tmp_path / "changed.py").write_text("what is no program\n")
    for function, value in ((f, 2002.0), (g, 4.0)):
        with pytest.warns(ag.LostGradientWarning, match="takes a number out of"):
            assert function(ag.tensor(2.0, requires_grad=True)) == value
        with pytest.raises(RuntimeError, match="takes a number out of"):
            ag.grad(lambda x, function=function: x * function(x))(2.0)


def test_numbers_of_parameters_that_are_not_differentiated_here_are_as_outside():
    w = ag.tensor(2.0, requires_grad=True)
    assert ag.grad(lambda x: x * w.item())(1.0) == 2.0
    with pytest.warns(ag.LostGradientWarning):
        assert ag.grad(lambda x: x * float(w))(1.0) == 2.0


def test_a_program_that_only_looks_runs_everywhere():
    log = io.StringIO()

    def f(x):
        print(f"{x:.3f}", "%.3f" % (x * x), file=log)
        while float(x) > 1:
            x = x / 2
        return x * x

    assert ag.grad(f)(3.0) == pytest.approx(3.0 / 8)
    random.seed(0)
    assert ag.grad(lambda x: random.gauss(x, 1) ** 2)(0.0) != 0  # Python's arithmetic on tensors is recorded


def test_ix_keeps_the_gradient():
    x, y = (ag.tensor(a, requires_grad=True) for a in ([1.0, 2.0], [3.0, 4.0, 5.0]))
    rows, columns = np.ix_(x, y)
    assert rows.shape == (2, 1) and columns.shape == (1, 3)
    (rows * columns).sum().backward()
    np.testing.assert_array_equal(x.grad, [12, 12])
    i, j = np.ix_(ag.tensor([0, 1]), ag.tensor([True, False, True]))
    np.testing.assert_array_equal(np.arange(6).reshape(2, 3)[i, j], [[0, 2], [3, 5]])
