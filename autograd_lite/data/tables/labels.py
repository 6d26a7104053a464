"""Which column is to be predicted, and what its cells mean: classes are text, values are numbers.

A class is what is written: ``007`` and ``7`` are two, ``1E3`` is not ``1000``, and a long number keeps its last digit.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.datasets import Task
from autograd_lite.data.tables.columns import Cells, FreeText, LeftOut, recognise, shortened
from autograd_lite.data.tables.encoder import column_cells
from autograd_lite.data.tables.numerals import SHARE, parse_number
from autograd_lite.data.tables.reading import Table, TableError

__all__ = ["Labels", "choose_target", "read_labels"]

MOST_CLASSES = 20
USUAL = (
    "target",
    "label",
    "labels",
    "class",
    "classes",
    "y",
    "outcome",
    "survived",
    "species",
    "diagnosis",
    "churn",
    "exited",
    "attrition",
    "quality",
    "saleprice",
    "price",
    "charges",
    "salary",
    "income",
    "medv",
    "mpg",
    "rings",
    "g3",
    "variety",
    "isfraud",
    "fraud",
    "spam",
    "sentiment",
    "defaultpaymentnextmonth",
    "default",
    "loanstatus",
    "category",
    "type",
    "result",
    "response",
    "cnt",
    "letter",
    "lettr",
    "digit",
    "medianhousevalue",
    "sales",
)


@dataclass(frozen=True, eq=False)
class Labels:
    """The column to predict.

    Attributes
    ----------
    values : array of shape (rows,)
        int64 class numbers, or float64 values.
    classes : tuple of str, or None for values
    rows : bool array
        Which rows of the table have a label; `values` has one for each of them.
    remarks : list of str
    """

    values: NDArray[Any]
    classes: tuple[str, ...] | None
    rows: NDArray[np.bool_]
    remarks: list[str]


def choose_target(table: Table) -> tuple[str, str]:
    """Return the column that is most likely meant to be predicted, and why it was taken.

    A usual name (``target``, ``class``, ``species``, …) decides, else the last column that is neither an id nor text.
    """
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in table.columns}
    for usual in USUAL:
        if usual in plain and _can_be_learned(table, plain[usual]):
            return plain[usual], "by its name"
    for name in reversed(table.columns):
        if _can_be_learned(table, name):
            return name, "the last column" if name == table.columns[-1] else "the last that can be learned"
    raise TableError(f"{table.path}: no column can be learned: each is an id, text or the same in every row")


def read_labels(table: Table, target: str, task: Task | None = None) -> Labels:
    """Return the labels of a table.

    Parameters
    ----------
    table : Table
        Whose column `target` was read as text.
    target : str
    task : {"classification", "regression"}, optional
        Chosen by the cells if not given: text means classification, and so do whole numbers with at most 20
        different values that occur twice each on average; any other numbers mean regression.

    Raises
    ------
    TableError
        If the cells cannot be what the task asks for.
    """
    cells = column_cells(table, target)
    words = cells.words()
    there = np.array([bool(word) for word in words])
    counts = Counter(word for word in words if word)
    if not counts:
        raise TableError(f"{table.path}: column {target!r} has no cell that is not missing: nothing to learn")
    task = task or likely_task(table, target)
    remarks: list[str] = []
    values: NDArray[Any]
    if task == "regression":
        values, there = _values(table, target, cells, there, remarks)
        classes = None
    else:
        values, classes = _class_numbers(table, target, counts, [word for word in words if word], remarks)
    lacking = int((~there).sum())
    if lacking:
        remarks.append(f"{lacking} row{'s' * (lacking > 1)} without {target!r} left out")
    return Labels(values, classes, there, remarks)


def likely_task(table: Table, target: str) -> Task:
    """Choose the task by the cells of the target, as `read_labels` documents."""
    cells = column_cells(table, target)
    counts = cells.counts()
    read = cells.numbers()
    numbers = read.values[~np.isnan(read.values)]
    whole = bool(np.all(numbers == np.floor(numbers)))
    few = len(counts) <= min(MOST_CLASSES, counts.total() / 2)
    if read.share < 0.5 or (read.share < 1 and whole and few):  # 0, 1, 2, 3+
        return "classification"
    if read.share < SHARE:
        strange = next(iter(read.refused))
        row = cells.words().index(strange)
        raise TableError(
            f"{table.where(target, row)}: {strange!r} among numbers (--task classification takes them all as labels)"
        )
    return "classification" if few and whole else "regression"


def _values(
    table: Table, target: str, cells: Cells, there: NDArray[np.bool_], remarks: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    read = cells.numbers()
    if read.share < SHARE:
        strange = next(iter(read.refused))
        row = cells.words().index(strange)
        raise TableError(f"{table.where(target, row)}: {strange!r} is not a finite number")
    if read.refused:
        remarks.append(
            f"{target!r}: {read.refused.total()} cells are no numbers ({shortened(next(iter(read.refused)))})"
        )
    there = there & ~np.isnan(read.values)
    values = read.values[there]
    if np.ptp(values) == 0:
        raise TableError(f"{table.path}: column {target!r} is {values[0]:g} in every row: nothing to learn")
    return values, there


def _class_numbers(
    table: Table, target: str, counts: Counter[str], words: list[str], remarks: list[str]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number the classes, sorted as numbers where all are numbers, else as text."""
    if len(counts) == 1:
        only = next(iter(counts))
        raise TableError(f"{table.path}: column {target!r} has one class only ({only!r}): nothing to tell apart")
    if 2 * len(counts) > len(words):
        raise TableError(
            f"{table.path}: column {target!r} has {len(counts)} different values in {len(words)} rows:"
            " too many to be classes"
        )
    numbers = {word: parse_number(word) for word in counts}
    in_order = None not in numbers.values()
    classes = tuple(sorted(counts, key=lambda word: (numbers[word] if in_order else 0.0, word)))
    alike: dict[Any, list[str]] = {}
    for word in classes:
        alike.setdefault(numbers[word] if numbers[word] is not None else word.casefold(), []).append(word)
    for group in alike.values():
        if len(group) > 1:
            remarks.append(f"{' and '.join(map(repr, group))} are different classes, as they are written differently")
    rare = [word for word in classes if counts[word] == 1]
    if rare:
        remarks.append(f"{len(rare)} class{'es' * (len(rare) > 1)} with one row: {', '.join(map(shortened, rare[:5]))}")
    at = {word: i for i, word in enumerate(classes)}
    return np.array([at[word] for word in words], dtype=np.int64), classes


def _can_be_learned(table: Table, name: str) -> bool:
    kind = recognise(column_cells(table, name))
    if isinstance(kind, LeftOut | FreeText) or kind.title == "date":
        return False
    try:
        return len(table) > 0 and likely_task(table, name) is not None
    except TableError:
        return False
