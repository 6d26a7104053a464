"""Tables in files as batches, a block at a time: what does not fit into memory can be trained on.

Thin iterables over pyarrow, which reads and decodes; `fit` takes them where it takes a DataLoader.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.support.optional_dependency import optional

__all__ = ["TableStream", "from_csv", "from_parquet"]


class TableStream:
    """Batches of ``(x, y)`` out of a file; every pass reads it anew, and holds one block in memory.

    Attributes
    ----------
    feature_names : tuple of str
    target_name : str
    """

    def __init__(
        self,
        path: str | Path,
        blocks: Callable[[], Any],
        names: Collection[str],
        target: str,
        batch_size: int,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        if target not in names:
            raise ValueError(f"{path} has no column {target!r}: it has {', '.join(names)}")
        self.path, self.blocks, self.batch_size = Path(path), blocks, batch_size
        self.feature_names = tuple(name for name in names if name != target)
        self.target_name = target
        self._rows: int | None = None

    def __len__(self) -> int:
        """Return the number of batches in one pass; the first call counts the rows."""
        if self._rows is None:
            self._rows = sum(block.num_rows for block in self.blocks())
        return -(-self._rows // self.batch_size)

    def __iter__(self) -> Iterator[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Start a new pass."""
        x, y = np.empty((0, len(self.feature_names)), np.float32), np.empty(0)
        for block in self.blocks():
            columns = [self._numbers(block, name) for name in self.feature_names]
            more = np.stack(columns, axis=1).astype(np.float32)
            target = self._numbers(block, self.target_name)
            x, y = (np.concatenate([x, more]), np.concatenate([y, target])) if len(x) else (more, target)
            whole = len(x) - len(x) % self.batch_size
            for start in range(0, whole, self.batch_size):
                yield x[start : start + self.batch_size], y[start : start + self.batch_size]
            x, y = x[whole:], y[whole:]
        if len(x):
            yield x, y

    def _numbers(self, block: Any, name: str) -> NDArray[Any]:
        column = block.column(name)
        values = column.to_numpy(zero_copy_only=False)
        if values.dtype.kind not in "biuf":
            raise ValueError(f"{self.path}, column {name!r}: {column.type} is no number; read it with dataset_from_csv")
        if column.null_count:
            raise ValueError(f"{self.path}, column {name!r}: {column.null_count} cells of a block are missing")
        return np.asarray(values)


def from_csv(path: str | Path, target: str, batch_size: int = 256, delimiter: str = ",") -> TableStream:
    """Return batches of a CSV file of numbers, read by pyarrow a block at a time.

    Parameters
    ----------
    path : str or Path
    target : str
        The column that is y; all others are x, float32.
    batch_size : int
    delimiter : str

    Raises
    ------
    ModuleNotFoundError
        If pyarrow is not installed.
    ValueError
        If there is no such column; and in a pass, if a column is no number or a cell is missing. A table that needs
        more than this is read by ``autograd_lite.data.tabular.dataset_from_csv``.

    Examples
    --------
    ::

        batches = from_csv("houses.csv", target="price")
        ag.fit(model, batches, nn.MSELoss(), optimizer, epochs=3)
    """
    csv = optional("pyarrow.csv", "from_csv", "arrow")
    options = csv.ParseOptions(delimiter=delimiter)

    def blocks() -> Any:
        return csv.open_csv(path, parse_options=options)

    return TableStream(path, blocks, blocks().schema.names, target, batch_size)


def from_parquet(path: str | Path, target: str, batch_size: int = 256) -> TableStream:
    """Return batches of a Parquet file of numbers, read by pyarrow a block at a time; otherwise as `from_csv`.

    Examples
    --------
    ::

        batches = from_parquet("houses.parquet", target="price")
    """
    parquet = optional("pyarrow.parquet", "from_parquet", "arrow")
    return TableStream(
        path,
        lambda: parquet.ParquetFile(path).iter_batches(),
        parquet.ParquetFile(path).schema_arrow.names,
        target,
        batch_size,
    )
