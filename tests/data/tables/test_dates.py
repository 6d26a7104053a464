"""Dates as people write them."""

import numpy as np
import pytest

from autograd_lite.data.tables.dates import calendar, date_format, read_dates


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["2001-02-03", "1999-12-31"], "iso"),
        (["2001-02-03 04:05:06", "1999-12-31T23:59:00Z"], "iso"),
        (["02/03/2001", "12/31/1999"], "%m/%d/%Y"),
        (["03/02/2001", "31/12/1999"], "%d/%m/%Y"),
        (["3.2.2001", "31.12.1999"], "%d.%m.%Y"),
        (["Feb 3, 2001", "Dec 31, 1999"], "%b %d, %Y"),
        (["03-Feb-01", "31-Dec-99"], "%d-%b-%y"),
        (["2/3/2001 4:05", "12/31/1999 23:59"], "%m/%d/%Y %H:%M"),
    ],
)
def test_formats(cells, form):
    assert date_format(cells) == form
    years, months, weekdays, days, _ = calendar(read_dates(cells, form))
    assert (years.tolist(), months.tolist()) == ([2001, 1999], [2, 12])
    assert (weekdays.tolist(), days.tolist()) == ([5, 4], [11356, 10956])


@pytest.mark.parametrize("cells", [[], ["x"], ["1.5", "2.5"], ["12:30"], ["20010203"], ["3-4", "5-6"]])
def test_what_is_no_date(cells):
    assert date_format(cells) is None


def test_a_cell_that_is_no_date_is_missing():
    days = read_dates(["2001-02-03", "oops", ""], "iso")
    np.testing.assert_array_equal(np.isnan(days), [False, True, True])
    assert all(np.isnan(part[1:]).all() for part in calendar(days))
