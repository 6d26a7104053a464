"""The command ``python -m benchmarks``: measure, print the tables, write ``RESULTS.md``."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import report
from benchmarks.results import QUANTITIES, collect
from benchmarks.subjects import SUBJECTS

RESULTS = Path(__file__).with_name("RESULTS.md")


def chosen_from(known: tuple[str, ...]) -> Callable[[str], list[str]]:
    """Make a parser for comma-separated names."""

    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(known)}")
        return [name for name in known if name in chosen]

    return parse


def positive(text: str) -> int:
    """Parse a whole number above zero."""
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text}: not a whole number above zero")
    return int(text)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    everything, everyone = QUANTITIES, tuple(SUBJECTS)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time training steps in autograd_lite and its peers, each in its own process.",
    )
    parser.add_argument(
        "--only",
        type=chosen_from(everything),
        default=list(everything),
        metavar="NAMES",
        help=f"comma-separated, of {', '.join(everything)}",
    )
    parser.add_argument(
        "--subjects",
        type=chosen_from(everyone),
        default=list(everyone),
        metavar="NAMES",
        help=f"comma-separated, of {', '.join(everyone)}",
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        default=3,
        metavar="N",
        help="processes per number, of which the best counts (default 3)",
    )
    parser.add_argument(
        "--peers",
        default=os.environ.get("AUTOGRAD_LITE_PEERS", sys.executable),
        metavar="PYTHON",
        help="the interpreter that has the other libraries (default: AUTOGRAD_LITE_PEERS or this one)",
    )
    parser.add_argument("--no-write", action="store_true", help="leave RESULTS.md as it is")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; 1 if a subject failed or computed something else."""
    options = parse_arguments(arguments)

    def announce(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    try:
        results = collect(options.subjects, options.only, options.rounds, options.peers, announce)
    except OSError as error:
        announce(f"cannot run {options.peers}: {error.strerror}")
        return 2
    print(report.tables(results))
    complete = len(options.only) == len(QUANTITIES) and len(options.subjects) == len(SUBJECTS)
    if options.no_write or not complete:
        announce("RESULTS.md not written" + ("" if complete else ": not everything was measured"))
    else:
        report.write(results, RESULTS)
        announce(f"written: benchmarks/{RESULTS.name}")
    return 1 if any(results.warnings()) else 0


if __name__ == "__main__":
    sys.exit(main())
