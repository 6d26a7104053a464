"""What a training run measured, a list per quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograd_lite.support.optional_dependency import optional

__all__ = ["History"]


class History(Mapping[str, list[float]]):
    """A mapping from the name of a quantity to its values, one per finished epoch.

    Attributes
    ----------
    interrupted : bool
        Whether Ctrl-C ended the run before its last epoch was done.
    stopped : str or None
        Why a callback ended the run, if one did.

    Examples
    --------
    >>> history = History()
    >>> history.append({"train_loss": 0.5, "seconds": 0.1})
    >>> history.append({"train_loss": 0.25, "seconds": 0.1})
    >>> history["train_loss"], history.epochs
    ([0.5, 0.25], 2)
    >>> history
    History(2 epochs, 0.20 s: train_loss 0.5 -> 0.25)
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[float]] = {}
        self.interrupted = False
        self.stopped: str | None = None

    @property
    def epochs(self) -> int:
        """The number of finished epochs."""
        return max((len(values) for values in self._columns.values()), default=0)

    def append(self, values: Mapping[str, float]) -> None:
        """Add one epoch's values; raises ValueError unless they have the names of the epochs before."""
        if self.epochs and values.keys() != self._columns.keys():
            raise ValueError(f"this history records {list(self._columns)}, not {list(values)}")
        for name, value in values.items():
            self._columns.setdefault(name, []).append(value)

    def state_dict(self) -> dict[str, Any]:
        """What was recorded, and how the run ended, for `load_state_dict`."""
        columns = {name: list(values) for name, values in self._columns.items()}
        return {"columns": columns, "interrupted": self.interrupted, "stopped": self.stopped}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Be as a history was of which this is the state."""
        self._columns = {name: list(values) for name, values in state_dict["columns"].items()}
        self.interrupted, self.stopped = state_dict["interrupted"], state_dict["stopped"]

    def __getitem__(self, name: str) -> list[float]:
        if name not in self._columns:
            raise KeyError(f"{name!r} was not recorded; there are: {', '.join(self._columns) or 'no epochs yet'}")
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        """Return the number of quantities (`epochs` gives the number of epochs)."""
        return len(self._columns)

    def plot(self) -> Any:
        """Draw what was recorded over the epochs: a picture for the losses, and one for each metric.

        Returns
        -------
        matplotlib.figure.Figure
            ``figure.savefig("curves.png")`` writes it.

        Raises
        ------
        ModuleNotFoundError
            If matplotlib is not installed.
        """
        figures = optional("autograd_lite.support.figure", "a learning curve", "plot")
        pictures: dict[str, list[str]] = {}
        for name in self:
            if name != "seconds":
                pictures.setdefault(name.removeprefix("train_").removeprefix("validation_"), []).append(name)
        figure = figures.Figure(figsize=(4.5 * max(len(pictures), 1), 3.5), layout="constrained")
        places = figure.subplots(1, max(len(pictures), 1), squeeze=False)[0]
        for axes, (quantity, names) in zip(places, pictures.items(), strict=False):
            for name in names:
                values, marker = self[name], "." * (len(self[name]) == 1)
                axes.plot(range(1, len(values) + 1), values, label=name.replace("_", " "), marker=marker)
            axes.set(xlabel="epoch", ylabel=quantity.replace("_", " "))
            axes.legend()
        return figure

    def __repr__(self) -> str:
        state = f"{self.epochs} epochs, {sum(self._columns.get('seconds', ())):.2f} s"
        if self.interrupted:
            state += ", interrupted"
        if self.stopped:
            state += f", stopped: {self.stopped}"
        changes = [
            f"{name} {values[0]:.4g} -> {values[-1]:.4g}" for name, values in self._columns.items() if name != "seconds"
        ]
        return f"History({state}{': ' if changes else ''}{', '.join(changes)})"
