"""Expressions on the command line: computed like Python's, without ever running anything that could be code."""

import math
import shutil

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.cli.command import main
from autograd_lite.cli.expressions import FUNCTIONS, ExpressionError, evaluate, values_of


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("tanh(x*w + b)", {"x": 2, "w": -3, "b": 6.88}, math.tanh(0.88)),
        ("-x**2 / (1 - +x)", {"x": 3.0}, 4.5),
        ("2**x", {"x": 3}, 8),
        ("sum(w @ x)", {"w": [[1, 2], [3, 4]], "x": [1, -1]}, -2),
        ("maximum(x, 2) + relu(-x) + abs(x)", {"x": -1.5}, 5),
        ("sin(pi * x) + log(e * x)", {"x": 1.0}, 1),
        (" x ", {"x": 1.0}, 1),
    ],
)
def test_values_are_pythons(text, values, expected):
    assert float(evaluate(text, values)) == pytest.approx(expected)


def test_gradients_and_names_are_there():
    y = evaluate("tanh(x*w + b)", {"x": 2, "w": -3, "b": 6.88})
    assert y.name == "tanh(x * w + b)"
    x = ag.tensor(2.0, requires_grad=True)
    evaluate("x*x", {"x": x}).backward()
    assert x.grad == 4


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_can_be_drawn(name):
    for arguments in ("x", "x, x"):
        try:
            y = evaluate(f"{name}({arguments})", {"x": [0.25, 0.5]})
        except ExpressionError as error:
            last = error
            continue
        assert ag.draw(y).source
        return
    raise last


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("__import__('os').system('true')", "not allowed"),
        ("x.__class__", "not allowed"),
        ("x[0]", "not allowed"),
        ("(lambda: x)()", "not allowed"),
        ("[x for x in x]", "not allowed"),
        ("x if x else x", "not allowed"),
        ("x < 1", "not allowed"),
        ("x and x", "not allowed"),
        ("(y := x)", "not allowed"),
        ("f'{x}'", "not allowed"),
        ("'a' * x", "not allowed"),
        ("True * x", "not allowed"),
        ("sum(x, axis=0)", "not allowed"),
        ("sum(*x)", "not allowed"),
        ("x ^ 2", r"power is written \*\*"),
        ("eval(x)", "no function 'eval'"),
        ("tahn(x)", "did you mean tan"),
        ("exp(x, 2)", "it takes 1 argument, not 2"),
        ("hypot(x)", "it takes 2 arguments, not 1"),
        ("max(x, 2)", "of two values there is maximum"),
        ("x + y", "y has no value"),
        ("x +", "is no expression"),
        ("", "is no expression|does not contain"),
        ("x; x", "is no expression"),
        ("x" + "+x" * 9_000, "too long"),
        ("(" * 3_000 + "x", "is no expression|nested"),
        ("-" * 5_000 + "x", "nested"),
        ("9**9**9**9 * x", "too large"),
        ("1" + "0" * 400 + "* x", "too large"),
        ("x / (0 * 1)", None),
        ("1 / 0 * x", "cannot compute 1 / 0"),
        ("tanh(x, x, x, x)", "cannot compute tanh"),
        ("solve(x)", "no function"),
        ("x \x00", "is no expression|null"),
    ],
)
def test_anything_else_is_refused_in_one_line(text, words):
    if words is None:
        assert evaluate(text, {"x": 1.0}).item() == math.inf
        return
    with pytest.raises(ExpressionError, match=words) as caught:
        evaluate(text, {"x": 1.0})
    assert len(str(caught.value)) < 700 and "\n" not in str(caught.value)


def test_values_must_be_used_and_numbers():
    with pytest.raises(ExpressionError, match="y has a value"):
        evaluate("x*x", {"x": 1.0, "y": 2.0})
    with pytest.raises(ExpressionError, match="depends on no value"):
        evaluate("1 + 2", {})
    with pytest.raises(ExpressionError, match="cannot compute w @ x"):
        evaluate("w @ x", {"w": [1, 2], "x": [1, 2, 3]})


@pytest.mark.parametrize(
    "argument",
    ["x", "=2", "x=", "2=x", "x y=1", "x=foo", "x=__import__('os')", "x=[[1],[2,3]]", "x='a'", "x=[]", "tanh=1"],
)
def test_what_gives_no_value_is_refused(argument):
    with pytest.raises(ExpressionError):
        values_of([argument])
    with pytest.raises(ExpressionError, match="given twice"):
        values_of(["x=1", "x=2"])


def test_the_command_lists_and_saves(capsys, tmp_path):
    assert main(["draw", "tanh(x*w + b)", "x=2", "w=-3", "b=6.8813735870195432"]) == 0
    assert "0.7071" in capsys.readouterr().out
    assert main(["draw", "x*x", "x=2", "-o", str(tmp_path / "a.dot")]) == 0
    assert (tmp_path / "a.dot").read_text().startswith("digraph")
    code = main(["draw", "x*x", "x=2", "-o", str(tmp_path / "a.svg")])
    assert code == (0 if shutil.which("dot") else 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x*x"], "x has no value"),
        (["x*x", "x=2", "-o", "a.jpg"], "saved as .svg"),
        (["x*x", "x=2", "-o", "/nonexistent/a.svg"], "no folder"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(capsys, arguments, words):
    assert main(["draw", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_arrays_of_values():
    np.testing.assert_array_equal(evaluate("x * 2", values_of(["x=[1, 2.5]"])).detach().numpy(), [2, 5])
