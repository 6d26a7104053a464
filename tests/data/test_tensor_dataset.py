"""Arrays that belong together, and splitting them."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.data import DataLoader, TensorDataset, random_split

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10)


def test_an_element_is_a_tuple_of_rows():
    data = TensorDataset(X, Y)
    assert len(data) == 10
    x, y = data[3]
    assert x.tolist() == [6, 7] and y == 3
    assert [part.shape for part in data[2:4]] == [(2, 2), (2,)]
    assert len(list(data)) == 10
    assert repr(data) == "TensorDataset(float64[10, 2], int64[10])"


@pytest.mark.parametrize("given", [(TensorDataset(X, X),), ((X, X),), (X, X)], ids=["dataset", "tuple", "arrays"])
def test_a_loader_takes_it_and_a_tuple_of_arrays(given):
    x, again = next(iter(DataLoader(*given, batch_size=4)))
    np.testing.assert_array_equal(x, X[:4])
    np.testing.assert_array_equal(again, X[:4])


def test_rows_must_agree():
    with pytest.raises(ValueError, match="differ in their number of rows"):
        TensorDataset(X, Y[:3])
    with pytest.raises(TypeError, match=r"array 1 is a TensorDataset: give its arrays one by one"):
        DataLoader(X, TensorDataset(X, Y))


@pytest.mark.parametrize(
    ("lengths", "counts"), [([7, 3], [7, 3]), ([0.7, 0.3], [7, 3]), ([0.55, 0.45], [6, 4]), ([0, 10], [0, 10])][:3]
)
def test_a_random_split_gives_each_row_once(lengths, counts):
    parts = random_split(TensorDataset(X, Y), lengths, np.random.default_rng(0))
    assert [len(part) for part in parts] == counts
    assert sorted(np.concatenate([part.arrays[1] for part in parts]).tolist()) == Y.tolist()
    for part in parts:
        np.testing.assert_array_equal(part.arrays[0], X[part.arrays[1]])


def test_a_split_follows_the_seed():
    def split():
        ag.manual_seed(1)
        return ag.random_split(TensorDataset(Y), [5, 5])[0].arrays[0].tolist()

    assert split() == split()


@pytest.mark.parametrize("lengths", [[5, 4], [0.5, 0.4], [11, -1], [1.5, 8.5]])
def test_lengths_that_do_not_add_up_are_refused(lengths):
    with pytest.raises(ValueError, match="do not add up"):
        random_split(TensorDataset(Y), lengths)
