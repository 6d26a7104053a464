"""The command ``autograd-lite``: train a network on a table, predict with it, read the step that it trains with.

Results go to stdout; progress and errors go to stderr. Exit codes: 0 done, 2 something in the request is
wrong (one line says what), 130 ended by Ctrl-C, 141 nobody reads the output any more.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

from autograd_lite import __version__
from autograd_lite.cli.coverage import coverage_table
from autograd_lite.cli.demo import run_demo
from autograd_lite.cli.draw import add_draw
from autograd_lite.cli.experiment import OPTIMIZERS, Settings, default_settings, explain, run
from autograd_lite.cli.expressions import ExpressionError
from autograd_lite.cli.files import add_dialect, dialect_of, predict_file
from autograd_lite.cli.predictor import ModelFileError, Predictor
from autograd_lite.cli.step import add_step
from autograd_lite.cli.verdict import columns_in_words, describe, remarks, verdict
from autograd_lite.data.datasets import load, names
from autograd_lite.data.tabular import PreparedTable, TableError, prepare_table
from autograd_lite.drawing import RenderError
from autograd_lite.playground import play
from autograd_lite.support.atomic_write import check_writable

__all__ = ["main"]

INTERRUPTED = 130


class RequestError(Exception):
    """Something in the request is wrong; the message is one line."""


class Parser(argparse.ArgumentParser):
    """An argument parser that reports one line instead of printing the usage first."""

    def error(self, message: str) -> NoReturn:
        raise RequestError(f"{message} (see {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if not given.

    Examples
    --------
    >>> main(["train", "moons", "--epochs", "0.5"])
    2
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without "²" is no reason to fail
    try:
        options = _parser().parse_args(arguments)
        code: int = options.command(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("autograd-lite: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit's flush does not fail too
        return 141
    except (
        RequestError,
        ExpressionError,
        RenderError,
        TableError,
        ModelFileError,
        FloatingPointError,
        ModuleNotFoundError,
        OSError,
    ) as error:
        print(f"autograd-lite: {_one_line(error)}", file=sys.stderr)
        return 2
    return code


def _parser() -> Parser:
    parser = Parser(
        prog="autograd-lite", description="Train a network on a table, predict with it, or see a demonstration."
    )
    parser.add_argument("--version", action="version", version=f"autograd_lite {__version__}")
    commands = parser.add_subparsers(
        title="commands", required=True, metavar="train | explain | predict | draw | step | play | demo"
    )

    train = commands.add_parser(
        "train",
        help="train on a built-in data set or a CSV file, and measure on a held-out part",
        description="Train on a built-in data set or a CSV file, and measure on a held-out part."
        " Settings that are not given are chosen by the task and the number of rows.",
    )
    train.set_defaults(command=_train)
    _add_experiment(train)
    train.add_argument("--save", type=Path, metavar="MODEL.npz", help="keep the model for `predict`")
    train.add_argument("--quiet", action="store_true", help="print the results only")
    train.add_argument("--no-boosting", action="store_true", help="compare with the quick baselines only")

    explain = commands.add_parser(
        "explain",
        help="print the training step of `train` as a NumPy program",
        description="Print the step that `train` trains with as a NumPy program: forward, backward and update."
        " Nothing is trained.",
    )
    explain.set_defaults(command=_explain)
    _add_experiment(explain)
    explain.add_argument(
        "-o", "--output", type=Path, metavar="STEP.py", help="write a script that needs only NumPy (and its STEP.npz)"
    )

    predict = commands.add_parser("predict", help="predict the rows of a CSV file; writes a CSV to stdout")
    predict.set_defaults(command=_predict)
    predict.add_argument("model", type=Path, help="a file written by `train --save`")
    predict.add_argument("data", metavar="FILE.csv", help="needs the model's columns, in any order")
    predict.add_argument("--proba", action="store_true", help="write the probability of every class, too")
    predict.add_argument(
        "--keep", metavar="COLUMN", action="append", help="write this column, too (repeatable; if not given, the ids)"
    )
    add_dialect(predict)

    add_draw(commands)
    add_step(commands)
    playground = commands.add_parser("play", help="open the playground, where networks learn in the browser")
    playground.set_defaults(command=_play)
    playground.add_argument("file", nargs="?", metavar="FILE.csv", help="points of your own: two columns, two classes")
    playground.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="default: 127.0.0.1, this machine")
    playground.add_argument("--port", type=_whole(0), default=8000, help="default: 8000, or a free one if it is taken")
    playground.add_argument("--no-browser", action="store_true", help="print the address only")
    coverage = commands.add_parser("coverage", help="print which functions can be differentiated")
    coverage.set_defaults(command=_coverage)
    demo = commands.add_parser("demo", help="train on digits and diabetes; draw the curves and a graph")
    demo.set_defaults(command=lambda options: run_demo(options.output))
    demo.add_argument("--output", type=Path, default=Path("demo"), metavar="FOLDER", help="default: demo")
    return parser


def _add_experiment(parser: argparse.ArgumentParser) -> None:
    """Add what says which experiment is meant: the data and the settings."""
    parser.add_argument("data", help=f"{', '.join(names())}, or FILE.csv")
    table = add_dialect(parser)
    table.add_argument(
        "--target", metavar="COLUMN", help="the column to predict; if not given, one with a usual name, or the last"
    )
    table.add_argument("--ignore", metavar="COLUMN", action="append", help="leave a column out (repeatable)")
    table.add_argument(
        "--numeric-only", action="store_true", help="refuse columns that are not plain numbers, and missing cells"
    )
    table.add_argument(
        "--task",
        choices=("classification", "regression"),
        help="if not given: text, and at most 20 different whole numbers that occur twice each on average,"
        " are classes; other numbers are values",
    )
    settings = parser.add_argument_group("settings")
    settings.add_argument(
        "--hidden", type=_hidden, metavar="64,64", help="units per hidden layer; none: a linear model"
    )
    settings.add_argument("--optimizer", choices=OPTIMIZERS, help="sgd has momentum 0.9")
    settings.add_argument("--lr", type=_number("above 0", lambda x: x > 0), metavar="RATE", help="learning rate")
    settings.add_argument("--epochs", type=_whole(1), metavar="N", help="passes over the training part")
    settings.add_argument("--batch-size", type=_whole(1), metavar="ROWS")
    settings.add_argument("--dropout", type=_number("from 0 to below 1", lambda x: 0 <= x < 1), metavar="P")
    settings.add_argument("--weight-decay", type=_number("at least 0", lambda x: x >= 0), metavar="RATE")
    settings.add_argument("--label-smoothing", type=_number("from 0 to below 1", lambda x: 0 <= x < 1), metavar="P")
    settings.add_argument("--seed", type=_whole(0), metavar="N", help="the same seed, the same result (default 0)")


def _coverage(options: argparse.Namespace) -> int:
    """Print the table of what can be differentiated."""
    with suppress(ImportError):
        importlib.import_module("autograd_lite.rules.special")  # listed where SciPy is installed
    print(coverage_table(), end="")
    return 0


def _train(options: argparse.Namespace) -> int:
    if options.save is not None:
        check_writable(options.save)
    table, settings = _experiment(options)
    dataset = table.dataset
    if not options.quiet:
        print(dataset, flush=True)
        if table.encoder is not None:
            print(columns_in_words(table), flush=True)
    result = run(dataset, settings, not options.quiet, table.encoder, compare=not options.no_boosting)
    if not options.quiet:
        print(describe(result, options.hidden is not None))
    print(verdict(result), flush=True)
    if not options.quiet:
        for remark in remarks(dataset, result):
            print(f"note: {remark}")
    if options.save is not None:
        result.predictor.save(options.save)
        if not options.quiet:
            print(f"saved to {options.save}")
    return INTERRUPTED if result.history.interrupted else 0


def _explain(options: argparse.Namespace) -> int:
    if options.output is None:
        table, settings = _experiment(options)
        print(explain(table.dataset, settings).source)
        return 0
    if options.output.suffix != ".py":
        raise RequestError(f"-o: the program is a Python script, and {options.output} does not end in .py")
    check_writable(options.output)
    table, settings = _experiment(options)
    explain(table.dataset, settings).save(options.output)
    print(f"saved to {options.output}, its arrays to {options.output.with_suffix('.npz')}")
    return 0


def _experiment(options: argparse.Namespace) -> tuple[PreparedTable, Settings]:
    """Load the data and settle the settings that the options ask for."""
    table = _table(options)
    dataset = table.dataset
    if dataset.task == "regression" and options.label_smoothing:
        raise RequestError(f"--label-smoothing is for classification, and {dataset.name} is a regression")
    asked = {field.name: getattr(options, field.name, None) for field in fields(Settings)}
    given = {name: value for name, value in asked.items() if value is not None}
    return table, default_settings(dataset, **given)


def _play(options: argparse.Namespace) -> int:
    if options.port > 65535:
        raise RequestError(f"--port: ports go up to 65535, and this is {options.port}")
    play(options.host, options.port, browser=not options.no_browser, file=options.file)
    return 0


def _predict(options: argparse.Namespace) -> int:
    predictor = Predictor.load(options.model)
    if options.proba and predictor.class_names is None:
        raise RequestError(f"--proba is for classes, and {options.model} predicts values")
    predict_file(predictor, options.data, dialect_of(options), options.keep, options.proba)
    return 0


def _table(options: argparse.Namespace) -> PreparedTable:
    """Load the data set that the options ask for: by name first, else as a file."""
    dialect = dialect_of(options)
    if options.data not in names() and (Path(options.data).suffix or Path(options.data).exists()):
        return prepare_table(
            options.data, options.target, options.task, options.ignore or (), options.numeric_only, **dialect
        )
    for name, value in {**dialect, **{name: getattr(options, name) for name in ("target", "task", "ignore")}}.items():
        if value is not None:
            raise RequestError(f"--{name} is for CSV files, and {options.data!r} is none")
    try:
        return PreparedTable(load(options.data), None, [])
    except (ValueError, ModuleNotFoundError) as error:
        raise RequestError(f"{error}{', or a CSV file' * isinstance(error, ValueError)}") from None


def _hidden(text: str) -> tuple[int, ...]:
    if text.strip().lower() in ("", "none"):
        return ()
    try:
        units = tuple(int(part) for part in text.split(","))
    except ValueError:
        units = (0,)
    if min(units) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of layer sizes such as 64,64 (or none)")
    return units


def _whole(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.strip().isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return parse


def _number(range_in_words: str, accepts: Callable[[float], bool]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and accepts(value)):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {range_in_words}")
        return value

    return parse


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())
