"""CSV files: what is read, how the task is chosen, and the one line that each mistake gets."""

import numpy as np
import pytest

from autograd_lite.data.tabular import Table, TableError, dataset_from_csv


@pytest.fixture
def csv_file(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows(*targets, repeat=1):
    return "a,b,t\n" + "".join(f"{i},{i * i},{t}\n" for i, t in enumerate(targets * repeat))


def test_columns_and_target(csv_file):
    data = dataset_from_csv(csv_file(rows("x", "y", repeat=5)), "t")
    assert data.name == "t"
    assert data.feature_names == ("a", "b")
    assert data.target_name == "t"
    np.testing.assert_array_equal(data.features, [[i, i * i] for i in range(10)])
    assert data.class_names == ("x", "y")
    assert data.target.tolist() == [0, 1] * 5


@pytest.mark.parametrize(
    "content",
    [
        "a,t\n1.5,x\n-2e3,y\n",
        b"\xef\xbb\xbfa,t\n1.5,x\n-2e3,y\n",
        "a;t\n1.5;x\n-2e3;y\n",
        "a\tt\n1.5\tx\n-2e3\ty",
        "a|t\r\n1.5|x\r\n-2e3|y\r\n",
        '"a","t"\n"1.5","x"\n" -2e3 ","y"\n',
        "\n a , t \n 1.5 , x \n\n -2e3 , y \n\n",
    ],
)
def test_dialects(csv_file, content):
    table = Table.read(csv_file(content))
    assert table.columns == ("a", "t")
    assert table.numbers("a").tolist() == [1.5, -2000.0]
    assert table.text("t") == ["x", "y"]


def test_quoted_fields_hold_delimiters_and_newlines(csv_file):
    table = Table.read(csv_file('"a, really","b"\n"1","x\ny"\n'))
    assert table.columns == ("a, really", "b")
    assert table.text("b") == ["x\ny"]


@pytest.mark.parametrize(
    ("targets", "task", "classes"),
    [
        (("no", "yes"), "classification", ("no", "yes")),
        ((10, 9), "classification", ("9", "10")),
        (("0.0", "1.0", "1"), "classification", ("0", "1")),
        ((1.5, 2.5), "regression", None),
        (tuple(range(12)), "regression", None),
    ],
)
def test_the_target_chooses_the_task(csv_file, targets, task, classes):
    data = dataset_from_csv(csv_file(rows(*targets, repeat=1 if len(targets) > 9 else 6)), "t")
    assert (data.task, data.class_names) == (task, classes)


def test_up_to_20_whole_numbers_are_classes_and_21_are_values(csv_file):
    assert dataset_from_csv(csv_file(rows(*range(20), repeat=5)), "t").task == "classification"
    assert dataset_from_csv(csv_file(rows(*range(21), repeat=5)), "t").task == "regression"


def test_the_task_can_be_given(csv_file):
    path = csv_file(rows(1, 2, repeat=6))
    assert dataset_from_csv(path, "t", task="regression").target.tolist() == [1.0, 2.0] * 6
    path = csv_file(rows(1.5, 2.5, repeat=6))
    assert dataset_from_csv(path, "t", task="classification").class_names == ("1.5", "2.5")


def test_ignored_columns_may_hold_anything(csv_file):
    content = "id,a,t\n" + "".join(f"p{i},{i},{i % 2}\n" for i in range(12))
    assert dataset_from_csv(csv_file(content), "t", ignore=["id"]).feature_names == ("a",)


def test_matrix_finds_columns_by_name(csv_file):
    table = Table.read(csv_file("a,b,c\n1,2,3\n"))
    assert table.matrix(["c", "a"]).tolist() == [[3.0, 1.0]]
    with pytest.raises(TableError, match=r"lacks the columns x, y$"):
        table.matrix(["x", "a", "y"])


GOOD = rows("x", "y", repeat=6)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a,b,t\n", "has a header but no rows"),
        (rows("x", "y"), "2 rows are too few, at least 10"),
        (GOOD.replace("3,9", "3,oops"), "line 5, column 'b': 'oops' is not a finite number"),
        (GOOD.replace("3,9", "3,1_000"), "line 5, column 'b': '1_000' is not a finite number"),
        (GOOD.replace("3,9", "3,inf"), "line 5, column 'b': 'inf' is not a finite number"),
        (GOOD.replace("3,9", "3,1e300"), "line 5, column 'b': 1e300 is too large to compute with"),
        (GOOD.replace("3,9", "3,nan"), "line 5, column 'b': 'nan' stands for a missing value"),
        (GOOD.replace("3,9", "3,"), "line 5, column 'b': empty cell"),
        (GOOD.replace("3,9,y", "3,9,"), "line 5, column 't': empty cell"),
        (GOOD.replace("3,9", "3"), "line 5: 2 fields where the header has 3"),
        (GOOD.replace("3,9", "3,9,9"), "line 5: 4 fields where the header has 3"),
        (GOOD.replace("3,9", '3,"9'), "in the row that begins on line 5: unexpected end of data"),
        (GOOD.replace("a,b", "a,a"), "the header names 'a' twice"),
        (GOOD.replace("a,b", "a,"), "column 2 has no name"),
        (GOOD.replace(",t", ",tt"), "has no column 't': did you mean 'tt'"),
        (GOOD.replace("a,b,t", "q,r,s"), "has no column 't': it has q, r, s"),
        (rows("x", repeat=12), "has one class only"),
        (rows("1.5", repeat=12), "is 1.5 in every row: nothing to learn"),
        (rows(*"abcdefghijkl"), "12 different values in 12 rows: too many to be classes"),
        (rows("1.5", "2.5", "3.5", "oops", repeat=3), "line 5, column 't': 'oops' among numbers"),
        (
            GOOD.replace(",", ";").replace("3;9", "3;9,5"),
            "'9,5' is not a finite number .write decimals with a point.",
        ),
        ("t\n" + "1\n2\n" * 6, "no column is left to predict 't' from"),
        (GOOD.encode("utf-16"), "is not UTF-8 text"),
        ("a,b,t\n1,2,caf\xe9\n".encode("latin-1"), "is not UTF-8 text"),
    ],
)
def test_one_line_says_what_is_wrong_and_where(csv_file, content, message):
    with pytest.raises(TableError, match=message) as caught:
        dataset_from_csv(csv_file(content), "t")
    assert "\n" not in str(caught.value)
    assert "t.csv" in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    for path, message in ((tmp_path / "none.csv", "No such file"), (tmp_path, "directory|Permission")):
        with pytest.raises(TableError, match=message):
            Table.read(path)


def test_ignoring_a_column_that_is_not_there(csv_file):
    with pytest.raises(TableError, match="has no column 'c'"):
        dataset_from_csv(csv_file(GOOD), "t", ignore=["c"])
