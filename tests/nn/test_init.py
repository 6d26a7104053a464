"""Initial values: what is drawn, what is filled in place, and what is refused."""

import math

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.golden import load

CASES = load("init")


class Recorder:
    """A generator that notes the distribution it is asked for."""

    def __init__(self):
        self.asked = {}

    def uniform(self, low, high, shape):
        self.asked = {"low": low, "high": high}
        return np.zeros(shape)

    def normal(self, mean, std, shape):
        self.asked = {"mean": mean, "std": std}
        return np.zeros(shape)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_pytorchs_distributions(case):
    if case["function"] == "Linear":
        return  # what a layer draws: test_linear.py::test_it_starts_as_pytorchs_does
    function = getattr(nn.init, case["function"])
    if case["function"] == "calculate_gain":
        assert function(*case["arguments"]) == pytest.approx(case["result"]["gain"], rel=1e-12)
        return
    recorder = Recorder()
    function(nn.Parameter(np.ones(case["arguments"][0])), **case["settings"], generator=recorder)
    assert recorder.asked == pytest.approx(case["result"], rel=1e-12)


FILLS = [
    lambda t, g: nn.init.uniform_(t, -1, 1, g),
    lambda t, g: nn.init.normal_(t, generator=g),
    lambda t, g: nn.init.xavier_uniform_(t, generator=g),
    lambda t, g: nn.init.xavier_normal_(t, generator=g),
    lambda t, g: nn.init.kaiming_uniform_(t, generator=g),
    lambda t, g: nn.init.kaiming_normal_(t, generator=g),
    lambda t, g: nn.init.orthogonal_(t, generator=g),
    lambda t, g: nn.init.constant_(t, 0.5),
    lambda t, g: nn.init.zeros_(t),
]


@pytest.mark.parametrize("fill", FILLS)
def test_filling_is_in_place_repeatable_and_noticed(fill):
    parameter = nn.Parameter(np.ones((3, 4)))
    memory, graph = parameter.data, (parameter * parameter).sum()
    assert fill(parameter, np.random.default_rng(0)) is parameter
    assert parameter.data is memory
    assert parameter.dtype == np.float32
    assert not np.array_equal(memory, np.ones((3, 4)))
    with pytest.raises(RuntimeError, match="was changed after"):
        graph.backward()
    again = fill(nn.Parameter(np.ones((3, 4)), dtype=np.float64), np.random.default_rng(0))
    np.testing.assert_array_equal(again.data.astype(np.float32), memory)


def test_without_a_generator_the_packages_own_is_used():
    ag.manual_seed(5)
    first = nn.init.normal_(nn.Parameter(np.zeros(8))).tolist()
    ag.manual_seed(5)
    assert nn.init.normal_(nn.Parameter(np.zeros(8))).tolist() == first


def test_ones():
    assert nn.init.ones_(nn.Parameter([0.0, 0.0])).tolist() == [1, 1]


def test_the_moments_are_right():
    rng = np.random.default_rng(0)
    weight = nn.Parameter(np.zeros((400, 300)))
    nn.init.normal_(weight, 2.0, 0.5, rng)
    assert weight.data.mean() == pytest.approx(2, abs=0.01)
    assert weight.data.std() == pytest.approx(0.5, abs=0.01)
    nn.init.xavier_uniform_(weight, generator=rng)
    assert weight.data.std() == pytest.approx(math.sqrt(2 / 700), rel=0.01)
    nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=rng)
    assert weight.data.std() == pytest.approx(math.sqrt(2 / 300), rel=0.01)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (3, 2, 4), (6, 2, 2)])
def test_orthogonal_rows_or_columns(shape):
    weight = nn.init.orthogonal_(nn.Parameter(np.zeros(shape), dtype=np.float64), gain=2.0)
    matrix = weight.data.reshape(shape[0], -1)
    if matrix.shape[0] > matrix.shape[1]:
        matrix = matrix.T
    np.testing.assert_allclose(matrix @ matrix.T, 4 * np.eye(len(matrix)), atol=1e-12)


def test_orthogonal_matrices_are_drawn_uniformly():
    rng = np.random.default_rng(0)
    corner = [nn.init.orthogonal_(nn.Parameter(np.zeros((3, 3))), generator=rng).data[0, 0] for _ in range(2000)]
    assert np.mean(corner) == pytest.approx(0, abs=0.04)
    assert np.var(corner) == pytest.approx(1 / 3, abs=0.03)


def test_a_vector_has_no_fans():
    vector = nn.Parameter(np.zeros(3))
    for fill in (nn.init.xavier_uniform_, nn.init.xavier_normal_, nn.init.kaiming_uniform_, nn.init.orthogonal_):
        with pytest.raises(ValueError, match=r"at least the axes \(out, in\), and this tensor has shape \(3,\)"):
            fill(vector)


def test_unknown_settings_are_refused():
    weight = nn.Parameter(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="mode is 'fan_in' or 'fan_out', not 'fan'"):
        nn.init.kaiming_normal_(weight, mode="fan")
    with pytest.raises(ValueError, match="no gain is known for 'swish'"):
        nn.init.calculate_gain("swish")


def test_truncated_normal_numbers():
    weight = nn.Parameter(np.zeros((300, 300)))
    nn.init.trunc_normal_(weight, 1.0, 2.0, 0.0, 3.0, np.random.default_rng(0))
    assert weight.data.min() >= 0 and weight.data.max() <= 3
    assert weight.data.mean() == pytest.approx(1.4133, abs=0.01)
    with pytest.raises(ValueError, match="hardly any number"):
        nn.init.trunc_normal_(weight, a=5.0, b=6.0)


def test_the_identity():
    for shape in ((3, 3), (2, 4), (4, 2)):
        weight = nn.Parameter(np.full(shape, 7.0))
        assert nn.init.eye_(weight) is weight
        np.testing.assert_array_equal(weight.data, np.eye(*shape))


@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_filters_give_what_they_get(groups):
    layer = nn.Conv2d(4, 6, 3, padding=1, groups=groups, bias=False)
    nn.init.dirac_(layer.weight, groups)
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 5)).astype(np.float32)
    y = layer(x).data
    outputs, inputs = 6 // groups, 4 // groups
    for group in range(groups):
        given = x[:, group * inputs : (group + 1) * inputs]
        n = min(outputs, inputs)
        np.testing.assert_array_equal(y[:, group * outputs : group * outputs + n], given[:, :n])
    with pytest.raises(ValueError, match="filters have 3 to 5 axes"):
        nn.init.dirac_(nn.Parameter(np.zeros((2, 2))))
    with pytest.raises(ValueError, match="the identity is a matrix"):
        nn.init.eye_(layer.weight)
