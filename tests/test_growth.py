"""Backpropagation is linear in the work: counted in calls of functions, Python's and NumPy's, as no clock is even."""

import sys
from typing import Any

import pytest

from benchmarks.growth import WORK


def calls(name: str, n: int) -> int:
    """How many functions a forward and a backward pass call."""
    count = 0

    def see(frame: Any, event: str, _: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        WORK[name](n).backward()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", WORK)
def test_double_the_work_takes_twice_as_many_calls(name):
    calls(name, 10)
    assert calls(name, 400) <= 2.1 * calls(name, 200)
