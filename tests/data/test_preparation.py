"""Standardising columns and holding out rows."""

import numpy as np
import pytest

from autograd_lite.data.preparation import Standardizer, hold_out


def test_columns_get_mean_0_and_deviation_1():
    train = np.random.default_rng(0).normal([3.0, -5.0], [0.1, 100.0], (500, 2))
    z = Standardizer.fit(train)(train)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=1e-5)


def test_numbers_come_from_the_training_part_alone():
    standardizer = Standardizer.fit(np.array([[0.0], [2.0]]))
    assert standardizer(np.array([[11.0]])).tolist() == [[10.0]]


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e-300, -7e12])
def test_a_constant_column_becomes_0_and_stays_0_later(constant):
    standardizer = Standardizer.fit(np.full((7, 1), constant))
    assert standardizer(np.array([[constant], [constant + 5]])).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_huge_and_tiny_numbers_are_no_trouble(size):
    z = Standardizer.fit(np.array([1.0, 2.0, 3.0]) * size)(np.array([1.0, 2.0, 3.0]) * size)
    np.testing.assert_allclose(z, [-(1.5**0.5), 0, 1.5**0.5], rtol=1e-6)


def test_numbers_whose_sum_overflows_are_refused():
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(ValueError, match="too large"):
        Standardizer.fit(np.array([1.7e308, 1.7e308]))


def test_inverse():
    target = np.array([10.0, 20.0, 60.0])
    standardizer = Standardizer.fit(target)
    np.testing.assert_allclose(standardizer.inverse(standardizer(target)), target, rtol=1e-6)


@pytest.mark.parametrize("stratify", [False, True])
@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.2, 0.5])
def test_every_row_is_kept_or_held_once(stratify, fraction):
    target = np.arange(100) % 3
    kept, held = hold_out(target, fraction, np.random.default_rng(0), stratify)
    assert sorted([*kept, *held]) == list(range(100))
    assert len(held) == 100 * fraction


def test_stratified_parts_have_the_proportions_of_the_whole():
    target = np.repeat([0, 1, 2], [700, 250, 50])
    for seed in range(10):
        _, held = hold_out(target, 0.2, np.random.default_rng(seed), stratify=True)
        assert np.abs(np.bincount(target[held]) - [140, 50, 10]).max() <= 1


def test_a_class_with_one_row_is_never_held_out():
    target = np.array([0] * 10 + [1] * 9 + [2])
    for seed in range(20):
        kept, _ = hold_out(target, 0.2, np.random.default_rng(seed), stratify=True)
        assert set(target[kept]) == {0, 1, 2}


def test_the_seed_decides():
    target = np.arange(50) % 2
    draws = [hold_out(target, 0.2, np.random.default_rng(seed), True)[1].tolist() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_missing_numbers_are_the_median():
    train = np.array([[1.0, 5.0], [np.nan, 5.0], [2.0, np.nan], [9.0, 5.0]])
    standardizer = Standardizer.fit(train)
    np.testing.assert_array_equal(standardizer.fill, [2.0, 5.0])
    filled = Standardizer.fit(np.where(np.isnan(train), standardizer.fill, train))
    np.testing.assert_array_equal(standardizer(train), filled(np.where(np.isnan(train), standardizer.fill, train)))
    assert np.isfinite(standardizer(np.full((1, 2), np.nan))).all()
