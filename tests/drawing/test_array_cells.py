"""Heat maps: each cell has the sign and the size of what lies under it."""

import re

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.drawing.array_cells import COLUMNS, ROWS, blocks, cell, heat_map, largest, shares, shown_shape
from autograd_lite.support.colours import NEGATIVE, POSITIVE, ZERO, blend, of_number

SHAPES = [(7,), (24,), (3, 5), (24, 3), (6, 12), (7, 13), (100, 1), (1, 100), (4, 3, 5, 20)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_a_cell_shows_the_extreme_of_its_block_of_each_sign(shape, seed):
    values = np.random.default_rng(seed).normal(size=shape) * np.random.default_rng(seed).integers(0, 2, shape)
    matrix = values.reshape(-1, shape[-1])
    low, high = blocks(values)
    scale = largest(values)
    assert low.shape == high.shape == (min(matrix.shape[0], ROWS), min(matrix.shape[1], COLUMNS))
    edges = [
        np.append(np.arange(n) * size // n, size) for n, size in zip(low.shape, matrix.shape, strict=True)
    ]  # fmt: skip
    for i in range(low.shape[0]):
        for j in range(low.shape[1]):
            under = matrix[edges[0][i] : edges[0][i + 1], edges[1][j] : edges[1][j + 1]]
            shown = shares(low[i, j], high[i, j], scale)
            assert max(map(abs, shown)) == pytest.approx(np.abs(under).max() / scale if scale else 0.0)
            assert {np.sign(v) for v in shown} >= {np.sign(v) for v in under.ravel() if v}


def test_what_alternates_is_not_white_and_a_note_says_what_is_shown():
    text = heat_map(np.array([1.0, -1.0] * 12))
    assert text.count(of_number(1.0)) == text.count(of_number(-1.0)) == 12
    assert shown_shape(np.zeros(24)) == "24, shown 12" and shown_shape(np.zeros((24, 3))) == "24 × 3, shown 6 × 3"
    assert "24 × 3, shown 6 × 3" in cell("value", np.arange(72.0).reshape(24, 3), True)
    assert not shown_shape(np.zeros((6, 12))) and not shown_shape(np.zeros((2, 2, 5)))


def test_one_scale_for_the_whole_array():
    values = np.zeros((60, 12))
    values[0, 0], values[59, 11] = 4.0, -1.0
    text = heat_map(values)
    assert of_number(1.0) in text and of_number(-0.25) in text


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_block_with_something_not_finite_says_so(bad):
    values = np.ones((60, 24))
    values[31, 5] = bad
    assert heat_map(values).count("#ff00ff") == 1


def luminance(colour):
    return sum(w * int(colour[i : i + 2], 16) for w, i in ((0.2126, 1), (0.7152, 3), (0.0722, 5)))


def test_the_larger_the_darker_and_the_sign_is_written():
    for sign in (1, -1):
        tones = [luminance(of_number(sign * t)) for t in np.linspace(0, 1, 11)]
        assert tones == sorted(tones, reverse=True)
    assert heat_map(-np.arange(1.0, 8)).count("–") == 7 and "–" not in heat_map(np.arange(7.0))


# What the cones of who lacks one kind see (Viénot, Brettel and Mollon 1999), in linear light.
BLIND = {
    "protanopia": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranopia": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}


@pytest.mark.parametrize("kind", BLIND)
def test_the_signs_stay_apart_for_every_eye(kind):
    ends = [np.array(BLIND[kind]) @ (np.array(end) / 255.0) ** 2.2 for end in (NEGATIVE, POSITIVE, ZERO)]
    distances = [np.abs(a - b).max() for i, a in enumerate(ends) for b in ends[:i]]
    assert min(distances) > 0.3
    assert blend(ZERO, POSITIVE, 1.0) == of_number(1.0)


def test_labels_are_not_one_colour_without_a_word():
    x = ag.tensor(np.array([0.0, 1.0, 0.0, 1.0] * 6), requires_grad=True, name="labels")
    assert re.search("24, shown 12", ag.draw(x * 2.0).source)
