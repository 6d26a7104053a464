"""Parameters as vectors, averages of models, weights as lengths and directions."""

import copy
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


def network():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


def test_parameters_become_a_vector_and_back():
    model, other = network(), network()
    vector = nn.utils.parameters_to_vector(model.parameters())
    assert vector.shape == (sum(p.size for p in model.parameters()),) and vector.requires_grad
    nn.utils.vector_to_parameters(vector, other.parameters())
    for p, q in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)
    with pytest.raises(ValueError, match="a vector for these parameters has the shape"):
        nn.utils.vector_to_parameters(np.zeros(3), other.parameters())


@pytest.mark.parametrize("decay", [None, 0.9])
def test_a_mean_of_models(decay):
    model = network()
    averaged = nn.utils.AveragedModel(model, decay)
    rng, seen = np.random.default_rng(0), []
    for _ in range(4):
        model(rng.normal(size=(5, 2)))
        for p in model.parameters():
            p.data = rng.normal(size=p.shape)
        averaged.update_parameters(model)
        seen.append(model.state_dict())
    expected = seen[0]["0.weight"]
    for state in seen[1:]:
        expected = 0.9 * expected + 0.1 * state["0.weight"]
    expected = expected if decay else np.mean([state["0.weight"] for state in seen], axis=0)
    state = averaged.state_dict()
    np.testing.assert_allclose(state["module.0.weight"], expected, rtol=1e-5)
    np.testing.assert_array_equal(state["module.1.running_mean"], seen[-1]["1.running_mean"])
    assert state["n_averaged"] == 4 and next(iter(state)) == "n_averaged"
    assert averaged.eval()(np.zeros((5, 2))).shape == (5, 1)
    with pytest.raises(ValueError, match="decay must lie"):
        nn.utils.AveragedModel(model, 2.0)


@pytest.mark.parametrize("dim", [0, 1, None])
def test_a_weight_as_length_and_direction(dim):
    layer = nn.Linear(3, 4, dtype=np.float64)
    before, x = layer(np.ones((2, 3))).data, np.ones((2, 3))
    assert nn.utils.weight_norm(layer, dim=dim) is layer
    assert list(layer.state_dict()) == ["bias", "weight_g", "weight_v"]
    assert layer.weight_g.shape == {0: (4, 1), 1: (1, 3), None: (1, 1)}[dim]
    np.testing.assert_allclose(layer(x).data, before)
    layer(x).sum().backward()
    assert abs((layer.weight_v.grad * layer.weight_v.data).sum()) < 1e-12  # no gradient along the direction
    assert layer.weight_g.grad is not None and not hasattr(layer, "weight")
    for again in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        np.testing.assert_array_equal(again(x).data, layer(x).data)
    compiled = ag.compile(lambda x: layer(x))
    for scale in (1, 2):
        np.testing.assert_array_equal(compiled(scale * x).data, layer(scale * x).data)
    with pytest.raises(TypeError, match="has no parameter 'weight'"):
        nn.utils.weight_norm(layer)
