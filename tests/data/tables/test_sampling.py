"""A file that is larger than memory: rows from everywhere in it, and a word about how many."""

import numpy as np
import pytest

from autograd_lite.data import tabular
from autograd_lite.data.tables import sampling


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,code,label\n" + "".join(f"{i},{i % 3},{'007' if i % 2 else '7'}\n" for i in range(2000)))
    return path


def test_rows_come_evenly_from_the_whole_file(path, monkeypatch):
    monkeypatch.setattr(sampling, "ROWS_AT_ONCE", 300)
    table = sampling.sampled_table(path, cells=3 * 500)
    assert 350 < len(table) < 650
    assert np.all(np.diff(table["a"]) > 0)
    assert [np.sum((table["a"] >= start) & (table["a"] < start + 500)) > 60 for start in range(0, 2000, 500)] == [
        True
    ] * 4
    assert table.remarks[-1] == f"of 2,000 rows, {len(table)} drawn evenly over the file are taken into memory"
    assert len(sampling.sampled_table(path)) == 2000


def test_a_large_file_is_prepared_by_it(path, monkeypatch):
    monkeypatch.setattr(tabular, "LARGE", 1000)
    table = tabular.prepare_table(path)
    assert table.dataset.class_names == ("007", "7")
    assert len(table.dataset.target) == 2000
