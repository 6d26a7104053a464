"""Modules with several inputs or outputs, held against PyTorch's numbers, and their states."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.golden import load

CASES = load("modules")


def made(case, dtype=np.float64):
    """The module of a case with its parameters."""
    module = getattr(nn, case["layer"])(*case["arguments"], **case["settings"])
    if case["parameters"]:
        module.to(dtype)
    module.load_state_dict(case["parameters"], strict=False)
    assert [name for name, _ in module.named_parameters()] == list(case["parameters"])
    return module


def tensors(inputs, dtype=np.float64):
    """The floating inputs as leaves, and all inputs with these in their places."""
    if isinstance(inputs, tuple):
        parts = [tensors(part, dtype) for part in inputs]
        return [leaf for leaves, _ in parts for leaf in leaves], tuple(part for _, part in parts)
    if isinstance(inputs, np.ndarray) and inputs.dtype == np.float64:
        leaf = ag.tensor(inputs, dtype=dtype, requires_grad=True)
        return [leaf], leaf
    return [], inputs


def flat(outputs):
    return [x for part in outputs for x in flat(part)] if isinstance(outputs, tuple) else [outputs]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_pytorchs_values_and_gradients(case):
    module = made(case)
    leaves, inputs = tensors(case["inputs"])
    outputs = flat(module(*inputs, **case["called"]))
    for found, expected in zip(outputs, case["outputs"], strict=True):
        np.testing.assert_allclose(found.data, expected, rtol=1e-10, atol=1e-13)
    everything = [*leaves, *module.parameters()]
    found = ag.autograd.grad(outputs, everything, case["seeds"], allow_unused=True)
    for g, (name, expected) in zip(found, case["gradients"].items(), strict=True):
        np.testing.assert_allclose(0 if g is None else g, expected, rtol=1e-9, atol=1e-12, err_msg=name)


FIRST = {case["layer"]: case for case in reversed(CASES)}


@pytest.mark.parametrize("name", FIRST)
def test_float32_stays_float32(name):
    module = made(FIRST[name], np.float32)
    leaves, inputs = tensors(FIRST[name]["inputs"], np.float32)
    outputs = flat(module(*inputs))
    assert {y.dtype for y in outputs} == {np.dtype(np.float32)}
    sum(y.sum() for y in outputs).backward()
    assert {x.grad.dtype for x in [*leaves, *module.parameters()] if x.grad is not None} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", FIRST)
def test_arrays_and_states(name):
    case = FIRST[name]
    module, again = made(case), made(case)
    again.load_state_dict(module.state_dict())
    for a, b in zip(flat(module(*case["inputs"])), flat(again(*case["inputs"])), strict=True):
        assert type(a) is ag.Tensor
        np.testing.assert_array_equal(a.data, b.data)
    assert repr(module).startswith(f"{name}(")


def test_parameters_start_as_pytorchs_do():
    for layer in (nn.RNN(3, 100), nn.LSTM(3, 100, 2), nn.GRU(3, 100, bidirectional=True)):
        for parameter in layer.parameters():
            assert 0.09 < np.abs(parameter.data).max() <= 0.1
    attention = nn.MultiheadAttention(40, 2)
    assert np.abs(attention.in_proj_weight.data).max() <= np.sqrt(6 / 160)
    assert not attention.in_proj_bias.data.any() and not attention.out_proj.bias.data.any()


def test_recurrent_layers_say_what_does_not_fit():
    with pytest.raises(ValueError, match="at least one number in"):
        nn.LSTM(3, 4, 0)
    with pytest.raises(ValueError, match="nonlinearity is"):
        nn.RNN(3, 4, nonlinearity="sigmoid")
    with pytest.raises(ValueError, match=r"GRU\(3, 4\) takes \(length, n, 3\)"):
        nn.GRU(3, 4)(np.zeros((5, 2, 2)))
    with pytest.raises(ValueError, match=r"the state has shape \(1, 3, 4\), and \(1, 2, 4\) is expected"):
        nn.GRU(3, 4)(np.zeros((5, 2, 3)), np.zeros((1, 3, 4)))
    with pytest.raises(ValueError, match="the state is a pair"):
        nn.LSTM(3, 4)(np.zeros((5, 2, 3)), (np.zeros((1, 2, 4)),))
    assert repr(nn.GRU(3, 4, 2, batch_first=True)) == "GRU(3, 4, num_layers=2, batch_first=True)  # 228 parameters"


def test_dropout_between_layers_follows_the_mode():
    layer = nn.LSTM(3, 4, 2, dropout=0.5)
    x = np.ones((5, 2, 3))
    assert not np.array_equal(layer(x)[0].data, layer(x)[0].data)
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].data, layer(x)[0].data)


def test_attention_says_what_does_not_fit():
    with pytest.raises(ValueError, match="must divide"):
        nn.MultiheadAttention(6, 4)
    with pytest.raises(ValueError, match="takes queries, keys and values of 6 features"):
        nn.MultiheadAttention(6, 2)(*[np.zeros((4, 2, 5))] * 3)
    with pytest.raises(ValueError, match="activation is"):
        nn.TransformerEncoderLayer(6, 2, activation="tanh")
    with pytest.raises(ValueError, match=r"attention takes queries"):
        nn.functional.scaled_dot_product_attention(np.zeros((2, 3)), np.zeros((2, 4)), np.zeros((2, 4)))


def test_causal_attention_sees_nothing_that_comes_later():
    rng = np.random.default_rng(0)
    q, k, v = (ag.tensor(rng.normal(size=(2, 4, 3)), requires_grad=True) for _ in range(3))
    F = nn.functional
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    masked = F.scaled_dot_product_attention(q, k, v, attn_mask=np.tri(4, dtype=bool))
    added = F.scaled_dot_product_attention(q, k, v, attn_mask=np.where(np.tri(4), 0, -np.inf))
    np.testing.assert_array_equal(y.data, masked.data)
    np.testing.assert_array_equal(y.data, added.data)
    (g,) = ag.autograd.grad(y[:, 0].sum(), v)
    assert g[:, 0].all() and not g[:, 1:].any()
    assert ag.gradgradcheck(lambda q, k: F.scaled_dot_product_attention(q, k, v.data, is_causal=True), q.data, k.data)
    layer = nn.MultiheadAttention(3, 1, batch_first=True, dtype=np.float64)
    one = layer(q, k, v, is_causal=True)[0]
    np.testing.assert_array_equal(one.data, layer(q, k, v, attn_mask=~np.tri(4, dtype=bool))[0].data)


def test_holders():
    layers = nn.ModuleList([nn.Linear(2, 3)])
    assert layers.append(nn.Linear(3, 1)) is layers.extend([]) is layers
    layers[-1] = last = nn.Linear(3, 4)
    assert layers[1] is last and len(layers[:1]) == 1 and list(layers)[1] is last
    model = nn.Module()
    model.layers, model.heads = layers, nn.ModuleDict({"a": nn.Tanh()})
    model.heads.update({"b": nn.Linear(1, 1)})
    model.scales = nn.ParameterList([[1.0], nn.Parameter([2.0])])
    paths = ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "heads.b.weight", "heads.b.bias"]
    assert list(model.state_dict()) == [*paths, "scales.0", "scales.1"]
    assert list(model.heads.keys()) == ["a", "b"] and len(list(model.heads.values())) == len(list(model.heads.items()))
    for wrong in (lambda: layers.append(3), lambda: model.heads.append(nn.Tanh()), lambda: nn.ModuleDict({"a": 1})):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(IndexError):
        layers[5]


def test_settings_that_do_not_fit_are_told():
    images, signals = np.zeros((2, 4, 5, 6)), np.zeros((2, 4, 7))
    for call, message in {
        lambda: nn.Conv1d(4, 3, 0): "Conv1d: channels, kernel_size",
        lambda: nn.Conv1d(4, 3, 2)(images): "Conv1d takes",
        lambda: nn.functional.conv1d(signals, np.zeros((3, 4))): "a filter of signals",
        lambda: nn.MaxPool1d(2)(images): "MaxPool1d takes",
        lambda: nn.ConvTranspose2d(0, 3, 2): "needs a channel",
        lambda: nn.ConvTranspose2d(3, 3, 2)(images): "ConvTranspose2d takes",
        lambda: nn.ConvTranspose2d(4, 3, 2, output_padding=1)(images): "must be smaller than stride",
        lambda: nn.ConvTranspose2d(4, 3, 1, padding=5)(images): "leaves nothing",
        lambda: nn.GroupNorm(3, 4): "must divide",
        lambda: nn.GroupNorm(2, 4)(np.zeros((2, 5))): r"takes \(n, 4, …\)",
        lambda: nn.functional.group_norm(signals, 3): "do not divide",
        lambda: nn.InstanceNorm2d(4)(np.zeros((2, 4))): "InstanceNorm2d takes 4 axes",
        lambda: nn.RMSNorm(3)(signals): "does not end in",
        lambda: nn.Unflatten(1, (3, 2))(signals): "does not fit",
        lambda: nn.Upsample(2, 2)(images): "one of size= and scale_factor=",
        lambda: nn.Upsample(2, mode="cubic")(images): "mode is",
        lambda: nn.Upsample(2)(np.zeros(3)): "interpolate takes",
        lambda: nn.Dropout2d()(np.zeros(3)): "dropout2d takes",
        lambda: nn.EmbeddingBag(5, 2, "most"): "mode is one of",
        lambda: nn.EmbeddingBag(5, 2)([1, 2]): "the offsets at which bags begin",
        lambda: nn.GaussianNLLLoss()(np.zeros(3), np.zeros(3), np.ones(2)): "the variance has shape",
    }.items():
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(NotImplementedError, match="running statistics"):
        nn.InstanceNorm1d(4, track_running_stats=True)
    assert nn.InstanceNorm1d(4)(signals[0]).shape == (4, 7)


def test_dropout2d_drops_whole_channels():
    layer = nn.Dropout2d(0.5, generator=np.random.default_rng(0))
    y = layer(np.ones((20, 10, 3, 3)))
    assert set(np.unique(y.data)) == {0, 2}
    assert (y.data.std(axis=(2, 3)) == 0).all()
    assert 0.4 < (y.data[:, :, 0, 0] == 0).mean() < 0.6
