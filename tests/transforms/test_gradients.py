"""`grad` and `value_and_grad`: values, nesting, what is recorded, messages."""

import numpy as np
import pytest

import autograd_lite as ag


def test_the_gradient_of_an_array_is_an_array_of_its_shape_and_dtype():
    for dtype in (np.float32, np.float64):
        x = np.linspace(-1, 1, 6, dtype=dtype).reshape(2, 3)
        value, g = ag.value_and_grad(lambda x: (np.tanh(x) ** 2).sum())(x)
        assert type(g) is np.ndarray and g.dtype == dtype and g.shape == x.shape and g.flags.owndata
        assert isinstance(value, np.floating) and value.dtype == dtype
        np.testing.assert_allclose(g, 2 * np.tanh(x) * (1 - np.tanh(x) ** 2), rtol=1e-6)


def test_a_number_gives_a_number():
    g = ag.grad(lambda x: x**3)(2.0)
    assert g == 12.0 and isinstance(g, float)


def test_argnums_keywords_and_constants():
    def f(x, n, y, scale=1.0):
        return scale * (x**n * y).sum()

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_allclose(ag.grad(f)(x, 2, y, scale=2.0), 4 * x * y)
    gx, gy = ag.grad(f, argnums=(0, -1))(x, 2, y)
    np.testing.assert_allclose(gx, 2 * x * y)
    np.testing.assert_allclose(gy, x**2)
    (gy,) = ag.grad(f, argnums=(2,))(x, 2, y)
    np.testing.assert_allclose(gy, x**2)


def test_has_aux():
    def f(x):
        return (x**2).sum(), {"twice": 2 * x, "name": "f"}

    x = np.array([1.0, 2.0])
    (value, aux), g = ag.value_and_grad(f, has_aux=True)(x)
    assert value == 5 and aux["name"] == "f" and type(aux["twice"]) is np.ndarray
    np.testing.assert_array_equal(g, aux["twice"])
    g, aux = ag.grad(f, has_aux=True)(x)
    np.testing.assert_array_equal(g, aux["twice"])
    with pytest.raises(TypeError, match="pair"):
        ag.grad(lambda x: x, has_aux=True)(1.0)


def test_what_does_not_depend_on_the_input_has_gradient_zero():
    x = np.ones((2, 3))
    for f in (
        lambda x: 3,
        lambda x: 3.0,
        lambda x: np.float64(3),
        lambda x: ag.tensor(3.0),
        lambda x: np.sign(x).sum(),
    ):
        np.testing.assert_array_equal(ag.grad(f)(x), np.zeros((2, 3)))
    assert ag.grad(lambda x, y: y * 1.0)(1.0, 2.0) == 0
    np.testing.assert_array_equal(ag.grad(lambda x: np.argmax(x))(x), np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("f", "args", "message"),
    [
        (lambda x: x * 2, (np.ones((2, 3)),), r"shape \(2, 3\).*jacobian"),
        (lambda x: (x.sum(), x.sum()), (np.ones(2),), "one number.*tuple"),
        (lambda x: None, (1.0,), "one number.*None"),
        (lambda x: x, (3,), "argument 0.*3.*floats"),
        (lambda x: x, (np.arange(3),), "int64.*floats"),
        (lambda p: p["a"][1], ({"a": [1.0, 2]},), r"argument 0 of .*\['a'\]\[1\] is 2"),
    ],
)
def test_messages(f, args, message):
    with pytest.raises(TypeError, match=message):
        ag.grad(f)(*args)


def test_argnums_out_of_range():
    with pytest.raises(TypeError, match="argnums=1"):
        ag.grad(lambda x: x, argnums=1)(1.0)
    with pytest.raises(ValueError, match="twice"):
        ag.grad(lambda x, y: x, argnums=(0, -2))(1.0, 2.0)


def test_one_transform_never_takes_the_variable_of_another_for_its_own():
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0))(1.0) == 1
    assert ag.grad(lambda x: x * ag.grad(lambda y: x * y)(1.0))(3.0) == 6
    assert ag.grad(lambda x: ag.grad(lambda y: x * x * y * y)(x))(2.0) == 24
    assert ag.grad(lambda x: x * ag.grad(lambda x: x**2)(x) + ag.grad(lambda _: x**3)(x))(2.0) == 8


def test_derivatives_of_high_order():
    f = np.exp
    for _ in range(5):
        f = ag.grad(f)
    np.testing.assert_allclose(f(0.5), np.exp(0.5))
    g = lambda x: x**5
    for expected in (80.0, 160.0, 240.0, 240.0, 120.0, 0.0):
        g = ag.grad(g)
        assert g(2.0) == expected


def test_a_gradient_inside_a_loss_is_recorded():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    g = ag.grad(lambda x: (w * x**3).sum())(np.array([1.0, 3.0]))
    assert isinstance(g, ag.Tensor) and g.requires_grad
    (g * g).sum().backward()  # g = 3 w x²
    np.testing.assert_allclose(w.grad, 2 * 9 * np.array([1.0, 2.0]) * np.array([1.0, 81.0]))


def test_a_tensor_that_requires_a_gradient_keeps_its_history():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    value, g = ag.value_and_grad(lambda x: (x**3).sum())(x)
    (value + g.sum()).backward()
    np.testing.assert_allclose(x.grad, 3 * x.data**2 + 6 * x.data)


def test_nothing_is_recorded_in_no_grad_or_for_constants():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    f = lambda x: (w * x**2).sum()
    with ag.no_grad():
        value, g = ag.value_and_grad(f)(w)
    assert not isinstance(value, ag.Tensor) and type(g) is np.ndarray
    np.testing.assert_allclose(g, 2 * w.data**2)
    assert type(ag.grad(lambda x: (x**2).sum())(ag.tensor([1.0]))) is np.ndarray
    assert w.grad is None


def test_the_caller_s_arrays_can_change_afterwards():
    x = np.array([1.0, 2.0])
    value, pullback = ag.vjp(lambda x: x * x, x)
    x[:] = 100
    np.testing.assert_allclose(pullback(np.ones(2))[0], [2, 4])
    np.testing.assert_allclose(value, [1, 4])
    identity, _ = ag.vjp(lambda x: x, x)
    assert not np.shares_memory(identity, x)


def test_in_place_operations_and_control_flow_inside_the_function():
    def f(x):
        y = 2 * x
        y[0] = x[1] ** 2
        y += x
        total = 0.0
        for i in range(len(y)):
            if y[i] > 0:
                total = total + y[i] ** 2
        return total

    x = np.array([0.5, 1.5, -2.0])
    np.testing.assert_allclose(ag.grad(f)(x), [2 * (2.25 + 0.5), 2 * 2.75 * 3 + 2 * 4.5 * 3, 0])


def test_a_function_may_assign_to_its_arguments():
    def f(x, p):
        x *= 3
        x[0] = 0.0
        p["w"] += x
        p["extra"] = 1.0
        return (x**2).sum() + (p["w"] ** 2).sum()

    x, w = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    p = {"w": w}
    gx, gp = ag.grad(f, argnums=(0, 1))(x, p)
    np.testing.assert_allclose(gx, [0, 2 * 9 * 2 + 2 * 3 * (4 + 6)])
    np.testing.assert_allclose(gp["w"], [6, 20])
    assert list(p) == ["w"] and p["w"] is w
    t = ag.tensor(x, requires_grad=True)
    value, pullback = ag.vjp(lambda x: x * x, t)
    value += 1.0
    np.testing.assert_allclose(pullback(np.ones(2))[0].detach().numpy(), 2 * x)


def test_a_parameter_can_be_assigned_through_its_gradient():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    with ag.no_grad():
        for _ in range(100):
            x -= 0.1 * ag.grad(lambda x: (x**2).sum())(x)
    np.testing.assert_allclose(x.data, 0, atol=1e-9)
