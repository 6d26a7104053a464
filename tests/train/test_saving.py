"""States in files: they come back bit for bit from either kind of file, never as pickles."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import callbacks as cb
from autograd_lite import nn, optim
from tests.train.watched import same


def trained():
    ag.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    model(np.ones((4, 3), np.float32)).sum().backward()
    optimizer.step()
    scheduler.step()
    return model, optimizer, scheduler


@pytest.fixture(params=["npz", "safetensors"])
def ending(request):
    if request.param == "safetensors":
        pytest.importorskip("safetensors")
    return request.param


def test_states_of_modules_optimizers_schedulers_and_histories(ending, tmp_path):
    model, optimizer, scheduler = trained()
    history = ag.History()
    history.append({"train_loss": 0.5})
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler, "history": history}
    ag.save({**parts, "epoch": 3}, tmp_path / f"s.{ending}")
    state = ag.load(tmp_path / f"s.{ending}")
    assert state["epoch"] == 3 and same(state["model"], model.state_dict())
    for name, part in parts.items():
        before = repr(part.state_dict())
        part.load_state_dict(state[name])
        assert repr(part.state_dict()) == before


def test_arrays_of_whatever_layout_come_back(ending, tmp_path):
    turned = np.arange(6.0).reshape(2, 3).T
    state = {"turned": turned, "every second": np.arange(8)[::2], "number": np.array(3.0), "none": np.zeros((0, 2))}
    state |= {"file": np.ones(1), "tree": np.zeros(2, np.float32), "allow_pickle": np.ones((), bool)}
    ag.save(state, tmp_path / f"s.{ending}")
    again = ag.load(tmp_path / f"s.{ending}")
    assert same(again, state) and all(again[name].dtype == a.dtype for name, a in state.items())


def test_files_of_others_are_dicts_of_arrays(ending, tmp_path):
    state = trained()[0].state_dict()
    if ending == "npz":
        np.savez(tmp_path / "s.npz", **state)
    else:
        pytest.importorskip("safetensors.numpy").save_file(state, tmp_path / "s.safetensors")
    assert same(ag.load(tmp_path / f"s.{ending}"), state)


def test_a_file_of_ours_is_readable_by_others(ending, tmp_path):
    state = trained()[0].state_dict()
    ag.save(state, tmp_path / f"s.{ending}")
    if ending == "npz":
        with np.load(tmp_path / "s.npz", allow_pickle=False) as found:
            assert same({name: found[name] for name in state}, state)
    else:
        assert same(pytest.importorskip("safetensors.numpy").load_file(tmp_path / "s.safetensors"), state)


def test_what_is_damaged_pickled_or_named_otherwise_is_refused(ending, tmp_path):
    path = tmp_path / f"s.{ending}"
    ag.save(trained()[0], path)
    whole = path.read_bytes()
    for content in (b"", b"nothing", whole[:-50], whole[:50]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is damaged"):
            ag.load(path)
    np.savez(tmp_path / "p.npz", a=np.array([None]))
    with pytest.raises(ValueError, match="is damaged"):
        ag.load(tmp_path / "p.npz")
    with pytest.raises(ValueError, match="give a name that ends so"):
        ag.save({}, tmp_path / "s.pt")
    with pytest.raises(TypeError, match="is a tensor: give its numbers"):
        ag.save({"x": ag.tensor(1.0)}, path)
    with pytest.raises(FileNotFoundError):
        ag.load(tmp_path / f"none.{ending}")


def test_a_checkpoint_of_ones_own_loop(ending, tmp_path):
    path = tmp_path / f"c.{ending}"
    model, optimizer, scheduler = trained()
    history = ag.History()
    history.append({"train_loss": 0.5})
    cb.save_checkpoint(path, model, optimizer, scheduler=scheduler, history=history)
    drawn = ag.default_generator().random()
    again = trained()
    for _ in range(3):
        again[2].step()
    found = cb.load_checkpoint(path, again[0], again[1], scheduler=again[2])
    assert dict(found) == dict(history) and ag.default_generator().random() == drawn
    assert same(again[0].state_dict(), model.state_dict())
    assert again[2].state_dict() == scheduler.state_dict() and again[1].param_groups[0]["lr"] == 0.05
    card = ag.load(path)["card"]
    assert card["autograd_lite"] == ag.__version__ and "BatchNorm1d" in card["model"] and "Adam" in card["optimizer"]


def test_a_checkpoint_that_does_not_fit_changes_nothing(tmp_path):
    model, optimizer, scheduler = trained()
    cb.save_checkpoint(tmp_path / "c.npz", model, optimizer)
    with pytest.raises(ValueError, match="has no state of scheduler"):
        cb.load_checkpoint(tmp_path / "c.npz", model, optimizer, scheduler=scheduler)
    cb.save_checkpoint(tmp_path / "c.npz", model, optimizer, scheduler=scheduler)
    other, other_optimizer, _ = trained()
    with ag.no_grad():
        next(other.parameters())[...] = 5.0
    step = optim.lr_scheduler.StepLR(other_optimizer, 3)
    before, optimizer_before = other.state_dict(), repr(other_optimizer.state_dict())
    with pytest.raises(ValueError, match="not the state of a StepLR"):
        cb.load_checkpoint(tmp_path / "c.npz", other, other_optimizer, scheduler=step)
    assert same(other.state_dict(), before)
    assert repr(other_optimizer.state_dict()) == optimizer_before
    ag.save({"model": model}, tmp_path / "s.npz")
    with pytest.raises(ValueError, match="not a file that Checkpoint or save_checkpoint has written"):
        cb.load_checkpoint(tmp_path / "s.npz", model)
