"""A file that is larger than memory: one pass over all of it, and as many rows as fit, drawn evenly.

A model of the sizes that `train` makes learns little more from the ten millionth row than from the millionth; what
has to be right is that the rows come from everywhere in the file, and that a user hears how many they are.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.data.tables.parsers import Column
from autograd_lite.data.tables.reading import Table, as_text, read_tables

__all__ = ["LARGE", "sampled_table"]

LARGE = 200 << 20  # bytes of a file that is read in blocks
CELLS = 4_000_000  # that are kept of it
ROWS_AT_ONCE = 50_000


def sampled_table(path: str | Path, cells: int = CELLS, **how: Any) -> Table:
    """Return about `cells` cells of a file in whole rows, drawn evenly from all of it.

    Parameters
    ----------
    path : str or Path
    cells : int
    **how
        As in `read_table`.
    """
    generator = np.random.default_rng(0)
    size, seen, kept, share = Path(path).stat().st_size, 0, [], 1.0
    for number, table in enumerate(read_tables(path, ROWS_AT_ONCE, **how)):
        if number == 0:
            rows_of_file = size / max(_bytes_of_rows(table), 1)
            share = min(1.0, cells / len(table.columns) / rows_of_file)
        seen += len(table)
        kept.append(table.take(generator.random(len(table)) < share))
    joined = replace(kept[0], cells=[_joined([table.cells[at] for table in kept]) for at in range(len(table.columns))])
    joined.remarks = list(table.remarks)
    if len(joined) < seen:
        joined.remarks.append(f"of {seen:,} rows, {len(joined):,} drawn evenly over the file are taken into memory")
    return joined


def _bytes_of_rows(table: Table) -> float:
    """Return how many bytes of the file a row has, by the first rows."""
    with table.path.open("rb") as file:
        lines = file.read(1 << 20).splitlines()
    return sum(map(len, lines[1:])) / max(len(lines) - 1, 1) + 1


def _joined(parts: list[Column]) -> Column:
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    return list(itertools.chain.from_iterable(as_text(part) for part in parts))
