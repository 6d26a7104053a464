"""`diagnose_gradient` says what is wrong with the hand-written gradients of the five articles, and others."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import diagnose_gradient


def verdict(f, hand_gradient, x):
    result = diagnose_gradient(f, hand_gradient, x)
    assert bool(result) == result.correct == result.verdict.startswith("correct")
    return result.verdict


# The articles, as printed and corrected.

X0, Y0 = np.array([[1], [2], [3], [4]]), np.array([2, 4, 6, 8])
ORIGIN = (np.zeros(1), np.zeros(1))


def mse(X, y):
    return lambda parameters: np.mean((y - (X @ parameters[0] + parameters[1])) ** 2)


def test_000_as_printed_cannot_multiply():
    def hand(parameters):
        y_pred = np.dot(X0, parameters[0]) + parameters[1]
        return -(2 / len(Y0)) * np.dot(y_pred - Y0, X0.T), -(2 / len(Y0)) * np.sum(y_pred - Y0)

    assert verdict(mse(X0, Y0), hand, ORIGIN).startswith("it raises ValueError: shapes (4,) and (1,4) not aligned")


def test_000_with_its_names_as_printed():
    def hand(parameters):
        return y_true - parameters[0], 0.0  # noqa: F821

    assert verdict(mse(X0, Y0), hand, ORIGIN) == "it raises NameError: name 'y_true' is not defined"


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (-2, "wrong sign everywhere"),
        (2, "correct to 1e-15"),
        (1, "off by the constant factor 0.5 (a factor 2 is missing"),
    ],
)
def test_000_made_to_multiply(factor, expected):
    def hand(w, b):
        residual = X0 @ w + b - Y0
        return factor / 4 * X0.T @ residual, factor / 4 * np.sum(residual, keepdims=True)

    assert verdict(mse(X0, Y0), hand, ORIGIN).startswith(expected)


def article_001():
    generator = np.random.RandomState(1)
    X = generator.rand(100, 1)
    y = 3 * X + generator.rand(100, 1)
    return X, y, generator.rand(1, 1)


def test_001_climbs_and_lacks_the_2():
    X, y, theta = article_001()
    loss = lambda theta: np.mean((X @ theta - y) ** 2)
    printed = lambda theta: (1 / 100) * X.T @ (y - X @ theta)
    assert verdict(loss, printed, theta) == (
        "wrong sign everywhere and off by the constant factor 0.5 (a factor 2 is missing)"
    )
    assert verdict(loss, lambda theta: (2 / 100) * X.T @ (X @ theta - y), theta).startswith("correct to 1e-1")


def test_002_forgets_the_factor_x():
    x, y = np.array([[1], [2], [3], [4]]), np.array([1, 2, 3, 4])
    loss = lambda theta: np.mean((y - x @ theta) ** 2)
    printed = lambda theta: (x @ theta - y) / len(y)
    assert verdict(loss, printed, np.zeros(1)) == (
        "shape (4,), expected (1,): the factor that is data of shape (4, 1) is missing: its transpose @ this would fit"
    )
    assert verdict(loss, lambda theta: 2 * x.T @ printed(theta), np.zeros(1)).startswith("correct")


def article_003():
    x = np.random.default_rng(0).standard_normal((5, 2))
    y = x @ np.array([1.0, 2.0]) + 0.5
    return x, y, lambda p: 0.5 * np.sum((y - (x @ p[0] + p[1])) ** 2)


def test_003_the_text_lacks_the_minus():
    x, y, loss = article_003()

    def text(parameters):
        residual = y - (x @ parameters[0] + parameters[1])
        return x.T @ residual, np.sum(residual)

    assert verdict(loss, text, (np.zeros(2), 0.0)) == "wrong sign everywhere"
    assert verdict(loss, lambda p: tuple(-part for part in text(p)), (np.zeros(2), 0.0)).startswith("correct")


def test_003_the_code_cannot_be_broadcast_and_with_a_column_is_a_table():
    x, y, loss = article_003()

    def code(x, y):
        def hand(w, b):
            y_predicted = np.dot(x, w) + b
            return (1 / 5) * np.sum((y_predicted - y) * x, axis=0), (1 / 5) * np.sum(y_predicted - y)

        return hand

    with_row = verdict(loss, code(x, y), (np.zeros(2), 0.0))
    assert with_row.startswith("it raises ValueError: operands could not be broadcast together with shapes (5,) (5,2)")
    with_column = verdict(loss, code(x, y[:, None]), (np.zeros(2), 0.0))
    assert with_column.startswith("it raises ValueError: operands could not be broadcast") and "(5,5)" in with_column
    one = x[:, :1]
    result = diagnose_gradient(
        lambda w, b: 0.5 * np.sum((y - (one @ w + b)) ** 2), code(one, y[:, None]), (np.zeros(1), 0.0)
    )
    assert result.verdict.startswith("x[0]: shape (5,), expected (1,)")
    assert any(
        "in the hand-written gradient, (5,) against (5, 1) in subtract broadcasts to (5, 5)" in n for n in result.notes
    )


def article_004():
    generator = np.random.RandomState(42)
    X = generator.rand(100, 1)
    return X, 3 * X + 2 + 0.5 * generator.randn(100, 1)


def test_004_as_printed_combines_all_with_all():
    X, y = article_004()
    printed = lambda theta: np.sum((y - X @ theta) * X)
    result = diagnose_gradient(lambda theta: 0.5 * np.sum((y - X @ theta) ** 2), printed, np.zeros(1))
    assert result.verdict.startswith("shape (), expected (1,)")
    assert "in the loss itself, (100, 1) against (100,) in subtract broadcasts to (100, 100)" in result.notes[0]
    assert "in the hand-written gradient, (100, 1) against (100,)" in result.notes[1]


def test_004_without_the_sum_and_corrected():
    X, y = article_004()
    loss = lambda theta: 0.5 * np.sum((y[:, 0] - X @ theta) ** 2)
    result = diagnose_gradient(loss, lambda theta: (y - X @ theta) * X, np.zeros(1))
    assert result.verdict == "shape (100, 100), expected (1,)"
    assert "(100,) against (100, 1) broadcasts to (100, 100)" in result.notes[0]
    assert verdict(loss, lambda theta: X.T @ (y[:, 0] - X @ theta), np.zeros(1)) == "wrong sign everywhere"
    assert verdict(loss, lambda theta: -X.T @ (y[:, 0] - X @ theta), np.zeros(1)).startswith("correct")


def test_004_prints_the_cross_entropy_for_its_gradient():
    generator = np.random.default_rng(0)
    X, labels = generator.standard_normal((8, 3)), (generator.random(8) > 0.5) * 1.0

    def loss(theta):
        p = 1 / (1 + np.exp(-(X @ theta)))
        return np.mean(-labels * np.log(p) - (1 - labels) * np.log(1 - p))

    theta = np.array([0.1, 0.2, 0.3])
    assert verdict(loss, loss, theta) == "shape (), expected (3,); this is the loss itself, not its gradient"
    assert verdict(loss, lambda t: np.full(3, loss(t)), theta) == "this is the loss itself, not its gradient"
    right = lambda t: X.T @ (1 / (1 + np.exp(-(X @ t))) - labels) / 8
    assert verdict(loss, right, theta).startswith("correct")
    lacking = verdict(loss, lambda t: 8 * right(t), theta)
    assert lacking.startswith(
        "off by the constant factor 8 (the 1/n of a mean is missing: n = 8 is a length of the data"
    )
    assert "divided by n once too often" in verdict(loss, lambda t: right(t) / 8, theta)


# What else goes wrong when one derives by hand.

POINT = np.array([1.0, -2.0, 3.0, 0.5])
square = lambda x: np.sum(x**2)


def test_digits_are_counted():
    assert verdict(square, lambda x: 2 * x * (1 + 3e-10), POINT) == "correct to 1e-9"
    assert verdict(square, lambda x: 2 * x, 3.0) == "correct to 1e-15"


def test_single_components():
    def hand(x):
        g = 2 * x
        g[1] *= -1
        return g

    assert verdict(square, hand, POINT) == "wrong in component 1 only: wrong sign"
    matrix = POINT.reshape(2, 2)

    def one_element(x):
        g = 2 * x
        g[1, 0] = 7.0
        return g

    assert verdict(square, one_element, matrix).startswith("wrong in component [1, 0] only")


def test_one_part_of_several():
    loss = lambda p: np.sum(p["w"] ** 2) * p["b"]
    hand = lambda p: {"w": 2 * p["w"] * p["b"], "b": -np.sum(p["w"] ** 2)}
    assert verdict(loss, hand, {"w": POINT, "b": 2.0}) == "x['w']: correct; x['b']: wrong sign everywhere"


def test_offset_penalty_transpose_zero():
    assert verdict(square, lambda x: 2 * x + 1, POINT).startswith("differs by a constant offset (1)")
    penalised = lambda x: np.sum(np.exp(x)) + 0.05 * np.sum(x**2)
    assert verdict(penalised, np.exp, POINT) == "differs by -0.1 times x: the gradient of a squared penalty is missing"
    A = np.random.default_rng(0).standard_normal((3, 3))
    assert verdict(lambda x: np.sum(np.exp(x) * A), lambda x: (np.exp(x) * A).T, A) == "transposed"
    B = A[:, :2]
    assert verdict(lambda x: np.sum(x * B), lambda x: B.T, B) == (
        "shape (2, 3), expected (3, 2): transposed; the numbers are right"
    )
    assert verdict(square, np.zeros_like, POINT) == "zero everywhere"


def test_a_missing_sum():
    x = np.random.default_rng(0).standard_normal((6, 2))
    loss = lambda b: np.sum(np.exp(x + b))
    assert verdict(loss, lambda b: np.exp(x + b), np.zeros(2)) == (
        "shape (6, 2), expected (2,): the sum or mean over axis 0 is missing"
    )


def test_not_finite():
    assert verdict(square, lambda x: np.where(x < 0, np.nan, 2 * x), POINT) == "not finite: NaN in component 1"
    assert verdict(square, lambda x: x * np.inf, 1.0) == "not finite: infinite"


def test_wrong_structure():
    loss = lambda p: p[0] * p[1]
    assert verdict(loss, lambda p: p[0], (1.0, 2.0)) == "it gives 1 array, expected 2: x[0], x[1]"


def test_nothing_is_concluded_from_one_point():
    def only_here(x):
        if not np.array_equal(x, POINT[:1]):
            raise ValueError
        return 6 * x

    result = diagnose_gradient(square, only_here, POINT[:1])
    assert result.verdict == "wrong; in which way cannot be told from one point"
    assert "compared at 1 point only" in result.notes[0]


def test_a_factor_at_one_point_is_not_taken_for_a_constant_one():
    assert "no simple way" in verdict(square, lambda x: x**3, np.array([2.0]))


def test_the_gradients_and_the_text_are_there():
    result = diagnose_gradient(square, lambda x: -2 * x, POINT)
    np.testing.assert_array_equal(result.engine, 2 * POINT)
    np.testing.assert_array_equal(result.hand, -2 * POINT)
    assert repr(result).startswith("Diagnosis: wrong sign everywhere\n  engine: [ 2. -4.  6.  1.]\n  hand:   [-2.")


def test_the_loss_must_be_one_number():
    with pytest.raises(ValueError, match=r"the loss must be one number, and f gives shape \(4,\)"):
        diagnose_gradient(lambda x: x**2, lambda x: 2 * x, POINT)


def test_the_point_is_left_alone_and_may_be_tensors():
    def hand(x):
        x *= 2
        return x

    point = POINT.copy()
    assert diagnose_gradient(square, hand, point)
    np.testing.assert_array_equal(point, POINT)
    assert diagnose_gradient(square, lambda x: 2 * x, ag.tensor(POINT, requires_grad=True))


def test_a_tuple_is_spread_only_where_it_must_be():
    right = lambda p: (2 * p[0],)
    assert diagnose_gradient(lambda p: np.sum(p[0] ** 2), right, (POINT,))
    assert diagnose_gradient(lambda p, scale=1.0: p[0] * p[1] * scale, lambda a, b: (b, a), (2.0, 3.0))
    assert diagnose_gradient(square, lambda x: 2 * x, [1.0, 2.0])


def test_where_the_hand_written_gradient_is_not_defined_is_passed_over():
    def hand(x):
        assert (x > 0.95).all()
        return 2 * x

    assert diagnose_gradient(square, hand, np.ones(1))
