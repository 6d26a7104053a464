"""The kinds of columns, found by their own table: recognised, encoded, kept, and described in words."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from autograd_lite.data.tables.columns import KINDS, Category, Cells, Date, FreeText, LeftOut, Number, YesNo, recognise
from autograd_lite.data.tables.encoder import TableEncoder

NAN = np.nan
COLUMNS = {
    "every cell is missing": (LeftOut, ["", "NA", "?"] * 4, None),
    "constant": (LeftOut, ["80"] * 12, None),
    "customerID": (LeftOut, [f"7590-{i}" for i in range(12)], None),
    "Id": (LeftOut, np.arange(12.0), None),
    "unnamed: 0": (LeftOut, np.arange(12.0)[::-1], None),
    "EmployeeNumber": (LeftOut, np.arange(12.0) * 3 + 1, None),
    "plain": (Number, np.array([1.0, 2.5] * 6), [[1.0], [2.5]]),
    "with gaps": (Number, np.array([1.0, NAN] * 6), [[1.0, 0.0], [NAN, 1.0]]),
    "money": (Number, ["$6.88", "?"] * 6, [[6.88, 0.0], [NAN, 1.0]]),
    "x": (Number, np.arange(12.0), [[0.0], [1.0]]),
    "answer": (YesNo, ["Yes", "no"] * 6, [[1.0], [0.0]]),
    "truth": (YesNo, ["False", "", "True"] * 4, [[0.0, 0.0], [NAN, 1.0]]),
    "day": (Date, ["2001-02-03", "1970-01-01"] * 6, [[2001, 2, 5, 11356], [1970, 1, 3, 0]]),
    "town": (Category, ["Ulm", "Bonn", ""] * 4, [[0, 1, 0], [1, 0, 0]]),
    "zip": (Category, ["00501", "10001"] * 6, [[1, 0], [0, 1]]),
    "text": (FreeText, [f"word {i} and so on" for i in range(12)], None),
}


def cells(name):
    _, values, _ = COLUMNS[name]
    return Cells(name, values, unnamed=name.startswith("unnamed"), codes=name == "zip")


def told(remark):
    raise AssertionError(remark)


def test_every_kind_has_a_column_here():
    assert {kind for kind, _, _ in COLUMNS.values()} == set(KINDS)


@pytest.mark.parametrize("name", COLUMNS)
def test_recognised_encoded_and_named(name):
    kind, _, expected = COLUMNS[name]
    column = recognise(cells(name))
    assert type(column) is kind
    encoded = column.encode(cells(name), told)
    assert encoded.dtype == np.float64
    assert encoded.shape == (12, len(column.names()))
    assert len(set(column.names())) == len(column.names())
    assert column.says()
    if expected is not None:
        np.testing.assert_array_equal(encoded[:2], expected)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_model_file_keeps_it(name):
    column = recognise(cells(name))
    kept = json.loads(json.dumps([{"kind": type(column).__name__, **asdict(column)}]))
    assert TableEncoder.from_json(kept).columns == (column,)


@pytest.mark.parametrize(
    ("name", "new", "remark"),
    [
        ("plain", ["1", "oops"], "1 cells are no numbers ('oops'), taken as missing"),
        ("plain", np.array([1.0, NAN]), "1 cells are missing, as none was in training"),
        ("money", ["€6", "€7"], "written with €, and with $ in training"),
        ("answer", ["yes", "maybe"], "1 cells are neither yes nor no"),
        ("day", ["2001-02-03", "soon"], "1 cells are no dates"),
        ("town", ["Ulm", "Köln"], "1 cells hold values unknown in training ('Köln')"),
    ],
)
def test_what_is_new_at_predict_is_counted(name, new, remark):
    said = []
    encoded = recognise(cells(name)).encode(Cells(name, new), said.append)
    assert len(said) == 1 and remark in said[0] and repr(name) in said[0]
    assert len(encoded) == 2


def test_a_value_that_is_unknown_is_zeros():
    assert recognise(cells("town")).encode(Cells("town", ["Köln"]), lambda remark: None).tolist() == [[0, 0, 0]]


def test_rare_values_share_no_column():
    column = recognise(Cells("town", [f"town {i}" for i in range(60) for _ in range(4)]))
    assert len(column.names()) == 50
    assert "10 rarer ones" in column.says()
    assert not column.encode(Cells("town", ["town 99"]), told).any()


def test_a_few_cells_that_are_no_numbers_are_missing_and_said():
    column = recognise(Cells("age", [str(i) for i in range(40)] + ["old"]))
    assert isinstance(column, Number)
    assert "1 that are no numbers ('old' …) taken as missing" in column.says()
