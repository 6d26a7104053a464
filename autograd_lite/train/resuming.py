"""A training as a state: everything that its next step depends on, to be written and to go on from, bit for bit."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.engine.random import default_generator
from autograd_lite.nn import Module
from autograd_lite.train.callbacks.callback import Callback, Run
from autograd_lite.train.saving import checkpoint, read_checkpoint, take_over
from autograd_lite.train.weighing import Average

__all__ = ["Training"]

Positions = dict[str, Any]


class Training:
    """How far a run of `fit` has come, and what it is made of.

    Attributes
    ----------
    steps, max_steps : int
        Updates in an epoch, and at most in all.
    updates : int
        Groups of batches that are behind the training in the epoch at hand.
    average : Average
        The loss of the epoch so far.
    started : float
        When the epoch began, on the clock; of an epoch that was begun by another process as if by this one.
    begun : dict
        Where the generators stood then.
    held : dict, optional
        Where they are to go on from: before measuring, which is done again if it is cut short, or in a file.
    """

    def __init__(
        self, run: Run, callbacks: Sequence[Callback], data: dict[str, Any], average: Average, **settings: Any
    ) -> None:
        self.run, self.callbacks, self.data, self.settings = run, labelled(callbacks), data, settings
        self.updates, self.average, self.started = 0, average, time.perf_counter()
        self.steps = 0
        self.max_steps: int | None = None
        self.begun: Positions = {}
        self.held: Positions | None = None
        owners = {**data, **owners_in("model", run.model), **owners_in("loss", run.loss), **self.callbacks}
        self.owned = generators_in({**owners, "optimizer": run.optimizer})
        self.waiting: dict[str, Any] | None = None  # a state that is to be gone on from

    def epochs(self) -> Iterator[int]:
        """The epochs that are to be, from the one that was left."""
        for epoch in range(self.run.history.epochs + 1, self.run.epochs + 1):
            if self.run.history.stopped or self.enough():
                return
            if self.waiting is None:
                self.updates, self.average.total, self.average.count = 0, 0.0, 0.0
                self.started, self.begun, self.held = time.perf_counter(), self.positions(), None
            yield epoch

    def enough(self) -> bool:
        """Whether no further step is to be made."""
        return self.max_steps is not None and self.run.step >= self.max_steps

    def left(self, updates: Iterable[Any]) -> Iterable[Any]:
        """The updates of an epoch that are still to be made: those before the place where it was left are passed."""
        if self.waiting is None:
            return updates
        self.waiting = None
        self.go_to(self.begun)  # the order of the rows is drawn again
        rest = iter(updates)
        if sum(1 for _ in islice(rest, self.updates)) < self.updates:
            raise ValueError(
                f"the training was left after {self.updates} updates of an epoch, and the data have fewer: go on with "
                "the same data, batch_size and accumulate"
            )
        self.release()
        return rest

    def release(self) -> None:
        """Let the generators go on from where they are held."""
        if self.held is not None:
            self.go_to(self.held)
        self.held = None

    def seconds(self) -> float:
        """How long the epoch has taken."""
        return time.perf_counter() - self.started

    def measuring(self) -> None:
        """The updates of the epoch are made."""
        self.held = self.positions()

    def epoch_over(self) -> None:
        """The epoch is in the history."""
        self.updates, self.held = 0, None

    def generators(self) -> dict[str, np.random.Generator]:
        """All that are drawn from, with the package's own."""
        return {"default": default_generator(), **self.owned}

    def positions(self) -> Positions:
        """Where the generators stand."""
        return {name: generator.bit_generator.state for name, generator in self.generators().items()}

    def go_to(self, positions: Positions) -> None:
        """Let the generators stand there."""
        for name, generator in self.generators().items():
            generator.bit_generator.state = positions[name]

    def state_dict(self) -> dict[str, Any]:
        """All of it, as a checkpoint."""
        run = self.run
        loss = run.loss if isinstance(run.loss, Module) else None
        return {
            **checkpoint(run.model, run.optimizer, None, run.history, **self.settings),
            "loss": loss,
            "step": run.step,
            "updates": self.updates,
            "average": (self.average.total, self.average.count),
            "seconds": self.seconds(),
            "begun": self.begun,
            "generators": self.held or self.positions(),
            "callbacks": {name: callback.state_dict() for name, callback in self.callbacks.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Be where the state is; the callbacks get theirs once they have begun (`go_on`)."""
        run = self.run
        if "callbacks" not in state:
            raise ValueError("it was written by save_checkpoint: load_checkpoint gives its state back, for a new fit")
        check_same("callbacks", {n for n, s in state["callbacks"].items() if s} - self.callbacks.keys())
        check_same("generators", state["generators"].keys() ^ self.generators().keys())
        parts = [(run.model, state["model"]), (run.optimizer, state["optimizer"])]
        take_over(parts + ([(run.loss, state["loss"])] if isinstance(run.loss, Module) else []))
        run.history.load_state_dict(state["history"])
        run.history.interrupted = False
        if state["updates"]:  # whoever stopped it in the middle of an epoch wants it to go on now
            run.history.stopped = None
        run.epoch, run.step = run.history.epochs, state["step"]
        self.updates, self.begun = state["updates"], state["begun"]
        self.average.total, self.average.count = state["average"]
        self.started = time.perf_counter() - state["seconds"] * bool(self.updates)
        self.waiting, self.held = state, state["generators"]

    def go_on(self) -> None:
        """Give the callbacks, which have just begun, their states."""
        if self.waiting is not None:
            for name, callback in self.callbacks.items():
                if name in self.waiting["callbacks"]:
                    callback.load_state_dict(self.waiting["callbacks"][name])
            if not self.updates:
                self.release()
                self.waiting = None


def go_on_from(training: Training, path: Path | None) -> None:
    """Bring a training to where it was when a file was written; without a file it begins."""
    if path is None:
        return
    try:
        training.load_state_dict(read_checkpoint(path))
    except Exception as error:
        error.add_note(f"in resuming from {path}")
        raise


def owners_in(name: str, part: Any) -> dict[str, Any]:
    """An object, or a module and all below it, by name."""
    return {f"{name}.{path}": m for path, m in part.named_modules()} if isinstance(part, Module) else {name: part}


def generators_in(owners: dict[str, Any]) -> dict[str, np.random.Generator]:
    """The generators that are attributes of these."""
    return {
        f"{owner}.{name}": value
        for owner, part in owners.items()
        for name, value in getattr(part, "__dict__", {}).items()
        if isinstance(value, np.random.Generator)
    }


def check_same(what: str, different: set[str]) -> None:
    """Refuse to go on with others than those that were there."""
    if different:
        names = ", ".join(sorted(different))
        raise ValueError(f"the training that is to go on had other {what}: they differ in {names}. Give the same ones")


def labelled(callbacks: Sequence[Callback]) -> dict[str, Callback]:
    """The callbacks by their kind, and a number if there are several of it."""
    seen: Counter[str] = Counter()
    names = {}
    for callback in callbacks:
        kind = type(callback).__name__
        seen[kind] += 1
        names[kind if seen[kind] == 1 else f"{kind} {seen[kind]}"] = callback
    return names
