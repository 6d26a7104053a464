"""A set-up: everything that decides how a training on the page goes, checked where it comes in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from autograd_lite.playground.choices import ACTIVATIONS, SUGGESTED, WHOLE, optimizers, schedules
from autograd_lite.playground.data import DATA_SETS, EXTENT, FIRST_OWN, OWN
from autograd_lite.playground.features import FEATURES

__all__ = ["LIMITS", "Setup", "SetupError", "options"]

#: The least and the largest value of each number.
LIMITS: dict[str, tuple[float, float]] = {
    "rows": (20, 1000),
    "noise": (0.0, 0.5),
    "test_share": (0.1, 0.9),
    "seed": (0, 2**31 - 1),
    "hidden layers": (0, 6),
    "neurons": (1, 16),
    "batch_size": (1, 1000),
    "lr": (0.0, 100.0),
    "l1": (0.0, 1.0),
    "l2": (0.0, 1.0),
}
FEWEST_OWN = 2  # one to train on, one to test
LARGEST_SETTING = 1000  # of an optimizer or a schedule, so that no single step takes minutes


class SetupError(ValueError):
    """A set-up that cannot be: the message says what, and what it can be."""


@dataclass(frozen=True)
class Setup:
    """Data, network and training; the same set-up trains in the same way, bit for bit.

    Examples
    --------
    >>> Setup.parsed({"data": "spiral", "hidden": [8, 8], "lr": 0.03}).hidden
    (8, 8)
    """

    data: str = "moons"
    points: tuple[tuple[float, float, int], ...] = ()  # of the data "own": x, y and the class
    rows: int = 400
    noise: float = 0.1
    test_share: float = 0.5
    seed: int = 0
    features: tuple[str, ...] = ("x", "y")
    hidden: tuple[int, ...] = (6, 4)
    activation: str = "Tanh"
    activations: tuple[str, ...] = ()  # of the first layers, where they have others
    optimizer: str = "SGD"
    optimizer_settings: dict[str, Any] = field(default_factory=dict)
    lr: float = 0.1
    schedule: str = "constant"
    schedule_settings: dict[str, Any] = field(default_factory=dict)
    l1: float = 0.0
    l2: float = 0.0
    batch_size: int = 20

    @classmethod
    def parsed(cls, given: Any) -> Setup:
        """Check what came in as JSON; what is not given takes the default.

        Raises
        ------
        SetupError
            If a name is unknown, or a value is of another kind or out of range.
        """
        if not isinstance(given, Mapping):
            raise SetupError(f'a set-up is an object such as {{"data": "moons"}}, not {_shown(given)}')
        known = {f.name for f in fields(cls)}
        if unknown := given.keys() - known:
            raise SetupError(f"a set-up has no {_shown(min(map(str, unknown)))}; it has {', '.join(sorted(known))}")
        values = {name: CHECKS[name](name, value) for name, value in given.items()}
        setup = cls(**values)
        if setup.data == OWN and len(setup.points) < FEWEST_OWN:
            raise SetupError(f"own data are at least {FEWEST_OWN} points, and these are {len(setup.points)}")
        _settings(setup.optimizer, setup.optimizer_settings, optimizers()[setup.optimizer]["settings"])
        _settings(setup.schedule, setup.schedule_settings, schedules()[setup.schedule])
        return setup

    def as_json(self) -> dict[str, Any]:
        """The set-up as `parsed` takes it."""
        lists = {name: list(getattr(self, name)) for name in ("features", "hidden", "activations")}
        return {**asdict(self), **lists, "points": [list(point) for point in self.points]}

    @property
    def count(self) -> int:
        """How many points there are."""
        return len(self.points) if self.data == OWN else self.rows

    def activation_of(self, layer: int) -> str:
        """The activation of a hidden layer, from 0."""
        return self.activations[layer] if layer < len(self.activations) else self.activation


def options(own: Sequence[Sequence[float]] = ()) -> dict[str, Any]:
    """All that the page offers: the choices, the limits, the defaults, and what suits each data set.

    `own` are points to begin with: x, y and the class.
    """
    default = Setup().as_json()
    names = sorted([*DATA_SETS, OWN], key=lambda name: name != OWN) if own else [*DATA_SETS, OWN]
    given = {OWN: {"points": [list(point) for point in own or FIRST_OWN]}}
    return {
        "data": names,
        "activations": list(ACTIVATIONS),
        "features": list(FEATURES),
        "optimizers": optimizers(),
        "schedules": schedules(),
        "limits": LIMITS,
        "whole": list(WHOLE),
        "suggested": {name: {**default, **SUGGESTED[name], **given.get(name, {}), "data": name} for name in names},
    }


def _number(name: str, value: Any) -> float:
    least, most = LIMITS[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise SetupError(f"{name} must be a number from {least:g} to {most:g}, and is {_shown(value)}")
    return float(value)


def _whole(name: str, value: Any) -> int:
    least, most = LIMITS[name]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SetupError(f"{name} must be a whole number from {least:.0f} to {most:.0f}, and is {_shown(value)}")
    return value


def _one_of(names: Callable[[], Any]) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in names():
            raise SetupError(f"{name} must be one of {', '.join(names())}, and is {_shown(value)}")
        return value

    return check


def _widths(name: str, value: Any) -> tuple[int, ...]:
    most = int(LIMITS["hidden layers"][1])
    if not isinstance(value, list | tuple) or len(value) > most:
        raise SetupError(f"{name} must be a list of at most {most} layer widths, and is {_shown(value)}")
    return tuple(_whole("neurons", width) for width in value)


def _points(name: str, value: Any) -> tuple[tuple[float, float, int], ...]:
    """Refuse what does not lie in the plane, and other classes than 0 and 1."""
    most = int(LIMITS["rows"][1])
    if not isinstance(value, list | tuple) or len(value) > most or not all(map(_is_point, value)):
        raise SetupError(
            f"{name} must be a list of at most {most} points [x, y, class], in the square from {-EXTENT:g} to "
            f"{EXTENT:g} and of class 0 or 1, and is {_shown(value)}"
        )
    return tuple((float(x), float(y), int(label)) for x, y, label in value)


def _is_point(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 3:
        return False
    numbers = all(isinstance(part, int | float) and not isinstance(part, bool) for part in value)
    return numbers and max(map(abs, value[:2])) <= EXTENT and value[2] in (0, 1)


def _features(name: str, value: Any) -> tuple[str, ...]:
    """Refuse unknown ones and none at all; they stand in the order of the table."""
    known = isinstance(value, list | tuple) and all(isinstance(part, str) and part in FEATURES for part in value)
    if not known or not value:
        raise SetupError(f"{name} must be a list of some of {', '.join(FEATURES)}, and is {_shown(value)}")
    return tuple(part for part in FEATURES if part in value)


def _activations(name: str, value: Any) -> tuple[str, ...]:
    most = int(LIMITS["hidden layers"][1])
    if not isinstance(value, list | tuple) or len(value) > most:
        raise SetupError(f"{name} must be a list of at most {most} names, and is {_shown(value)}")
    return tuple(_one_of(lambda: ACTIVATIONS)(name, part) for part in value)


def _object(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise SetupError(f"{name} must be an object of settings, and is {_shown(value)}")
    return dict(value)


def _settings(of: str, given: Mapping[str, Any], offered: Mapping[str, Any]) -> None:
    """Check settings by the kinds of their defaults; the optimizer itself says more when it is made."""
    for name, value in given.items():
        if name not in offered:
            raise SetupError(f"{of} has no setting {_shown(name)}; it has {', '.join(offered) or 'none'}")
        _like(f"{of}'s {name}", value, offered[name])


def _like(name: str, value: Any, default: Any) -> None:
    """Refuse a value of another kind than the default."""
    if isinstance(default, list):
        if not isinstance(value, list) or len(value) != len(default):
            raise SetupError(f"{name} must be a list of {len(default)} numbers, and is {_shown(value)}")
        for part, like in zip(value, default, strict=True):
            _like(name, part, like)
    elif isinstance(default, bool):
        if not isinstance(value, bool):
            raise SetupError(f"{name} must be true or false, and is {_shown(value)}")
    elif isinstance(default, int):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_SETTING:
            raise SetupError(f"{name} must be a whole number from 1 to {LARGEST_SETTING}, and is {_shown(value)}")
    elif (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 <= value <= LARGEST_SETTING
    ):
        raise SetupError(f"{name} must be a number from 0 to {LARGEST_SETTING}, and is {_shown(value)}")


def _shown(value: Any) -> str:
    return f"{value!r:.60}"


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("rows", "seed", "batch_size"), _whole),
    **dict.fromkeys(("noise", "test_share", "lr", "l1", "l2"), _number),
    **dict.fromkeys(("optimizer_settings", "schedule_settings"), _object),
    "data": _one_of(lambda: [*DATA_SETS, OWN]),
    "points": _points,
    "activation": _one_of(lambda: ACTIVATIONS),
    "optimizer": _one_of(optimizers),
    "schedule": _one_of(schedules),
    "hidden": _widths,
    "features": _features,
    "activations": _activations,
}
