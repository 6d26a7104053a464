"""History: one list per quantity, one value per epoch."""

import pytest

from autograd_lite.train.history import History


def filled():
    history = History()
    for loss in (0.5, 0.25):
        history.append({"train_loss": loss, "seconds": 0.1})
    return history


def test_is_a_mapping_of_lists():
    history = filled()
    assert dict(history) == {"train_loss": [0.5, 0.25], "seconds": [0.1, 0.1]}
    assert history.epochs == 2
    assert "train_loss" in history
    assert len(history) == 2


def test_starts_empty():
    assert History().epochs == 0
    assert not History().interrupted
    assert repr(History()) == "History(0 epochs, 0.00 s)"


def test_repr_tells_where_each_quantity_went():
    history = filled()
    history.interrupted = True
    assert repr(history) == "History(2 epochs, 0.20 s, interrupted: train_loss 0.5 -> 0.25)"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(KeyError, match="'loss' was not recorded; there are: train_loss, seconds"):
        filled()["loss"]


def test_every_epoch_records_the_same_quantities():
    with pytest.raises(ValueError, match=r"records \['train_loss', 'seconds'\], not \['other'\]"):
        filled().append({"other": 1.0})
