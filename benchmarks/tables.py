"""Tables of every trouble by the plain command, and the defaults of `train` beside boosting and linear models.

``python -m benchmarks.tables`` prints both tables; ``files`` or ``defaults`` behind it prints one. The files are made
in `table_makers` and `table_dialects`, the data sets in `table_sets`; seeds are fixed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autograd_lite.cli.experiment import default_settings, run
from autograd_lite.cli.verdict import remarks
from autograd_lite.data.datasets import Dataset
from autograd_lite.data.tabular import prepare_table
from benchmarks import table_dialects  # noqa: F401, enters its tables
from benchmarks.table_makers import TABLES, written
from benchmarks.table_sets import SETS

TRIVIAL = ("majority class", "mean")


def judged(dataset: Dataset, encoder: Any = None) -> tuple[str, float, float]:
    """Return a line of scores, by how much the better of the baselines is missed, and the lead over the trivial one."""
    started = time.process_time()
    result = run(dataset, default_settings(dataset), progress=False, encoder=encoder)
    seconds = time.process_time() - started
    trivial = max(value for name, value in result.baselines.items() if name in TRIVIAL)
    better = max(value for name, value in result.baselines.items() if name not in TRIVIAL)
    scores = " ".join(f"{value:8.4f}" for value in (result.score, *result.baselines.values()))
    kind = "network" if result.predictor.architecture.hidden else "linear"
    notes = "; ".join(remarks(dataset, result))
    return (
        f"{scores}   {result.measure:8} {kind:8} {seconds:5.1f} s   {notes}",
        better - result.score,
        result.score - trivial,
    )


def files() -> None:
    """Print what became of every column of every file, and the scores."""
    with tempfile.TemporaryDirectory() as folder:
        for name in TABLES:
            path = Path(folder, f"{name}.csv")
            path.write_bytes(written(name))
            table = prepare_table(path)
            print(f"{name}: {table.dataset}, target {table.dataset.target_name!r} {table.chosen}")
            for column, kind, width, words in table.encoder.says() if table.encoder else ():
                print(f"    {column:32} {kind:10} {width:>3}   {words}")
            for remark in table.remarks:
                print(f"    note: {remark}")
            print(f"    ours, trivial, linear, boosting: {judged(table.dataset, table.encoder)[0]}", flush=True)
    print(f"{len(TABLES)} of {len(TABLES)} files were trained on, none with a flag")


def defaults() -> None:
    """Print the scores on the data sets, and the medians that matter."""
    missed: dict[str, list[float]] = {"classification": [], "regression": []}
    below = []
    print(f"{'data set':16} {'ours':>8} {'trivial':>8} {'linear':>8} {'boosting':>8}")
    for name, make in SETS.items():
        dataset = make()
        line, gap, lead = judged(dataset)
        missed[dataset.task].append(gap)
        below += [name] if lead < 0 else []
        print(f"{name:16} {line}", flush=True)
    for task, gaps in missed.items():
        print(f"{task}: the better of the baselines is missed by {statistics.median(gaps):+.4f} in the median")
    print(f"below the trivial answer: {', '.join(below) or 'none'}")


if __name__ == "__main__":
    for each in sys.argv[1:] or ("files", "defaults"):
        {"files": files, "defaults": defaults}[each]()
