"""What all losses share."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.nn.functional.reduction import check_reduction, fitting_weight, matched, reduce, wrong_shapes


def test_reductions():
    losses = ag.tensor([[1.0, 2.0], [3.0, 6.0]])
    assert reduce(losses, "mean").item() == 3
    assert reduce(losses, "sum").item() == 12
    assert reduce(losses, "none") is losses


def test_unknown_reductions_are_refused():
    check_reduction("loss", "sum")
    with pytest.raises(ValueError, match="loss: reduction is one of mean, sum, none, not None"):
        check_reduction("loss", None)


def test_the_target_takes_the_dtype_of_the_prediction_and_a_tensor_stays_one():
    prediction = ag.tensor(np.ones(1, np.float32), requires_grad=True)
    assert matched("loss", prediction, [2])[1].dtype == np.float32
    target = ag.tensor([2.0], requires_grad=True)
    found = matched("loss", prediction, target)[1]
    assert found.dtype == np.float32
    assert found.requires_grad
    target = ag.tensor(np.ones(1, np.float32))
    assert matched("loss", prediction, target)[1] is target


def test_the_message_says_what_would_have_happened_and_what_to_do():
    assert wrong_shapes("loss", (3, 1), (3,)) == (
        "loss: the prediction has shape (3, 1) and the target (3,), and they must be equal: together they would "
        "silently become (3, 3). Use target.reshape((3, 1)) if that is what you mean"
    )


def test_a_weight_must_not_make_the_losses_larger():
    assert fitting_weight("loss", "weight", [1, 2], (3, 2), np.float32).dtype == np.float32
    with pytest.raises(ValueError, match=r"weight has shape \(3, 1\), which does not broadcast to the target's \(2,\)"):
        fitting_weight("loss", "weight", [[1], [2], [3]], (2,), np.float32)
