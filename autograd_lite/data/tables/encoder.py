"""All columns of a table together: what becomes of each, and the matrix that they make."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite.data.tables.columns import KINDS, Cells, Kind, LeftOut, Number, recognise
from autograd_lite.data.tables.reading import Table, TableError, listed

__all__ = ["TableEncoder", "column_cells"]

BY_NAME = {kind.__name__: kind for kind in KINDS}


@dataclass(frozen=True, eq=False)
class TableEncoder:
    """The kind of every column, in the order of the file that was learned from."""

    columns: tuple[Kind, ...]

    @classmethod
    def fit(cls, table: Table, leave_out: Collection[str] = ()) -> TableEncoder:
        """Find the kind of every column but those to leave out.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> from autograd_lite.data.tables.reading import read_table
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "pets.csv")
        ...     _ = path.write_text("weight,kind\\n" + "4.1,cat\\n9.5,dog\\n" * 5)
        ...     TableEncoder.fit(read_table(path)).feature_names
        ('weight', 'kind = cat', 'kind = dog')
        """
        return cls(tuple(recognise(column_cells(table, name)) for name in table.columns if name not in leave_out))

    @classmethod
    def of_numbers(cls, names: Collection[str]) -> TableEncoder:
        """Return the encoder of a table whose columns are all plain numbers."""
        return cls(tuple(Number(name) for name in names))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the columns of the matrix."""
        return tuple(itertools.chain.from_iterable(column.names() for column in self.columns))

    @property
    def used(self) -> tuple[str, ...]:
        """The columns of the file that the matrix is made of."""
        return tuple(column.name for column in self.columns if column.names())

    @property
    def identities(self) -> list[str]:
        """The columns that are left out because they say only which row it is."""
        return [column.name for column in self.columns if isinstance(column, LeftOut) and column.identity]

    def counting(self, table: Table) -> TableEncoder | None:
        """Return the encoder that takes columns left out as ids as numbers, where they are; None if there is none."""
        numbers = [Number.recognise(column_cells(table, name)) for name in self.identities]
        found = {number.name: number for number in numbers if number is not None}
        return TableEncoder(tuple(found.get(column.name, column) for column in self.columns)) if found else None

    def require(self, table: Table) -> None:
        """Raise TableError if the table lacks a column that is used."""
        lacking = [name for name in self.used if name not in table.columns]
        if lacking:
            by_case = {name.casefold(): name for name in table.columns}
            hints = [f"did you mean {found!r}? " for name in lacking if (found := by_case.get(name.casefold()))]
            hint = f": {hints[0]}it has {listed(table.columns)}" if hints else ""
            raise TableError(f"{table.path} lacks the column{'s' * (len(lacking) > 1)} {listed(lacking)}{hint}")

    def encode(self, table: Table, tell: Callable[[str], None] = lambda remark: None) -> NDArray[np.float64]:
        """Return a matrix of shape (rows, len(feature_names)), NaN where a number is missing.

        Raises
        ------
        TableError
            If the table lacks a column that is used.
        """
        self.require(table)
        parts = [column.encode(column_cells(table, column.name), tell) for column in self.columns if column.names()]
        return np.concatenate([np.empty((len(table), 0)), *parts], axis=1)

    def says(self) -> Iterator[tuple[str, str, str, str]]:
        """Give a row of words for every column: its name, its kind, how many numbers it becomes, and how.

        Columns that follow each other and are alike are one row.
        """
        for (title, width, words), group in itertools.groupby(
            self.columns, lambda column: (column.title, len(column.names()), column.says())
        ):
            names = [column.name for column in group]
            name = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]} ({len(names)})"
            if len(names) == 2:
                for each in names:
                    yield each, title, str(width), words
            else:
                yield name, title, str(width), words

    def to_json(self) -> list[dict[str, Any]]:
        """Return what a model file keeps."""
        return [{"kind": type(column).__name__, **asdict(column)} for column in self.columns]

    @classmethod
    def from_json(cls, kept: list[Mapping[str, Any]]) -> TableEncoder:
        """Return the encoder of what `to_json` returned; raises ValueError if it is something else."""
        columns = []
        for each in kept:
            fields = {name: tuple(value) if isinstance(value, list) else value for name, value in each.items()}
            kind = BY_NAME.get(str(fields.pop("kind", "")))
            if kind is None:
                raise ValueError(f"no kind of column is called {each.get('kind')!r}")
            columns.append(kind(**fields))
        return cls(tuple(columns))

    def numeric_only(self, table: Table) -> None:
        """Raise TableError, with all their names, if columns are anything but plain numbers without gaps."""
        strange = [column.name for column in self.columns if not _is_strict(column, table)]
        if strange:
            ignores = " ".join(f"--ignore {_quoted(name)}" for name in strange)
            more = "s" * (len(strange) > 1)
            raise TableError(
                f"{table.path}: {len(strange)} column{more} of other than plain numbers, or with missing cells:"
                f" {listed(strange, most=len(strange))}; leave out with: {ignores}"
            )


def column_cells(table: Table, name: str) -> Cells:
    """Return a column with all that the table knows about it."""
    decimal, unnamed, codes = table.dialect.decimal, name in table.unnamed, name in table.codes
    return Cells(name, table[name], decimal, table.missing, unnamed, codes)


def _is_strict(column: Kind, table: Table) -> bool:
    if isinstance(column, LeftOut):
        read = column_cells(table, column.name).numbers()
        return read.written == "plain" and not np.isnan(read.values).any()
    return isinstance(column, Number) and not column.note and not column.gaps


def _quoted(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else "'" + name.replace("'", "'\\''") + "'"
