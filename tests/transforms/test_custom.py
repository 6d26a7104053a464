"""`custom_vjp`: gradients that the user gives, to second order."""

import functools
import itertools

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.tensor.trees import flatten

rng = np.random.default_rng(0)

sine = ag.custom_vjp(np.sin, lambda g, y, x: g * np.cos(x))
exponential = ag.custom_vjp(np.exp, lambda g, y, x: g * y)


@ag.custom_vjp
def cube(x):
    return x**3


cube.defvjp(lambda x: (x**3, x * x), lambda square, g: (3 * square * g,))


@pytest.mark.parametrize(("f", "expected"), [(sine, np.cos), (exponential, np.exp), (cube, lambda x: 3 * x * x)])
def test_first_order(f, expected):
    x = rng.standard_normal((2, 3))
    np.testing.assert_allclose(ag.grad(lambda x: f(x).sum())(x), expected(x))
    assert ag.grad(lambda x: f(x).sum())(x.astype(np.float32)).dtype == np.float32
    t = ag.tensor(x, requires_grad=True)
    f(t).sum().backward()
    np.testing.assert_allclose(t.grad, expected(x))
    assert type(f(x)) is np.ndarray and not f(ag.tensor(x)).requires_grad
    np.testing.assert_allclose(ag.jvp(f, (x,), (x,))[1], expected(x) * x)


@pytest.mark.parametrize(
    ("f", "second", "third"),
    [
        (sine, lambda x: -np.sin(x), lambda x: -np.cos(x)),
        (exponential, np.exp, np.exp),
        (cube, lambda x: 6 * x, lambda x: 6.0),
    ],
)
def test_higher_orders(f, second, third):
    np.testing.assert_allclose(ag.grad(ag.grad(f))(0.7), second(0.7))
    np.testing.assert_allclose(ag.grad(ag.grad(ag.grad(f)))(0.7), third(0.7))


def test_the_given_gradient_is_the_one_that_is_used():
    straight_through = ag.custom_vjp(np.round, lambda g, y, x: g)
    np.testing.assert_array_equal(ag.grad(lambda x: straight_through(x).sum())(np.array([0.2, 1.7])), 1)


def test_the_function_sees_arrays_and_may_do_what_it_likes():
    @ag.custom_vjp
    def f(x, n, *, power=2):
        assert type(x) is np.ndarray
        out = np.empty_like(x)
        np.multiply(x**power, n, out=out)
        return out

    f.rule = lambda g, y, x, n, power=2: (g * n * power * x ** (power - 1), None)
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(ag.grad(lambda x: f(x, 5, power=3).sum())(x), 15 * x**2)


def test_several_arguments_results_and_trees():
    @ag.custom_vjp
    def f(p, x):
        return p["a"] * x, {"s": p["b"] + x.sum()}

    def fwd(p, x):
        return f(p, x), (p["a"], x)

    def bwd(residuals, g):
        a, x = residuals
        product, rest = g
        return {"a": (product * x).sum(), "b": rest["s"]}, product * a + rest["s"]

    f.defvjp(fwd, bwd)

    def loss(f):
        def whole(p, x):
            product, rest = f(p, x)
            return (product**2).sum() * rest["s"]

        return whole

    p, x = {"a": 2.0, "b": 3.0}, rng.standard_normal(3)
    for order in (ag.grad, ag.hessian):
        got, expected = (order(loss(g), argnums=(0, 1))(p, x) for g in (f, f.f))
        for a, b in zip(leaves(got), leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)


def leaves(tree):
    return flatten(tree)[0]


def test_a_gradient_that_leaves_the_graph_is_refused_at_the_second_order_only():
    f = ag.custom_vjp(np.sin, lambda g, y, x: np.asarray(g) * np.cos(np.asarray(x)))
    assert ag.grad(f)(0.0) == 1
    with pytest.raises(RuntimeError, match="requires a gradient") as caught:
        ag.grad(ag.grad(f))(0.0)
    assert any("differentiated twice" in note for note in caught.value.__notes__)
    f = ag.custom_vjp(np.sin, lambda g, y, x: float(g) * np.cos(float(x)))
    with pytest.raises(RuntimeError, match="cannot be differentiated twice"):
        ag.grad(ag.grad(f))(0.0)


def test_the_function_cannot_change_a_tensor_behind_its_back():
    def f(x):
        x += 1
        return x

    with pytest.raises(ValueError, match="read-only"):
        ag.custom_vjp(f, lambda g, y, x: g)(ag.tensor([1.0], requires_grad=True))


def test_messages():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match="no gradient yet"):
        ag.custom_vjp(np.sin)(x)
    with pytest.raises(ValueError, match=r"shape \(3,\) for an argument of shape \(2,\)"):
        ag.custom_vjp(np.sin, lambda g, y, x: np.ones(3))(x).sum().backward()
    with pytest.raises(ValueError, match="one gradient per argument"):
        ag.custom_vjp(np.sin, lambda g, y, x: (g, g))(x).sum().backward()
    with pytest.raises(TypeError, match="positional"):
        ag.custom_vjp(lambda a, b: a * b, lambda g, y, a, b: g)(1.0, b=x)
    wrong = ag.custom_vjp(np.sin)
    wrong.defvjp(np.sin, lambda r, g: (g,))
    with pytest.raises(TypeError, match="pair"):
        wrong(x)


# What the function computes from, and nobody has told it.


def captured(w):
    lin = nn.Linear(3, 3, bias=False)
    inner = ag.custom_vjp(lambda x, w: x * w, lambda g, y, x, w: (g * w, (g * x).sum()))
    return {
        "tensor": lambda x: x * w,
        "the tensor itself": lambda x: w,
        "computed before": (lambda h: lambda x: x + h)(w * 2),
        "one of several results": lambda x: {"a": x, "b": [np.sum(x * w)]},
        "module": lambda x: lin(x),
        "nested function": lambda x: (lambda y: np.tanh(y * w))(x + 1),
        "custom function inside": lambda x: inner(x, w),
        "checkpoint inside": lambda x: ag.checkpoint(lambda y: y * w)(x),
        "gradient inside": lambda x: ag.grad(lambda y: np.sum(y * y * w))(x),
        "assignment": lambda x: assigned(x, w),
        "in place": lambda x: added(x, w),
    }


def assigned(x, w):
    out = ag.zeros(3)
    out[1] = w
    return out


def added(x, w):
    total = ag.tensor(x)
    total *= w
    return total


@pytest.mark.parametrize("name", captured(ag.tensor(2.0)))
def test_a_captured_tensor_that_requires_a_gradient_is_refused(name):
    w = ag.tensor(2.0, requires_grad=True, name="w")
    f = captured(w)[name]
    by_rule = ag.custom_vjp(f, lambda g, y, x: g)
    by_pair = ag.custom_vjp(f)
    by_pair.defvjp(lambda x: (f(x), None), lambda _, g: (g,))
    x = ag.tensor(np.ones(3), requires_grad=True)
    for custom in (by_rule, by_pair):
        with pytest.raises(RuntimeError, match="requires a gradient and is no argument.*Make it an argument, or"):
            custom(x)
        with pytest.raises(RuntimeError, match="is no argument"):
            ag.grad(lambda x, custom=custom: np.sum(flatten(custom(x))[0][0]))(np.ones(3))
        with ag.no_grad():
            custom(x)


def test_a_variable_of_an_outer_transform_is_refused_like_a_parameter():
    def outer(a):
        return ag.grad(ag.custom_vjp(lambda x: x * a, lambda g, y, x: g))(1.0)

    with pytest.raises(RuntimeError, match="is no argument"):
        ag.grad(outer)(2.0)


def test_what_is_detached_or_made_inside_may_be_used():
    w = ag.tensor(2.0, requires_grad=True)

    def newton(x):  # tensors of its own, and gradients of them
        t = ag.tensor(x, requires_grad=True)
        ((t - 1) ** 2).sum().backward()
        return t - t.grad / 2 + 0 * ag.hessian(lambda y: np.sum(y * y))(x)[0]

    x = np.array([3.0, 4.0])
    for f in (lambda x: x * w.detach(), lambda x: x * w.item(), lambda x: x * (w > 0), newton):
        custom = ag.custom_vjp(f, lambda g, y, x: 7 * g)
        np.testing.assert_array_equal(ag.grad(lambda x, custom=custom: custom(x).sum())(x), 7)


def test_a_rule_may_use_what_is_captured():
    strength = ag.tensor(2.0, requires_grad=True)
    scaled = ag.custom_vjp(lambda x: x, lambda g, y, x: g * strength)
    t = ag.tensor([1.0, 2.0], requires_grad=True)
    (scaled(t) ** 2).sum().backward()
    assert type(t.grad) is np.ndarray
    np.testing.assert_array_equal(t.grad, [4, 8])
    (g,) = ag.autograd.grad((scaled(t) ** 2).sum(), t, create_graph=True)
    np.testing.assert_array_equal(ag.autograd.grad(g.sum(), strength)[0], 6)


# Whose memory it is.


def rules_that_keep(saved):
    def preallocated(g, y, x):
        np.multiply(g, 2.0, out=saved)
        return saved

    def by_pair(x):
        return x * 2.0, saved

    pair, itself = ag.custom_vjp(lambda x: x * 2.0), ag.custom_vjp(lambda x: x * 2.0)
    pair.defvjp(by_pair, lambda residual, g: (residual,))
    itself.defvjp(by_pair, lambda residual, g: residual)
    return {
        "returned": ag.custom_vjp(lambda x: x * 2.0, lambda g, y, x: saved),
        "a view": ag.custom_vjp(lambda x: x * 2.0, lambda g, y, x: saved[:]),
        "read-only": ag.custom_vjp(lambda x: x * 2.0, lambda g, y, x: np.broadcast_to(saved[:1], 3)),
        "preallocated": ag.custom_vjp(lambda x: x * 2.0, preallocated),
        "residual": pair,
        "residual itself": itself,
    }


@pytest.mark.parametrize("name", rules_that_keep(np.zeros(3)))
def test_arrays_of_a_rule_are_neither_handed_out_nor_written_into(name):
    saved = np.full(3, 2.0)
    custom = rules_that_keep(saved)[name]
    x, y = (ag.tensor(np.ones(3), requires_grad=True) for _ in "xy")
    for n in (1, 2, 3):
        (custom(x) + custom(y) + custom(x)).sum().backward()
        np.testing.assert_array_equal(saved, 2)
        np.testing.assert_array_equal(x.grad, 4 * n)
        np.testing.assert_array_equal(y.grad, 2 * n)
    x.grad[0] = 5
    assert saved[0] == 2 and not np.shares_memory(x.grad, y.grad)
    (g,) = ag.autograd.grad(custom(x).sum(), x)
    g[:] = 9
    pulled = ag.vjp(custom, np.ones(3))[1]
    np.testing.assert_array_equal(pulled(np.ones(3))[0], 2)
    assert not np.shares_memory(g, saved) and saved[0] == 2


def test_a_rule_that_keeps_what_it_is_given_keeps_it_as_it_was():
    kept = []

    def rule(g, y, x):
        kept.append((g, y, x))
        return g

    custom, seed = ag.custom_vjp(lambda x: x * 1.0, rule), np.ones(2)
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(3):
        custom(x).backward(seed)
    x.grad[:] = 7
    seed[:] = 5
    for g, y, _ in kept:
        np.testing.assert_array_equal(g, 1)
        np.testing.assert_array_equal(y, [1, 2])


@pytest.mark.parametrize("position", range(3))
def test_a_rule_cannot_change_what_it_is_given(position):
    def rule(*given):
        given[position][...] = 0
        return given[0]

    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match="read-only"):
        (ag.custom_vjp(lambda x: x * 1.0, rule)(x) + x).sum().backward()
    np.testing.assert_array_equal(x.data, [1, 2])


def functions_that_share(buffer):
    def fill(x):
        np.multiply(x, 3.0, out=buffer)
        return buffer

    def twice(x):
        y = fill(x)
        return y, y

    return {
        "a buffer": fill,
        "a view of a buffer": lambda x: fill(x)[:],
        "read-only": lambda x: np.broadcast_to(fill(x)[:1], 2) * 0 + fill(x),
        "an argument": lambda x: x,
        "a view of an argument": lambda x: x[::-1],
        "two results": twice,
        "two views": lambda x: (fill(x)[:1], fill(x)),
        "integers beside": lambda x: (fill(x), np.arange(2)),
    }


@pytest.mark.parametrize("name", functions_that_share(np.zeros(2)))
def test_results_are_nobody_elses(name):
    buffer, kept = np.zeros(2), []
    f = functions_that_share(buffer)[name]
    custom = ag.custom_vjp(f, lambda g, y, x: kept.append(y) or (g[0] if isinstance(g, tuple) else g))
    x, z = ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([5.0, 6.0], requires_grad=True)
    expected = [np.array(a) for a in flatten(f(x.detach().numpy()))[0]]
    results = flatten(custom(x))[0]
    custom(z)
    buffer[:] = -1
    for y, e in zip(results, expected, strict=True):
        np.testing.assert_array_equal(y.detach().numpy(), e)
        assert not np.shares_memory(y.node.value, buffer) and not np.shares_memory(y.node.value, x.node.value)
    if len(results) == 1:
        results[0].sum().backward()
        np.testing.assert_array_equal(kept[0], expected[0])


def test_what_fwd_keeps_of_a_buffer_is_as_it_was():
    buffer = np.zeros(2)

    def fwd(x):
        np.exp(x, out=buffer)
        return buffer, {"y": buffer, "n": 3}

    exponential = ag.custom_vjp(np.exp)
    exponential.defvjp(fwd, lambda residual, g: (g * residual["y"],))
    x, z = ag.tensor([0.0, 1.0], requires_grad=True), ag.tensor([2.0, 3.0], requires_grad=True)
    y = exponential(x)
    exponential(z)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, np.exp([0, 1]))


def scaled_by_rule():
    return ag.custom_vjp(lambda x, c, k=1: x * c * k, lambda g, y, x, c, k=1: (g * c * k, None))


def scaled_by_pair():
    custom = ag.custom_vjp(lambda x, c, k=1: x * c * k)
    custom.defvjp(lambda x, c, k=1: (x * c * k, (c, k)), lambda r, g: (g * r[0] * r[1], None))
    return custom


@pytest.mark.parametrize("make", [scaled_by_rule, scaled_by_pair])
def test_constants_are_taken_by_value(make):
    c, k = np.array([2.0, 3.0]), np.array(2.0)
    x = ag.tensor([1.0, 1.0], requires_grad=True)
    y = make()(x, c, k=k)
    c[:], k[...] = 100, 100
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [4, 6])


def test_a_checkpoint_takes_constants_by_value():
    c, x = np.array([2.0, 3.0]), ag.tensor([1.0, 1.0], requires_grad=True)
    y = ag.checkpoint(lambda x, c: x * x * c["c"])(x, {"c": c})
    c *= 1 + 1e-5
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [4, 6])


def test_a_function_may_keep_its_state_in_an_argument():
    def f(x, count):
        count += 1
        return x * 2.0

    custom, count = ag.custom_vjp(f, lambda g, y, x, count: (2 * g, None)), np.zeros(1)
    for _ in range(3):
        custom(ag.tensor([1.0], requires_grad=True), count).sum().backward()
    assert count == 3


# Several results keep their dtypes.

RESULTS = {
    "int64": np.array([2**60 + 1, -(2**62) - 1]),
    "uint64": np.array([2**64 - 1], np.uint64),
    "int8": np.array(-7, np.int8),
    "bool": np.array([True, False]),
    "float16": np.array([0.1, -0.0], np.float16),
    "float32": np.array([[0.1, 1e-40]], np.float32),
    "float64": np.array([0.1, 1e-310, np.inf, -0.0]),
    "longdouble": np.array([1, 3], np.longdouble) / 3,
    "complex64": np.array([0.1 + 0.2j], np.complex64),
    "complex128": np.array([[0.1 - 0.2j, complex(0, -0.0)]]),
    "empty": np.zeros((0, 2), np.float32),
    "number": 3,
    "float": 0.1,
}


@pytest.mark.parametrize("names", [*[(n,) for n in RESULTS], *itertools.combinations(RESULTS, 2), tuple(RESULTS)])
def test_results_of_all_dtypes_are_exact(names):
    values = {name: RESULTS[name] for name in names}
    custom = ag.custom_vjp(lambda x: values, lambda g, y, x: np.zeros(2))
    for inputs in (ag.tensor([1.0, 2.0], requires_grad=True), ag.tensor([1.0, 2.0])):
        found = custom(inputs)
        for name, expected in values.items():
            y, expected = found[name], np.asarray(expected)
            assert isinstance(y, ag.Tensor) and y.dtype == expected.dtype and y.shape == expected.shape
            assert np.asarray(y.node.value).tobytes() == expected.tobytes() or expected.dtype == np.longdouble
            np.testing.assert_array_equal(y.node.value, expected)
            assert y.requires_grad == (inputs.requires_grad and expected.dtype.kind in "fc")


def test_each_gets_a_gradient_in_its_dtype():
    seen = []

    def f(x):
        return {"n": x.argmax(), "s": x.astype(np.float32), "d": x, "z": x * 1j, "c": (x * 2j).astype(np.complex64)}

    def rule(g, y, x):
        seen.append((g, y))
        return g["s"] + g["d"] + np.real(g["z"] * 1j) + np.real(g["c"] * 2j)

    custom = ag.custom_vjp(f, rule)

    def loss(x, f=custom):
        y = f(x)
        return (y["s"] * 2).sum() + (y["d"] * 3).sum() + np.abs(y["z"]).sum() + np.imag(y["c"]).sum() * 5

    x = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(ag.grad(loss)(x), 2 + 3 + np.sign(x) + 10, rtol=1e-6)
    g, y = seen[0]
    expected = f(x)
    for name, value in expected.items():
        assert g[name].dtype == y[name].dtype == np.asarray(value).dtype and np.shape(g[name]) == np.shape(value)
        np.testing.assert_array_equal(y[name], value)
    assert ag.gradcheck(lambda x: {k: v for k, v in custom(x).items() if k in "dz"}, x)
    assert ag.gradgradcheck(lambda x: custom(x)["z"] * custom(x)["d"], x)
    np.testing.assert_allclose(ag.jacobian(custom)(x)["z"], 1j * np.eye(3))


def test_whole_numbers_alone_are_constants():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    y = ag.custom_vjp(np.argmax, lambda g, y, x: g)(x)
    assert y.dtype == np.intp and not y.requires_grad and y.item() == 1
    assert ag.grad(lambda x: x[ag.custom_vjp(np.argmax, lambda g, y, x: g)(x)])(np.array([1.0, 2.0])).tolist() == [0, 1]


# Which gradients are wanted.


def test_a_rule_can_ask_which_gradients_are_wanted():
    asked = []

    def f(x, p, n):
        return x @ p["w"] + p["b"] * n

    def rule(g, y, x, p, n, wanted):
        asked.append(wanted)
        dx, dp, _ = wanted
        dw, db = (x.T @ g if dp["w"] else None), (g.sum(0) * n if dp["b"] else None)
        return (g @ p["w"].T if dx else None), {"w": dw, "b": db}, None

    def bwd(residuals, g, *, wanted):
        return rule(g, None, *residuals, wanted=wanted)

    by_rule, by_pair = ag.custom_vjp(f, rule), ag.custom_vjp(f)
    by_pair.defvjp(lambda *args: (f(*args), args), bwd)
    x, w, b = rng.standard_normal((2, 3)), rng.standard_normal((3, 2)), rng.standard_normal(2)
    for custom in (by_rule, by_pair):
        for needs in itertools.product([False, True], repeat=3):
            if not any(needs):
                continue
            made = [ag.tensor(a, requires_grad=n) for a, n in zip((x, w, b), needs, strict=True)]
            plain = [ag.tensor(a, requires_grad=n) for a, n in zip((x, w, b), needs, strict=True)]
            np.tanh(custom(made[0], {"w": made[1], "b": made[2]}, 3)).sum().backward()
            np.tanh(f(plain[0], {"w": plain[1], "b": plain[2]}, 3)).sum().backward()
            assert asked[-1] == (needs[0], {"w": needs[1], "b": needs[2]}, False)
            for a, e in zip(made, plain, strict=True):
                np.testing.assert_allclose(a.grad, e.grad) if e.grad is not None else None
                assert (a.grad is None) == (e.grad is None)
        assert ag.gradgradcheck(lambda x, w, c=custom: c(x, {"w": w, "b": b}, 2), x, w)
    asked.clear()
    by_rule(x, {"w": w, "b": ag.tensor(b, requires_grad=True)}, 1).sum().backward()
    assert asked == [(False, {"w": False, "b": True}, False)]


def test_rules_of_all_kinds_can_ask():
    def rule(g, y, x, w, *, wanted):
        return tuple(g if asked else None for asked in wanted)

    class Rule:
        def __call__(self, g, y, x, w, wanted=None):
            return rule(g, y, x, w, wanted=wanted)

        def method(self, g, y, x, w, wanted):
            return rule(g, y, x, w, wanted=wanted)

    @functools.wraps(rule)
    def wrapped(*args, **kwargs):
        return rule(*args, **kwargs)

    for asking in (rule, Rule(), Rule().method, functools.partial(rule), wrapped):
        assert ag.grad(ag.custom_vjp(lambda x, w: x + w, asking))(1.0, 2.0) == 1
    sine = ag.custom_vjp(np.sin)
    sine.defvjp(lambda x: (np.sin(x), np.cos(x)), np.multiply)
    assert ag.grad(sine)(0.0) == 1


def test_a_setting_of_that_name_is_the_functions_own():
    custom = ag.custom_vjp(lambda x, wanted=2: x * wanted, lambda g, y, x, wanted=2: g * wanted)
    assert ag.grad(lambda x: custom(x, wanted=5))(1.0) == 5
