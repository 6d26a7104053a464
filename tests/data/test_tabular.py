"""From a CSV file to a Dataset: what is read, how the task is chosen, and the one line that each mistake gets."""

import numpy as np
import pytest

from autograd_lite.data.tabular import TableError, dataset_from_csv, prepare_table


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
    ("targets", "task", "classes"),
    [
        (("no", "yes"), "classification", ("no", "yes")),
        ((10, 9), "classification", ("9", "10")),
        (("0.0", "1.0"), "classification", ("0.0", "1.0")),
        ((1.5, 2.5), "regression", None),
        (tuple(range(12)), "regression", None),
        (('"1,5"', '"2,5"'), "regression", None),
        (("$6.88", "$1.20"), "regression", None),
        (("007", "7"), "classification", ("007", "7")),
        (("1E3", "1000"), "classification", ("1000", "1E3")),
        (("9007199254740993", "9007199254740992"), "classification", ("9007199254740992", "9007199254740993")),
        (("00501", "10001"), "classification", ("00501", "10001")),
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


def test_classes_that_are_written_in_two_ways_are_told(csv_file):
    table = prepare_table(csv_file(rows("0.0", "1.0", "1", repeat=6)), "t")
    assert table.dataset.class_names == ("0.0", "1", "1.0")
    assert "'1' and '1.0' are different classes, as they are written differently" in table.remarks


def test_rows_without_a_target_are_left_out(csv_file):
    table = prepare_table(csv_file(rows("x", "y", "", "NA", repeat=6)), "t")
    assert len(table.dataset.target) == 12
    assert "12 rows without 't' left out" in table.remarks
    kept = prepare_table(csv_file(rows("x", "y", "", "NA", repeat=6)), "t", missing=[""])
    assert kept.dataset.class_names == ("NA", "x", "y")


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("a,species,b\n" + "1,x,3\n2,y,4\n" * 6, "species"),
        ("a,b,c\n" + "1,3,x\n2,4,y\n" * 6, "c"),
        ("a,b,id\n" + "".join(f"{i % 3},{'xy'[i % 2]},{i}\n" for i in range(12)), "b"),
        ("1,3,x\n2,4,y\n" * 6, "column_3"),
    ],
)
def test_a_target_is_chosen_with_a_reason(csv_file, content, target):
    table = prepare_table(csv_file(content))
    assert table.dataset.target_name == target
    assert table.chosen


def test_columns_without_names_are_meant_by_number(csv_file):
    path = csv_file("1,3,x\n2,4,y\n" * 6)
    assert dataset_from_csv(path, "1").target_name == "column_1"
    assert dataset_from_csv(path, "-1").target_name == "column_3"


def test_ignored_columns_may_hold_anything(csv_file):
    content = "id,a,t\n" + "".join(f"p{i},{i},{i % 2}\n" for i in range(12))
    assert dataset_from_csv(csv_file(content), "t", ignore=["id"]).feature_names == ("a",)


def test_what_counts_the_rows_is_taken_where_nothing_else_is_left(csv_file):
    table = prepare_table(csv_file("id,t\n" + "".join(f"{i},{i * 1.5}\n" for i in range(12))), "t")
    assert table.dataset.feature_names == ("id",)
    assert any("what counts the rows" in remark for remark in table.remarks)


def test_numeric_only_names_all_columns_in_one_message(csv_file):
    content = "a,the town,c,t\n" + "1,Ulm,2,x\n2,Bonn,,y\n" * 6
    with pytest.raises(TableError, match="2 columns .* the town, c; leave out with: --ignore 'the town' --ignore c"):
        prepare_table(csv_file(content), "t", numeric_only=True)
    prepare_table(csv_file(content), "t", ignore=["the town", "c"], numeric_only=True)


GOOD = rows("x", "y", repeat=6)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a,b,t\n", "has a header but no rows"),
        (rows("x", "y"), "2 rows are too few, at least 10"),
        (GOOD.replace("3,9,y", "3,y"), "line 5: 2 fields where the header has 3"),
        (GOOD.replace("3,9", "3,9,9"), "line 5: 4 fields where the header has 3"),
        (GOOD.replace("3,9", '3,"9'), "in the row that begins on line 5: unexpected end of data"),
        (GOOD.replace(",t", ",tt"), "has no column 't': did you mean 'tt'"),
        (GOOD.replace(",t", ",T"), "has no column 't': did you mean 'T'"),
        (GOOD.replace("a,b,t", "q,r,s"), "has no column 't': it has q, r, s"),
        (rows("x", repeat=12), "has one class only"),
        (rows("1.5", repeat=12), "is 1.5 in every row: nothing to learn"),
        (rows("", repeat=12), "no cell that is not missing"),
        (rows(*"abcdefghijkl"), "12 different values in 12 rows: too many to be classes"),
        (rows("1.5", "2.5", "3.5", "oops", repeat=9), "line 5, column 't': 'oops' among numbers"),
        ("t\n" + "1\n2\n" * 6, "no column is left to predict 't' from"),
        ("id,t\n" + "".join(f"p{i},{i % 2}\n" for i in range(12)), "no column is left .*id: an id"),
        (b"PK\x03\x04", "is no text file"),
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
            dataset_from_csv(path, "t")


def test_ignoring_a_column_that_is_not_there(csv_file):
    with pytest.raises(TableError, match="has no column 'c'"):
        dataset_from_csv(csv_file(GOOD), "t", ignore=["c"])
