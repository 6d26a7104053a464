"""The built-in data sets."""

import sys

import numpy as np
import pytest

from autograd_lite.data import datasets

SHAPES = {
    "digits": (1797, 64, 10),
    "breast_cancer": (569, 30, 2),
    "diabetes": (442, 10, None),
    "iris": (150, 4, 3),
    "wine": (178, 13, 3),
    "moons": (1000, 2, 2),
    "spiral": (900, 2, 3),
}


def test_every_name_has_a_shape_here():
    assert set(datasets.names()) == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_load(name):
    if name not in datasets.MADE_HERE:
        pytest.importorskip("sklearn")
    rows, columns, classes = SHAPES[name]
    dataset = datasets.load(name)
    assert dataset.features.shape == (rows, columns)
    assert dataset.features.dtype == np.float64
    assert dataset.target.shape == (rows,)
    assert len(dataset.feature_names) == len(set(dataset.feature_names)) == columns
    assert np.isfinite(dataset.features).all()
    if classes is None:
        assert dataset.task == "regression"
        assert dataset.target.dtype == np.float64
    else:
        assert dataset.task == "classification"
        assert dataset.target.dtype == np.int64
        assert set(dataset.target) == set(range(classes)) == set(range(len(dataset.class_names)))


@pytest.mark.parametrize("make", [datasets.moons, datasets.spiral])
def test_made_data_depends_on_the_seed_alone(make):
    np.testing.assert_array_equal(make(seed=1).features, make(seed=1).features)
    assert not np.array_equal(make(seed=1).features, make(seed=2).features)


def test_moons_without_noise_lie_on_two_half_circles():
    data = datasets.moons(noise=0.0)
    centre = np.where(data.target[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    np.testing.assert_allclose(np.linalg.norm(data.features - centre, axis=1), 1.0)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(ValueError, match="unknown data set 'digts': did you mean digits"):
        datasets.load("digts")


def test_without_scikit_learn_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "autograd_lite\[data\]"'):
        datasets.load("iris")
    assert len(datasets.load("moons").features) == 1000


@pytest.mark.parametrize("arguments", [{"rows": 1}, {"rows": 5, "classes": 1}])
def test_too_few_rows_or_classes(arguments):
    with pytest.raises(ValueError, match="at least 2 classes"):
        datasets.spiral(**arguments)
