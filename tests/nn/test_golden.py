"""Every layer of one input that was recorded: PyTorch's numbers, call by call, and compiled the same bits."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.compiler.check import values
from tests.golden import load
from tests.nn.layers import check_calls, made

LAYERS = load("layers")
IMAGES = load("images")
ACTIVATIONS = load("activations")
every_case = pytest.mark.parametrize("case", LAYERS + IMAGES, ids=lambda case: case["name"])


@every_case
def test_pytorchs_numbers_call_by_call(case):
    check_calls(case)


@every_case
def test_compiled_it_gives_the_same_bits(case):
    found = []
    for change in (lambda f: f, lambda f: ag.compile(f, keep_grads=True)):
        layer, one = made(case), ag.tensor(1.0, requires_grad=True)

        def weighted(x, seed, layer=layer, one=one):
            layer.zero_grad()
            y = layer(x * one)  # so that there is something to differentiate where a layer has no parameters
            (y * seed).sum().backward()
            return y

        run = change(weighted)
        for call in case["calls"]:
            layer.train(call["training"])
            y = run(call["input"], call["seed"])
            found.append([y.data, *[p.grad for p in layer.parameters()], *[b.data for b in layer.buffers()]])
            found[-1] = [a.copy() for a in found[-1]]
    check_halves(found)


@pytest.mark.parametrize("case", ACTIVATIONS, ids=lambda case: case["name"])
def test_a_compiled_activation_gives_the_same_bits(case):
    found = []
    for change in (lambda f: f, ag.compile):
        activation = getattr(nn, case["activation"])(**case["settings"])
        value_and_slope = change(lambda x, seed, f=activation: ag.vjp(f, x)[0:1] + ag.vjp(f, x)[1](seed))
        found.append([values(a) for a in value_and_slope(case["input"], case["seed"])])
    check_halves(found)


def check_halves(found):
    """What compiled calls gave, the second half, is what eager ones gave."""
    eager, compiled = found[: len(found) // 2], found[len(found) // 2 :]
    for expected, got in zip(eager, compiled, strict=True):
        for a, b in zip(expected, got, strict=True):
            np.testing.assert_array_equal(a, b, strict=True)
