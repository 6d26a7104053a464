"""The passes: which calls remain, and that what remains gives the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_lite.compiler.ir.forms import changed
from autograd_lite.compiler.ir.program import Call, Program, Variable
from autograd_lite.compiler.passes import PASSES, optimized
from autograd_lite.compiler.passes.algebra import simplified
from autograd_lite.compiler.passes.common_subexpressions import without_repetition
from autograd_lite.compiler.passes.constant_folding import LARGEST, with_constants_folded
from autograd_lite.compiler.passes.dead_code import without_dead_code
from autograd_lite.compiler.passes.equivalents import POWERS, same_bits, with_cheaper_equivalents
from tests.compiler.programs import EDGES, names, numbers, remaining, traced


def test_a_program_without_anything_to_improve_stays_as_it_is() -> None:
    x = numbers(3, 4)
    assert remaining(optimized, lambda x: np.tanh(x) * x, x) == ["tanh", "multiply"]
    assert PASSES[-1] is without_dead_code


# Dead code.


def test_what_nobody_reads_is_not_computed() -> None:
    def f(x: Any) -> Any:
        np.exp(np.sin(x))
        return np.tanh(x)

    assert remaining(without_dead_code, f, numbers(3)) == ["tanh"]


def test_random_numbers_are_drawn_even_if_nobody_reads_them() -> None:
    generator = np.random.default_rng(0)

    def f(x: Any) -> Any:
        x.tracer.draw(generator, (3,), np.dtype(np.float32))
        return x + x.tracer.draw(generator, (3,), np.dtype(np.float32))

    assert names(optimized(traced(f, numbers(3)))) == ["draw", "draw", "add"]


# Common subexpressions.

REPEATED = {
    "a function": (lambda x: np.exp(x) + np.exp(x), ["exp", "add"]),
    "a chain": (lambda x: np.exp(x * 2) + np.exp(x * 2), ["multiply", "exp", "add"]),
    "a slice": (lambda x: x[1:3] + x[1:3], ["get_item", "add"]),
    "another slice": (lambda x: x[1:3] + x[0:2], ["get_item", "get_item", "add"]),
    "settings": (lambda x: np.add.reduce(x, axis=0) + np.add.reduce(x, axis=0), ["reduce", "add"]),
    "other settings": (lambda x: np.add.reduce(x, axis=0) + np.add.reduce(x, axis=None), ["reduce", "reduce", "add"]),
    "0 and -0": (lambda x: (x * 0.0) / (x * -0.0), ["multiply", "multiply", "divide"]),
    "1 and 1.0": (lambda x: (x + 1) * (x + 1.0), ["add", "add", "multiply"]),
    "1 and True": (lambda x: (x + 1) * (x + True), ["add", "add", "multiply"]),
    "equal constants": (lambda x: (x + np.float32(3)) * (x + np.float32(3)), ["add", "multiply"]),
    "constants of two types": (
        lambda x: (x + np.float32(3)) * (x + np.float64(3)),
        ["add", "add", "multiply"],
    ),
}


@pytest.mark.parametrize("case", REPEATED)
def test_equal_calls_are_made_once(case: str) -> None:
    f, calls = REPEATED[case]
    assert remaining(without_repetition, f, numbers(4)) == calls


def test_what_an_assignment_has_changed_is_another_array() -> None:
    def f(x: Any) -> Any:
        y = x * 2
        before = np.exp(y)
        y[0] = 5.0
        return before + np.exp(y)

    assert remaining(without_repetition, f, numbers(4)) == ["multiply", "exp", "set_item", "exp", "add"]


def test_draws_are_never_merged() -> None:
    def f(x: Any) -> Any:
        generator = np.random.default_rng(0)
        return x.tracer.draw(generator, (3,), x.dtype) + x.tracer.draw(generator, (3,), x.dtype)

    assert names(without_repetition(traced(f, numbers(3)))) == ["draw", "draw", "add"]


def test_two_results_do_not_become_one_array() -> None:
    assert remaining(optimized, lambda x: (np.exp(x), np.exp(x)), numbers(3)) == ["exp", "exp"]
    assert remaining(optimized, lambda x: (np.exp(x), np.exp(x)[0:2] * 2), numbers(3)) == [
        "exp",
        "get_item",
        "multiply",
    ]


def test_the_operands_of_a_product_do_not_become_one_array() -> None:
    x = np.random.default_rng(0).normal(size=(17, 33))
    for product in (np.dot, np.matmul):
        calls = remaining(optimized, lambda x, product=product: product(np.sin(x), np.sin(x).T), x)
        assert calls == ["sin", "sin", "transpose", product.__name__]


# Constant folding.


def test_what_is_made_of_constants_is_computed_once_and_for_all() -> None:
    a = numbers(4)
    assert remaining(with_constants_folded, lambda x: x * np.exp(x.tracer.copied(a) + 1), numbers(4)) == ["multiply"]


def test_what_depends_on_shapes_only_is_a_constant() -> None:
    assert remaining(with_constants_folded, lambda x: np.maximum(x, np.zeros_like(x)), numbers(4)) == ["maximum"]
    assert remaining(optimized, lambda x: np.exp(x) * np.ones_like(x), numbers(4)) == ["exp"]


def test_zeros_to_assign_to_stay_a_fill() -> None:
    def f(x: Any) -> Any:
        y, z = np.zeros_like(x), np.zeros_like(x)
        y[1:] = x[1:]
        np.add.at(z, np.array([0, 0]), x[0:2])
        return y * z

    assert remaining(optimized, f, numbers(4)).count("zeros_like") == 2


def test_nothing_large_and_no_result_is_folded() -> None:
    large = np.zeros(LARGEST + 1, np.float32)
    assert names(optimized(traced(lambda x: x + np.exp(large + x.tracer.copied(large))[-1:], numbers(1)))) == [
        *("add", "exp", "get_item", "add"),
    ]
    assert remaining(optimized, lambda x: x.tracer.copied(EDGE_ARRAY), numbers(3)) == ["copy"]


EDGE_ARRAY = np.array(EDGES)


# Algebra.

UNCHANGED = {
    "x.T.T": lambda x: x.T.T,
    "three axes": lambda x: x.reshape(2, 3, 4).transpose(1, 2, 0).transpose(2, 0, 1).reshape(6, 4),
    "x.reshape": lambda x: x.reshape(6, 4),
    "reshape of reshape": lambda x: x.reshape(-1).reshape(2, 12).reshape(6, 4),
    "x[...]": lambda x: x[...],
    "x[0:6]": lambda x: x[0:6],
    "x[:, 0:4]": lambda x: x[:, 0:4],
    "x * 1": lambda x: x * 1,
    "1.0 * x": lambda x: 1.0 * x,
    "x * ones": lambda x: x * np.ones(4, np.float32),
    "x / 1": lambda x: x / 1,
    "x ** 1": lambda x: x**1,
    "x - 0": lambda x: x - 0.0,
    "-(-x)": lambda x: np.negative(-x),
    "+x": lambda x: +x,
    "copy": lambda x: x.copy(),
    "astype": lambda x: x.astype(np.float32),
    "broadcast_to": lambda x: np.broadcast_to(x, (6, 4)),
}


@pytest.mark.parametrize("case", UNCHANGED)
def test_what_changes_nothing_goes(case: str) -> None:
    f = UNCHANGED[case]
    assert remaining(simplified, lambda x: np.exp(f(x)), numbers(6, 4)) == ["exp"]
    assert remaining(simplified, lambda x: np.exp(f(np.sin(x))), numbers(6, 4)) == ["sin", "exp"]


DIFFERENT = {
    "x + 0 turns -0": lambda x: x + 0.0,
    "0 - x is not -x": lambda x: 0.0 - x,
    "x - -0": lambda x: x - -0.0,
    "x * -1": lambda x: x * -1,
    "another dtype": lambda x: x * np.ones(4),
    "another shape": lambda x: x[0:1] * np.ones((6, 4), np.float32),
    "astype": lambda x: x.astype(np.float64),
    "a part": lambda x: x[0:5],
    "backwards": lambda x: x[::-1],
    "-(a - b)": lambda x: -(x - x.T.reshape(6, 4)),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_changes_a_bit_stays(case: str) -> None:
    f = DIFFERENT[case]
    assert len(remaining(simplified, lambda x: np.exp(f(x)), numbers(6, 4))) > 1


def test_a_complex_factor_of_one_stays() -> None:
    x = np.array([complex(np.inf, 1.0)])
    assert remaining(simplified, lambda x: x * 1, x) == ["multiply"]


def test_a_copy_that_lies_otherwise_in_memory_stays() -> None:
    x = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32)
    assert remaining(simplified, lambda x: np.add.reduce(x[:, 3:37].copy(), axis=None), x)[1] == "copy"
    assert remaining(simplified, lambda x: np.add.reduce(x.T.copy("K"), axis=0), x) == ["transpose", "reduce"]
    assert "copy" in remaining(simplified, lambda x: np.dot(np.broadcast_to(x[0], (9, 40)).copy(), x.T), x)


SHORTER = {
    "a + -b": (lambda a, b: a + -b, ["subtract"]),
    "-a + b": (lambda a, b: -a + b, ["subtract"]),
    "1 + -b": (lambda a, b: a * (1 + -b), ["subtract", "multiply"]),
    "a - -b": (lambda a, b: a - -b, ["add"]),
    "two transposes": (
        lambda a, b: a.reshape(2, 3, 4).transpose(1, 2, 0).transpose(1, 2, 0),
        ["reshape", "transpose"],
    ),
    "two reshapes": (lambda a, b: a.reshape(-1).reshape(8, 3) * 2, ["reshape", "multiply"]),
    "broadcast": (lambda a, b: a * np.broadcast_to(b[0], (6, 4)), ["get_item", "multiply"]),
    "only broadcast": (
        lambda a, b: np.broadcast_to(b[0], (6, 4)) * np.broadcast_to(a[0], (6, 4)),
        ["get_item", "get_item", "broadcast_to", "multiply"],
    ),
}


@pytest.mark.parametrize("case", SHORTER)
def test_two_calls_become_one(case: str) -> None:
    f, calls = SHORTER[case]
    assert remaining(simplified, f, numbers(6, 4), numbers(6, 4)[::-1].copy()) == calls


def test_what_is_assigned_to_a_whole_array_is_the_array() -> None:
    def f(x: Any, y: Any) -> Any:
        z = x * 2
        z[0:6] = y * 3
        return np.exp(z)

    assert remaining(simplified, f, numbers(6), numbers(6)) == ["multiply", "exp"]

    def g(x: Any) -> Any:
        z = x * 2
        z[:] = 1.0
        return np.exp(z)

    assert remaining(simplified, g, numbers(6)) == ["multiply", "set_item", "exp"]


# What leaves a program has memory of its own.


def test_a_result_is_no_cell() -> None:
    assert remaining(optimized, lambda x: x.copy(), numbers(3)) == ["copy"]
    assert remaining(optimized, lambda x: x.copy()[0:2], numbers(3)) == ["copy", "get_item"]
    assert remaining(optimized, lambda x: x * 1, numbers(3)) == ["multiply"]
    assert remaining(optimized, lambda x: np.exp(x).copy(), numbers(3)) == ["exp"]


def test_cells_that_exchange_their_contents_do_it_through_copies() -> None:
    program = traced(lambda x, y: (x.copy(), y.copy()), numbers(3), numbers(3))
    x, y = program.inputs
    program.writes, program.outputs = [(y, program.outputs[0]), (x, program.outputs[1])], []
    assert names(optimized(program)) == ["copy", "copy"]


def changed_in_between(f: Callable[..., Any], g: Callable[..., Any]) -> Program:
    """The program of `f` before, and of `g` after a call that changes its argument in place."""

    def double(x: Any) -> None:
        x *= 2

    def whole(x: Any) -> Any:
        before = f(x)
        done = Variable("call", None, None)
        call = Call(double, (x.current(),), {}, done)
        call.fixed = True
        x.tracer.append(call)
        x.variable = x.tracer.enter(changed, (x, x.tracer.symbol(None, done)), {}, x.value)
        x.variable.call.view = True
        return g(before, x)

    return traced(whole, numbers(3))


def test_what_is_changed_in_place_is_not_read_later_than_before() -> None:
    copied = changed_in_between(lambda x: x.copy(), lambda before, x: np.exp(before))
    assert names(optimized(copied)) == ["copy", "double", "exp"]
    negated = changed_in_between(lambda x: -x, lambda before, x: np.exp(x) + before)
    assert names(optimized(negated)) == ["negative", "double", "changed", "exp", "add"]
    difference = changed_in_between(lambda x: -x, lambda before, x: x + before)
    assert names(optimized(difference)) == ["negative", "double", "changed", "add"]
    repeated = changed_in_between(lambda x: np.exp(x[0:2]), lambda before, x: np.exp(x[0:2]) + before)
    assert names(optimized(repeated)).count("exp") == 2


# Cheaper equivalents.

EQUIVALENTS = {
    "sum": (lambda x: np.sum(x), ["reduce"]),
    "sum over an axis": (lambda x: np.sum(x, 1, keepdims=True), ["reduce"]),
    "sum in float64": (lambda x: np.sum(x, axis=(0, 2), dtype=np.float64), ["reduce"]),
    "max": (lambda x: np.max(x, axis=-1), ["reduce"]),
    "min": (lambda x: np.min(x), ["reduce"]),
    "prod": (lambda x: np.prod(x, axis=0), ["reduce"]),
    "any": (lambda x: np.any(x, axis=0), ["reduce"]),
    "all": (lambda x: np.all(x), ["reduce"]),
    "mean": (lambda x: np.mean(x), ["reduce", "divide"]),  # the trace opens it
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), ["transpose"]),
    "swapaxes": (lambda x: np.swapaxes(x, axis1=0, axis2=1), ["transpose"]),
    "expand_dims": (lambda x: np.expand_dims(x, 1), ["reshape"]),
    "ravel": (lambda x: np.ravel(x), ["reshape"]),
    "ravel that copies": (lambda x: np.ravel(x.T), ["transpose", "ravel"]),
    "x ** 3": (lambda x: x**3, ["power"]),
    "2 ** x": (lambda x: 2**x, ["power"]),
}


@pytest.mark.parametrize("case", EQUIVALENTS)
def test_wrappers_are_replaced_by_what_they_call(case: str) -> None:
    f, calls = EQUIVALENTS[case]
    assert remaining(with_cheaper_equivalents, f, numbers(2, 3, 4)) == calls


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("exponent", [2, 2.0, 0.5, -1, -1.0])
def test_a_power_with_a_function_of_its_own(exponent: float, dtype: Any) -> None:
    x = numbers(1000, dtype=dtype)
    calls = remaining(with_cheaper_equivalents, lambda x: x**exponent, x)
    assert calls == [POWERS[exponent].__name__ if same_bits(float(exponent), x.dtype) else "power"]


def test_integers_and_small_floats_keep_their_powers() -> None:
    assert remaining(with_cheaper_equivalents, lambda x: x**2, np.arange(5)) == ["power"]
    assert remaining(with_cheaper_equivalents, lambda x: x**0.5, np.arange(5, dtype=np.float16)) == ["power"]
