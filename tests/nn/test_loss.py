"""Losses as modules, held against PyTorch's numbers."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.golden import load

CASES = load("losses")
LOSSES = sorted({case["loss"] for case in CASES})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_pytorchs_values_and_gradients(case):
    for reduction, expected in case["results"].items():
        loss = getattr(nn, case["loss"])(reduction=reduction, **case["settings"])
        for name, array in case["arrays"].items():
            setattr(loss, name, nn.Buffer(array, dtype=np.float64))
        x = ag.tensor(case["input"], requires_grad=True)
        target = case["target"]
        if "target" in expected["gradients"]:
            target = ag.tensor(target, requires_grad=True)
        value = loss(x, target)
        np.testing.assert_allclose(value.data, expected["value"], rtol=1e-10, atol=1e-15)
        value.backward(expected["seed"])
        np.testing.assert_allclose(x.grad, expected["gradients"]["input"], rtol=1e-10, atol=1e-15)
        if isinstance(target, ag.Tensor):
            np.testing.assert_allclose(target.grad, expected["gradients"]["target"], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_float32_predictions_give_a_float32_loss_and_finite_gradients(case):
    for reduction in case["results"]:
        loss = getattr(nn, case["loss"])(reduction=reduction, **case["settings"], **case["arrays"])
        x = ag.tensor(case["input"].astype(np.float32), requires_grad=True)
        value, exact = loss(x, case["target"]), loss(x.data.astype(np.float64), case["target"])
        assert value.dtype == np.float32
        value.sum().backward()
        assert x.grad.dtype == np.float32
        assert np.isfinite(value.data).all()
        assert np.isfinite(x.grad).all()
        np.testing.assert_allclose(value.data, exact.data, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_an_unknown_reduction_is_refused(name):
    with pytest.raises(ValueError, match=f"{name}: reduction is one of mean, sum, none.*, not 'average'"):
        getattr(nn, name)(reduction="average")


def test_only_kl_divergence_has_batchmean():
    nn.KLDivLoss("batchmean")
    with pytest.raises(ValueError, match="not 'batchmean'"):
        nn.MSELoss("batchmean")


def test_weights_are_part_of_the_state_as_in_pytorch():
    loss = nn.CrossEntropyLoss(weight=[1.0, 2.0])
    assert list(loss.state_dict()) == ["weight"]
    assert list(loss.parameters()) == []
    assert list(nn.BCEWithLogitsLoss(pos_weight=[2.0]).state_dict()) == ["pos_weight"]
    assert nn.NLLLoss().state_dict() == {}


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (nn.MSELoss(), "MSELoss(reduction='mean')"),
        (nn.SmoothL1Loss(beta=0.5), "SmoothL1Loss(reduction='mean', beta=0.5)"),
        (nn.CrossEntropyLoss(), "CrossEntropyLoss(reduction='mean', ignore_index=-100, label_smoothing=0.0)"),
        (nn.KLDivLoss().eval(), "KLDivLoss(reduction='mean', log_target=False)"),
    ],
)
def test_repr_shows_the_settings(loss, text):
    assert repr(loss) == text
