"""Numbers as people write them."""

import numpy as np
import pytest

from autograd_lite.data.tables.numerals import decimal_vote, parse_number, read_numbers


@pytest.mark.parametrize(
    ("cell", "value"), [("1.5", 1.5), (" -2e3 ", -2000.0), ("1_000", None), ("inf", None), ("nan", None), ("x", None)]
)
def test_parse_number(cell, value):
    assert parse_number(cell) == value


@pytest.mark.parametrize(
    ("cells", "values", "written"),
    [
        (["$6.88", "$1,234.50", "-$2", "($3)"], [6.88, 1234.5, -2, -3], "$"),
        (["6.88%", "7 %"], [6.88, 7], "%"),
        (["1,234", "12,345,678", "5"], [1234, 12345678, 5], "plain"),
        (["1,3", "2,75"], [1.3, 2.75], "plain"),
        (["1.234,5", "0,5"], [1234.5, 0.5], "plain"),
        (["1 234,5 €", "7,50 €"], [1234.5, 7.5], "€"),
        (["1'234.5", "2"], [1234.5, 2], "plain"),
        (["€1.5M", "€300K"], [1.5e6, 3e5], "€"),
        (["26.6 kmpl", "19.67 kmpl"], [26.6, 19.67], "kmpl"),
        (["−3", "+4"], [-3, 4], "plain"),
        (["EUR 5", "EUR 7.25"], [5, 7.25], "EUR"),
        (["1e-3", "2E5"], [1e-3, 2e5], "plain"),
    ],
)
def test_ways_to_write_numbers(cells, values, written):
    read = read_numbers(cells)
    np.testing.assert_allclose(read.values, values, rtol=1e-15)
    assert (read.written, read.share) == (written, 1)


@pytest.mark.parametrize(
    "cells",
    [["2", "3", "5more"], ["A1", "B2"], ["12:30", "13:45"], ["1-2", "3-4"], ["1,2,3", "4,5,6"], ["1.2.3", "4.5.6"]],
)
def test_text_with_digits_in_it_is_no_number(cells):
    assert read_numbers(cells).share < 0.95


def test_missing_cells_are_nan_and_are_not_counted():
    read = read_numbers(["1", "", "NA", "?", "oops", "1e300"])
    assert read.present == 3
    assert read.refused == {"oops": 1, "1e300": 1}
    np.testing.assert_array_equal(np.isnan(read.values), [False, True, True, True, True, True])


def test_the_mark_of_the_file_decides_where_the_cells_do_not():
    assert read_numbers(["1,234"], ".").values.tolist() == [1234.0]
    assert read_numbers(["1,234"], ",").values.tolist() == [1.234]
    assert decimal_vote("1,234") is None
