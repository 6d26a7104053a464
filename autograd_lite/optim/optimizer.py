"""What all optimizers share: groups of parameters, their flat memory, state that can be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from autograd_lite.compiler.codegen.kernel import Update
from autograd_lite.engine.messages import describe
from autograd_lite.engine.tracing_protocol import array_from, known
from autograd_lite.optim.flat_parameters import FlatParameters
from autograd_lite.tensor.tensor import Tensor

Group = dict[str, Any]


class Optimizer:
    """Base class: an optimizer is one pure function, `update`, and the names of what it remembers.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        Leaves that require a gradient, and parameters that may be frozen (they stay as they are until they are not);
        or groups, each a dict with ``"params"`` and settings of its own.
    **settings
        The settings of every group that has none of its own.

    Attributes
    ----------
    param_groups : list of dict
        The groups. Settings may be changed between steps: ``optimizer.param_groups[0]["lr"] = 1e-4``.

    Raises
    ------
    TypeError, ValueError
        If there are no parameters, or only frozen ones; one is not a leaf that requires a gradient or stands in two
        groups; or a setting is unknown or out of range.
    """

    #: ``update(g, p, state, t, **settings)`` gives what is added to the parameters `p` at their t-th step (from 1)
    #: under the gradient `g`, and the new state. A pure function, element by element (see `optim.equation`).
    update: ClassVar[Update]
    nonnegative: ClassVar[tuple[str, ...]] = (
        *("lr", "weight_decay", "eps", "momentum", "alpha", "rho"),
        *("lr_decay", "momentum_decay", "initial_accumulator_value", "lambd", "t0"),
    )
    one_per_parameter: ClassVar[tuple[str, ...]] = ()  # state that is the same for all elements of a parameter

    def __init__(self, params: Iterable[Any], **settings: Any) -> None:
        self.set_up(params, settings)

    def set_up(self, params: Iterable[Any], settings: Group) -> None:
        """Take over the parameters, in groups that have `settings` where they have none of their own."""
        refuse_set(params)
        if isinstance(params, Tensor) or not isinstance(params, Iterable):
            raise TypeError(
                "params must be a sequence of tensors: write [tensor], not tensor, and model.parameters(), not model"
            )
        self.defaults = settings
        self.param_groups: list[Group] = []
        self.flats: list[list[FlatParameters]] = []
        given = list(params)
        if not given:
            raise ValueError("the optimizer got no parameters (a generator that was already used up gives none)")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)
        if not any(p.requires_grad for group in self.param_groups for p in group["params"]):
            raise ValueError("all parameters of the optimizer are frozen: let some require a gradient")

    @staticmethod
    def state_names(settings: Group) -> tuple[str, ...]:
        """What is remembered per element, under the names that PyTorch gives it."""
        return ()

    def add_param_group(self, group: Group) -> None:
        """Update further parameters, with settings of their own where `group` has them."""
        refuse_set(group["params"])
        parameters = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        settings = {**self.defaults, **{key: value for key, value in group.items() if key != "params"}}
        if unknown := settings.keys() - self.defaults.keys():
            raise TypeError(f"{type(self).__name__} has no setting {sorted(unknown)}; it has {sorted(self.defaults)}")
        self.check(settings)
        seen = {id(p) for other in self.param_groups for p in other["params"]}
        for p in parameters:
            if not isinstance(p, Tensor) or not p.is_leaf or not (p.requires_grad or p.is_parameter):
                raise TypeError(
                    f"an optimizer takes leaves that require a gradient, not {describe(getattr(p, 'node', p))}"
                )
            if id(p) in seen:
                raise ValueError(f"{describe(p.node)} stands twice in this optimizer")
            seen.add(id(p))
        by_dtype: dict[Any, list[Tensor]] = {}
        for p in parameters:
            by_dtype.setdefault(p.dtype, []).append(p)
        self.param_groups.append({"params": parameters, **settings})
        self.flats.append(
            [FlatParameters(same, self.state_names(settings), type(self).__name__) for same in by_dtype.values()]
        )

    def check(self, settings: Group) -> None:
        """Refuse settings out of range."""
        for name in self.nonnegative:
            if name in settings and not isinstance(settings[name], Real | np.ndarray):
                raise TypeError(f"{type(self).__name__}: {name} must be a number, and is {settings[name]!r}")
            if name in settings and not settings[name] >= 0:
                raise ValueError(f"{type(self).__name__}: {name} must not be negative, and is {settings[name]}")
        betas = settings.get("betas", (0.0, 0.0))
        if np.shape(betas) != (2,) or not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"{type(self).__name__}: betas must lie in [0, 1), two of them, and are {betas}")

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for group in self.param_groups:
            for p in group["params"]:
                p.leaf.grad = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients; its result is returned.
        """
        loss = closure() if closure else None
        for group, flats in zip(self.param_groups, self.flats, strict=True):
            settings = {key: group[key] for key in self.defaults}
            for flat in flats:
                flat.remember(self.state_names(settings))
                flat.step(self.update, settings)
        return loss

    def traced_places(self) -> Iterator[tuple[Group, str]]:
        """Where the settings stand that may change from call to call of a compiled step: numbers other than 0."""
        for group, flats in zip(self.param_groups, self.flats, strict=True):
            for flat in flats:
                flat.remember(self.state_names(group))
            for name, value in list(group.items()):
                if isinstance(value, np.float64):  # in products with float32 it would not be what a float is
                    group[name] = value = float(value)
                if known(value) and isinstance(value, float | tuple) and value:
                    yield group, name

    def state_dict(self) -> dict[str, Any]:
        """State and settings as plain dicts, numbers and arrays, in PyTorch's form."""
        state: dict[int, Any] = {}
        groups: list[Group] = []
        number = 0
        for group, flats in zip(self.param_groups, self.flats, strict=True):
            place = {id(p): (flat, i) for flat in flats for i, p in enumerate(flat.parameters)}
            numbers = list(range(number, number + len(group["params"])))
            for number, p in zip(numbers, group["params"], strict=True):
                flat, i = place[id(p)]
                if flat.steps[i]:
                    kept = {name: a[flat.span(i)].reshape(p.shape).copy() for name, a in flat.state.items()}
                    kept |= {name: kept[name].max(initial=0.0) for name in self.one_per_parameter}
                    state[number] = {"step": flat.steps[i], **kept}
            groups.append({**group, "params": numbers})
            number += 1
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and settings from `state_dict`, which must have groups of the same sizes.

        Raises
        ------
        ValueError
            If the groups or the shapes differ, or it is the state of another optimizer; nothing has changed then.
        """
        theirs = state_dict["param_groups"]
        if [len(g["params"]) for g in theirs] != [len(g["params"]) for g in self.param_groups]:
            raise ValueError("the state dict has other parameter groups than this optimizer")
        taken = [{k: v for k, v in g.items() if k in self.defaults or k == "initial_lr"} for g in theirs]
        moves = []
        for group, other, settings, flats in zip(self.param_groups, theirs, taken, self.flats, strict=True):
            names = self.state_names({**group, **settings})  # the loaded settings may remember more
            place = {id(p): (flat, i) for flat in flats for i, p in enumerate(flat.parameters)}
            for p, number in zip(group["params"], other["params"], strict=True):
                saved = state_dict["state"].get(number, {})
                steps = int(saved.get("step", bool(saved)))
                flat, i = place[id(p)]
                if steps and (missing := [name for name in names if name not in saved]):
                    raise ValueError(f"the state dict has no {missing[0]}, which {type(self).__name__} remembers")
                arrays = {name: array_from(saved[name], p.dtype) if steps else np.zeros(p.shape) for name in names}
                for name, array in arrays.items():
                    if array.shape != p.shape and (array.shape or name not in self.one_per_parameter):
                        raise ValueError(f"{name} of shape {array.shape} does not fit {describe(p.node)}")
                moves.append((flat, i, steps, names, arrays))
        for flat, i, steps, names, arrays in moves:
            flat.remember(names)
            flat.steps[i] = steps
            for name, array in arrays.items():
                flat.state[name][flat.span(i)] = array.reshape(-1)
        for group, settings in zip(self.param_groups, taken, strict=True):
            group.update(settings)

    def __repr__(self) -> str:
        lines = [
            f"  {sum(p.size for p in group['params'])} parameters in {len(group['params'])} tensors, "
            + ", ".join(f"{key}={value}" for key, value in group.items() if key != "params")
            for group in self.param_groups
        ]
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])


def refuse_set(params: Any) -> None:
    """Refuse what has no order of its own: a saved state would be given to other parameters."""
    if isinstance(params, set | frozenset):
        raise TypeError("a set has another order in every run, and state is kept in the order: give a list of tensors")
