"""The trainings that are going on, one per tab of a browser."""

from __future__ import annotations

import secrets
import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from autograd_lite.playground.script import script
from autograd_lite.playground.setup import Setup, SetupError
from autograd_lite.playground.training import Training
from autograd_lite.playground.view import points, snapshot
from autograd_lite.stepthrough import step_through

__all__ = ["Sessions", "UnknownSession"]

MOST_SESSIONS = 32
IDLE_SECONDS = 15 * 60
MOST_STEPS = 100_000  # in one request
SLICE_SECONDS = 0.25  # of one request: the page stays live, and nobody waits long for others
STEPS_BEFORE_TRAINING = 1000  # of a script that is exported before anything was trained


class UnknownSession(LookupError):
    """A session that has ended or never was."""


class Sessions:
    """Trainings by an id, each moved on only when asked: a closed tab leaves an idle array, never a busy thread.

    Parameters
    ----------
    now : callable
        The time in seconds; those unused for a quarter of an hour are dropped, as is the longest unused of too many.

    Examples
    --------
    >>> sessions = Sessions()
    >>> begun = sessions.begin({"setup": {"data": "xor"}})
    >>> sessions.advance({"session": begun["session"], "steps": 10})["step"]
    10
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.kept: OrderedDict[str, tuple[Training, float]] = OrderedDict()
        self.lock = threading.Lock()
        self.quiet = Quiet()

    def begin(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Start a training in the place of the one that the request names, if any."""
        setup = Setup.parsed(request.get("setup", {}))
        with self.quiet():
            training = Training(setup)
            made = {"setup": setup.as_json(), "points": points(training), **snapshot(training)}
        self.end(request)  # not before: a set-up that is refused costs nobody a training
        key = secrets.token_urlsafe(16)
        with self.lock:
            self.kept[key] = (training, self.now())
            while len(self.kept) > MOST_SESSIONS:
                self.kept.popitem(last=False)
        return {"session": key, **made}

    def advance(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make steps, fewer than asked for when they take long; a training that has diverged stays where it is."""
        steps = request.get("steps", 1)
        if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps <= MOST_STEPS:
            raise SetupError(f"steps must be a whole number from 0 to {MOST_STEPS}, and is {steps!r:.60}")
        training = self.find(request)
        with training.turn, self.quiet():
            notice = None
            if training.finite:
                try:
                    training.advance(steps, SLICE_SECONDS)
                except (FloatingPointError, ModuleNotFoundError, np.linalg.LinAlgError) as error:
                    notice = str(error)
            if not training.finite:
                notice = "Training has diverged: the weights are no longer finite. A lower learning rate may help."
            return {**snapshot(training), "notice": notice}

    def steps(self, request: Mapping[str, Any]) -> str:
        """The page that goes through backpropagation in the present net, on the points of one batch."""
        training = self.find(request)
        with training.turn, self.quiet():
            x, y = (part[: training.setup.batch_size] for part in training.train)
            list(training.model.named_parameters())
            title = f"{training.setup.data}, step {training.steps}"
            return step_through(training.objective(training.model(x), y), title=title).html

    def script(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The script that comes to where the training is now."""
        training = self.find(request)
        with training.turn, self.quiet():
            steps = training.steps or STEPS_BEFORE_TRAINING
            text = script(training.setup, steps, len(training.test[0]))
        return {"name": f"{training.setup.data}.py", "steps": steps, "script": text}

    def end(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Forget a training."""
        with self.lock:
            self.drop_idle()
            return {"ended": self.kept.pop(str(request.get("session")), None) is not None}

    def find(self, request: Mapping[str, Any]) -> Training:
        """The training that the request names.

        Raises
        ------
        UnknownSession
            If there is none, any more.
        """
        key = request.get("session")
        with self.lock:
            self.drop_idle()
            if not isinstance(key, str) or key not in self.kept:
                raise UnknownSession("this session has ended, because it was idle or others came: begin a new one")
            training, _ = self.kept[key]
            self.kept[key] = (training, self.now())
            self.kept.move_to_end(key)
            return training

    def drop_idle(self) -> None:
        """Forget what nobody has asked for in a long time; the longest unused come first."""
        while self.kept and self.now() - next(iter(self.kept.values()))[1] > IDLE_SECONDS:
            self.kept.popitem(last=False)


class Quiet:
    """Without warnings, in whichever threads: what overflows is shown on the page.

    Filters of warnings are the whole process's, so the first who comes in sets them, and the last who goes puts them
    back.
    """

    def __init__(self) -> None:
        self.lock, self.inside, self.filters = threading.Lock(), 0, ExitStack()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Be quiet within."""
        with np.errstate(all="ignore"):
            self.count(1)
            try:
                yield
            finally:
                self.count(-1)

    def count(self, change: int) -> None:
        """One more is inside, or one fewer."""
        with self.lock:
            if not self.inside:
                self.filters.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
            self.inside += change
            if not self.inside:
                self.filters.close()
