"""Every layer of one input that was recorded: PyTorch's numbers, call by call, and compiled the same bits."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.golden import load
from tests.nn.layers import check_calls, made

LAYERS = load("layers")
IMAGES = load("images")
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
    eager, compiled = found[: len(found) // 2], found[len(found) // 2 :]
    for expected, got in zip(eager, compiled, strict=True):
        for a, b in zip(expected, got, strict=True):
            np.testing.assert_array_equal(a, b, strict=True)
