"""What `train` says: what became of the columns, what was trained, how good it is, and what to think of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd_lite.cli.baselines import giveaway
from autograd_lite.cli.experiment import Result
from autograd_lite.cli.scores import Score
from autograd_lite.data.datasets import Dataset
from autograd_lite.data.tabular import PreparedTable

__all__ = ["columns_in_words", "describe", "remarks", "verdict"]

WIDEST = 32
PERFECT = 0.9999
CLEARLY = 5e-4


def columns_in_words(table: PreparedTable) -> str:
    """Return a table with a line for what became of every column."""
    target = table.dataset.target_name
    kind = "values" if table.dataset.class_names is None else f"{len(table.dataset.class_names)} classes"
    chosen = f", taken {table.chosen} (--target says otherwise)" if table.chosen else ""
    rows = [("column", "kind", "becomes", "how"), *(table.encoder.says() if table.encoder else ())]
    rows.append((target, "target", "", f"{kind}{chosen}"))
    return "\n".join([*_aligned(rows), *(f"note: {remark}" for remark in table.remarks)])


def describe(result: Result, hidden_given: bool) -> str:
    """Say what was trained, and how."""
    settings, history = result.settings, result.history
    batch = min(settings.batch_size, result.train_rows)
    parameters = sum(p.size for p in result.predictor.network.parameters())
    held = f", {result.validation_rows} to validate" if result.validation_rows else ""
    linear = not result.predictor.architecture.hidden and not hidden_given
    always = linear and min(result.contest, key=lambda name: result.contest[name]) not in ("network", "linear")
    which = "the same answer always" if always else "linear"
    better = f": {which}, as it does better on rows left out (--hidden 64,64 for a network)" if linear else ""
    mean = f", the mean of {settings.networks} networks" if settings.networks > 1 and not linear else ""
    lines = [
        f"rows       {result.train_rows} to train{held}, {result.test_rows} to test",
        f"model      {result.predictor.architecture} ({parameters} parameters){mean}{better}",
    ]
    if result.contest:
        what = "wrong" if result.measure == "accuracy" else "variance unexplained"
        losses = ", ".join(f"{name} {loss:.2%}" for name, loss in result.contest.items())
        lines.append(f"contest    {what} on rows left out: {losses}")
    if not linear:
        restraints = [
            f", {name.replace('_', ' ')} {getattr(settings, name):g}"
            for name in ("dropout", "weight_decay", "label_smoothing")
            if getattr(settings, name)
        ]
        stopped = f", {history.stopped}, the best is kept" if history.stopped and not history.interrupted else ""
        lines += [
            f"optimizer  {settings.optimizer}, learning rate {settings.lr:g}{''.join(restraints)}",
            f"training   {history.epochs} epochs in batches of {batch}, seed {settings.seed}{stopped}",
        ]
    lines.append(f"time       {result.seconds:.2f} s")
    if history.interrupted:
        lines.append("interrupted: what follows is about the model as it was then")
    elif not linear:
        steps = history.epochs * -(-result.train_rows // batch)
        lines[-1] += f" ({sum(history['seconds']) / steps * 1e6:.0f} µs a step)"
    return "\n".join(lines)


def verdict(result: Result) -> str:
    """Return the result and its baselines, one line each."""
    classes = result.measure == "accuracy"
    rows = []
    for name, score in result.scores.items():
        title = f"test {result.measure}" if name == "model" else f"{name} (baseline)"
        rows.append((title, f"{score.value:.2%}" if classes else f"{score.value:.4f}", _beside(score, classes)))
    return "\n".join(_aligned(rows))


def remarks(dataset: Dataset, result: Result) -> list[str]:
    """Return what a careful reader of the result would point out."""
    found = []
    first = result.scores["model"].value
    better = {name: value for name, value in result.baselines.items() if value > first + CLEARLY}
    if better:
        best = max(better, key=lambda each: better[each])
        found.append(f"{best} does better on these {result.test_rows} test rows")
    majority = result.baselines.get("majority class", result.baselines.get("mean", 0.0))
    if first <= majority:
        found.append("nothing was learned: no better than always the same answer")
    if first >= PERFECT and (name := giveaway(dataset)):
        found.append(
            f"a perfect score: column {name!r} alone gives the target away; if it would not be known before the target,"
            f" leave it out (--ignore)"
        )
    return found


def _beside(score: Score, classes: bool) -> str:
    if not score.beside:
        return ""
    shown = [
        f"{name} {value:.2%}" if name == "balanced" else f"{name} {value:.3f}" if classes else f"{name} {value:.4g}"
        for name, value in score.beside.items()
    ]
    return f"({', '.join(shown)})"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterable[str]:
    """Put rows of words under each other."""
    widths = [min(WIDEST, max(len(row[at]) for row in rows)) for at in range(len(rows[0]))]
    for row in rows:
        yield "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
