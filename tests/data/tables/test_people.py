"""Every table that `benchmarks.tables` makes is read as it is, and its target is found."""

import numpy as np
import pytest

from autograd_lite.data.tabular import prepare_table
from benchmarks import table_dialects  # noqa: F401, enters its tables
from benchmarks.table_makers import TABLES, written

TARGETS = {  # where it is not in the last column
    "titanic": "Survived",
    "attrition_with_constants": "Attrition",
    "mushrooms_all_text": "class",
    "penguins_with_na": "species",
    "diamonds_with_index": "price",
    "letters_target_first": "letter",
    "utf_16_tabs": "species",
    "money_and_percent": "Price",
}


def test_there_are_enough():
    assert len(TABLES) >= 25
    assert set(TARGETS) <= set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_no_flag_is_needed(tmp_path, name):
    path = tmp_path / f"{name}.csv"
    path.write_bytes(written(name))
    table = prepare_table(path)
    rows = len(table.dataset.target)
    assert rows >= 12
    assert np.isfinite(table.dataset.target).all()
    assert table.dataset.features.shape == (rows, len(table.dataset.feature_names))
    assert not np.isinf(table.dataset.features).any()
    assert table.dataset.target_name == TARGETS.get(name, table.dataset.target_name)
    if name not in TARGETS:
        later = [column.name for column in table.encoder.columns]
        assert table.dataset.target_name not in later
