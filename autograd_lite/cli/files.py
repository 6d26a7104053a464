"""The options that say how a file is to be read, and what becomes of a file that is to be predicted."""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from autograd_lite.cli.predictor import Predictor
from autograd_lite.data.tables.encoder import TableEncoder
from autograd_lite.data.tables.reading import read_tables

__all__ = ["add_dialect", "dialect_of", "predict_file"]

ROWS_AT_ONCE = 50_000
NAMED = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";"}


def add_dialect(parser: argparse.ArgumentParser) -> Any:
    """Add the options that outvote the lines of a file; return their group."""
    group = parser.add_argument_group("CSV files", "What is not given is decided by a vote of the file's lines.")
    group.add_argument("--delimiter", type=_delimiter, metavar="CHAR", help="one character, or tab or space")
    group.add_argument("--decimal", choices=(".", ","), help="the decimal mark")
    group.add_argument("--encoding", metavar="NAME", help="such as utf-8, cp1252, utf-16, gb18030")
    group.add_argument(
        "--missing",
        metavar="TEXTS",
        help='what stands for a missing cell, in place of NA, N/A, NaN, null, None, ?, - and .; as in --missing="?,-9"',
    )
    group.add_argument(
        "--header", action=argparse.BooleanOptionalAction, help="whether the first row has the names of the columns"
    )
    return group


def dialect_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the options say about a file, as `read_table` takes it."""
    said = {name: getattr(options, name) for name in ("delimiter", "decimal", "encoding", "header")}
    missing = None if options.missing is None else options.missing.split(",")
    return {name: value for name, value in {**said, "missing": missing}.items() if value is not None}


def predict_file(
    predictor: Predictor, path: str | Path, dialect: dict[str, Any], keep: list[str] | None, chances: bool
) -> None:
    """Write a prediction for every row of a file to stdout, a block of rows at a time.

    The columns `keep` stand before it; if not given, those that were left out as ids in training and are there.
    """
    encoder = predictor.encoder or TableEncoder.of_numbers(predictor.feature_names)
    text = encoder.identities if keep is None else keep
    writer = csv.writer(sys.stdout, lineterminator="\n")
    told: Counter[str] = Counter()
    kept: list[str] = []
    for number, table in enumerate(read_tables(path, ROWS_AT_ONCE, text=text, known=encoder.used, **dialect)):
        if number == 0:
            kept = [name for name in text if name in table.columns or (keep is not None and table.require(name))]
            told.update(table.remarks)
            encoder.require(table)
            writer.writerow([*kept, *_titles(predictor, chances)])
        features = encoder.encode(table, lambda remark: told.update([remark]))
        columns = [table.text(name) for name in kept]
        writer.writerows(_rows(columns, _answers(predictor, features, chances)))
    for remark, times in told.items():
        print(f"autograd-lite: {remark}{f' (and so in {times} blocks)' if times > 1 else ''}", file=sys.stderr)


def _titles(predictor: Predictor, chances: bool) -> list[str]:
    classes = predictor.class_names or ()
    return [predictor.target_name, *(f"P({name})" for name in classes if chances)]


def _answers(predictor: Predictor, features: NDArray[Any], chances: bool) -> Iterator[list[str]]:
    if predictor.class_names is None:
        for value in predictor.predict(features).tolist():
            yield [f"{value:.7g}"]
    elif chances:
        for row in predictor.probabilities(features):
            yield [predictor.class_names[int(row.argmax())], *(f"{chance:.4f}" for chance in row.tolist())]
    else:
        for label in predictor.predict(features).tolist():
            yield [predictor.class_names[label]]


def _rows(kept: list[list[str]], answers: Iterator[list[str]]) -> Iterator[list[str]]:
    """Put what is kept of every row before what is said about it."""
    columns = zip(*kept, strict=True) if kept else itertools.repeat(())
    for before, answer in zip(columns, answers, strict=False):
        yield [*before, *answer]


def _delimiter(text: str) -> str:
    character = NAMED.get(text, text)
    if len(character) != 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not one character (nor tab or space)")
    return character
