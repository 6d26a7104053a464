"""The colours of pictures look different to every eye, as Machado, Oliveira and Fernandes (2009) simulate it."""

import itertools

import numpy as np
import pytest

from autograd_lite.support.colours import FAILED, FAINT, NEGATIVE, NOT_FINITE, POSITIVE, ROLES, STRONG, ZERO, blend, ink
from autograd_lite.support.figure import COLOURS

VISIONS = {  # the matrices of severity 1, in linear RGB
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
NOTICED = 2.3  # the least difference in L*a*b* that is seen (Mahy, Van Eycken and Oosterlinck 1994)
visions = pytest.mark.parametrize("vision", VISIONS)


def linear(colour):
    """Linear red, green and blue, 0 to 1, of "#rrggbb" or of three bytes."""
    if isinstance(colour, str):
        colour = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    c = np.array(colour) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(colour, vision):
    """L*, a* and b* of a colour as an eye sees it."""
    seen = np.clip(np.array(VISIONS[vision]) @ linear(colour), 0, 1)
    t = TO_XYZ @ seen / TO_XYZ.sum(axis=1)
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(a, b, vision):
    """How different two colours look."""
    return float(np.linalg.norm(lab(a, vision) - lab(b, vision)))


@visions
def test_signs_look_different_at_every_magnitude(vision):
    for share in (0.25, 0.5, 0.75, 1.0):
        negative, positive = blend(ZERO, NEGATIVE, share), blend(ZERO, POSITIVE, share)
        assert distance(negative, positive, vision) > 60 * share
        assert min(distance(c, ZERO, vision) for c in (negative, positive)) > 25 * share


@visions
def test_a_larger_magnitude_is_darker(vision):
    for end in (NEGATIVE, POSITIVE):
        light = [lab(blend(ZERO, end, share), vision)[0] for share in np.linspace(0, 1, 9)]
        assert all(a > b for a, b in itertools.pairwise(light))
    assert lab(FAINT, vision)[0] - lab(STRONG, vision)[0] > 50


@visions
def test_lines_of_a_plot_look_different(vision):
    assert min(distance(a, b, vision) for a, b in itertools.combinations(COLOURS[:4], 2)) > 15


@visions
def test_what_is_wrong_looks_like_nothing_else(vision):
    usual = [*ROLES.values(), blend(ZERO, NEGATIVE, 1), blend(ZERO, POSITIVE, 1)]
    assert min(distance(NOT_FINITE, c, vision) for c in usual) > 5 * NOTICED
    assert min(distance(FAILED, c, vision) for c in usual) > 5 * NOTICED


@visions
def test_roles_look_different_and_have_a_word_in_the_legend_beside(vision):
    found = {pair: distance(ROLES[pair[0]], ROLES[pair[1]], vision) for pair in itertools.combinations(ROLES, 2)}
    assert not {pair: d for pair, d in found.items() if d < 1.5 * NOTICED}


@pytest.mark.parametrize("colour", [*ROLES.values(), FAILED, blend(ZERO, POSITIVE, 1), blend(ZERO, NEGATIVE, 1)])
def test_text_can_be_read_on_it(colour):
    lights = sorted((float(TO_XYZ[1] @ linear(c)) + 0.05 for c in (colour, ink(colour))), reverse=True)
    assert lights[0] / lights[1] >= 4.5
