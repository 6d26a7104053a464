"""Where boxes go: none overlaps another, arrows lead to the right, with `dot` and without."""

import re
import shutil

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.stepthrough.layout import HEIGHT, by_dot, by_layers, layout


def random_graph(seed):
    generator = np.random.default_rng(seed)
    count = int(generator.integers(1, 40))
    edges = [(int(a), b) for b in range(1, count) for a in generator.integers(0, b, int(generator.integers(0, 4)))]
    return generator.uniform(100, 250, count).tolist(), edges


def check(found, widths, edges):
    assert len(found.centres) == len(widths) and len(found.paths) == len(edges)
    for i, (x, y) in enumerate(found.centres):
        assert widths[i] / 2 <= x <= found.width - widths[i] / 2 + 1 and HEIGHT / 2 <= y <= found.height
        for j, (u, v) in enumerate(found.centres[:i]):
            assert abs(x - u) >= (widths[i] + widths[j]) / 2 - 1 or abs(y - v) >= HEIGHT - 1
    for (a, b), path in zip(edges, found.paths, strict=True):
        assert found.centres[a][0] < found.centres[b][0]
        numbers = list(map(float, re.findall(r"-?\d+", path)))
        assert abs(numbers[0] - (found.centres[a][0] + widths[a] / 2)) < 3
        assert abs(numbers[-2] - (found.centres[b][0] - widths[b] / 2)) < 3


@pytest.mark.parametrize("seed", range(12))
def test_layers(seed):
    widths, edges = random_graph(seed)
    check(by_layers(widths, edges), widths, edges)


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's dot is not installed")
@pytest.mark.parametrize("seed", range(3))
def test_dot(seed):
    widths, edges = random_graph(seed)
    check(by_dot(widths, edges), widths, edges)


def test_a_chain_is_straight():
    found = by_layers([100.0] * 5, [(i, i + 1) for i in range(4)])
    assert len({round(y) for _, y in found.centres}) == 1


def test_two_arrows_between_the_same_boxes_do_not_cover_each_other():
    found = by_layers([100.0, 100.0], [(0, 1), (0, 1)])
    assert found.paths[0] != found.paths[1]


def test_without_dot_the_page_is_complete(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert by_dot([100.0], []) is None
    x = ag.tensor(2.0, requires_grad=True, name="x")
    page = ag.step_through(np.tanh(x * x)).html
    assert page.count('class="node') == 3 and page.count('class="edge"') == 3


def test_a_dot_that_fails_is_no_harm(monkeypatch, tmp_path):
    broken = tmp_path / "dot"
    broken.write_text("#!/bin/sh\necho nonsense\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    check(layout([100.0, 100.0], [(0, 1)]), [100.0, 100.0], [(0, 1)])
