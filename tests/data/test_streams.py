"""Batches out of files, by pyarrow."""

import sys

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import from_csv, from_parquet

FILES = {"csv": from_csv, "parquet": from_parquet}


@pytest.fixture(params=FILES)
def stream(request, tmp_path):
    """A function that writes columns and opens them as batches."""
    arrow = pytest.importorskip("pyarrow")

    def write(columns, **settings):
        table, path = arrow.table(columns), tmp_path / f"t.{request.param}"
        if request.param == "csv":
            from pyarrow import csv

            csv.write_csv(table, path)
        else:
            from pyarrow import parquet

            parquet.write_table(table, path, row_group_size=7)
        return FILES[request.param](path, "y", **settings)

    return write


def test_batches_are_the_rows_in_order_in_every_pass(stream):
    batches = stream({"a": np.arange(20.0), "y": np.arange(20) % 3, "b": np.arange(20)}, batch_size=8)
    assert batches.feature_names == ("a", "b")
    for _ in range(2):
        passed = list(batches)
        assert [len(x) for x, _ in passed] == [8, 8, 4]
        assert len(batches) == 3
        np.testing.assert_array_equal(np.concatenate([x for x, _ in passed])[:, 1], np.arange(20))
        np.testing.assert_array_equal(np.concatenate([y for _, y in passed]), np.arange(20) % 3)
        assert passed[0][0].dtype == np.float32 and passed[0][1].dtype.kind == "i"


def test_fit_takes_them(stream):
    x = np.linspace(-1, 1, 64)
    batches = stream({"x": x, "y": (x > 0).astype(int)}, batch_size=16)
    ag.manual_seed(0)
    model = nn.Linear(1, 2)
    history = ag.fit(model, batches, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.1), progress=False)
    assert history["train_loss"][-1] < history["train_loss"][0]


def test_what_is_no_number_is_refused_by_name(stream):
    with pytest.raises(ValueError, match="column 'a': .* is no number"):
        list(stream({"a": ["x", "z"], "y": [0, 1]}))
    with pytest.raises(ValueError, match="column 'a': 1 cells of a block are missing"):
        list(stream({"a": [1.0, None], "y": [0, 1]}))
    with pytest.raises(ValueError, match="has no column 'y': it has a, b"):
        stream({"a": [1.0], "b": [2.0]})
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        stream({"a": [1.0], "y": [2.0]}, batch_size=0)


@pytest.mark.parametrize("name", FILES)
def test_without_pyarrow(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for module in ("csv", "parquet"):
        monkeypatch.setitem(sys.modules, f"pyarrow.{module}", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "autograd_lite\[arrow\]"'):
        FILES[name]("t", "y")
