"""Predictor: raw tables in, predictions out; one safe file that is complete or not there."""

import os
import zipfile

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.cli.predictor import Architecture, ModelFileError, Predictor
from autograd_lite.data.preparation import Standardizer
from autograd_lite.support.atomic_write import check_writable

FEATURES = np.random.default_rng(0).normal(5.0, 3.0, (20, 3))


def predictor(classes=("no", "yés"), hidden=(4,)):
    ag.manual_seed(0)
    architecture = Architecture(3, hidden, len(classes) if classes else 1, dropout=0.5)
    target = None if classes else Standardizer.fit(np.array([10.0, 30.0]))
    scale = Standardizer.fit(FEATURES)
    return Predictor(architecture, architecture.build(), scale, target, ("a", "b", "c"), classes, "t")


def test_architecture():
    assert str(Architecture(4, (8, 2), 3)) == "4 -> 8 -> 2 -> 3"
    kinds = [type(layer).__name__ for layer in Architecture(4, (8,), 3, dropout=0.1).build()]
    assert kinds == ["Linear", "ReLU", "Dropout", "Linear"]
    assert [type(layer).__name__ for layer in Architecture(4, (), 1).build()] == ["Linear"]


def test_classes_are_numbers_and_values_are_unscaled():
    labels = predictor().predict(FEATURES)
    assert labels.shape == (20,)
    assert set(labels) <= {0, 1}
    values = predictor(classes=None).predict(FEATURES)
    assert values.dtype == np.float64
    assert 10 < values.mean() < 30


def test_predicts_in_eval_mode_and_leaves_the_mode():
    model = predictor()
    assert model.network.training
    np.testing.assert_array_equal(model.predict(FEATURES), model.predict(FEATURES))
    assert model.network.training


def test_a_row_beyond_all_numbers_is_refused():
    far = FEATURES.copy()
    far[3, 1] = 1e300
    with pytest.raises(FloatingPointError, match="row 4 lies too far outside"):
        predictor().predict(far)


@pytest.mark.parametrize("classes", [("no", "yés"), None])
@pytest.mark.parametrize("hidden", [(), (4,), (4, 5)])
def test_save_and_load(tmp_path, classes, hidden):
    model = predictor(classes, hidden)
    model.save(tmp_path / "m.npz")
    loaded = Predictor.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(loaded.predict(FEATURES), model.predict(FEATURES))
    for name in ("architecture", "feature_names", "class_names", "target_name"):
        assert getattr(loaded, name) == getattr(model, name)
    assert os.listdir(tmp_path) == ["m.npz"]


def test_the_file_holds_no_pickles(tmp_path):
    predictor().save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz", allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "fU" for name in file.files)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m.npz"
    predictor().save(path)
    old = path.read_bytes()

    def disk_full(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="disk full"):
        predictor(None).save(path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["m.npz"]


def damaged(path, kind):
    """Spoil a good file in one way."""
    content = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif kind == "flipped":
        at = content.index(b"NUMPY") + 200
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("a,b\n1,2\n")
    elif kind == "pickle":
        with path.open("wb") as file:
            np.save(file, np.array([{}], dtype=object))
    elif kind == "one array":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    elif kind == "other arrays":
        np.savez(path, weights=np.ones(3))
    elif kind == "other zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("meta", "{}")
    else:
        with np.load(path) as file:
            arrays = dict(file)
        old, new = {
            "weights missing": (None, "network/0.weight"),
            "bias missing": (None, "network/0.bias"),
            "huge": ('"hidden": [4]', '"hidden": [4000000000]'),
            "format": ("predictor", "something"),
        }[kind]
        if old is None:
            del arrays[new]
        else:
            arrays["meta"] = np.array(str(arrays["meta"]).replace(old, new))
        np.savez(path, **arrays)


KINDS = ["truncated", "flipped", "empty", "text", "pickle", "one array", "other arrays", "other zip"]


@pytest.mark.parametrize("kind", [*KINDS, "weights missing", "bias missing", "huge", "format"])
def test_a_damaged_or_foreign_file_gets_one_line(tmp_path, kind):
    path = tmp_path / "m.npz"
    predictor().save(path)
    damaged(path, kind)
    with pytest.raises(ModelFileError, match="is not a model saved by") as caught:
        Predictor.load(path)
    assert "\n" not in str(caught.value)


def with_nan(array):
    array.flat[0] = np.nan
    return array


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("features.scale", with_nan, "'features.scale' has to hold finite numbers"),
        ("features.shift", lambda a: a[:2], r"features.shift has shape \(2,\) where \(3,\) is needed"),
        ("features.fill", lambda a: a[None], r"features.fill has shape \(1, 3\)"),
        ("features.scale", lambda a: -a, "features.scale has negative numbers"),
        ("network/0.weight", with_nan, "'network/0.weight' has to hold finite numbers"),
        ("network/0.weight", lambda a: a.T, "the shapes of the weights do not fit the layers 3 -> 4 -> 2"),
        ("network/0.bias", lambda a: a.astype(np.int64), "'network/0.bias' has to hold finite numbers"),
        ("meta", '"feature_names": ["a", "b", "c"] -> "feature_names": ["a", "b"]', "2 names of features for 3 inputs"),
        ("meta", '["a", "b", "c"] -> ["a", "b", "a"]', "two features have the same name"),
        ("meta", '["a", "b", "c"] -> "abc"', "its names are no list of texts"),
        ("meta", '["no", -> ["no", "maybe",', "3 names of classes for 2 outputs"),
        ("meta", '["no", "y\\u00e9s"] -> null', "values need one output, and the scale of the target"),
        ("meta", '"columns": null -> "columns": [{"kind": "Number", "name": "z"}]', "kinds of the columns do not make"),
    ],
)
def test_parts_that_cannot_belong_together_are_named(tmp_path, name, change, message):
    path = tmp_path / "m.npz"
    predictor().save(path)
    with np.load(path) as file:
        arrays = dict(file)
    if name == "meta":
        old, new = change.split(" -> ")
        assert old in str(arrays["meta"])
        arrays["meta"] = np.array(str(arrays["meta"]).replace(old, new))
    else:
        arrays[name] = change(arrays[name])
    np.savez(path, **arrays)
    with pytest.raises(ModelFileError, match=message) as caught:
        Predictor.load(path)
    assert "m.npz" in str(caught.value) and "\n" not in str(caught.value)


def test_a_newer_file_says_so(tmp_path):
    path = tmp_path / "m.npz"
    predictor().save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["meta"] = np.array(str(arrays["meta"]).replace('"version": 1', '"version": 2'))
    np.savez(path, **arrays)
    with pytest.raises(ModelFileError, match="written by a newer version"):
        Predictor.load(path)


def test_check_writable(tmp_path):
    check_writable(tmp_path / "new.npz")
    with pytest.raises(OSError, match="exists and is not a file"):
        check_writable(tmp_path)
    with pytest.raises(OSError, match="there is no folder"):
        check_writable(tmp_path / "none" / "m.npz")
