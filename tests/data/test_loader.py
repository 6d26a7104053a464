"""DataLoader: what a pass over the batches gives, and what it refuses."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.data.loader import DataLoader

X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10)


@pytest.mark.parametrize(
    ("batch_size", "drop_last", "lengths"),
    [
        (3, False, [3, 3, 3, 1]),
        (3, True, [3, 3, 3]),
        (5, True, [5, 5]),
        (100, False, [10]),
        (None, True, [10]),
    ],
)
def test_lengths(batch_size, drop_last, lengths):
    loader = DataLoader(X, Y, batch_size=batch_size, drop_last=drop_last)
    assert [len(x) for x, _ in loader] == lengths
    assert len(loader) == len(lengths)


def test_in_order_batches_are_views():
    for x, y in DataLoader(X, Y, batch_size=4):
        assert np.shares_memory(x, X)
        assert np.shares_memory(y, Y)


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_are_contiguous_and_keep_rows_together(shuffle):
    loader = DataLoader(np.asfortranarray(X), Y[::-1], batch_size=4, shuffle=shuffle)
    for x, y in loader:
        assert x.flags.c_contiguous
        assert y.flags.c_contiguous
        np.testing.assert_array_equal(x[:, 0], 2 * (9 - y))


def test_a_shuffled_pass_has_every_row_once_in_a_new_order():
    loader = DataLoader(Y, batch_size=3, shuffle=True, generator=np.random.default_rng(0))
    first, second = (np.concatenate([y for (y,) in loader]) for _ in range(2))
    assert sorted(first) == sorted(second) == list(Y)
    assert list(first) != list(second)


def test_the_same_generator_seed_gives_the_same_order():
    orders = [
        [y.tolist() for (y,) in DataLoader(Y, batch_size=4, shuffle=True, generator=np.random.default_rng(7))]
        for _ in range(2)
    ]
    assert orders[0] == orders[1]


def test_manual_seed_seeds_the_order():
    loader = DataLoader(Y, batch_size=4, shuffle=True)
    orders = []
    for _ in range(2):
        ag.manual_seed(3)
        orders.append([y.tolist() for (y,) in loader])
    assert orders[0] == orders[1]


def test_passes_can_be_nested():
    loader = DataLoader(Y, batch_size=5, shuffle=True)
    assert sum(1 for _ in loader for _ in loader) == 4


def test_later_changes_of_the_array_are_seen():
    array = np.zeros(4)
    loader = DataLoader(array, batch_size=4)
    array[:] = 1
    assert next(iter(loader))[0].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("arrays", "settings", "error", "message"),
    [
        ((), {}, ValueError, "at least one array"),
        ((X, Y[:3]), {}, ValueError, r"array 0 has 10 \(shape \(10, 2\)\), array 1 has 3 \(shape \(3,\)\)"),
        ((X[:0],), {}, ValueError, "no rows"),
        ((X, 3.0), {}, ValueError, "array 1 has no rows.*single number"),
        ((X, Y.astype(object)), {}, TypeError, r"np.asarray\(x, float\)(.|\n)*in array 1 of the data"),
        ((X, np.ma.array(Y, mask=Y > 5)), {}, TypeError, r"hides elements(.|\n)*in array 1 of the data"),
        ((X,), {"batch_size": 0}, ValueError, "batch_size must be at least 1, not 0"),
        ((X,), {"batch_size": 2.5}, TypeError, "batch_size must be a whole number or None, not 2.5$"),
        ((X,), {"batch_size": 32.0}, TypeError, "not 32.0: write 32"),
        ((X,), {"batch_size": True}, TypeError, "not True"),
        ((X,), {"shuffle": 1}, TypeError, "shuffle must be True or False, not 1"),
        ((X,), {"drop_last": "no"}, TypeError, "drop_last must be True or False"),
        (({"a": X},), {}, TypeError, "array 0 is a dict of arrays: give its arrays one by one"),
        ((X, (Y, Y[:3])), {}, ValueError, "array 2 has 3"),
        ((X,), {"batch_size": 11, "drop_last": True}, ValueError, "drop_last leaves no batch: 10 rows"),
        ((X,), {"generator": 0}, TypeError, r"not int: pass np.random.default_rng\(seed\)"),
    ],
)
def test_refuses(arrays, settings, error, message):
    with pytest.raises(error, match=message):
        DataLoader(*arrays, **settings)


def test_repr():
    expected = "DataLoader(float64[10, 2], int64[10], batch_size=4, shuffle=True, drop_last=False): 3 batches"
    assert repr(DataLoader(X, Y, batch_size=4, shuffle=True)) == expected


@pytest.mark.parametrize("shuffle", [False, True])
def test_several_targets_go_together(shuffle):
    loader = DataLoader(X, (Y, {"twice": 2 * Y}), batch_size=4, shuffle=shuffle)
    for x, (y, others) in loader:
        np.testing.assert_array_equal(x[:, 0], 2 * y)
        np.testing.assert_array_equal(others["twice"], 2 * y)
    assert [type(part) for part in loader.parts] == [np.ndarray, tuple]
