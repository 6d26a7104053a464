"""`gradcheck` believes right gradients, and says in words where wrong ones are wrong."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.engine.graph import TABLE
from autograd_lite.rules.registry import Primitive, row


@Primitive
def wrong_square(x):
    """x squared, with a rule that is wrong where x is negative."""
    return x * x


@Primitive
def wrong_only_in_second_order(x):
    """x cubed, whose gradient is right and whose second derivative is not."""
    return x**3


@Primitive
def lazy_square(x):
    """3 x squared, with a wrong rule."""
    return 3 * x * x


@pytest.fixture(autouse=True, scope="module")
def wrong_rules():
    """In the table while these tests run: whoever goes through the table does not meet them."""
    row(wrong_square, lambda g, y, x: g * (2 * np.abs(x)))
    row(lazy_square, lambda g, y, x: g * x)
    row(wrong_only_in_second_order, lambda g, y, x: g * lazy_square(x))
    yield
    for function in (wrong_square, lazy_square, wrong_only_in_second_order):
        del TABLE[function]


def test_right_gradients_pass_for_several_inputs_and_outputs():
    a, b = np.random.default_rng(0).standard_normal((2, 3, 2))
    report = ag.gradcheck(lambda a, b: {"product": a @ b.T, "sum": np.tanh(a).sum()}, a, b)
    assert report and report.compared == (9 + 1) * 12
    assert "all 120 derivatives agree" in str(report)


def test_a_wrong_gradient_is_reported_with_input_index_values_and_errors():
    x = ag.tensor([[1.0, -2.0]], requires_grad=True, name="x")
    with pytest.raises(AssertionError) as caught:
        ag.gradcheck(lambda c, x: wrong_square(x) * c, 2, x)
    text = str(caught.value)
    assert isinstance(caught.value, ag.GradcheckError)
    assert "1 of 4 derivatives disagree" in text
    assert "d output[0, 1] / d input 1 ('x')[0, 1]: analytic 8, numeric -8" in text
    assert "absolute error 16" in text and "relative error 2" in text and "kink" not in text


def test_the_report_is_false_if_it_shall_not_raise():
    report = ag.gradcheck(wrong_square, np.array([-1.0, 3.0]), raise_exception=False)
    assert not report and [m.input_index for m in report.mismatches] == [(0,)]


def test_only_some_mismatches_are_spelled_out():
    report = ag.gradcheck(wrong_square, -np.ones(9), raise_exception=False)
    assert len(report.mismatches) == 9 and "… and 4 more" in str(report)


def test_constants_are_not_differentiated():
    frozen = ag.tensor([1.0])
    report = ag.gradcheck(lambda x, y, n: x * np.exp(y) * n, np.ones(1), frozen, 3)
    assert report.compared == 1
    with pytest.raises(ValueError, match="no input can be differentiated"):
        ag.gradcheck(lambda x: x, frozen)


def test_trees_and_pytorchs_tuple_of_inputs():
    parameters = {"w": np.ones((2, 2)), "b": [np.zeros(2)]}
    assert ag.gradcheck(lambda p: np.tanh(p["w"] @ p["b"][0] + p["b"][0]), parameters)
    assert ag.gradcheck(lambda a, b: a * b, (np.ones(2), np.ones(2)))
    assert ag.gradcheck(lambda pair: pair[0] * pair[1], (np.ones(2), np.ones(2)))
    report = ag.gradcheck(lambda p: wrong_square(p["w"]), {"w": -np.ones(1)}, raise_exception=False)
    assert "d input 0['w'][0]" in str(report)


def test_a_kink_is_called_one():
    report = ag.gradcheck(lambda x: ag.relu(x - 1), np.array([1.0 + 3e-7]), raise_exception=False)
    assert not report and "a kink or a jump" in str(report)


def test_float32_is_told_to_be_float64():
    report = ag.gradcheck(np.tanh, np.array([0.3], np.float32), raise_exception=False)
    assert "input 0 is float32: differences need double precision; give it as np.float64" in str(report)


def test_a_function_that_is_not_deterministic_is_noticed():
    generator = np.random.default_rng(0)
    with pytest.raises(ag.GradcheckError, match="not deterministic"):
        ag.gradcheck(lambda x: x * generator.random(), np.ones(2))


def test_a_detached_output_is_noticed():
    with pytest.raises(ag.GradcheckError, match="output has no history"):
        ag.gradcheck(lambda x: (x * 2).detach(), np.ones(2))


def test_0d_empty_and_unused_inputs():
    assert ag.gradcheck(lambda x: x**2, 1.5)
    assert ag.gradcheck(lambda x, y, z: y * 2, np.zeros((0, 3)), np.ones(2), np.ones(2))
    assert ag.gradgradcheck(lambda x, y, z: y * 2, np.zeros((0, 3)), np.ones(2), np.ones(2))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.astype(int),
        lambda x: x > 0,
        lambda x: {"a": np.argmax(x), "b": None},
        lambda x: x[:0],
        lambda x: np.fft.fft(x)[:0],
        lambda x: (),
    ],
)
@pytest.mark.parametrize("check", [ag.gradcheck, ag.gradgradcheck])
def test_a_check_that_has_compared_nothing_fails(check, f):
    with pytest.raises(ag.GradcheckError, match="nothing was compared"):
        check(f, np.ones(3))
    assert not check(f, np.ones(3), raise_exception=False)


def test_second_derivatives():
    a = np.random.default_rng(0).standard_normal((2, 2))
    assert ag.gradgradcheck(lambda a, b: (np.tanh(a @ b), a), a, a.T)
    assert ag.gradgradcheck(lambda p: np.exp(p["a"]), {"a": a})
    assert ag.gradcheck(wrong_only_in_second_order, a)
    with pytest.raises(ag.GradcheckError, match=r"d output\[0\]\[0\] / d input 0\[0\]"):
        ag.gradgradcheck(wrong_only_in_second_order, np.array([1.0]))


def test_inputs_are_left_alone():
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    ag.gradcheck(np.exp, x)
    assert x.grad is None
    np.testing.assert_array_equal(x.data, [1, 2])
